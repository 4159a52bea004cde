// Protects what belongs to a database beside its object, over real connections: passwords of its default
// user, whose sessions end with them; a certificate of its own, which new connections see; commands over
// REST, which give nobody more than a client's connection would.
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace gatehouse::test {
namespace {

const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.";
constexpr int aSecond = 1000; // milliseconds

class DatabaseAccessTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseAccessTest);
  CPPUNIT_TEST(theDefaultUsersPasswordsDecideWhoIsIt);
  CPPUNIT_TEST(whatAFormerPasswordOpenedEnds);
  CPPUNIT_TEST(aDatabaseShowsItsOwnCertificate);
  CPPUNIT_TEST(aCommandOverRestHasItsCallersRights);
  CPPUNIT_TEST_SUITE_END();

  static std::string bdb(const Cache& house) { return "/v1/bdbs/" + std::to_string(house.cache.uid); }
  static std::string password(const std::string& word) { return R"({"password":")" + word + R"("})"; }
  static std::string command(const std::string& words) { return "{\"command\":" + words + '}'; }

public:
  void theDefaultUsersPasswordsDecideWhoIsIt() {
    Cache house({}, "\"default_user\":true");
    RespClient before = house.client(house.cache);
    expect("OK", before.say({"SET", "k", "v"})); // R3: who says nothing is the default user, as configured
    house.must("PUT", bdb(house) + "/passwords", password("first"));
    CPPUNIT_ASSERT(before.closedWithin(aSecond));

    RespClient client = house.client(house.cache);
    expect("-NOAUTH...", client.say({"GET", "k"}));
    expect(wrong, client.say({"AUTH", "guess"}));
    expect("-NOAUTH...", client.say({"GET", "k"}));
    expect("OK", client.say({"AUTH", "first"}));
    expect("v", client.say({"GET", "k"}));
    house.must("POST", bdb(house) + "/passwords", password("second"));
    for (const char* word : {"first", "second"}) {
      RespClient named = house.client(house.cache);
      expect("OK", named.say({"AUTH", "default", word}));
      expect("v", named.say({"GET", "k"}));
    }
    house.must("DELETE", bdb(house) + "/passwords", password("first"));
    house.must("DELETE", bdb(house) + "/passwords", password("second"));
    RespClient open = house.client(house.cache); // as it was before
    expect("v", open.say({"GET", "k"}));
  }

  void whatAFormerPasswordOpenedEnds() { // R16
    Cache house({}, "\"default_user\":true");
    RespClient ada = house.client(house.cache, house.ada);
    expect("OK", ada.say({"SET", "k", "v"}));
    house.must("PUT", bdb(house) + "/passwords", password("first"));
    RespClient client = house.client(house.cache);
    expect("OK", client.say({"AUTH", "first"}));
    expect("v", client.say({"GET", "k"}));
    house.must("PUT", bdb(house) + "/passwords", password("second"));
    CPPUNIT_ASSERT(client.closedWithin(aSecond));
    RespClient again = house.client(house.cache);
    expect(wrong, again.say({"AUTH", "first"}));
    expect("OK", again.say({"AUTH", "second"}));
    expect("v", ada.say({"GET", "k"})); // the same connection: it is nobody's default
    // They outlive a restart.
    CPPUNIT_ASSERT_EQUAL(0, house.server.stop());
    house.server.start();
    house.waitActive(house.cache.uid);
    RespClient later = house.client(house.cache);
    expect(wrong, later.say({"AUTH", "first"}));
    expect("OK", later.say({"AUTH", "second"}));
  }

  void aDatabaseShowsItsOwnCertificate() {
    Cache house;
    const Forged own = TestPki::otherCa("Database CA", "own");
    const Forged pair = Forge()
                            .server("cache.example.com")
                            .valid(TestPki::now() - 3600, TestPki::now() + 86'400)
                            .signedBy(own)
                            .make();
    ClientOptions options = house.at(house.cache, house.pki.client(house.ada));
    RespClient before(options);
    expect("PONG", before.say({"PING"}));
    options.serverCa = own;
    CPPUNIT_ASSERT(!RespClient(options).connected()); // it is the cluster's that is shown
    house.must("POST", bdb(house) + "/certificates",
               R"({"cert":)" + jsonText(pair.pem()) + R"(,"private_key":)" + jsonText(pair.keyPem()) + '}');
    RespClient after(options);
    expect("PONG", after.say({"PING"}));
    expect("PONG", before.say({"PING"})); // what is open stays
    house.must("DELETE", bdb(house) + "/certificates");
    CPPUNIT_ASSERT(!RespClient(options).connected());
    CPPUNIT_ASSERT_EQUAL(house.ada, DatabaseHouse::whoIs(house.at(house.cache, house.pki.client(house.ada))));
  }

  void aCommandOverRestHasItsCallersRights() {
    Cache house;
    const std::string path = bdb(house) + "/command", viewer = std::to_string(house.roleUid("viewer"));
    const auto roles = [&](std::int64_t user, const std::string& uids) {
      house.must("PUT", "/v1/users/" + std::to_string(user), R"({"role_uids":[)" + uids + "]}");
    };
    roles(house.jobUid, viewer + ',' + std::to_string(house.everything));
    roles(house.readerUid, viewer + ',' + std::to_string(house.readers));
    HttpsClient job = house.connect(), reader = house.connect(house.pki.client(house.reader));
    const auto asJob = [&](const std::string& words) {
      return job.request("POST", path, command(words), {basic(house.job, house.jobPassword)});
    };
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"response":"OK"})"),
                         asJob(R"("SET","args":["cache:1","one"])").body);
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"response":"one"})"), asJob(R"("GET","args":["cache:1"])").body);
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"response":")" + house.job + R"("})"),
                         asJob(R"("ACL","args":["WHOAMI"])").body);
    CPPUNIT_ASSERT_EQUAL(400, asJob(R"("CONFIG","args":["GET","dir"])").status); // R14

    const auto asReader = [&](const std::string& words) {
      return reader.request("POST", path, command(words));
    };
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"response":"one"})"), asReader(R"("GET","args":["cache:1"])").body);
    CPPUNIT_ASSERT_EQUAL(400, asReader(R"("SET","args":["cache:1","two"])").status);
    CPPUNIT_ASSERT_EQUAL(403, house.control("POST", path, command(R"("PING")")).status);
    roles(house.jobUid, viewer);
    job = house.connect(); // the other one has lost rights, and ended
    CPPUNIT_ASSERT_EQUAL(403, asJob(R"("GET","args":["cache:1"])").status);
    CPPUNIT_ASSERT_EQUAL(std::string(R"({"response":"one"})"), asReader(R"("GET","args":["cache:1"])").body);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseAccessTest);

} // namespace
} // namespace gatehouse::test
