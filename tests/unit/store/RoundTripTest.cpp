// Protects: the store keeps every member that the field tables call stored. A field that is added there and
// forgotten here fails.
#include "DatabaseRows.h"
#include "model/Field.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;
using gatehouse::model::Edit;
using gatehouse::model::Field;
using gatehouse::model::Kind;
using gatehouse::model::View;

namespace {

bool kept(const Field& field) {
  return field.stored && field.place.held &&
         (field.standing == model::Standing::enforced || field.standing == model::Standing::read_only);
}

/// Puts something other than the default into each stored member. `seed` tells the items of a list apart.
void fill(Edit edit, int seed);

void fillItem(const Field& field, void* item, int seed) {
  switch (field.shape.kind) {
  case Kind::boolean: *static_cast<bool*>(item) = field.fallback.integer == 0; return;
  case Kind::integer:
    *static_cast<std::int64_t*>(item) = field.shape.refersTo == model::ObjectKind::role        ? 7 - seed
                                        : field.shape.refersTo == model::ObjectKind::redis_acl ? 3 - seed
                                        : field.shape.most <= 4711 ? field.shape.most - seed
                                                                   : 4711 + seed;
    return;
  case Kind::text:
    *static_cast<std::string*>(item) = std::string(field.name) + " \xC3\xA9 '" + std::to_string(seed);
    return;
  case Kind::choice: {
    std::size_t other = field.shape.words.size() - 1;
    if (field.shape.words[other] == field.fallback.text) other = 0;
    CPPUNIT_ASSERT_MESSAGE(std::string(field.name), field.shape.words[other] != field.fallback.text);
    *static_cast<std::uint8_t*>(item) = static_cast<std::uint8_t>(other);
    return;
  }
  case Kind::object: fill(Edit(field.shape.table, item), seed); return;
  case Kind::any:
  case Kind::secret:
    CPPUNIT_FAIL(std::string(field.name) + " has a member of a kind that this test does not know");
  }
}

void fill(Edit edit, int seed) {
  for (const Field& field : edit.table->fields) {
    if (!kept(field)) continue;
    void* member = field.place.make(edit.object);
    if (!field.shape.many) {
      fillItem(field, member, seed);
      continue;
    }
    field.place.items->clear(member);
    for (int i = 0; i < 3; ++i) fillItem(field, field.place.items->append(member), seed * 10 + i);
  }
  if (edit.table->inert.held)
    static_cast<model::Inert*>(edit.table->inert.make(edit.object))->json =
        R"({"email_alerts":false,"x":[1,"é"]})";
}

void assertSame(View a, View b, const std::string& where);

void assertSameItem(const Field& field, const void* a, const void* b, const std::string& where) {
  switch (field.shape.kind) {
  case Kind::boolean:
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where, *static_cast<const bool*>(a), *static_cast<const bool*>(b));
    return;
  case Kind::integer:
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where, *static_cast<const std::int64_t*>(a),
                                 *static_cast<const std::int64_t*>(b));
    return;
  case Kind::text:
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where, *static_cast<const std::string*>(a),
                                 *static_cast<const std::string*>(b));
    return;
  case Kind::choice:
    CPPUNIT_ASSERT_EQUAL_MESSAGE(where, int{*static_cast<const std::uint8_t*>(a)},
                                 int{*static_cast<const std::uint8_t*>(b)});
    return;
  case Kind::object: assertSame(View(field.shape.table, a), View(field.shape.table, b), where + "."); return;
  case Kind::any:
  case Kind::secret: CPPUNIT_FAIL(where);
  }
}

void assertSame(View a, View b, const std::string& where) {
  for (const Field& field : a.table->fields) {
    if (!kept(field)) continue;
    const std::string here = where + std::string(field.name);
    const void* left = field.place.find(a.object);
    const void* right = field.place.find(b.object);
    CPPUNIT_ASSERT_MESSAGE(here, left && right);
    if (!field.shape.many) {
      assertSameItem(field, left, right, here);
      continue;
    }
    const std::size_t count = field.place.items->count(left);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(here, count, field.place.items->count(right));
    for (std::size_t i = 0; i < count; ++i)
      assertSameItem(field, field.place.items->item(left, i), field.place.items->item(right, i), here);
  }
  if (a.table->inert.held)
    CPPUNIT_ASSERT(*static_cast<const model::Inert*>(a.table->inert.find(a.object)) ==
                   *static_cast<const model::Inert*>(b.table->inert.find(b.object)));
}

} // namespace

class RoundTripTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RoundTripTest);
  CPPUNIT_TEST(testEveryStoredMemberOfAUserComesBack);
  CPPUNIT_TEST(testAnUpdateKeepsEveryMemberToo);
  CPPUNIT_TEST(testEveryStoredMemberOfARoleComesBack);
  CPPUNIT_TEST(testEveryStoredMemberOfTheSettingsComesBack);
  CPPUNIT_TEST(testEveryStoredMemberOfTheClusterPolicyComesBack);
  CPPUNIT_TEST(testEveryStoredMemberOfACertificateComesBack);
  CPPUNIT_TEST(testEveryStoredMemberOfARedisAclComesBack);
  CPPUNIT_TEST(testEveryStoredMemberOfADatabaseComesBack);
  CPPUNIT_TEST(testAbsentStaysAbsent);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEveryStoredMemberOfAUserComesBack() {
    OpenStore s;
    UserRecord record;
    fill(Edit(record.judged.user), 0);
    record.judged.subjectKey = digest(7); // auth_method is certificate now
    record.origin = Origin::manifest;
    s.addUser(record);
    const auto found = must(s.reader->userBySubject(digest(7))).record;
    CPPUNIT_ASSERT(found && found->origin == Origin::manifest && found->judged.subjectKey == digest(7));
    assertSame(View(record.judged.user), View(found->judged.user), "user.");
    assertSame(View(record.judged.user), View(must(s.reader->users(0, 5)).users.at(0).judged.user), "users.");
  }

  void testAnUpdateKeepsEveryMemberToo() {
    OpenStore s;
    UserRecord record;
    fill(Edit(record.judged.user), 0);
    UserRecord before = passwordUser("before");
    before.judged.user.uid = record.judged.user.uid;
    before.judged.user.last_login = record.judged.user.last_login; // an update leaves it alone
    s.addUser(before);
    record.judged.subjectKey = digest(7);
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    assertSame(View(record.judged.user),
               View(must(s.reader->userByUid(record.judged.user.uid)).record->judged.user), "user.");

    RoleRow role;
    fill(Edit(role.role), 0);
    RoleRow plain;
    plain.role.uid = role.role.uid;
    plain.role.name = "plain";
    s.change([&](Transaction& t) { must(t.insertRole(plain)); });
    s.change([&](Transaction& t) { must(t.updateRole(role)); });
    s.in([&](Transaction& t) {
      assertSame(View(role.role), View(must(t.role(role.role.uid))->role), "role.");
    });
  }

  void testEveryStoredMemberOfARoleComesBack() {
    OpenStore s;
    RoleRow row;
    fill(Edit(row.role), 0);
    row.origin = Origin::manifest;
    s.change([&](Transaction& t) { must(t.insertRole(row)); });
    const RoleRow found = must(s.reader->policy()).roles.back();
    CPPUNIT_ASSERT(found.origin == Origin::manifest);
    assertSame(View(row.role), View(found.role), "role.");
  }

  void testEveryStoredMemberOfTheSettingsComesBack() {
    OpenStore s;
    model::ClusterSettings settings;
    fill(Edit(settings), 0);
    s.change([&](Transaction& t) { must(t.putSettings(settings, Origin::manifest)); });
    const SettingsRow found = must(s.reader->policy()).settings;
    CPPUNIT_ASSERT(found.origin == Origin::manifest);
    assertSame(View(settings), View(found.settings), "cluster.");
    settings.mtls_authorized_subjects.erase(settings.mtls_authorized_subjects.begin());
    s.change([&](Transaction& t) { must(t.putSettings(settings, Origin::api)); });
    assertSame(View(settings), View(must(s.reader->policy()).settings.settings), "cluster.");
  }

  void testEveryStoredMemberOfTheClusterPolicyComesBack() {
    OpenStore s;
    model::ClusterPolicy policy;
    fill(Edit(policy), 0);
    const Change change =
        s.change([&](Transaction& t) { must(t.putClusterPolicy(policy, Origin::manifest)); });
    CPPUNIT_ASSERT(change.settings);
    const ClusterPolicyRow found = must(s.reader->policy()).clusterPolicy;
    CPPUNIT_ASSERT(found.origin == Origin::manifest && found.revision == change.revision);
    assertSame(View(policy), View(found.policy), "cluster_policy.");
    const Change again =
        s.change([&](Transaction& t) { must(t.putClusterPolicy(policy, Origin::manifest)); });
    CPPUNIT_ASSERT_EQUAL(change.revision, again.revision); // what changes nothing makes none
    s.in([&](Transaction& t) {
      assertSame(View(policy), View(must(t.clusterPolicy()).policy), "cluster_policy.");
    });
  }

  void testEveryStoredMemberOfACertificateComesBack() {
    OpenStore s;
    CertificateRow row;
    fill(Edit(row.certificate), 0);
    row.key = Secret("a key");
    row.generated = true;
    row.origin = Origin::manifest;
    s.change([&](Transaction& t) {
      row.key = Secret("an earlier key");
      must(t.putCertificate(row));
      row.key = Secret("a key");
      must(t.putCertificate(row));
    });
    const PolicyRows policy = must(s.reader->policy());
    const CertificateRow& found = policy.certificates.at(0);
    CPPUNIT_ASSERT(found.generated && found.origin == Origin::manifest && found.key.reveal() == "a key");
    assertSame(View(row.certificate), View(found.certificate), "certificate.");
    s.in([&](Transaction& t) {
      CPPUNIT_ASSERT(must(t.certificate(row.certificate.name))->key.reveal() == "a key");
    });
  }

  void testEveryStoredMemberOfARedisAclComesBack() {
    OpenStore s;
    RedisAclRow row;
    fill(Edit(row.acl), 0);
    row.origin = Origin::manifest;
    RedisAclRow plain = redisAcl("plain", "");
    plain.acl.uid = row.acl.uid;
    s.change([&](Transaction& t) { must(t.insertRedisAcl(row)); });
    const auto same = [&] {
      const RedisAclRow found = must(s.reader->policy()).redisAcls.back();
      CPPUNIT_ASSERT(found.origin == Origin::manifest);
      assertSame(View(row.acl), View(found.acl), "redis_acl.");
    };
    same();
    s.change([&](Transaction& t) { must(t.updateRedisAcl(plain)); });
    s.change([&](Transaction& t) { must(t.updateRedisAcl(row)); });
    same();
  }

  void testEveryStoredMemberOfADatabaseComesBack() {
    OpenStore s;
    DatabaseRow row = database("filled", 1), plain = database("plain", 2);
    fill(Edit(row.database), 0);
    row.engineId = "another";
    row.actionUid = "action-2";
    row.origin = Origin::manifest;
    s.change([&](Transaction& t) { must(t.insertDatabase(row)); });
    const auto same = [&] {
      const DatabaseRow found = must(s.reader->policy()).databases.back();
      CPPUNIT_ASSERT(found.origin == Origin::manifest);
      CPPUNIT_ASSERT_EQUAL(std::string("another"), found.engineId);
      CPPUNIT_ASSERT_EQUAL(std::string("action-2"), found.actionUid);
      assertSame(View(row.database), View(found.database), "bdb.");
    };
    same();
    plain.database.uid = row.database.uid;
    s.change([&](Transaction& t) { must(t.updateDatabase(plain)); });
    s.change([&](Transaction& t) { must(t.updateDatabase(row)); });
    same();
    s.in([&](Transaction& t) {
      assertSame(View(row.database), View(must(t.database(row.database.uid))->database), "bdb.");
    });
  }

  void testAbsentStaysAbsent() {
    OpenStore s;
    UserRecord record;
    record.judged.user.name = "nobody yet";
    s.addUser(record);
    const auto found = must(s.reader->userByLogin("nobody yet")).record;
    CPPUNIT_ASSERT(!found->judged.user.password_issue_date && !found->judged.user.last_login &&
                   !found->judged.hasVerifier);
    CPPUNIT_ASSERT(found->judged.user.role_uids.empty() && found->judged.user.inert.json.empty());
    CPPUNIT_ASSERT(found->judged.subjectKey == model::Digest{});
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RoundTripTest);
