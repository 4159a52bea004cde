#include "model/ClusterSettings.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kept = "Kept and returned.";
constexpr std::string_view no = "Not offered yet: only its default is accepted.";
constexpr std::string_view suites13 =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr std::string_view yesNoAllowed[] = {"allowed", "disabled", "required"};
constexpr std::string_view disconnectWords[] = {"enabled", "auto"}, disconnectWordsRefused[] = {"disabled"};
constexpr std::string_view smtpTlsModes[] = {"none", "starttls", "tls"};

constexpr bool twoLetters(std::string_view c) { return c.empty() || c.size() == 2; }

constexpr Field subjectFields[] = {
    enforced<&AuthorizedSubject::CN>("CN", text(1, 1024), required, Narrows::unknown, "Common name."),
    enforced<&AuthorizedSubject::OU>("OU", list(text(0, 1024), 64), empty, Narrows::unknown,
                                     "Organizational units."),
    enforced<&AuthorizedSubject::O>("O", text(0, 1024), "", Narrows::unknown, "Organization."),
    enforced<&AuthorizedSubject::L>("L", text(0, 1024), "", Narrows::unknown, "Locality."),
    enforced<&AuthorizedSubject::ST>("ST", text(0, 1024), "", Narrows::unknown, "State or province."),
    enforced<&AuthorizedSubject::C>("C", text(0, 2, twoLetters, "^(..)?$"), "", Narrows::unknown,
                                    "Country, two letters."),
};
} // namespace

constexpr Table authorizedSubjectTable = {
    "authorized subject", ObjectKind::none, subjectFields, "A subject that may come in.", {}};
static_assert(sound(authorizedSubjectTable));

namespace {

constexpr Field fields[] = {
    read_only<&ClusterSettings::name>("name", text(0, 255), "",
                                      "Name of the cluster: node.name of gatehouse.yaml.")
        .computed(),
    read_only<&ClusterSettings::created_time>("created_time", text(0, 40), "", "When the store was made."),
    // who may come in by certificate
    enforced<&ClusterSettings::mtls_certificate_authentication>(
        "mtls_certificate_authentication", boolean(), false, Narrows::when_false,
        "Whether client certificates log in to the REST API."),
    enforced<&ClusterSettings::mtls_client_cert_subject_validation_type>(
        "mtls_client_cert_subject_validation_type", choice(subjectValidations), "disabled",
        Narrows::when_later_word, "What else of a certificate is compared with mtls_authorized_subjects."),
    enforced<&ClusterSettings::mtls_authorized_subjects>("mtls_authorized_subjects",
                                                         list(object(authorizedSubjectTable), 1000), empty,
                                                         Narrows::when_fewer, "Subjects that may come in."),
    enforced<&ClusterSettings::control_plane_basic_authentication>(
        "control_plane_basic_authentication", boolean(), true, Narrows::when_false,
        "Whether passwords log in to the REST API; the databases are not concerned."),
    // TLS
    enforced<&ClusterSettings::min_control_TLS_version>("min_control_TLS_version", choice(tlsVersions), "1.2",
                                                        Narrows::when_later_word,
                                                        "Least TLS version of the REST API."),
    enforced<&ClusterSettings::control_cipher_suites>("control_cipher_suites", text(1, 4096), "DEFAULT:!3DES",
                                                      Narrows::unknown,
                                                      "OpenSSL cipher list of the REST API for TLS 1.2."),
    refused("control_cipher_suites_tls_1_3", text(0, 4096), suites13.data(), no),
    enforced<&ClusterSettings::min_data_TLS_version>("min_data_TLS_version", choice(tlsVersions), "1.2",
                                                     Narrows::when_later_word,
                                                     "Least TLS version of the databases."),
    refused("min_sentinel_TLS_version", choice(tlsVersions), "1.2", no),
    refused("data_cipher_list", text(0, 4096),
            "DEFAULT:!aNULL:!eNULL:!EXPORT:!DES:!3DES:!RC4:!MD5:!PSK:!aECDH:!EDH-DSS-DES-CBC3-SHA:!EDH-RSA-"
            "DES-CBC3-SHA:"
            "!KRB5-DES-CBC3-SHA",
            no),
    refused("data_cipher_suites_tls_1_3", list(text(0, 64), 16), empty, no),
    refused("sentinel_cipher_suites", list(text(0, 64), 64), empty, no),
    refused("sentinel_cipher_suites_tls_1_3", text(0, 4096), suites13.data(), no),
    refused("sentinel_tls_mode", choice(yesNoAllowed), "allowed", no),
    refused("encrypt_pkeys", boolean(), false, no),
    read_only<&ClusterSettings::proxy_certificate>("proxy_certificate", text(0, 1 << 20), absent,
                                                   "The certificate of the databases' endpoints.")
        .computed(),
    refused("syncer_certificate", text(0, 1 << 20), absent, no),
    // ports
    refused("http_support", boolean(), false, no),
    refused("cnm_http_port", integer(1024, 65535), 8080, no),
    read_only<&ClusterSettings::cnm_https_port>("cnm_https_port", integer(0, 65535), 9443,
                                                "Port of the REST API: the listener in gatehouse.yaml.")
        .computed(),
    refused("cm_port", integer(1024, 65535), 8443, no),
    refused("reserved_ports", list(text(0, 16), 1000), empty, no),
    refused("options_method_forbidden", boolean(), false, no),
    // passwords
    enforced<&ClusterSettings::password_complexity>("password_complexity", boolean(), false,
                                                    Narrows::when_true,
                                                    "Whether new passwords must have upper and lower case, a "
                                                    "digit and a special character, without the login "
                                                    "and without more than three repetitions."),
    enforced<&ClusterSettings::password_min_length>(
        "password_min_length", integer(8, 256), 8, Narrows::when_higher,
        "Least length of new passwords while password_complexity is on."),
    enforced<&ClusterSettings::password_expiration_duration>(
        "password_expiration_duration", integer(0, 100000), 0, Narrows::unknown,
        "Days after which a password no longer logs in, counted from password_issue_date; 0: never."),
    refused("password_hashing_algorithm", text(0, 16), "scrypt", "How passwords are kept."),
    inert("disconnect_clients_on_password_removal", choice(disconnectWords, disconnectWordsRefused), "auto",
          "Sessions of a removed password always end."),
    // delegation
    refused("dmc_external_authentication", boolean(), false, no),
    refused("dmc_external_cba_authentication", boolean(), false, no),
    refused("dmc_external_entraid_authentication", boolean(), false, no),
    refused("dmc_external_ldap_authentication", boolean(), false, no),
    refused("envoy_external_authorization", boolean(), false, no),
    refused("metrics_auth", boolean(), false, no),
    refused("block_cluster_changes", boolean(), false, no),
    refused("ccs_internode_encryption", boolean(), true, no),
    refused("s3_certificate_verification", boolean(), true, no),
    refused("rack_aware", boolean(), false, no),
    // kept for those who script with them
    inert("mask_bdb_credentials", boolean(), false, "Passwords are never returned."),
    inert("entra_id_cache_ttl", integer(0, INT32_MAX), 30, kept),
    inert("handle_redirects", boolean(), false, kept),
    inert("handle_metrics_redirects", boolean(), false, kept),
    inert("cm_session_timeout_minutes", integer(0, INT32_MAX), 15, kept),
    inert("email_alerts", boolean(), false, kept),
    inert("email_from", text(0, 254), "", kept),
    inert("smtp_host", text(0, 255), "", kept),
    inert("smtp_port", integer(0, 65535), 25, kept),
    inert("smtp_username", text(0, 255), "", kept),
    inert("smtp_password", secret(0, 1024), absent, "Taken and dropped: no mail is sent."),
    inert("smtp_tls_mode", choice(smtpTlsModes), "none", kept),
    inert("smtp_use_tls", boolean(), false, kept),
    inert("alert_settings", any(), absent, kept),
    inert("availability_lag_tolerance_ms", integer(0, INT32_MAX), 100, kept),
    inert("bigstore_driver", text(0, 64), "", kept),
    inert("cluster_api_internal_port", integer(0, 65535), 3346, kept),
    inert("cluster_ssh_public_key", text(0, 4096), "", kept),
    inert("cm_server_version", integer(0, INT32_MAX), 0, kept),
    inert("cnm_http_max_threads_per_worker", integer(0, INT32_MAX), 10, kept),
    inert("cnm_http_workers", integer(0, INT32_MAX), 1, kept),
    inert("crdb_coordinator_port", integer(0, 65535), 9081, kept),
    inert("crdt_supported_featureset_version", integer(0, INT32_MAX), absent, kept),
    inert("crdt_supported_protocol_versions", list(text(0, 16), 64), absent, kept),
    inert("debuginfo_path", text(0, 4096), "/tmp", kept),
    inert("envoy_admin_port", integer(0, 65535), 8002, kept),
    inert("envoy_mgmt_server_port", integer(0, 65535), 8004, kept),
    inert("envoy_max_downstream_connections", integer(0, INT32_MAX), 1024, kept),
    inert("logrotate_settings", any(), absent, kept),
    inert("metrics_system", integer(0, INT32_MAX), 0, kept),
    inert("module_upload_max_size_mb", integer(0, INT32_MAX), 40, kept),
    inert("multi_commands_opt", text(0, 64), absent, kept),
    inert("robust_crdt_syncer", boolean(), false, kept),
    inert("slave_ha", boolean(), false, kept),
    inert("slave_ha_bdb_cooldown_period", integer(0, INT32_MAX), 7200, kept),
    inert("slave_ha_cooldown_period", integer(0, INT32_MAX), 3600, kept),
    inert("slave_ha_grace_period", integer(0, INT32_MAX), 600, kept),
    inert("slowlog_in_sanitized_support", boolean(), true, kept),
    inert("system_reserved_ports", list(any(), 1000), absent, kept),
    inert("upgrade_mode", boolean(), false, kept),
    inert("use_external_ipv6", boolean(), true, kept),
    inert("use_ipv6", boolean(), true, kept),
    inert("wait_command", boolean(), true, kept),
};
constexpr Table settingsTable = {"cluster", ObjectKind::cluster, fields, "How this cluster lets people in.",
                                 place<&ClusterSettings::inert>()};
static_assert(sound(settingsTable));

} // namespace

template <>
const Table& table<AuthorizedSubject>() {
  return authorizedSubjectTable;
}
template <>
const Table& table<ClusterSettings>() {
  return settingsTable;
}

} // namespace gatehouse::model
