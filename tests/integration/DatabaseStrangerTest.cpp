// Protects a database from those who are nobody there: no match is never a default user (R3), a known user
// without a role is told so once, and a name that an engine cannot have reaches none (R17).
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

namespace gatehouse::test {
namespace {

const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.";
const std::string noUser = "-NOPERM this user may not use this database";
const std::string noCertificate = "-NOPERM the certificate that was shown gives no access to this database";

class DatabaseStrangerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseStrangerTest);
  CPPUNIT_TEST(aCertificateThatIsNobodysIsUnauthenticated);
  CPPUNIT_TEST(theDefaultUserServesWhoShowsNothing);
  CPPUNIT_TEST(theDefaultUserIsNobodysSecondChance);
  CPPUNIT_TEST(whoHasNoRoleHereIsToldOnce);
  CPPUNIT_TEST(aNameThatNoEngineCanHaveIsRefusedThereAlone);
  CPPUNIT_TEST(everyRefusalHasOneRecord);
  CPPUNIT_TEST_SUITE_END();

public:
  void aCertificateThatIsNobodysIsUnauthenticated() { // R3, lesson 44
    const Cache house;
    RespClient eve = house.client(house.cache, randomName("eve-"));
    const auto nobody = [&] {
      expect("-NOAUTH...", eve.say({"PING"}));
      expect("-NOAUTH...", eve.say({"GET", "x"}));
      expect("-NOAUTH...", eve.say({"ACL", "WHOAMI"}));
      expect("-NOAUTH...", eve.say({"MULTI"}));
      expect("-NOAUTH...", eve.say({"HELLO", "3"}));
    };
    nobody();
    expect("RESET", eve.say({"RESET"}));
    nobody();
    expect(wrong, eve.say({"AUTH", "default", ""}));
    expect(wrong, eve.say({"AUTH", house.ada, ""}));
    nobody();
    CPPUNIT_ASSERT(house.server.lines("access.linked").empty());
    // Whoever knows a password may log in beside it, and is nobody again after RESET.
    expect("OK", eve.say({"AUTH", house.job, house.jobPassword}));
    expect(house.job, eve.say({"ACL", "WHOAMI"}));
    expect("RESET", eve.say({"RESET"}));
    nobody();
    expect("OK", eve.say({"QUIT"}));
    CPPUNIT_ASSERT(eve.closedWithin(1000));
  }

  void theDefaultUserServesWhoShowsNothing() { // R3
    const Cache house({}, "\"default_user\":true");
    const ClientOptions nothing = house.at(house.cache);
    RespClient client(nothing);
    expect("gatehouse:default", client.say({"ACL", "WHOAMI"}));
    expect("OK", client.say({"SET", "x", "1"}));
    expect("-NOPERM...", client.say({"CONFIG", "GET", "dir"}));
    expect("-NOPERM...", client.say({"ACL", "SETUSER", "default", "nopass"}));
    // RESET never makes it default again, nor does a login that fails.
    expect("RESET", client.say({"RESET"}));
    expect("-NOAUTH...", client.say({"GET", "x"}));
    expect("OK", client.say({"AUTH", house.job, house.jobPassword}));
    expect(house.job, client.say({"ACL", "WHOAMI"}));
    expect("RESET", client.say({"RESET"}));
    expect("-NOAUTH...", client.say({"GET", "x"}));

    for (const bool used : {false, true}) {
      RespClient tries(nothing);
      if (used) expect("gatehouse:default", tries.say({"ACL", "WHOAMI"}));
      expect(wrong, tries.say({"AUTH", house.job, "not it"}));
      expect("-NOAUTH...", tries.say({"GET", "x"}));
      expect("RESET", tries.say({"RESET"}));
      expect("-NOAUTH...", tries.say({"GET", "x"}));
      RespClient hello(nothing);
      if (used) expect("1", hello.say({"GET", "x"}));
      expect(wrong, hello.say({"HELLO", "2", "AUTH", "default", ""}));
      expect("-NOAUTH...", hello.say({"GET", "x"}));
      RespClient reset(nothing);
      expect("RESET", reset.say({"RESET"}));
      expect("-NOAUTH...", reset.say({"GET", "x"}));
      RespClient login(nothing);
      if (used) expect("1", login.say({"GET", "x"}));
      expect("OK", login.say({"AUTH", house.job, house.jobPassword}));
      expect(house.job, login.say({"ACL", "WHOAMI"}));
    }
    // In one write: what stands behind the failed login was never the default user's to do.
    RespClient pipeline(nothing);
    std::string out;
    resp::appendCommand(out, {"SET", "y", "1"});
    resp::appendCommand(out, {"AUTH", house.job, "not it"});
    resp::appendCommand(out, {"SET", "z", "1"});
    CPPUNIT_ASSERT(pipeline.write(out));
    expect("OK", textOf(pipeline.receive()));
    expect(wrong, textOf(pipeline.receive()));
    expect("-NOAUTH...", textOf(pipeline.receive()));
    expect("[1, (nil)]", RespClient(nothing).say({"MGET", "y", "z"}));
  }

  void theDefaultUserIsNobodysSecondChance() { // R3
    Cache house({}, "\"default_user\":true");
    RespClient eve = house.client(house.cache, randomName("eve-")); // a certificate that is nobody's
    expect("-NOAUTH...", eve.say({"ACL", "WHOAMI"}));
    expect(wrong, eve.say({"AUTH", "default", ""}));
    expect("-NOAUTH...", eve.say({"GET", "x"}));
    expect(house.ada, house.client(house.cache, house.ada).say({"ACL", "WHOAMI"}));
    // A user who is deleted is not promoted to the default user.
    house.must("DELETE", "/v1/users/" + std::to_string(house.adaUid));
    expect("-NOAUTH...", house.client(house.cache, house.ada).say({"ACL", "WHOAMI"}));
    // Nor is one who has no role here.
    house.must("PUT", "/v1/users/" + std::to_string(house.readerUid), "{\"role_uids\":[]}");
    expect(noCertificate, house.client(house.cache, house.reader).say({"ACL", "WHOAMI"}));
    // A certificate that does not verify ends the handshake.
    const Forged other = TestPki::otherCa(randomName("Other CA "), randomName("key-"));
    expect("(closed)", DatabaseHouse::whoIs(house.at(house.cache, house.pki.client("eve", other))));
  }

  void whoHasNoRoleHereIsToldOnce() { // R3: the refusal of a known user is final
    Cache house;
    house.addRole("guest");
    const std::string ada = randomName("ada-"), job = randomName("job-");
    house.addByCertificate(ada, TestPki::subjectLine(ada), "guest");
    house.addByPassword(job, "a password", "guest");
    RespClient byCertificate = house.client(house.cache, ada);
    expect(noCertificate, byCertificate.say({"GET", "x"}));
    CPPUNIT_ASSERT(byCertificate.closedWithin(1000));
    RespClient beside = house.client(house.cache, ada); // the password of somebody who may does not help
    expect(noCertificate, beside.say({"AUTH", house.job, house.jobPassword}));
    CPPUNIT_ASSERT(beside.closedWithin(1000));

    for (const bool hello : {false, true}) {
      RespClient byPassword = house.client(house.cache);
      expect(wrong, byPassword.say({"AUTH", job, "not it"})); // told nothing to who is nobody
      expect(noUser, hello ? byPassword.say({"HELLO", "3", "AUTH", job, "a password"})
                           : byPassword.say({"AUTH", job, "a password"}));
      CPPUNIT_ASSERT(byPassword.closedWithin(1000));
    }
    // On a link of somebody else's the answer is the engine's, and the session ends all the same.
    RespClient after = house.client(house.cache);
    expect("OK", after.say({"AUTH", house.job, house.jobPassword}));
    expect("-WRONGPASS...", after.say({"AUTH", job, "a password"}));
    CPPUNIT_ASSERT(after.closedWithin(1000));

    CPPUNIT_ASSERT(house.server.logs("access.refused", {ada, "no_role"}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {job, "no_role"}));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(job, "a password")})); // REST asks for no such role
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(ada)));
    // A role elsewhere is none here.
    const auto other = house.addDatabase("other", {{house.roleUid("guest"), house.everythingAcl}});
    expect(ada, house.client(other, ada).say({"ACL", "WHOAMI"}));
    expect(noCertificate, house.client(other, house.ada).say({"ACL", "WHOAMI"}));
    expect(noCertificate, house.client(house.cache, ada).say({"ACL", "WHOAMI"}));
  }

  void aNameThatNoEngineCanHaveIsRefusedThereAlone() { // R17, lesson 12
    Cache house;
    const std::vector<std::string> names = {"ada lovelace",
                                            "*",
                                            "~*",
                                            "a%b",
                                            "ada?",
                                            "+@all",
                                            "(x)",
                                            "a,b",
                                            "-",
                                            "default",
                                            "on",
                                            "nopass",
                                            "x nopass",
                                            "ada\nb",
                                            "r\xc3\xa9",
                                            "gatehouse:admin"};
    std::size_t made = 0;
    for (const std::string& name : names) {
      const std::string cn = randomName("cn-");
      const std::string role = ",\"role_uids\":[" + std::to_string(house.readers) + "]}";
      const std::string byPassword = "{\"password\":\"a password\",\"name\":" + jsonText(name) + role;
      const std::string byCertificate = "{\"auth_method\":\"certificate\",\"certificate_subject_line\":" +
                                        jsonText(TestPki::subjectLine(cn)) + ",\"name\":" + jsonText(name) +
                                        role;
      const bool fits = name == "on" || name == "nopass"; // words of an ACL, but names all the same
      if (house.control("POST", "/v1/users", byPassword).status == 200) {
        ++made;
        RespClient client = house.client(house.cache);
        expect(fits ? "OK" : noUser, client.say({"AUTH", name, "a password"}));
        if (fits) {
          expect(name, client.say({"ACL", "WHOAMI"}));
          expect("-NOPERM...", client.say({"SET", "cache:1", "x"}));
        } else {
          CPPUNIT_ASSERT_MESSAGE(name, client.closedWithin(1000));
          expect("-WRONGPASS...", house.client(house.cache).say({"AUTH", name, "another"}));
        }
        if (name.find(':') == std::string::npos) // which Basic cannot say
          CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 200, house.status({basic(name, "a password")}));
        const std::string users = house.must("GET", "/v1/users");
        const std::size_t at = users.find("\"name\":" + jsonText(name));
        CPPUNIT_ASSERT_MESSAGE(users, at != std::string::npos);
        const std::size_t begin = users.rfind("\"uid\":", at);
        house.must("DELETE", "/v1/users/" + std::to_string(uidIn(std::string_view(users).substr(begin))));
      }
      if (house.control("POST", "/v1/users", byCertificate).status == 200) {
        ++made;
        expect(fits ? name : noCertificate,
               DatabaseHouse::whoIs(house.at(house.cache, house.pki.client(cn))));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 200, house.status(house.pki.client(cn)));
      }
    }
    CPPUNIT_ASSERT(made >= 20); // most of them are names that REST knows no reason to refuse
    // Nobody became more by it.
    expect(house.reader, house.client(house.cache, house.reader).say({"ACL", "WHOAMI"}));
    expect("-NOPERM...", house.client(house.cache, house.reader).say({"SET", "cache:1", "x"}));
    expect(wrong, house.client(house.cache).say({"AUTH", "default", ""}));
  }

  void everyRefusalHasOneRecord() { // lesson 2
    const Cache house;
    std::size_t expected = 0;
    const auto one = [&](const std::vector<std::string>& texts) {
      CPPUNIT_ASSERT_MESSAGE(house.server.log(), house.server.logs("access.refused", texts));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(house.server.log(), ++expected,
                                   house.server.lines("access.refused").size());
    };
    const std::string listener = "\"listener\":\"bdb:" + std::to_string(house.cache.uid) + '"';
    expect(wrong, house.client(house.cache).say({"AUTH", house.job, "not it"}));
    one({house.job, "\"reason\":\"mismatch\"", listener});
    expect(wrong, house.client(house.cache).say({"HELLO", "2", "AUTH", "nobody-at-all", "x"}));
    one({"nobody-at-all", listener});
    expect(wrong, house.client(house.cache).say({"AUTH", house.ada, ""}));
    one({house.ada, listener});
    expect("(closed)", DatabaseHouse::whoIs(house.at(house.cache, TestPki::leaf("eve").make())));
    one({"\"reason\":\"handshake\"", listener});
    RespClient job = house.client(house.cache);
    expect("OK", job.say({"AUTH", house.job, house.jobPassword}));
    expect(wrong, job.say({"AUTH", house.reader, "x"}));
    one({house.reader, listener});
    CPPUNIT_ASSERT(house.server.logs("access.granted", {house.job, "\"evidence\":\"password\"", listener}));
    expect(house.ada, house.client(house.cache, house.ada).say({"ACL", "WHOAMI"}));
    CPPUNIT_ASSERT(
        house.server.logs("access.granted", {house.ada, "\"evidence\":\"certificate\"", listener}));
    CPPUNIT_ASSERT(house.server.logs("access.ended", {house.ada, listener}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseStrangerTest);

} // namespace
} // namespace gatehouse::test
