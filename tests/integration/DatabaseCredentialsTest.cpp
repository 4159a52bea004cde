// Protects what a password gives at a database beside a user's own: the default user's, where it has any
// (R3); and that a command over the management API runs with its caller's rights there, and no others.
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace gatehouse::test {
namespace {

const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.";

class DatabaseCredentialsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseCredentialsTest);
  CPPUNIT_TEST(aDefaultUserWithPasswordsIsWhoeverKnowsOne);
  CPPUNIT_TEST(wrongWordsAtADatabaseLockAtRestToo);
  CPPUNIT_TEST(aCommandRunsWithItsCallersRights);
  CPPUNIT_TEST(aCommandLeavesNothingBehind);
  CPPUNIT_TEST(aCommandThatWaitsEndsWithItsCallersRights);
  CPPUNIT_TEST(aCommandNeedsTheCertificateThatTheDatabaseAsksFor);
  CPPUNIT_TEST(aDatabaseShowsItsOwnCertificateWhileItHasOne);
  CPPUNIT_TEST_SUITE_END();

public:
  void aDefaultUserWithPasswordsIsWhoeverKnowsOne() { // R3
    Cache house({}, "\"default_user\":true");
    RespClient open = house.client(house.cache);
    expect("PONG", open.say({"PING"})); // it has none yet
    const std::string path = "/v1/bdbs/" + std::to_string(house.cache.uid) + "/passwords";
    house.must("PUT", path, "{\"password\":\"first\"}");
    expect("(closed)", open.say({"GET", "cache:1"}));

    RespClient peer = house.client(house.cache);
    expect("-NOAUTH...", peer.say({"GET", "cache:1"}));
    expect(wrong, peer.say({"AUTH", "second"}));
    expect("-NOAUTH...", peer.say({"GET", "cache:1"}));
    expect("OK", peer.say({"AUTH", "first"}));
    expect("OK", peer.say({"SET", "cache:1", "one"}));
    RespClient named = house.client(house.cache);
    expect(wrong, named.say({"AUTH", "nobody", "first"}));
    expect("OK", named.say({"AUTH", "default", "first"}));
    house.must("POST", path, "{\"password\":\"second\"}");
    expect("(closed)", peer.say({"GET", "cache:1"})); // proven by what is no longer all of it
    RespClient again = house.client(house.cache);
    expect("OK", again.say({"AUTH", "second"}));
    expect("one", again.say({"GET", "cache:1"}));
    house.must("DELETE", path, "{\"password\":\"first\"}");
    RespClient late = house.client(house.cache);
    expect(wrong, late.say({"AUTH", "first"}));
    expect("OK", late.say({"AUTH", "second"}));
  }

  void wrongWordsAtADatabaseLockAtRestToo() {
    Cache house;
    for (int i = 0; i < 5; ++i) {
      RespClient guess = house.client(house.cache);
      expect(wrong, guess.say({"AUTH", house.job, "guess"}));
    }
    RespClient job = house.client(house.cache);
    expect(wrong, job.say({"AUTH", house.job, house.jobPassword}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {house.job, "locked"}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic(house.job, house.jobPassword)}));
    CPPUNIT_ASSERT_EQUAL(2, static_cast<int>(house.server.lines("access.refused", {"locked"}).size()));
    RespClient ada = house.client(house.cache, house.ada);
    expect("PONG", ada.say({"PING"})); // a certificate is not concerned
  }

  void aCommandRunsWithItsCallersRights() {
    Cache house;
    const std::string path = "/v1/bdbs/" + std::to_string(house.cache.uid) + "/command";
    // Rights in the management API give none in a database.
    const HttpAnswer keeper = house.connect().request("POST", path, "{\"command\":\"PING\"}",
                                                      {basic(house.keeper, house.keeperPassword)});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(keeper.body, 403, keeper.status);
    house.must("PUT", "/v1/users/" + std::to_string(house.readerUid),
               "{\"role_uids\":[" + std::to_string(house.readers) + ',' +
                   std::to_string(house.roleUid("operator")) + "]}");
    HttpsClient reader = house.connect(house.pki.client(house.reader));
    const auto says = [&](int status, const std::string& body, const std::string& wanted) {
      const HttpAnswer answer = reader.request("POST", path, body);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, status, answer.status);
      CPPUNIT_ASSERT_MESSAGE(answer.body, answer.body.find(wanted) != std::string::npos);
    };
    says(200, "{\"command\":\"ACL\",\"args\":[\"WHOAMI\"]}", house.reader);
    says(200, "{\"command\":\"GET\",\"args\":[\"cache:1\"]}", "null");
    says(400, "{\"command\":\"SET\",\"args\":[\"cache:1\",\"x\"]}", "NOPERM");
    says(400, "{\"command\":\"GET\",\"args\":[\"other:1\"]}", "NOPERM");
    says(400, "{\"command\":\"HELLO\",\"args\":[3]}", "invalid_param"); // a reply that is not shown
    says(200, "{\"command\":\"GET\",\"args\":[\"cache:1\"]}", "null");
  }

  void aCommandLeavesNothingBehind() { // R14, R15: whatever state it puts its link into ends with the link
    Cache house;
    const std::string path = "/v1/bdbs/" + std::to_string(house.cache.uid) + "/command";
    house.must("PUT", "/v1/users/" + std::to_string(house.jobUid),
               "{\"role_uids\":[" + std::to_string(house.roleUid("everything")) + ',' +
                   std::to_string(house.roleUid("operator")) + "]}");
    HttpsClient client = house.connect();
    const auto says = [&](const std::string& body) {
      const HttpAnswer answer = client.request("POST", path, body, {basic(house.job, house.jobPassword)});
      return std::to_string(answer.status) + ' ' + answer.body;
    };
    const std::string whoAmIThere = "200 {\"response\":\"" + house.job + "\"}";
    for (const char* command :
         {R"({"command":"AUTH","args":["default",""]})",
          R"({"command":"AUTH","args":["gatehouse:admin","x"]})",
          R"({"command":"HELLO","args":[2,"AUTH","gatehouse:admin","x"]})",
          R"({"command":"HELLO","args":[3]})", R"({"command":"RESET"})", R"({"command":"QUIT"})",
          R"({"command":"MULTI"})", R"({"command":"SUBSCRIBE","args":["a","b"]})", R"({"command":"MONITOR"})",
          R"({"command":"CLIENT","args":["SETNAME","other"]})", R"({"command":"SELECT","args":[1]})",
          R"({"command":"CONFIG","args":["GET","*"]})", R"({"command":"ACL","args":["SETUSER","x","on"]})",
          R"({"command":"DEBUG","args":["SLEEP",0]})", R"({"command":"GET a\r\nCONFIG GET *"})",
          R"({"command":"*1\r\n$7\r\nMONITOR"})", R"({"command":"SET","args":["a","1\r\n$4\r\nEVIL"]})"}) {
      const std::string said = says(command);
      const bool answered = said.starts_with("200 ") || said.starts_with("400 ");
      CPPUNIT_ASSERT_MESSAGE(said, answered && said.find("gatehouse:admin") == std::string::npos);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(command, whoAmIThere, says(R"({"command":"ACL","args":["WHOAMI"]})"));
      CPPUNIT_ASSERT_MESSAGE(command, says(R"({"command":"CLIENT","args":["GETNAME"]})").find("other") ==
                                          std::string::npos);
    }
    const std::string stored = says(R"({"command":"GET","args":["a"]})"); // bytes, not another command
    CPPUNIT_ASSERT_EQUAL(std::string(R"(200 {"response":"1\r\n$4\r\nEVIL"})"), stored);
  }

  void aCommandThatWaitsEndsWithItsCallersRights() { // R15
    Cache house;
    const std::string bdb = "/v1/bdbs/" + std::to_string(house.cache.uid);
    const auto waits = [&](const std::string& name, std::int64_t uid, const std::string& change,
                           const std::string& body) {
      house.must("PUT", "/v1/users/" + std::to_string(uid),
                 "{\"role_uids\":[" + std::to_string(house.roleUid("everything")) + ',' +
                     std::to_string(house.roleUid("operator")) + "]}");
      HttpsClient client = house.connect(house.pki.client(name));
      CPPUNIT_ASSERT(client.send("POST", bdb + "/command", R"({"command":"BLPOP","args":["none",0]})"));
      CPPUNIT_ASSERT(house.server.logs("access.linked", {name, "\"session\":0"}));
      house.must("PUT", change, body);
      const HttpAnswer answer = client.receive();
      CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, 403, answer.status); // not 504, five seconds later
    };
    // Its role goes, then what the database asks of a certificate becomes more than it has.
    waits(house.reader, house.readerUid, "/v1/users/" + std::to_string(house.readerUid),
          "{\"role_uids\":[" + std::to_string(house.roleUid("operator")) + "]}");
    waits(house.ada, house.adaUid, bdb,
          "{\"client_cert_subject_validation_type\":\"san_cn\",\"authorized_subjects\":[{\"CN\":\"x\"}]}");
  }

  void aCommandNeedsTheCertificateThatTheDatabaseAsksFor() { // the management API is no way round it
    Cache house;
    const std::string bdb = "/v1/bdbs/" + std::to_string(house.cache.uid), path = bdb + "/command";
    const auto mayAsk = [&](std::int64_t uid, const char* role) {
      house.must("PUT", "/v1/users/" + std::to_string(uid),
                 "{\"role_uids\":[" + std::to_string(house.roleUid(role)) + ',' +
                     std::to_string(house.roleUid("operator")) + "]}");
    };
    mayAsk(house.jobUid, "everything");
    mayAsk(house.adaUid, "everything");
    const auto status = [&](HttpsClient client, HttpFields fields) {
      const HttpAnswer answer = client.request("POST", path, "{\"command\":\"DBSIZE\"}", fields);
      return std::to_string(answer.status) + (answer.status == 200 ? "" : ' ' + answer.body);
    };
    const auto refuses = [&](const std::string& said, const std::string& why) {
      CPPUNIT_ASSERT_MESSAGE(said, said.starts_with("403 ") && said.find(why) != std::string::npos);
    };
    const auto token = [](HttpsClient client, HttpFields fields) {
      const std::string body = client.request("POST", "/v1/users/authorize", {}, fields).body;
      const std::size_t at = body.find(":\"") + 2;
      return std::pair<std::string, std::string>{"Authorization",
                                                 "JWT " + body.substr(at, body.find('"', at) - at)};
    };
    const auto password = basic(house.job, house.jobPassword);
    const Forged ada = house.pki.client(house.ada);
    const auto jobs = token(house.connect(), {password}), adas = token(house.connect(ada), {});
    CPPUNIT_ASSERT_EQUAL(std::string("200"), status(house.connect(), {password}));
    CPPUNIT_ASSERT_EQUAL(std::string("200"), status(house.connect(), {jobs}));

    house.must("PUT", bdb, "{\"enforce_client_authentication\":\"enabled\"}");
    refuses(status(house.connect(), {password}), "enforce_client_authentication");
    refuses(status(house.connect(), {jobs}), "enforce_client_authentication");
    CPPUNIT_ASSERT_EQUAL(std::string("200"), status(house.connect(ada), {}));
    CPPUNIT_ASSERT_EQUAL(std::string("200"), status(house.connect(ada), {adas}));
    // A certificate that the management API takes is none of the database's.
    house.must("PUT", bdb,
               "{\"client_cert_subject_validation_type\":\"san_cn\",\"authorized_subjects\":[{\"CN\":"
               "\"somebody\"}]}");
    refuses(status(house.connect(ada), {}), "subject_not_authorized");
    refuses(status(house.connect(ada), {adas}), "subject_not_authorized");
  }

  void aDatabaseShowsItsOwnCertificateWhileItHasOne() {
    Cache house;
    const std::string path = "/v1/bdbs/" + std::to_string(house.cache.uid) + "/certificates";
    const Forged own =
        Forge().server("localhost").key("own").valid(TestPki::now() - 3600, TestPki::now() + 86400).make();
    ClientOptions wantsOwn = house.at(house.cache, house.pki.client(house.ada)), wantsProxy = wantsOwn;
    wantsOwn.serverCa = own;
    CPPUNIT_ASSERT_EQUAL(std::string("(closed)"), DatabaseHouse::whoIs(wantsOwn));
    house.must("POST", path,
               "{\"cert\":" + jsonText(own.pem()) + ",\"private_key\":" + jsonText(own.keyPem()) + '}');
    CPPUNIT_ASSERT_EQUAL(house.ada, DatabaseHouse::whoIs(wantsOwn));
    CPPUNIT_ASSERT_EQUAL(std::string("(closed)"), DatabaseHouse::whoIs(wantsProxy));
    house.must("DELETE", path);
    CPPUNIT_ASSERT_EQUAL(house.ada, DatabaseHouse::whoIs(wantsProxy));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseCredentialsTest);

} // namespace
} // namespace gatehouse::test
