#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {

/// Who has to act for the error to go away. Decides the severity in the log.
enum class Blame : std::uint8_t { peer, operator_, us };

/// Every error that can reach a peer, one row each in Error.cpp: word, HTTP status, RESP prefix, blame.
/// The words are the `error_code` values of Redis Software's REST API where it documents one.
enum class Code : std::uint8_t {
  // the request
  invalid_schema,
  invalid_param,
  missing_field,
  invalid_header,
  unsupported_resource,
  body_too_large,
  invalid_subject_line,
  password_not_complex,
  new_password_same_as_current,
  missing_certificate,
  invalid_certificate,
  certificate_expired,
  missing_db_name,
  missing_memory_size,
  cannot_delete_last_password,
  // who asks
  unauthenticated,
  password_expired,
  unauthorized_action,
  cross_site_request,
  // what is there
  not_found,
  user_not_exist,
  role_not_exist,
  redis_acl_not_exist,
  db_not_exist,
  db_not_found, // the word of /availability
  node_not_found,
  license_not_found,
  action_not_found,
  certificate_not_exist,
  unknown_certificate,
  certificate_required,
  method_not_allowed,
  unsupported_api_version,
  // the present state
  not_acceptable,
  unsupported_value,
  change_last_admin_role_not_allowed,
  role_in_use,
  redis_acl_in_use,
  redis_acl_unsupported,
  invalid_client_certificate, // a database's list: the same word as invalid_certificate, but 406
  duplicated_certs,
  port_unavailable,
  insufficient_resources,
  last_way_in,
  would_destroy,
  ocsp_unsupported_by_capability,
  no_responder_url,
  name_already_exists,
  email_already_exists,
  uid_exists,
  subject_already_exists,
  read_only,
  conflict,
  busy,
  precondition_failed,
  config_edit_conflict,
  wrong_cluster_state_id,
  held,
  // us
  timeout,
  unavailable,
  bdb_unavailable,
  overloaded,
  corrupt,
  internal_error,
};

struct CodeRow {
  Code code;
  std::string_view word; // as in JSON
  int httpStatus;
  std::string_view respPrefix; // as in "-ERR ..."
  Blame blame;
};

/// The row of a code. Never fails: the table is checked to be complete at compile time.
const CodeRow& row(Code) noexcept;

/// What went wrong, in a sentence that names the thing and says what to do next.
///
/// Threads: a value.
/// Owns:    its text. Text from peers is bounded and printable (Text.h) before it comes in here.
struct Error {
  Code code = Code::internal_error;
  std::string description;
};

} // namespace gatehouse
