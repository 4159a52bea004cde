// Protects: databases and Redis ACLs in the store: one name, one port, one directory each; what a database
// refers to stays; a list that is empty is not a list that is absent (R9).
#include "DatabaseRows.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

class DatabasesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabasesTest);
  CPPUNIT_TEST(testTheBuiltinAclsAreThere);
  CPPUNIT_TEST(testEachWriteNamesWhatItChanged);
  CPPUNIT_TEST(testSmallReadsSayWhatThePolicySays);
  CPPUNIT_TEST(testWhatChangesNothingMakesNoRevision);
  CPPUNIT_TEST(testAPortIsOneDatabasesAndTheErrorNamesIt);
  CPPUNIT_TEST(testANameIsOneDatabasesWithoutCase);
  CPPUNIT_TEST(testANameIsOneAclsWithoutCase);
  CPPUNIT_TEST(testWhatADatabaseRefersToMustBeThere);
  CPPUNIT_TEST(testWhatADatabaseLacksIsRefused);
  CPPUNIT_TEST(testAnAbsentListAndAnEmptyOneAreKeptApart);
  CPPUNIT_TEST(testARoleThatGoesTakesItsPermissionsWithIt);
  CPPUNIT_TEST(testAnAclInUseStays);
  CPPUNIT_TEST(testUidsAreNeverUsedAgain);
  CPPUNIT_TEST(testARemovedDatabaseLeavesNothingBehind);
  CPPUNIT_TEST(testARefusedWriteLeavesTheTransactionUsable);
  CPPUNIT_TEST(testHoldsOfTheNewKinds);
  CPPUNIT_TEST(testACertificateOfItsOwnAndItsKey);
  CPPUNIT_TEST(testPasswordsOfTheDefaultUser);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTheBuiltinAclsAreThere() { // facts §5.2
    OpenStore s;
    const std::vector<RedisAclRow> acls = must(s.reader->policy()).redisAcls;
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, acls.size());
    const char* expected[][2] = {
        {"Full Access", "+@all ~*"}, {"Read Only", "+@read ~*"}, {"Not Dangerous", "+@all -@dangerous ~*"}};
    for (std::size_t i = 0; i < acls.size(); ++i) {
      CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(i + 1), acls[i].acl.uid);
      CPPUNIT_ASSERT_EQUAL(std::string(expected[i][0]), acls[i].acl.name);
      CPPUNIT_ASSERT_EQUAL(std::string(expected[i][1]), acls[i].acl.acl);
      CPPUNIT_ASSERT(acls[i].origin == Origin::builtin);
    }
    CPPUNIT_ASSERT_EQUAL(model::fullAccessUid, acls[0].acl.uid);
    CPPUNIT_ASSERT(must(s.reader->empty()));
  }

  void testEachWriteNamesWhatItChanged() {
    OpenStore s;
    std::int64_t acl = 0, bdb = 0;
    const Change first = s.change([&](Transaction& t) {
      acl = must(t.insertRedisAcl(redisAcl("readers", "+@read ~cache:*")));
      bdb = must(t.insertDatabase(database("cache", 12000)));
    });
    CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, acl);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, bdb);
    CPPUNIT_ASSERT(first.redisAcls == std::set<std::int64_t>{acl} &&
                   first.databases == std::set<std::int64_t>{bdb});
    CPPUNIT_ASSERT(!first.settings && first.users.empty() && first.roles.empty() &&
                   first.certificates.empty());
    const Change second = s.change([&](Transaction& t) {
      RedisAclRow row = *must(t.redisAcl(acl));
      row.acl.acl = "+get ~cache:*";
      must(t.updateRedisAcl(row));
      DatabaseRow one = *must(t.database(bdb));
      one.database.mtls_allow_outdated_certs = true;
      one.actionUid = "action-2";
      must(t.updateDatabase(one));
    });
    CPPUNIT_ASSERT(second.redisAcls == std::set<std::int64_t>{acl} &&
                   second.databases == std::set<std::int64_t>{bdb});
    const PolicyRows policy = must(s.reader->policy());
    CPPUNIT_ASSERT_EQUAL(std::string("+get ~cache:*"), policy.redisAcls.back().acl.acl);
    CPPUNIT_ASSERT_EQUAL(second.revision, policy.redisAcls.back().revision);
    CPPUNIT_ASSERT_EQUAL(second.revision, policy.databases.at(0).revision);
    CPPUNIT_ASSERT_EQUAL(std::string("action-2"), policy.databases.at(0).actionUid);
    const Change third = s.change([&](Transaction& t) {
      must(t.removeRedisAcl(acl));
      must(t.removeDatabase(bdb));
      assertCode(Code::redis_acl_not_exist, codeOf(t.removeRedisAcl(acl)));
      assertCode(Code::db_not_exist, codeOf(t.removeDatabase(bdb)));
      assertCode(Code::redis_acl_not_exist, codeOf(t.updateRedisAcl(redisAcl("readers", ""))));
      assertCode(Code::db_not_exist, codeOf(t.updateDatabase(database("cache", 1))));
    });
    CPPUNIT_ASSERT(third.redisAcls == std::set<std::int64_t>{acl} &&
                   third.databases == std::set<std::int64_t>{bdb});
    CPPUNIT_ASSERT(!must(s.reader->empty()));
  }

  void testSmallReadsSayWhatThePolicySays() {
    OpenStore s;
    s.change([](Transaction& t) {
      must(t.insertRedisAcl(redisAcl("readers", "+@read ~cache:*")));
      SettingsRow settings = must(t.settings());
      settings.settings.mtls_authorized_subjects.emplace_back().CN = "ada";
      must(t.putSettings(settings.settings, Origin::api));
      ClusterPolicyRow policy = must(t.clusterPolicy());
      policy.policy.login_lockout_threshold = 7;
      must(t.putClusterPolicy(policy.policy, Origin::api));
    });
    const PolicyRows all = must(s.reader->policy());
    const std::vector<RoleRow> roles = must(s.reader->roles());
    CPPUNIT_ASSERT_EQUAL(all.roles.size(), roles.size());
    for (std::size_t i = 0; i < roles.size(); ++i) {
      const RoleRow one = *must(s.reader->role(roles[i].role.uid));
      for (const RoleRow* row : {&roles[i], &one})
        CPPUNIT_ASSERT(row->role == all.roles[i].role && row->revision == all.roles[i].revision);
    }
    const std::vector<RedisAclRow> acls = must(s.reader->redisAcls());
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, acls.size());
    for (std::size_t i = 0; i < acls.size(); ++i) {
      const RedisAclRow one = *must(s.reader->redisAcl(acls[i].acl.uid));
      for (const RedisAclRow* row : {&acls[i], &one})
        CPPUNIT_ASSERT(row->acl == all.redisAcls[i].acl && row->revision == all.redisAcls[i].revision);
    }
    CPPUNIT_ASSERT(!must(s.reader->role(99)) && !must(s.reader->redisAcl(99)));
    const SettingsRow settings = must(s.reader->settings());
    CPPUNIT_ASSERT(settings.settings == all.settings.settings);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, settings.settings.mtls_authorized_subjects.size());
    CPPUNIT_ASSERT_EQUAL(all.settings.revision, settings.revision);
    const ClusterPolicyRow policy = must(s.reader->clusterPolicy());
    CPPUNIT_ASSERT(policy.policy == all.clusterPolicy.policy && policy.policy.login_lockout_threshold == 7);
    CPPUNIT_ASSERT_EQUAL(all.clusterPolicy.revision, policy.revision);
  }

  void testWhatChangesNothingMakesNoRevision() {
    OpenStore s;
    s.change([&](Transaction& t) { must(t.insertDatabase(database("cache", 12000))); });
    const Change none = s.change([&](Transaction& t) {
      DatabaseRow row = *must(t.database(1));
      row.database.status = model::DatabaseStatus::active; // computed, as are these
      row.database.status_reason = "x";
      row.database.version = "7.0.15";
      row.database.endpoints.emplace_back().port = 12000;
      row.database.action_uid = "other";
      row.database.ssl = !row.database.ssl;
      must(t.updateDatabase(row));
      RedisAclRow acl = *must(t.redisAcl(1));
      acl.acl.action_uid = "other";
      must(t.updateRedisAcl(acl));
      CPPUNIT_ASSERT(!t.changed());
    });
    CPPUNIT_ASSERT(none.databases.empty() && none.redisAcls.empty());
    s.in([](Transaction& t) { // who owns it, and which action made it, are kept
      DatabaseRow row = *must(t.database(1));
      row.origin = Origin::manifest;
      must(t.updateDatabase(row));
      CPPUNIT_ASSERT(t.changed());
    });
    s.in([](Transaction& t) { // a role given twice is not a role given once
      DatabaseRow row = *must(t.database(1));
      row.database.roles_permissions = {{1, 1, {}}, {1, 2, {}}};
      must(t.updateDatabase(row));
      row.database.roles_permissions = {{1, 2, {}}, {1, 1, {}}};
      must(t.updateDatabase(row));
      CPPUNIT_ASSERT(must(t.database(1))->database.roles_permissions == row.database.roles_permissions);
    });
  }

  void testAPortIsOneDatabasesAndTheErrorNamesIt() {
    OpenStore s;
    s.in([](Transaction& t) {
      must(t.insertDatabase(database("cache", 12000)));
      const auto taken = t.insertDatabase(database("other", 12000));
      assertCode(Code::port_unavailable, codeOf(taken));
      assertSays(taken.error().description, "12000");
      assertSays(taken.error().description, "database 1 'cache'");
      DatabaseRow other = database("other", 12001);
      other.database.uid = must(t.insertDatabase(other));
      other.database.port = 12000;
      assertCode(Code::port_unavailable, codeOf(t.updateDatabase(other)));
      DatabaseRow cache = *must(t.database(1));
      cache.database.port = 12002;
      must(t.updateDatabase(cache));
      must(t.updateDatabase(other)); // free now
    });
  }

  void testANameIsOneDatabasesWithoutCase() {
    OpenStore s;
    s.in([](Transaction& t) {
      must(t.insertDatabase(database("cache", 12000)));
      const auto taken = t.insertDatabase(database("CACHE", 12001));
      assertCode(Code::name_already_exists, codeOf(taken));
      assertSays(taken.error().description, "database 1");
      DatabaseRow cache = *must(t.database(1));
      cache.database.name = "Cache"; // its own
      must(t.updateDatabase(cache));
    });
  }

  void testANameIsOneAclsWithoutCase() {
    OpenStore s;
    s.in([](Transaction& t) {
      const auto taken = t.insertRedisAcl(redisAcl("full access", "+get"));
      assertCode(Code::name_already_exists, codeOf(taken));
      assertSays(taken.error().description, "Redis ACL 1");
      RedisAclRow row = redisAcl("readers", "+@read");
      row.acl.uid = must(t.insertRedisAcl(row));
      row.acl.name = "READ ONLY";
      assertCode(Code::name_already_exists, codeOf(t.updateRedisAcl(row)));
      row.acl.name = "Readers";
      must(t.updateRedisAcl(row));
    });
  }

  void testWhatADatabaseRefersToMustBeThere() {
    OpenStore s;
    s.in([](Transaction& t) {
      DatabaseRow row = database("cache", 12000);
      row.database.roles_permissions = {{99, 1, {}}};
      assertCode(Code::role_not_exist, codeOf(t.insertDatabase(row)));
      row.database.roles_permissions = {{1, 99, {}}};
      assertCode(Code::redis_acl_not_exist, codeOf(t.insertDatabase(row)));
      row.database.roles_permissions = {{1, 1, {}}};
      row.database.uid = must(t.insertDatabase(row));
      row.database.roles_permissions = {{1, 1, {}}, {2, 99, {}}};
      assertCode(Code::redis_acl_not_exist, codeOf(t.updateDatabase(row)));
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.database(1))->database.roles_permissions.size());
    });
  }

  void testWhatADatabaseLacksIsRefused() {
    OpenStore s;
    s.in([](Transaction& t) {
      DatabaseRow row = database("", 12000);
      assertCode(Code::missing_db_name, codeOf(t.insertDatabase(row)));
      row = database("cache", 0); // the port was to be chosen
      assertCode(Code::invalid_param, codeOf(t.insertDatabase(row)));
      row = database("cache", 12000);
      row.database.memory_size = 0;
      assertCode(Code::missing_memory_size, codeOf(t.insertDatabase(row)));
      row = database("cache", 12000);
      row.engineId.clear();
      assertCode(Code::internal_error, codeOf(t.insertDatabase(row)));
      CPPUNIT_ASSERT(!t.changed());
    });
  }

  // R9: absent is mtls_trusted_ca, empty is nobody.
  void testAnAbsentListAndAnEmptyOneAreKeptApart() {
    OpenStore s;
    const auto write = [&](std::optional<std::vector<model::ClientCert>> certs) {
      s.change([&](Transaction& t) {
        DatabaseRow row = *must(t.database(1));
        row.database.authentication_ssl_client_certs = std::move(certs);
        must(t.updateDatabase(row));
      });
      s.close();
      s.open();
      return must(s.reader->policy()).databases.at(0).database.authentication_ssl_client_certs;
    };
    s.change([](Transaction& t) { must(t.insertDatabase(database("cache", 12000))); });
    CPPUNIT_ASSERT(!must(s.reader->policy()).databases.at(0).database.authentication_ssl_client_certs);
    const auto empty = write(std::vector<model::ClientCert>{});
    CPPUNIT_ASSERT(empty && empty->empty());
    const auto two = write(std::vector<model::ClientCert>{{"B"}, {"A"}});
    CPPUNIT_ASSERT((two && *two == std::vector<model::ClientCert>{{"B"}, {"A"}}));
    const auto none = write({}); // back to what is inherited: nothing of the list is left
    CPPUNIT_ASSERT(!none);
    CPPUNIT_ASSERT(write(std::vector<model::ClientCert>{})->empty());
  }

  // facts §5.1
  void testARoleThatGoesTakesItsPermissionsWithIt() {
    OpenStore s;
    std::int64_t role = 0;
    const Change made = s.change([&](Transaction& t) {
      RoleRow row;
      row.role.name = "reader";
      role = must(t.insertRole(row));
      DatabaseRow one = database("one", 12000), two = database("two", 12001),
                  three = database("three", 12002);
      one.database.roles_permissions = {{1, 1, {}}, {role, 2, {}}, {role, 3, {}}, {2, 2, {}}};
      two.database.roles_permissions = {{role, 2, {}}};
      three.database.roles_permissions = {{1, 1, {}}};
      for (const DatabaseRow& bdb : {one, two, three}) must(t.insertDatabase(bdb));
    });
    const Change gone = s.change([&](Transaction& t) { must(t.removeRole(role)); });
    CPPUNIT_ASSERT(gone.roles == std::set<std::int64_t>{role});
    CPPUNIT_ASSERT((gone.databases == std::set<std::int64_t>{1, 2}));
    const std::vector<DatabaseRow> databases = must(s.reader->policy()).databases;
    CPPUNIT_ASSERT((databases[0].database.roles_permissions ==
                    std::vector<model::RolePermission>{{1, 1, {}}, {2, 2, {}}}));
    CPPUNIT_ASSERT(databases[1].database.roles_permissions.empty());
    CPPUNIT_ASSERT_EQUAL(gone.revision, databases[0].revision);
    CPPUNIT_ASSERT_EQUAL(gone.revision, databases[1].revision);
    CPPUNIT_ASSERT_EQUAL(made.revision, databases[2].revision);
    s.in([&](Transaction& t) { // a role that users have stays, and so do its entries
      UserRecord user = passwordUser("job");
      user.judged.user.role_uids = {2};
      must(t.insertUser(user));
      assertCode(Code::role_in_use, codeOf(t.removeRole(2)));
      CPPUNIT_ASSERT_EQUAL(std::size_t{2}, must(t.database(1))->database.roles_permissions.size());
      assertCode(Code::role_not_exist, codeOf(t.removeRole(99)));
    });
  }

  void testAnAclInUseStays() {
    OpenStore s;
    s.in([](Transaction& t) {
      RedisAclRow row = redisAcl("readers", "+@read");
      const std::int64_t acl = must(t.insertRedisAcl(row));
      DatabaseRow bdb = database("cache", 12000);
      bdb.database.roles_permissions = {{1, acl, {}}, {2, acl, {}}};
      must(t.insertDatabase(bdb));
      const Status refused = t.removeRedisAcl(acl);
      assertCode(Code::redis_acl_in_use, codeOf(refused));
      assertSays(refused.error().description, "1 database(s), 'cache'");
      must(t.removeDatabase(1));
      must(t.removeRedisAcl(acl));
    });
  }

  // R8
  void testUidsAreNeverUsedAgain() {
    OpenStore s;
    s.in([](Transaction& t) {
      DatabaseRow row = database("cache", 12000);
      row.database.uid = 5;
      CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, must(t.insertDatabase(row)));
      DatabaseRow twin = database("twin", 12001);
      twin.database.uid = 5;
      assertCode(Code::uid_exists, codeOf(t.insertDatabase(twin)));
      must(t.removeDatabase(5));
      assertCode(Code::uid_exists, codeOf(t.insertDatabase(row)));
      row.database.uid = 0;
      CPPUNIT_ASSERT_EQUAL(std::int64_t{6}, must(t.insertDatabase(row)));
      row.database.uid = -1;
      assertCode(Code::invalid_param, codeOf(t.insertDatabase(row)));

      RedisAclRow acl = redisAcl("readers", "+@read");
      acl.acl.uid = 9;
      must(t.insertRedisAcl(acl));
      must(t.removeRedisAcl(9));
      assertCode(Code::uid_exists, codeOf(t.insertRedisAcl(acl)));
      acl.acl.uid = 1;
      assertCode(Code::uid_exists, codeOf(t.insertRedisAcl(acl)));
      acl.acl.uid = 0;
      CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, must(t.insertRedisAcl(acl)));
    });
  }

  void testARemovedDatabaseLeavesNothingBehind() {
    OpenStore s;
    s.change([](Transaction& t) {
      DatabaseRow row = database("cache", 12000);
      row.database.roles_permissions = {{1, 1, {}}};
      row.database.authentication_ssl_client_certs.emplace().emplace_back().client_cert = "A";
      row.database.authorized_subjects.emplace_back().CN = "ada";
      row.database.authorized_subjects.back().OU = {"dev"};
      must(t.insertDatabase(row));
      must(t.removeDatabase(1));
      row.database.uid = 0;
      row.database.authorized_subjects.clear();
      row.database.roles_permissions.clear();
      row.database.authentication_ssl_client_certs.reset();
      must(t.insertDatabase(row)); // its name, port and directory are free
    });
    const DatabaseRow found = must(s.reader->policy()).databases.at(0);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, found.database.uid);
    CPPUNIT_ASSERT(found.database.authorized_subjects.empty() && found.database.roles_permissions.empty());
  }

  void testARefusedWriteLeavesTheTransactionUsable() {
    OpenStore s;
    s.change([](Transaction& t) {
      must(t.insertDatabase(database("cache", 12000)));
      assertCode(Code::port_unavailable, codeOf(t.insertDatabase(database("other", 12000))));
      assertCode(Code::name_already_exists, codeOf(t.insertRedisAcl(redisAcl("Read Only", ""))));
      must(t.insertDatabase(database("third", 12001)));
    });
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, must(s.reader->policy()).databases.size());
  }

  // R22
  void testACertificateOfItsOwnAndItsKey() {
    OpenStore s;
    std::int64_t bdb = 0;
    s.change([&](Transaction& t) {
      (void)must(t.insertDatabase(database("other", 12001)));
      bdb = must(t.insertDatabase(database("cache", 12000)));
    });
    const Change put = s.change([&](Transaction& t) {
      must(t.putDatabaseCertificate(bdb, "PEM 1", Secret("KEY 1")));
      CPPUNIT_ASSERT_EQUAL(std::string("PEM 1"), must(t.database(bdb))->certificate);
    });
    CPPUNIT_ASSERT(put.databases == std::set<std::int64_t>{bdb});
    PolicyRows policy = must(s.reader->policy());
    CPPUNIT_ASSERT(policy.databases.at(0).certificate.empty() &&
                   policy.databases.at(1).certificate == "PEM 1");
    CPPUNIT_ASSERT_EQUAL(put.revision, policy.databases.at(1).revision);
    CPPUNIT_ASSERT(policy.databaseKeys.size() == 1 && policy.databaseKeys[0].uid == bdb &&
                   policy.databaseKeys[0].key.reveal() == "KEY 1");

    const Change same =
        s.change([&](Transaction& t) { must(t.putDatabaseCertificate(bdb, "PEM 1", Secret("KEY 1"))); });
    CPPUNIT_ASSERT_EQUAL(put.revision, same.revision);
    s.change([&](Transaction& t) { must(t.putDatabaseCertificate(bdb, "PEM 1", Secret("KEY 2"))); });
    CPPUNIT_ASSERT(must(s.reader->policy()).databaseKeys.at(0).key.reveal() == "KEY 2");
    s.change([&](Transaction& t) { // a change of its row leaves it alone
      DatabaseRow row = *must(t.database(bdb));
      row.certificate.clear();
      row.database.port = 12005;
      must(t.updateDatabase(row));
    });
    CPPUNIT_ASSERT_EQUAL(std::string("PEM 1"), must(s.reader->policy()).databases.at(1).certificate);

    const Change gone = s.change([&](Transaction& t) {
      CPPUNIT_ASSERT(!t.putDatabaseCertificate(bdb, "PEM 1", Secret()).ok()); // one without the other
      assertCode(Code::db_not_exist, codeOf(t.putDatabaseCertificate(99, "PEM", Secret("KEY"))));
      must(t.putDatabaseCertificate(bdb, "", Secret()));
    });
    policy = must(s.reader->policy());
    CPPUNIT_ASSERT(gone.databases == std::set<std::int64_t>{bdb} && policy.databaseKeys.empty() &&
                   policy.databases.at(1).certificate.empty());
    s.change([&](Transaction& t) { must(t.putDatabaseCertificate(bdb, "PEM 1", Secret("KEY 1"))); });
    s.change([&](Transaction& t) { must(t.removeDatabase(bdb)); });
    CPPUNIT_ASSERT(must(s.reader->policy()).databaseKeys.empty());
  }

  void testPasswordsOfTheDefaultUser() {
    OpenStore s;
    std::int64_t bdb = 0;
    s.change([&](Transaction& t) { bdb = must(t.insertDatabase(database("cache", 12000))); });
    const auto row = [&] { return must(s.reader->policy()).databases.at(0); };
    CPPUNIT_ASSERT_EQUAL(model::Revision{0}, row().passwordsRevision);
    CPPUNIT_ASSERT_EQUAL(std::string(), must(s.reader->databasePasswords(bdb)));
    const Change put =
        s.change([&](Transaction& t) { must(t.putDatabasePasswords(bdb, "$scrypt$1\n$scrypt$2")); });
    CPPUNIT_ASSERT(put.databases == std::set<std::int64_t>{bdb});
    CPPUNIT_ASSERT_EQUAL(put.revision, row().passwordsRevision);
    CPPUNIT_ASSERT_EQUAL(put.revision, row().revision);
    CPPUNIT_ASSERT_EQUAL(std::string("$scrypt$1\n$scrypt$2"), must(s.reader->databasePasswords(bdb)));
    s.change([&](Transaction& t) { // who came in by a password is not asked again for another change
      DatabaseRow changed = *must(t.database(bdb));
      changed.database.port = 12005;
      must(t.updateDatabase(changed));
      must(t.putDatabasePasswords(bdb, "$scrypt$1\n$scrypt$2"));
    });
    CPPUNIT_ASSERT_EQUAL(put.revision, row().passwordsRevision);
    const Change next = s.change([&](Transaction& t) {
      assertCode(Code::db_not_exist, codeOf(t.putDatabasePasswords(99, "$scrypt$1")));
      must(t.putDatabasePasswords(bdb, "$scrypt$2"));
      CPPUNIT_ASSERT_EQUAL(std::string("$scrypt$2"), must(t.databasePasswords(bdb)));
    });
    CPPUNIT_ASSERT_EQUAL(next.revision, row().passwordsRevision);
    s.change([&](Transaction& t) { must(t.putDatabasePasswords(bdb, "")); });
    CPPUNIT_ASSERT_EQUAL(model::Revision{0}, row().passwordsRevision);
    CPPUNIT_ASSERT_EQUAL(std::string(), must(s.reader->databasePasswords(bdb)));
  }

  void testHoldsOfTheNewKinds() {
    OpenStore s;
    s.change([](Transaction& t) {
      for (const char* kind : {"bdb", "redis_acl"}) {
        Hold hold;
        hold.kind = kind;
        hold.name = "Cache";
        hold.field = "roles_permissions";
        must(t.hold(hold));
      }
      Hold policy; // there is one: it needs no name
      policy.kind = "cluster_policy";
      policy.field = "login_lockout_threshold";
      must(t.hold(policy));
      Hold unknown;
      unknown.kind = "database";
      unknown.name = "x";
      assertCode(Code::internal_error, codeOf(t.hold(unknown)));
    });
    s.in([](Transaction& t) {
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holdsMeeting("bdb", "cache")).size());
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holdsMeeting("redis_acl", "CACHE")).size());
      CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, must(t.release("bdb", "cache")));
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holdsMeeting("cluster_policy", "")).size());
      CPPUNIT_ASSERT(must(t.holdsMeeting("cluster", "")).empty());
      CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, must(t.release("cluster_policy", "")));
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(t.holds()).size());
    });
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabasesTest);
