// Protects: the field tables. A row's default must be its member's initialiser, or an object that was never
// written differs from one that was written with defaults; every documented field must have a row.
#include "model/ClusterCertificate.h"
#include "model/ClusterSettings.h"
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
  CPPUNIT_TEST(testNamesAndAddressesHaveTheirAlphabets);
  CPPUNIT_TEST(testBuiltinRoles);
  CPPUNIT_TEST_SUITE_END();

public:
  void testRowDefaultsAreMemberInitialisers() {
    defaultsAreInitialisers<User>();
    defaultsAreInitialisers<Role>();
    defaultsAreInitialisers<ClusterSettings>();
    defaultsAreInitialisers<ClusterCertificate>();
    defaultsAreInitialisers<AuthorizedSubject>();
  }
  void testSecretsHaveNoMember() {
    for (const Table* t : {&table<User>(), &table<ClusterCertificate>(), &table<ClusterSettings>()})
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
  }
  void testNamesAndAddressesHaveTheirAlphabets() {
    CPPUNIT_ASSERT(fitsUserName("ada lovelace's") && !fitsUserName("a\"b") && !fitsUserName("a<b") &&
                   !fitsUserName("\xC3\xA9"));
    CPPUNIT_ASSERT(fitsEmail("") && fitsEmail("a.b+c@example.co.uk") && !fitsEmail("a@b") &&
                   !fitsEmail("@x.y") && !fitsEmail("a@.x") && !fitsEmail("a@x.") && !fitsEmail("a b@x.y"));
    CPPUNIT_ASSERT(fitsRoleName("DB Member [x]") && !fitsRoleName("a/b"));
  }
  void testBuiltinRoles() {
    CPPUNIT_ASSERT(builtinRoleUid(Management::admin) == 1 && builtinRoleUid(Management::none) == 6 &&
                   builtinRoleUid(Management::user_manager) == 7);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TableTest);
