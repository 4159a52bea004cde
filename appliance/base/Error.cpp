#include "base/Error.h"

#include <array>

namespace gatehouse {
namespace {

constexpr std::array rows = {
    CodeRow{Code::invalid_schema, "invalid_schema", 400, "ERR", Blame::peer},
    CodeRow{Code::invalid_param, "invalid_param", 400, "ERR", Blame::peer},
    CodeRow{Code::missing_field, "missing_field", 400, "ERR", Blame::peer},
    CodeRow{Code::invalid_header, "invalid_header", 400, "ERR", Blame::peer},
    CodeRow{Code::unsupported_resource, "unsupported_resource", 400, "ERR", Blame::peer},
    CodeRow{Code::body_too_large, "body_too_large", 413, "ERR", Blame::peer},
    CodeRow{Code::invalid_subject_line, "invalid_subject_line", 400, "ERR", Blame::peer},
    CodeRow{Code::password_not_complex, "password_not_complex", 400, "ERR", Blame::peer},
    CodeRow{Code::new_password_same_as_current, "new_password_same_as_current", 400, "ERR", Blame::peer},
    CodeRow{Code::missing_certificate, "missing_certificate", 400, "ERR", Blame::peer},
    CodeRow{Code::invalid_certificate, "invalid_certificate", 400, "ERR", Blame::peer},
    CodeRow{Code::certificate_expired, "certificate_expired", 406, "ERR", Blame::peer},
    CodeRow{Code::missing_db_name, "missing_db_name", 400, "ERR", Blame::peer},
    CodeRow{Code::missing_memory_size, "missing_memory_size", 400, "ERR", Blame::peer},
    CodeRow{Code::cannot_delete_last_password, "cannot_delete_last_password", 400, "ERR", Blame::peer},
    CodeRow{Code::unauthenticated, "unauthenticated", 401, "NOAUTH", Blame::peer},
    CodeRow{Code::password_expired, "password_expired", 401, "NOAUTH", Blame::peer},
    CodeRow{Code::unauthorized_action, "unauthorized_action", 403, "NOPERM", Blame::peer},
    CodeRow{Code::cross_site_request, "cross_site_request", 403, "NOPERM", Blame::peer},
    CodeRow{Code::not_found, "not_found", 404, "ERR", Blame::peer},
    CodeRow{Code::user_not_exist, "user_not_exist", 404, "ERR", Blame::peer},
    CodeRow{Code::role_not_exist, "role_not_exist", 404, "ERR", Blame::peer},
    CodeRow{Code::redis_acl_not_exist, "redis_acl_not_exist", 404, "ERR", Blame::peer},
    CodeRow{Code::db_not_exist, "db_not_exist", 404, "ERR", Blame::peer},
    CodeRow{Code::db_not_found, "db_not_found", 404, "ERR", Blame::peer},
    CodeRow{Code::node_not_found, "node_not_found", 404, "ERR", Blame::peer},
    CodeRow{Code::license_not_found, "license_not_found", 404, "ERR", Blame::peer},
    CodeRow{Code::action_not_found, "action_not_found", 404, "ERR", Blame::peer},
    CodeRow{Code::certificate_not_exist, "certificate_not_exist", 404, "ERR", Blame::peer},
    CodeRow{Code::unknown_certificate, "unknown_certificate", 403, "ERR", Blame::peer},
    CodeRow{Code::certificate_required, "certificate_required", 403, "ERR", Blame::peer},
    CodeRow{Code::method_not_allowed, "method_not_allowed", 405, "ERR", Blame::peer},
    CodeRow{Code::unsupported_api_version, "unsupported_api_version", 505, "ERR", Blame::peer},
    CodeRow{Code::not_acceptable, "not_acceptable", 406, "ERR", Blame::peer},
    CodeRow{Code::unsupported_value, "unsupported_value", 406, "ERR", Blame::peer},
    CodeRow{Code::change_last_admin_role_not_allowed, "change_last_admin_role_not_allowed", 406, "ERR",
            Blame::peer},
    CodeRow{Code::role_in_use, "role_in_use", 406, "ERR", Blame::peer},
    CodeRow{Code::redis_acl_in_use, "redis_acl_in_use", 406, "ERR", Blame::peer},
    CodeRow{Code::redis_acl_unsupported, "redis_acl_unsupported", 406, "ERR", Blame::peer},
    CodeRow{Code::invalid_client_certificate, "invalid_certificate", 406, "ERR", Blame::peer},
    CodeRow{Code::duplicated_certs, "duplicated_certs", 406, "ERR", Blame::peer},
    CodeRow{Code::port_unavailable, "port_unavailable", 406, "ERR", Blame::peer},
    CodeRow{Code::insufficient_resources, "insufficient_resources", 406, "ERR", Blame::peer},
    CodeRow{Code::last_way_in, "last_way_in", 406, "ERR", Blame::peer},
    CodeRow{Code::would_destroy, "would_destroy", 406, "ERR", Blame::peer},
    CodeRow{Code::ocsp_unsupported_by_capability, "ocsp_unsupported_by_capability", 406, "ERR", Blame::peer},
    CodeRow{Code::no_responder_url, "no_responder_url", 500, "ERR", Blame::operator_},
    CodeRow{Code::name_already_exists, "name_already_exists", 409, "ERR", Blame::peer},
    CodeRow{Code::email_already_exists, "email_already_exists", 409, "ERR", Blame::peer},
    CodeRow{Code::uid_exists, "uid_exists", 409, "ERR", Blame::peer},
    CodeRow{Code::subject_already_exists, "subject_already_exists", 409, "ERR", Blame::peer},
    CodeRow{Code::read_only, "read_only", 409, "ERR", Blame::peer},
    CodeRow{Code::conflict, "conflict", 409, "ERR", Blame::peer},
    CodeRow{Code::busy, "busy", 409, "ERR", Blame::peer},
    CodeRow{Code::precondition_failed, "precondition_failed", 412, "ERR", Blame::peer},
    CodeRow{Code::config_edit_conflict, "config_edit_conflict", 409, "ERR", Blame::peer},
    CodeRow{Code::wrong_cluster_state_id, "wrong_cluster_state_id", 409, "ERR", Blame::peer},
    CodeRow{Code::held, "held", 409, "ERR", Blame::peer},
    CodeRow{Code::timeout, "timeout", 408, "ERR", Blame::peer},
    CodeRow{Code::unavailable, "unavailable", 503, "ERR", Blame::operator_},
    CodeRow{Code::bdb_unavailable, "bdb_unavailable", 503, "ERR", Blame::operator_},
    CodeRow{Code::overloaded, "overloaded", 503, "ERR", Blame::operator_},
    CodeRow{Code::corrupt, "corrupt", 500, "ERR", Blame::operator_},
    CodeRow{Code::internal_error, "internal_error", 500, "ERR", Blame::us},
};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].code) != i) return false;
  return rows.size() == static_cast<std::size_t>(Code::internal_error) + 1;
}
static_assert(inOrder(), "one row for each code, in the order of the enum");

} // namespace

const CodeRow& row(Code code) noexcept { return rows[static_cast<std::size_t>(code)]; }

} // namespace gatehouse
