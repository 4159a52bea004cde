#include "model/Database.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kept = "Kept and returned.";
constexpr std::string_view no = "Not offered: only its default is accepted.";
constexpr std::int64_t pemLimit = 1 << 20; // bytes

constexpr std::string_view types[] = {"redis"}, typesRefused[] = {"memcached"};
constexpr std::string_view addressTypes[] = {"internal", "external"};
constexpr std::string_view proxyPolicies[] = {"single", "all-master-shards", "all-nodes"};
constexpr std::string_view placements[] = {"dense", "sparse"};
constexpr std::string_view slotPolicies[] = {"16k", "legacy"};
constexpr std::string_view syncStates[] = {"disabled", "enabled", "paused", "stopped"};

// ---- what stands in lists

constexpr Field clientCertFields[] = {
    enforced<&ClientCert::client_cert>("client_cert", text(1, pemLimit), required, Narrows::unknown,
                                       "PEM: one certificate, or a chain of them.")
        .sourced(),
};
constexpr Table clientCertTable = {
    "client certificate", ObjectKind::none, clientCertFields, "A certificate that a database trusts.", {}};
static_assert(sound(clientCertTable));

constexpr Field permissionFields[] = {
    enforced<&RolePermission::role_uid>("role_uid", reference(ObjectKind::role), required, Narrows::unknown,
                                        "Users with this role ...")
        .manifest("role"),
    enforced<&RolePermission::redis_acl_uid>("redis_acl_uid", reference(ObjectKind::redis_acl), required,
                                             Narrows::unknown, "... have this ACL at the database.")
        .manifest("redis_acl"),
    // Clients send back what they once read; the list's own order is what counts.
    read_only<&RolePermission::order>("order", integer(0, INT64_MAX), absent, "Place of the entry.")
        .moving()
        .computed(),
};
constexpr Table permissionTable = {
    "role permission", ObjectKind::none, permissionFields, "Who has which ACL at a database.", {}};
static_assert(sound(permissionTable));

constexpr Field endpointFields[] = {
    read_only<&Endpoint::uid>("uid", text(0, 64), "", "Name of the endpoint."),
    read_only<&Endpoint::dns_name>("dns_name", text(0, 255), "", "Host to connect to."),
    read_only<&Endpoint::port>("port", integer(0, 65535), 0, "Port to connect to."),
    read_only<&Endpoint::addr>("addr", list(text(0, 64), 64), empty, "Addresses of the host."),
    read_only<&Endpoint::addr_type>("addr_type", text(0, 16), "external", "Who can reach it."),
    read_only<&Endpoint::proxy_policy>("proxy_policy", text(0, 32), "single", "How many addresses it has."),
};
constexpr Table endpointTable = {
    "endpoint", ObjectKind::none, endpointFields, "Where clients of a database connect.", {}};
static_assert(sound(endpointTable));

// ---- the database

constexpr Field fields[] = {
    read_only<&Database::uid>("uid", integer(0, INT64_MAX), 0, "Number of the database; never used again."),
    enforced<&Database::name>("name",
                              text(1, 255, fitsDatabaseName, "^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$"),
                              required, Narrows::unknown, "What the database is called."),
    enforced<&Database::port>("port", integer(0, 65535), 0, Narrows::unknown,
                              "TCP port that clients connect to; 0 on create: a free one is chosen."),
    enforced<&Database::memory_size>(
        "memory_size", integer(1, INT64_MAX), std::int64_t{1} << 30, Narrows::when_lower,
        "Most memory that its data may take, in bytes. Over REST it must be given."),
    // who may come in
    enforced<&Database::tls_mode>(
        "tls_mode", choice(tlsModes, tlsModesRefused), "enabled", Narrows::when_earlier_word,
        "Whether clients must speak TLS; `disabled` serves plain connections only."),
    read_only<&Database::ssl>("ssl", boolean(), true, "Whether tls_mode is `enabled`.").computed(),
    enforced<&Database::enforce_client_authentication>(
        "enforce_client_authentication", choice(enforcements), "disabled", Narrows::when_earlier_word,
        "Whether every client must show a certificate; one that is shown must verify in any case."),
    enforced<&Database::authentication_ssl_client_certs>(
        "authentication_ssl_client_certs", list(object(clientCertTable), 1000), absent, Narrows::unknown,
        "Certificates that client certificates must come from, or be. Absent: those of mtls_trusted_ca; "
        "empty: none, so that nobody comes in by certificate."),
    enforced<&Database::client_cert_subject_validation_type>(
        "client_cert_subject_validation_type", choice(subjectValidations), "disabled",
        Narrows::when_later_word, "What else of a certificate is compared with authorized_subjects."),
    enforced<&Database::authorized_subjects>("authorized_subjects",
                                             list(object(authorizedSubjectTable), 1000), empty,
                                             Narrows::when_fewer, "Subjects that may come in."),
    enforced<&Database::mtls_allow_outdated_certs>("mtls_allow_outdated_certs", boolean(), false,
                                                   Narrows::when_false,
                                                   "Whether client certificates that have expired pass."),
    enforced<&Database::default_user>(
        "default_user", boolean(), false, Narrows::when_false,
        "Whether clients that show no certificate and try no login are served as user `default`."),
    enforced<&Database::roles_permissions>("roles_permissions", list(object(permissionTable), 1000), empty,
                                           Narrows::when_fewer,
                                           "Which roles may come in, and what their users may do."),
    // how data is kept
    enforced<&Database::data_persistence>("data_persistence", choice(persistences), "aof", Narrows::unknown,
                                          "How the data outlives a stop: every write, snapshots, or not."),
    enforced<&Database::aof_policy>("aof_policy", choice(aofPolicies), "appendfsync-every-sec",
                                    Narrows::unknown, "When written data reaches the disk."),
    enforced<&Database::eviction_policy>("eviction_policy", choice(evictionPolicies), "volatile-lru",
                                         Narrows::unknown, "Which keys go when memory_size is reached."),
    // what it is doing
    read_only<&Database::created_time>("created_time", text(0, 40), "", "When the database was made."),
    read_only<&Database::last_changed_time>("last_changed_time", text(0, 40), "",
                                            "When its configuration was last changed.")
        .moving(),
    read_only<&Database::status>("status", choice(databaseStatuses), "pending", "What it is doing now.")
        .moving()
        .computed(),
    read_only<&Database::status_reason>("status_reason", text(0, 4096), absent,
                                        "Why it failed, or what it recovers from.")
        .moving()
        .computed(),
    read_only<&Database::endpoints>("endpoints", list(object(endpointTable), 64), empty,
                                    "Where clients connect.")
        .moving()
        .computed(),
    read_only<&Database::version>("version", text(0, 64), "", "Version of its redis-server.")
        .moving()
        .computed(),
    read_only<&Database::action_uid>("action_uid", text(0, 64), absent, "The action that changed it.")
        .moving()
        .computed(),

    // ---- refused: what restricts, or promises, and is not done
    refused("type", choice(types, typesRefused), "redis", "What it speaks."),
    refused("redis_version", text(0, 32), absent, "The installed redis-server is used: see version."),
    refused("replication", boolean(), false, no),
    refused("sharding", boolean(), false, no),
    refused("shards_count", integer(1, 512), 1, no),
    refused("shard_key_regex", list(any(), 64), absent, no),
    refused("oss_sharding", boolean(), false, no),
    refused("oss_cluster", boolean(), false, no),
    refused("shard_list", list(integer(0, INT64_MAX), 512), absent, no),
    refused("module_list", list(any(), 64), empty, no),
    refused("max_connections", integer(0, INT32_MAX), 0, no),
    refused("disabled_commands", text(0, 4096), "", "Not offered: ACLs refuse commands."),
    refused("resp3", boolean(), true, no),
    refused("internal", boolean(), false, no),
    refused("rack_aware", boolean(), false, no),
    refused("bigstore", boolean(), false, no),
    refused("bigstore_ram_size", integer(0, INT64_MAX), 0, no),
    refused("snapshot_policy", list(any(), 64), empty, "Not offered: snapshots keep redis-server's times."),
    refused("shard_block_crossslot_keys", boolean(), false, no),
    refused("data_internode_encryption", boolean(), false, no),
    // its other credentials and lists
    refused("authentication_redis_pass", text(0, 512), "", "Not offered: users have passwords."),
    refused("authentication_admin_pass", text(0, 512), absent, no),
    refused("authentication_sasl_uname", text(0, 512), "", no),
    refused("authentication_sasl_pass", text(0, 512), "", no),
    refused("authentication_ssl_crdt_certs", list(any(), 1000), empty, no),
    refused("authorized_names", list(text(0, 1024), 1000), empty, "Not offered: use authorized_subjects."),
    refused("mtls_allow_weak_hashing", boolean(), false, no),
    refused("acl", list(any(), 64), empty, "Not offered: use roles_permissions."),
    refused("db_conns_auditing", boolean(), false, no),
    refused("audit_settings", any(), absent, no),
    // copies elsewhere
    refused("backup", boolean(), false, no),
    refused("backup_location", any(), absent, no),
    refused("backup_failure_reason", text(0, 64), absent, no),
    refused("backup_progress", any(), absent, no),
    refused("backup_status", text(0, 64), absent, no),
    refused("last_backup_time", text(0, 40), absent, no),
    refused("export_failure_reason", text(0, 64), absent, no),
    refused("export_progress", any(), absent, no),
    refused("export_status", text(0, 64), absent, no),
    refused("last_export_time", text(0, 40), absent, no),
    refused("import_failure_reason", text(0, 256), absent, no),
    refused("import_progress", any(), absent, no),
    refused("import_status", text(0, 64), absent, no),
    refused("dataset_import_sources", any(), absent, no),
    refused("replica_sources", list(any(), 64), empty, no),
    refused("replica_sync", choice(syncStates), "disabled", no),
    refused("sync", choice(syncStates), "disabled", no),
    refused("sync_sources", list(any(), 64), empty, no),
    refused("crdt", boolean(), false, no),
    refused("crdt_causal_consistency", boolean(), false, no),
    refused("crdt_config_version", integer(0, INT64_MAX), absent, no),
    refused("crdt_featureset_version", integer(0, INT64_MAX), absent, no),
    refused("crdt_ghost_replica_ids", text(0, 4096), absent, no),
    refused("crdt_guid", text(0, 64), absent, no),
    refused("crdt_modules", any(), absent, no),
    refused("crdt_protocol_version", integer(0, INT64_MAX), absent, no),
    refused("crdt_repl_backlog_size", text(0, 32), absent, no),
    refused("crdt_replica_id", integer(0, INT64_MAX), absent, no),
    refused("crdt_replicas", text(0, 4096), absent, no),
    refused("crdt_sources", list(any(), 64), empty, no),
    refused("crdt_sync", choice(syncStates), "disabled", no),

    // ---- inert: kept for those who script with them
    inert("account_id", integer(0, INT64_MAX), absent, kept),
    inert("active_defrag_cycle_max", integer(0, 100), absent, kept),
    inert("active_defrag_cycle_min", integer(0, 100), absent, kept),
    inert("active_defrag_ignore_bytes", text(0, 32), absent, kept),
    inert("active_defrag_max_scan_fields", integer(0, INT64_MAX), absent, kept),
    inert("active_defrag_threshold_lower", integer(0, 1000), absent, kept),
    inert("active_defrag_threshold_upper", integer(0, 1000), absent, kept),
    inert("activedefrag", text(0, 8), absent, kept),
    inert("auto_shards_balancing", boolean(), absent, kept),
    inert("auto_shards_balancing_grace_period", integer(0, INT32_MAX), absent, kept),
    inert("auto_upgrade", boolean(), false, kept),
    inert("avoid_nodes", list(any(), 1000), absent, kept),
    inert("background_op", list(any(), 64), absent, kept),
    inert("backup_history", integer(0, INT32_MAX), 0, kept),
    inert("backup_interval", integer(0, INT32_MAX), absent, kept),
    inert("backup_interval_offset", integer(0, INT32_MAX), absent, kept),
    inert("bigstore_max_ram_ratio", integer(0, 100), absent, kept),
    inert("bigstore_ram_weights", list(any(), 512), absent, kept),
    inert("bigstore_version", integer(0, INT32_MAX), absent, kept),
    inert("disconnect_clients_on_password_removal", boolean(), absent,
          "Sessions of a removed password always end."),
    inert("conns", integer(0, INT32_MAX), absent, kept),
    inert("conns_type", text(0, 32), absent, kept),
    inert("crdt_sync_connection_alarm_timeout_seconds", integer(0, INT32_MAX), absent, kept),
    inert("crdt_sync_dist", boolean(), absent, kept),
    inert("crdt_syncer_auto_oom_unlatch", boolean(), absent, kept),
    inert("crdt_xadd_id_uniqueness_mode", text(0, 32), absent, kept),
    inert("dns_address_master", text(0, 255), "", kept),
    inert("dns_suffixes", list(text(0, 255), 64), absent, kept),
    inert("email_alerts", boolean(), false, kept),
    inert("endpoint", text(0, 255), absent, kept),
    inert("endpoint_ip", any(), absent, kept),
    inert("endpoint_node", integer(0, INT64_MAX), absent, kept),
    inert("flush_on_fullsync", boolean(), absent, kept),
    inert("generate_text_monitor", boolean(), absent, kept),
    inert("gradual_src_max_sources", integer(0, INT32_MAX), absent, kept),
    inert("gradual_src_mode", text(0, 16), absent, kept),
    inert("gradual_sync_max_shards_per_source", integer(0, INT32_MAX), absent, kept),
    inert("gradual_sync_mode", text(0, 16), absent, kept),
    inert("group_uid", integer(0, INT64_MAX), absent, kept),
    inert("hash_slots_policy", choice(slotPolicies), "16k", kept),
    inert("implicit_shard_key", boolean(), false, kept),
    inert("master_persistence", boolean(), absent, kept),
    inert("max_aof_file_size", integer(0, INT64_MAX), absent, kept),
    inert("max_aof_load_time", integer(0, INT32_MAX), absent, kept),
    inert("max_client_pipeline", integer(0, INT32_MAX), absent, kept),
    inert("max_pipelined", integer(0, INT32_MAX), absent, kept),
    inert("metrics_export_all", boolean(), absent, kept),
    inert("mkms", boolean(), true, kept),
    inert("multi_commands_opt", text(0, 64), absent, kept),
    inert("oss_cluster_api_preferred_endpoint_type", text(0, 16), absent, kept),
    inert("oss_cluster_api_preferred_ip_type", choice(addressTypes), "internal", kept),
    inert("partial_request_timeout_seconds", integer(0, INT32_MAX), absent, kept),
    inert("preemptive_drain_timeout_seconds", integer(0, INT32_MAX), absent, kept),
    inert("proxy_policy", choice(proxyPolicies), "single", kept),
    inert("query_performance_factor", any(), absent, kept),
    inert("recovery_wait_time", integer(-1, INT32_MAX), -1, kept),
    inert("repl_backlog_size", text(0, 32), absent, kept),
    inert("replica_sync_connection_alarm_timeout_seconds", integer(0, INT32_MAX), absent, kept),
    inert("replica_sync_dist", boolean(), absent, kept),
    inert("sched_policy", text(0, 16), absent, kept),
    inert("search", any(), absent, kept),
    inert("shard_block_foreign_keys", boolean(), true, kept),
    inert("shards_placement", choice(placements), "dense", kept),
    inert("skip_import_analyze", text(0, 16), absent, kept),
    inert("slave_buffer", any(), absent, kept),
    inert("slave_ha", boolean(), absent, kept),
    inert("slave_ha_priority", integer(INT32_MIN, INT32_MAX), absent, kept),
    inert("sync_dedicated_threads", integer(0, INT32_MAX), absent, kept),
    inert("syncer_log_level", text(0, 16), absent, kept),
    inert("syncer_mode", text(0, 16), absent, kept),
    inert("tags", list(any(), 1000), absent, kept),
    inert("timeseries", any(), absent, kept),
    inert("probabilistic", any(), absent, kept),
    inert("topology_epoch", integer(0, INT64_MAX), absent, kept),
    inert("tracking_table_max_keys", integer(0, INT64_MAX), absent, kept),
    inert("use_nodes", list(any(), 1000), absent, kept),
    inert("use_selective_flush", boolean(), absent, kept),
    inert("wait_command", boolean(), true, kept),
};
constexpr Table databaseTable = {"bdb", ObjectKind::bdb, fields, "A Redis database, and who may come in.",
                                 place<&Database::inert>()};
static_assert(sound(databaseTable));

} // namespace

template <>
const Table& table<ClientCert>() {
  return clientCertTable;
}
template <>
const Table& table<RolePermission>() {
  return permissionTable;
}
template <>
const Table& table<Endpoint>() {
  return endpointTable;
}
template <>
const Table& table<Database>() {
  return databaseTable;
}

} // namespace gatehouse::model
