// Protects: the field tables. A row's default must be its member's initialiser, or an object that was never
// written differs from one that was written with defaults; every documented field must have a row.
#include "model/ClusterCertificate.h"
#include "model/ClusterPolicy.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/RedisAcl.h"
#include "model/Role.h"
#include "model/User.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse::model;

namespace {

template <class T>
void defaultsAreInitialisers() {
  const T object;
  for (const Field& field : table<T>().fields) {
    if (!field.place.held) continue;
    const std::string name(field.name);
    const void* at = field.place.find(&object);
    switch (field.fallback.is) {
    case Default::Is::absent: CPPUNIT_ASSERT_MESSAGE(name, at == nullptr); break;
    case Default::Is::required: break;
    case Default::Is::boolean:
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, field.fallback.integer != 0, *static_cast<const bool*>(at));
      break;
    case Default::Is::integer:
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, field.fallback.integer, *static_cast<const std::int64_t*>(at));
      break;
    case Default::Is::empty:
      CPPUNIT_ASSERT_EQUAL_MESSAGE(name, std::size_t{0}, field.place.items->count(at));
      break;
    case Default::Is::text:
      if (field.shape.kind == Kind::choice)
        CPPUNIT_ASSERT_MESSAGE(name, field.shape.words[*static_cast<const std::uint8_t*>(at)] ==
                                         field.fallback.text);
      else
        CPPUNIT_ASSERT_MESSAGE(name, *static_cast<const std::string*>(at) == field.fallback.text);
    }
  }
}

} // namespace

class TableTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TableTest);
  CPPUNIT_TEST(testRowDefaultsAreMemberInitialisers);
  CPPUNIT_TEST(testSecretsHaveNoMember);
  CPPUNIT_TEST(testDocumentedFieldsHaveRows);
  CPPUNIT_TEST(testWhatADatabaseCannotDoYetIsRefused);
  CPPUNIT_TEST(testWhatMovesBetweenGetAndPutPasses);
  CPPUNIT_TEST(testDirectionsOfADatabasesFields);
  CPPUNIT_TEST(testNamesAndAddressesHaveTheirAlphabets);
  CPPUNIT_TEST(testBuiltinRoles);
  CPPUNIT_TEST_SUITE_END();

public:
  void testRowDefaultsAreMemberInitialisers() {
    defaultsAreInitialisers<User>();
    defaultsAreInitialisers<Role>();
    defaultsAreInitialisers<ClusterSettings>();
    defaultsAreInitialisers<ClusterPolicy>();
    defaultsAreInitialisers<ClusterCertificate>();
    defaultsAreInitialisers<AuthorizedSubject>();
    defaultsAreInitialisers<RedisAcl>();
    defaultsAreInitialisers<Database>();
    defaultsAreInitialisers<ClientCert>();
    defaultsAreInitialisers<RolePermission>();
    defaultsAreInitialisers<Endpoint>();
  }
  void testSecretsHaveNoMember() {
    for (const Table* t : {&table<User>(), &table<ClusterCertificate>(), &table<ClusterSettings>(),
                           &table<ClusterPolicy>(), &table<Database>()})
      for (const Field& field : t->fields)
        if (field.shape.kind == Kind::secret)
          CPPUNIT_ASSERT_MESSAGE(std::string(field.name), !field.place.held);
  }
  void testDocumentedFieldsHaveRows() {
    for (const char* name :
         {"mtls_certificate_authentication", "mtls_authorized_subjects", "control_plane_basic_authentication",
          "slave_ha", "smtp_password", "alert_settings", "reserved_ports", "dmc_external_cba_authentication"})
      CPPUNIT_ASSERT_MESSAGE(name, table<ClusterSettings>().find(name));
    for (const char* name :
         {"uid", "name", "email", "password", "password_hash_method", "password_issue_date", "auth_method",
          "certificate_subject_line", "role", "role_uids", "status", "last_login", "email_alerts",
          "bdbs_email_alerts", "cluster_email_alerts", "account_id", "action_uid"})
      CPPUNIT_ASSERT_MESSAGE(name, table<User>().find(name));
    for (const char* name : {"uid", "name", "management", "resources", "account_id", "action_uid"})
      CPPUNIT_ASSERT_MESSAGE(name, table<Role>().find(name));
    for (const char* name : {"uid", "name", "acl", "min_version", "max_version", "account_id", "action_uid"})
      CPPUNIT_ASSERT_MESSAGE(name, table<RedisAcl>().find(name));
    for (const char* name : {"account_id",
                             "action_uid",
                             "aof_policy",
                             "authentication_admin_pass",
                             "authentication_redis_pass",
                             "authentication_sasl_pass",
                             "authentication_sasl_uname",
                             "authentication_ssl_client_certs",
                             "authentication_ssl_crdt_certs",
                             "authorized_names",
                             "authorized_subjects",
                             "auto_upgrade",
                             "avoid_nodes",
                             "background_op",
                             "backup",
                             "backup_failure_reason",
                             "backup_history",
                             "backup_interval",
                             "backup_interval_offset",
                             "backup_location",
                             "backup_progress",
                             "backup_status",
                             "bigstore",
                             "bigstore_ram_size",
                             "bigstore_ram_weights",
                             "client_cert_subject_validation_type",
                             "crdt",
                             "crdt_causal_consistency",
                             "crdt_config_version",
                             "crdt_featureset_version",
                             "crdt_ghost_replica_ids",
                             "crdt_guid",
                             "crdt_protocol_version",
                             "crdt_repl_backlog_size",
                             "crdt_replica_id",
                             "crdt_replicas",
                             "crdt_sources",
                             "crdt_sync",
                             "crdt_sync_dist",
                             "crdt_syncer_auto_oom_unlatch",
                             "created_time",
                             "data_internode_encryption",
                             "data_persistence",
                             "dataset_import_sources",
                             "db_conns_auditing",
                             "audit_settings",
                             "default_user",
                             "disabled_commands",
                             "disconnect_clients_on_password_removal",
                             "dns_address_master",
                             "email_alerts",
                             "endpoint",
                             "endpoint_ip",
                             "endpoint_node",
                             "endpoints",
                             "enforce_client_authentication",
                             "eviction_policy",
                             "export_failure_reason",
                             "export_progress",
                             "export_status",
                             "generate_text_monitor",
                             "gradual_src_max_sources",
                             "gradual_src_mode",
                             "gradual_sync_max_shards_per_source",
                             "gradual_sync_mode",
                             "hash_slots_policy",
                             "implicit_shard_key",
                             "import_failure_reason",
                             "import_progress",
                             "import_status",
                             "internal",
                             "last_backup_time",
                             "last_changed_time",
                             "last_export_time",
                             "max_aof_file_size",
                             "max_aof_load_time",
                             "max_connections",
                             "memory_size",
                             "metrics_export_all",
                             "mkms",
                             "module_list",
                             "mtls_allow_outdated_certs",
                             "mtls_allow_weak_hashing",
                             "name",
                             "oss_cluster",
                             "oss_cluster_api_preferred_ip_type",
                             "oss_sharding",
                             "port",
                             "proxy_policy",
                             "rack_aware",
                             "recovery_wait_time",
                             "redis_version",
                             "repl_backlog_size",
                             "replica_sources",
                             "replica_sync",
                             "replica_sync_dist",
                             "replication",
                             "resp3",
                             "roles_permissions",
                             "shard_block_crossslot_keys",
                             "shard_block_foreign_keys",
                             "shard_key_regex",
                             "shard_list",
                             "sharding",
                             "shards_count",
                             "shards_placement",
                             "skip_import_analyze",
                             "slave_buffer",
                             "slave_ha",
                             "slave_ha_priority",
                             "snapshot_policy",
                             "ssl",
                             "status",
                             "sync",
                             "sync_sources",
                             "syncer_mode",
                             "tags",
                             "tls_mode",
                             "type",
                             "uid",
                             "use_nodes",
                             "version",
                             "wait_command",
                             "acl"})
      CPPUNIT_ASSERT_MESSAGE(name, table<Database>().find(name));
  }
  // What restricts or promises must never be taken and forgotten.
  void testWhatADatabaseCannotDoYetIsRefused() {
    for (const char* name : {"replication",
                             "sharding",
                             "shards_count",
                             "oss_cluster",
                             "module_list",
                             "crdt",
                             "backup",
                             "max_connections",
                             "disabled_commands",
                             "authentication_redis_pass",
                             "authentication_admin_pass",
                             "authorized_names",
                             "authentication_ssl_crdt_certs",
                             "mtls_allow_weak_hashing",
                             "db_conns_auditing",
                             "audit_settings",
                             "rack_aware",
                             "redis_version",
                             "replica_sources",
                             "snapshot_policy",
                             "resp3",
                             "acl"}) {
      const Field* field = table<Database>().find(name);
      CPPUNIT_ASSERT_MESSAGE(name, field && field->standing == Standing::refused && !field->place.held);
    }
    const Field* type = table<Database>().find("type");
    CPPUNIT_ASSERT(type && type->shape.refusedWords[0] == "memcached");
    CPPUNIT_ASSERT(table<Database>().find("tls_mode")->shape.refusedWords[0] == "replica_ssl");
  }
  // A client that gets a database, changes a field and puts all of it back.
  void testWhatMovesBetweenGetAndPutPasses() {
    for (const char* name :
         {"status", "status_reason", "endpoints", "version", "action_uid", "last_changed_time"}) {
      const Field* field = table<Database>().find(name);
      CPPUNIT_ASSERT_MESSAGE(name, field && field->standing == Standing::read_only && field->moves);
    }
    CPPUNIT_ASSERT(!table<Database>().find("ssl")->moves); // or a PUT of it would promise what is not done
    CPPUNIT_ASSERT(table<RolePermission>().find("order")->moves);
  }
  void testDirectionsOfADatabasesFields() { // R22
    const auto narrows = [](const char* name) { return table<Database>().find(name)->narrows; };
    CPPUNIT_ASSERT(narrows("tls_mode") == Narrows::when_earlier_word && tlsModes[0] == "enabled");
    CPPUNIT_ASSERT(narrows("enforce_client_authentication") == Narrows::when_earlier_word &&
                   enforcements[0] == "enabled");
    CPPUNIT_ASSERT(narrows("client_cert_subject_validation_type") == Narrows::when_later_word);
    CPPUNIT_ASSERT(narrows("mtls_allow_outdated_certs") == Narrows::when_false);
    CPPUNIT_ASSERT(narrows("default_user") == Narrows::when_false);
    CPPUNIT_ASSERT(narrows("roles_permissions") == Narrows::when_fewer);
    CPPUNIT_ASSERT(narrows("authentication_ssl_client_certs") == Narrows::unknown);
    CPPUNIT_ASSERT(table<RedisAcl>().find("acl")->narrows == Narrows::unknown);
  }
  void testNamesAndAddressesHaveTheirAlphabets() {
    CPPUNIT_ASSERT(fitsUserName("ada lovelace's") && !fitsUserName("a\"b") && !fitsUserName("a<b") &&
                   !fitsUserName("\xC3\xA9"));
    CPPUNIT_ASSERT(fitsEmail("") && fitsEmail("a.b+c@example.co.uk") && !fitsEmail("a@b") &&
                   !fitsEmail("@x.y") && !fitsEmail("a@.x") && !fitsEmail("a@x.") && !fitsEmail("a b@x.y"));
    CPPUNIT_ASSERT(fitsDatabaseName("a") && fitsDatabaseName("cache-1") && !fitsDatabaseName("") &&
                   !fitsDatabaseName("-a") && !fitsDatabaseName("a-") && !fitsDatabaseName("a_b") &&
                   !fitsDatabaseName("a b") && !fitsDatabaseName("\xC3\xA9"));
    CPPUNIT_ASSERT(fitsRoleName("DB Member [x]") && !fitsRoleName("a/b"));
  }
  void testBuiltinRoles() {
    CPPUNIT_ASSERT(builtinRoleUid(Management::admin) == 1 && builtinRoleUid(Management::none) == 6 &&
                   builtinRoleUid(Management::user_manager) == 7);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TableTest);
