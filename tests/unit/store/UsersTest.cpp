// Protects: who can be found by what, and that nobody can be two people or come back as another.
#include "StoreFixture.h"
#include "store/Sqlite.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

class UsersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(UsersTest);
  CPPUNIT_TEST(testUsersAreFoundByNameEmailSubjectAndUid);
  CPPUNIT_TEST(testNameAndEmailShareOneFoldedNamespace);
  CPPUNIT_TEST(testAUserMayBeCalledAsItsOwnAddress);
  CPPUNIT_TEST(testARenamedUserLeavesItsOldNameFree);
  CPPUNIT_TEST(testUidsAreNeverUsedAgain);
  CPPUNIT_TEST(testACertificateUserHasNoVerifier);
  CPPUNIT_TEST(testTheTablesThemselvesRefuseAVerifierBesideACertificate);
  CPPUNIT_TEST(testASubjectIsOnePersons);
  CPPUNIT_TEST(testAnAllZeroSubjectKeyIsNobodys);
  CPPUNIT_TEST(testRolesInUseStay);
  CPPUNIT_TEST(testUnknownAndRepeatedRolesAreRefused);
  CPPUNIT_TEST(testAdministratorsAreUsersWithAnAdminRole);
  CPPUNIT_TEST(testAStatusIsComputedAndNeverKept);
  CPPUNIT_TEST(testPasswordsKnowWhenTheyWereSetAndWhichCameBefore);
  CPPUNIT_TEST(testFailedLoginsAreReadAndGoWithTheirUser);
  CPPUNIT_TEST(testListsComeInPagesWithoutVerifiers);
  CPPUNIT_TEST(testLoginTimesMakeNoRevisionAndNeverFall);
  CPPUNIT_TEST_SUITE_END();

public:
  void testUsersAreFoundByNameEmailSubjectAndUid() {
    OpenStore s;
    const std::int64_t job = s.addUser(passwordUser("Job", "job@example.com"));
    const std::int64_t ada = s.addUser(certificateUser("ada", 7));
    const auto uidOf = [](const Result<FoundUser>& found) {
      CPPUNIT_ASSERT(found.ok() && found.value().record);
      CPPUNIT_ASSERT_EQUAL(model::Revision{3}, found.value().revision);
      return found.value().record->judged.user.uid;
    };
    CPPUNIT_ASSERT_EQUAL(job, uidOf(s.reader->userByLogin("job")));
    CPPUNIT_ASSERT_EQUAL(job, uidOf(s.reader->userByLogin("JOB@Example.COM")));
    CPPUNIT_ASSERT_EQUAL(ada, uidOf(s.reader->userBySubject(digest(7))));
    CPPUNIT_ASSERT_EQUAL(ada, uidOf(s.reader->userByUid(ada)));
    for (const char* nobody : {"", "jo", "job ", "job%", "example.com", "*"})
      CPPUNIT_ASSERT(!must(s.reader->userByLogin(nobody)).record);
    CPPUNIT_ASSERT(!must(s.reader->userByLogin(std::string("job\0x", 5))).record);
    CPPUNIT_ASSERT(!must(s.reader->userBySubject(digest(8))).record);
    CPPUNIT_ASSERT(!must(s.reader->userByUid(99)).record);
    const auto record = must(s.reader->userByLogin("job")).record;
    CPPUNIT_ASSERT_EQUAL(std::string("$scrypt$of$Job"), record->verifier);
    CPPUNIT_ASSERT(record->judged.hasVerifier);
    CPPUNIT_ASSERT_EQUAL(model::Revision{2}, record->judged.revision);
  }

  // R8
  void testNameAndEmailShareOneFoldedNamespace() {
    OpenStore s;
    s.addUser(passwordUser("ada@example.com", "Ada.L@example.com"));
    s.in([](Transaction& t) {
      const Result<std::int64_t> byName = t.insertUser(passwordUser("ADA@EXAMPLE.COM"));
      assertCode(Code::name_already_exists, codeOf(byName));
      assertSays(byName.error().description, "'ADA@EXAMPLE.COM'");
      const Result<std::int64_t> byEmail = t.insertUser(passwordUser("grace", "ada@Example.com"));
      assertCode(Code::email_already_exists, codeOf(byEmail));
      assertSays(byEmail.error().description, "'ada@Example.com'");
      assertCode(Code::name_already_exists, codeOf(t.insertUser(passwordUser("ada.l@example.com"))));
      UserRecord grace = passwordUser("grace");
      grace.judged.user.uid = must(t.insertUser(grace)); // the transaction goes on after a refusal
      grace.judged.user.email = "ADA.L@EXAMPLE.COM";
      assertCode(Code::email_already_exists, codeOf(t.updateUser(grace)));
    });
  }

  void testAUserMayBeCalledAsItsOwnAddress() {
    OpenStore s;
    UserRecord record = passwordUser("ada@example.com", "Ada@example.com");
    record.judged.user.uid = s.addUser(record);
    record.judged.user.email = "";
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    CPPUNIT_ASSERT(must(s.reader->userByLogin("ada@example.com")).record);
    s.in([](Transaction& t) {
      assertCode(Code::email_already_exists, codeOf(t.insertUser(passwordUser("b", "ada@example.com"))));
    });
  }

  void testARenamedUserLeavesItsOldNameFree() {
    OpenStore s;
    UserRecord record = passwordUser("old", "old@example.com");
    record.judged.user.uid = s.addUser(record);
    record.judged.user.name = "new";
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("old")).record);
    CPPUNIT_ASSERT(must(s.reader->userByLogin("new")).record);
    s.addUser(passwordUser("OLD"));
  }

  // R8
  void testUidsAreNeverUsedAgain() {
    OpenStore s;
    const std::int64_t first = s.addUser(passwordUser("first"));
    UserRecord given = passwordUser("given");
    given.judged.user.uid = 10;
    CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, s.addUser(given));
    s.change([&](Transaction& t) {
      must(t.removeUser(10));
      must(t.removeUser(first));
    });
    s.close();
    s.open(); // the memory of it is on disk
    CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, s.addUser(passwordUser("next")));
    s.in([&](Transaction& t) {
      for (const std::int64_t uid : {first, std::int64_t{10}, std::int64_t{11}}) {
        UserRecord again = passwordUser("again");
        again.judged.user.uid = uid;
        assertCode(Code::uid_exists, codeOf(t.insertUser(again)));
      }
      UserRecord skipped = passwordUser("skipped");
      skipped.judged.user.uid = 5; // below the greatest, but never anyone's
      CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, must(t.insertUser(skipped)));
      for (const std::int64_t uid : {std::int64_t{-1}, Transaction::greatestGivenUid + 1,
                                     INT64_MAX}) { // would leave no number for the next
        UserRecord high = passwordUser("high");
        high.judged.user.uid = uid;
        assertCode(Code::invalid_param, codeOf(t.insertUser(high)));
      }
      RoleRow role;
      role.role.name = "r";
      const std::int64_t uid = must(t.insertRole(role));
      must(t.removeRole(uid));
      role.role.uid = uid;
      assertCode(Code::uid_exists, codeOf(t.insertRole(role)));
      role.role.uid = 1;
      assertCode(Code::uid_exists, codeOf(t.insertRole(role)));
    });
  }

  // R4
  void testACertificateUserHasNoVerifier() {
    OpenStore s;
    s.in([](Transaction& t) {
      UserRecord both = certificateUser("ada", 7);
      both.verifier = "$scrypt$";
      assertCode(Code::invalid_param, codeOf(t.insertUser(both)));
      UserRecord regular = passwordUser("job");
      regular.judged.user.uid = must(t.insertUser(regular));
      regular.judged.user.auth_method = model::AuthMethod::certificate;
      regular.judged.subjectKey = digest(8);
      assertCode(Code::invalid_param, codeOf(t.updateUser(regular))); // its verifier has to go
      regular.verifier.clear();
      must(t.updateUser(regular));
      const UserRecord now = *must(t.user(regular.judged.user.uid));
      CPPUNIT_ASSERT(now.verifier.empty() && !now.judged.hasVerifier);
      UserRecord none = certificateUser("none", 0);
      none.judged.subjectKey = {};
      assertCode(Code::invalid_param, codeOf(t.insertUser(none)));
      UserRecord subject = passwordUser("subject");
      subject.judged.subjectKey = digest(9);
      assertCode(Code::invalid_param, codeOf(t.insertUser(subject)));
    });
  }

  // R4: whatever the code above them does
  void testTheTablesThemselvesRefuseAVerifierBesideACertificate() {
    OpenStore s;
    const std::int64_t uid = s.addUser(certificateUser("ada", 7));
    CPPUNIT_ASSERT(s.writer->run([&](WriteConnection& w) {
      const std::string where = " WHERE uid = " + std::to_string(uid);
      for (const char* bad :
           {"verifier = '$scrypt$'", "verifier = ''", "subject_key = NULL", "subject_key = zeroblob(32)",
            "subject_key = x'00'", "auth_method = 'regular'", "auth_method = 'sso'", "subject_key = 'text'"})
        CPPUNIT_ASSERT_MESSAGE(bad,
                               !w.connection().execute(std::string("UPDATE users SET ") + bad + where).ok());
    }));
  }

  // R7
  void testASubjectIsOnePersons() {
    OpenStore s;
    s.addUser(certificateUser("ada", 7));
    s.in([](Transaction& t) {
      const Result<std::int64_t> second = t.insertUser(certificateUser("eve", 7));
      assertCode(Code::subject_already_exists, codeOf(second));
      assertSays(second.error().description, "'ada'");
    });
  }

  void testAnAllZeroSubjectKeyIsNobodys() {
    OpenStore s;
    s.addUser(passwordUser("job"));
    CPPUNIT_ASSERT(!must(s.reader->userBySubject({})).record);
    s.in([](Transaction& t) { CPPUNIT_ASSERT(!must(t.userBySubject({}))); });
  }

  void testRolesInUseStay() {
    OpenStore s;
    UserRecord record = passwordUser("job");
    record.judged.user.role_uids = {3};
    const std::int64_t uid = s.addUser(record);
    s.in([&](Transaction& t) {
      CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, must(t.countUsersWithRole(3)));
      CPPUNIT_ASSERT(must(t.usersWithRole(3)) == std::vector<std::int64_t>{uid});
      assertCode(Code::role_in_use, codeOf(t.removeRole(3)));
      assertCode(Code::role_not_exist, codeOf(t.removeRole(99)));
      must(t.removeUser(uid));
      must(t.removeRole(3));
      assertCode(Code::user_not_exist, codeOf(t.removeUser(uid)));
    });
  }

  void testUnknownAndRepeatedRolesAreRefused() {
    OpenStore s;
    s.in([](Transaction& t) {
      UserRecord record = passwordUser("job");
      record.judged.user.role_uids = {1, 99};
      assertCode(Code::role_not_exist, codeOf(t.insertUser(record)));
      record.judged.user.role_uids = {1, 1};
      assertCode(Code::invalid_param, codeOf(t.insertUser(record)));
      RoleRow role;
      role.role.name = "ADMIN";
      assertCode(Code::name_already_exists, codeOf(t.insertRole(role)));
      CPPUNIT_ASSERT(!t.changed());
    });
  }

  void testAdministratorsAreUsersWithAnAdminRole() {
    OpenStore s;
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, must(s.reader->administrators()));
    s.in([](Transaction& t) {
      RoleRow second;
      second.role.name = "operator";
      second.role.management = model::Management::admin;
      const std::int64_t operatorUid = must(t.insertRole(second));
      UserRecord twice = passwordUser("twice"), viewer = passwordUser("viewer");
      twice.judged.user.role_uids = {1, operatorUid};
      viewer.judged.user.role_uids = {3};
      for (const UserRecord* user : {&twice, &viewer}) must(t.insertUser(*user));
      CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, must(t.administrators()));
    });
  }

  // A lock ends by itself, and a password expires by itself: neither may be written down by whoever changes
  // something else.
  void testAStatusIsComputedAndNeverKept() {
    OpenStore s;
    UserRecord record = passwordUser("ada");
    record.judged.user.status = model::UserStatus::locked;
    record.judged.user.uid = s.addUser(record);
    CPPUNIT_ASSERT(must(s.reader->userByLogin("ada")).record->judged.user.status ==
                   model::UserStatus::active);
    const model::Revision before = must(s.reader->revision());
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
  }

  void testPasswordsKnowWhenTheyWereSetAndWhichCameBefore() {
    OpenStore s;
    UserRecord record = passwordUser("ada");
    record.judged.user.password_issue_date = "2026-11-24T10:00:00Z";
    record.verifier = "$scrypt$new\n$scrypt$beside";
    record.formerVerifiers = "$scrypt$last\n$scrypt$first";
    record.judged.user.uid = s.addUser(record);
    const auto found = must(s.reader->userByLogin("ada")).record;
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1'795'514'400}, found->judged.passwordSetAt);
    CPPUNIT_ASSERT_EQUAL(record.verifier, found->verifier);
    CPPUNIT_ASSERT_EQUAL(record.formerVerifiers, found->formerVerifiers);
    record.formerVerifiers = "$scrypt$last";
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    s.in([&](Transaction& t) {
      CPPUNIT_ASSERT_EQUAL(record.formerVerifiers, must(t.userByLogin("ada"))->formerVerifiers);
    });
    record.judged.user.password_issue_date = "yesterday"; // of unknown age: long ago
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, must(s.reader->userByLogin("ada")).record->judged.passwordSetAt);
  }

  void testFailedLoginsAreReadAndGoWithTheirUser() {
    OpenStore s;
    const std::int64_t uid = s.addUser(passwordUser("ada"));
    CPPUNIT_ASSERT(must(s.reader->loginFailures()).empty());
    CPPUNIT_ASSERT(s.writer->run([&](WriteConnection& connection) {
      (void)connection.connection().execute("INSERT INTO login_failures VALUES (" + std::to_string(uid) +
                                            ", '192.0.2.1', 3, 1000, 0), (" + std::to_string(uid) +
                                            ", '', 5, 1001, 2801)");
    }));
    const std::vector<LoginFailures> found = must(s.reader->loginFailures());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, found.size());
    CPPUNIT_ASSERT(found[0].userUid == uid && found[0].network.empty() && found[0].failures == 5 &&
                   found[0].lastFailure == 1001 && found[0].lockedUntil == 2801);
    CPPUNIT_ASSERT(found[1].network == "192.0.2.1" && found[1].failures == 3 && found[1].lockedUntil == 0);
    s.change([&](Transaction& t) { must(t.removeUser(uid)); });
    CPPUNIT_ASSERT(must(s.reader->loginFailures()).empty());
  }

  void testListsComeInPagesWithoutVerifiers() {
    OpenStore s;
    s.change([](Transaction& t) {
      for (int i = 0; i < 25; ++i) must(t.insertUser(passwordUser("user" + std::to_string(i))));
    });
    std::size_t seen = 0;
    std::int64_t after = 0;
    while (true) {
      const UserPage page = must(s.reader->users(after, 10));
      if (page.users.empty()) break;
      CPPUNIT_ASSERT(page.users.size() <= 10);
      for (const UserRecord& user : page.users) {
        CPPUNIT_ASSERT(user.judged.user.uid > after && user.verifier.empty() && user.judged.hasVerifier);
        after = user.judged.user.uid;
      }
      seen += page.users.size();
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{25}, seen);
  }

  void testLoginTimesMakeNoRevisionAndNeverFall() {
    OpenStore s;
    UserRecord record = passwordUser("job");
    record.judged.user.uid = s.addUser(record);
    const model::Revision before = must(s.reader->revision());
    s.writer->touchLogin(record.judged.user.uid, 500);
    s.writer->touchLogin(record.judged.user.uid, 400);
    s.writer->touchLogin(99, 400); // gone meanwhile
    s.close();                     // stop writes them
    s.open();
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record->judged.user.last_login == 500);
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
    record.judged.user.email = "job@example.com";
    record.judged.user.last_login = 1; // an old GET that is PUT
    s.change([&](Transaction& t) { must(t.updateUser(record)); });
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record->judged.user.last_login == 500);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UsersTest);
