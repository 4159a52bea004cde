// Protects who somebody is at a database: a certificate is a login, a password is one by AUTH and HELLO,
// either has exactly the rights of its roles (R14), and nothing that a peer says makes it anybody else.
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

namespace gatehouse::test {
namespace {

const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.";

class DatabaseLoginTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseLoginTest);
  CPPUNIT_TEST(aCertificateIsALogin);
  CPPUNIT_TEST(whatBreaksOutIsDeniedWhateverTheRolesSay);
  CPPUNIT_TEST(aPasswordIsALoginByAuthAndByHello);
  CPPUNIT_TEST(eachRoleIsASelectorOfItsOwn);
  CPPUNIT_TEST(aUserOfCertificatesHasNoPassword);
  CPPUNIT_TEST(aLoginAfterACertificateIsRefusedAndChangesNobody);
  CPPUNIT_TEST(nothingBehindAFailedLoginRunsAsSomebodyElse);
  CPPUNIT_TEST(anEngineClientIdLeadsToTheSession);
  CPPUNIT_TEST_SUITE_END();

public:
  void aCertificateIsALogin() {
    const Cache house;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      ClientOptions options = house.at(house.cache, house.pki.client(house.ada));
      options.maximum = version;
      RespClient ada(options);
      expect("OK", ada.say({"SET", "cache:1", "one"}));
      expect(house.ada, ada.say({"ACL", "WHOAMI"}));
      expect("PONG", ada.say({"PING"}));

      options.certificate = house.pki.client(house.reader);
      RespClient reader(options);
      expect("one", reader.say({"GET", "cache:1"}));
      expect(house.reader, reader.say({"ACL", "WHOAMI"}));
      expect("-NOPERM...", reader.say({"GET", "other:1"}));
      expect("-NOPERM...", reader.say({"SET", "cache:1", "two"}));
      expect("-NOPERM...", reader.say({"DEL", "cache:1"}));
      expect("-NOPERM...", reader.say({"FLUSHALL"}));
      expect("-NOPERM...", reader.say({"EVAL", "return redis.call('set', 'cache:1', 'x')", "0"}));
      expect("one", reader.say({"GET", "cache:1"}));
    }
    // Who is let in has no default user beside it.
    RespClient ada = house.client(house.cache, house.ada);
    expect(wrong, ada.say({"AUTH", "default", ""}));
  }

  void whatBreaksOutIsDeniedWhateverTheRolesSay() { // R14
    Cache house;
    const std::vector<std::vector<std::string_view>> commands = {
        {"CONFIG", "GET", "dir"},
        {"CONFIG", "SET", "dir", "/tmp"},
        {"CONFIG", "SET", "requirepass", ""},
        {"CONFIG", "REWRITE"},
        {"CONFIG", "RESETSTAT"},
        {"ACL", "SETUSER", "eve", "on", "nopass", "+@all", "~*"},
        {"ACL", "SETUSER", "default", "on", "nopass", "+@all", "~*"},
        {"ACL", "DELUSER", "gatehouse:admin"},
        {"ACL", "LIST"},
        {"ACL", "USERS"},
        {"ACL", "GETUSER", "default"},
        {"ACL", "SAVE"},
        {"ACL", "LOAD"},
        {"ACL", "LOG"},
        {"ACL", "DRYRUN", "default", "GET", "x"},
        {"SHUTDOWN", "NOSAVE"},
        {"DEBUG", "SLEEP", "0"},
        {"DEBUG", "SEGFAULT"},
        {"MIGRATE", "127.0.0.1", "1", "k", "0", "10"},
        {"RESTORE-ASKING", "k", "0", "x"},
        {"MODULE", "LOAD", "/tmp/x.so"},
        {"MODULE", "LIST"},
        {"REPLICAOF", "127.0.0.1", "1"},
        {"SLAVEOF", "127.0.0.1", "1"},
        {"FAILOVER"},
        {"SYNC"},
        {"PSYNC", "?", "-1"},
        {"REPLCONF", "listening-port", "1"},
        {"MONITOR"},
        {"SAVE"},
        {"BGSAVE"},
        {"BGREWRITEAOF"},
        {"CLIENT", "LIST"},
        {"CLIENT", "KILL", "TYPE", "normal"},
        {"CLIENT", "PAUSE", "1000"},
        {"CLIENT", "NO-EVICT", "on"},
        {"SLOWLOG", "GET"},
        {"LATENCY", "LATEST"},
        {"SCRIPT", "DEBUG", "SYNC"},
        {"FUNCTION", "LOAD", "#!lua name=x\nredis.register_function('f', function() return 1 end)"},
        {"FUNCTION", "FLUSH"},
        {"EVAL", "return redis.call('config', 'get', 'dir')", "0"},
        {"EVAL", "return redis.call('acl', 'list')", "0"},
        {"EVAL", "return redis.call('shutdown')", "0"},
    };
    const std::string password = house.jobPassword;
    RespClient ada = house.client(house.cache, house.ada), job = house.client(house.cache);
    expect("OK", job.say({"AUTH", house.job, password}));
    for (RespClient* client : {&ada, &job}) {
      for (const auto& command : commands) {
        std::string out, name;
        resp::appendCount(out, command.size());
        for (const std::string_view word : command) {
          resp::appendBulk(out, word);
          name += std::string(word) + ' ';
        }
        CPPUNIT_ASSERT(client->write(out));
        const std::string answer = textOf(client->receive());
        CPPUNIT_ASSERT_MESSAGE(name + ": " + answer, answer.starts_with('-'));
        CPPUNIT_ASSERT_MESSAGE(name + ": " + answer,
                               answer.starts_with("-NOPERM") || name.starts_with("DEBUG") ||
                                   name.starts_with("EVAL") || name.starts_with("MODULE"));
      }
      // Not inside a transaction either, nor once a script stands there.
      expect("OK", client->say({"MULTI"}));
      expect("-NOPERM...", client->say({"CONFIG", "GET", "dir"}));
      expect("-EXECABORT...", client->say({"EXEC"}));
    }
    expect(house.ada, ada.say({"ACL", "WHOAMI"}));
    expect(house.job, job.say({"ACL", "WHOAMI"}));
    expect("active", fieldIn(house.describe(house.cache.uid), "status"));
  }

  void aPasswordIsALoginByAuthAndByHello() {
    const Cache house;
    RespClient byAuth = house.client(house.cache);
    expect("-NOAUTH...", byAuth.say({"GET", "x"}));
    expect(wrong, byAuth.say({"AUTH", house.job, "not it"}));
    expect(wrong, byAuth.say({"AUTH", house.job, ""}));
    expect(wrong, byAuth.say({"AUTH", house.jobPassword})); // of the default user, who is not here
    expect(wrong, byAuth.say({"AUTH", "default", house.jobPassword}));
    expect(wrong, byAuth.say({"AUTH", "gatehouse:admin", house.jobPassword}));
    expect(wrong, byAuth.say({"AUTH", "-", "!"}));
    expect("-NOAUTH...", byAuth.say({"ACL", "WHOAMI"}));
    expect("OK", byAuth.say({"AUTH", house.job, house.jobPassword}));
    expect(house.job, byAuth.say({"ACL", "WHOAMI"}));
    expect("OK", byAuth.say({"SET", "x", "1"}));
    // A login that fails leaves who was there; RESET leaves nobody.
    expect(wrong, byAuth.say({"AUTH", house.job, "not it"}));
    expect(house.job, byAuth.say({"ACL", "WHOAMI"}));
    expect("RESET", byAuth.say({"RESET"}));
    expect("-NOAUTH...", byAuth.say({"GET", "x"}));
    expect("OK", byAuth.say({"AUTH", house.job, house.jobPassword}));
    expect("1", byAuth.say({"GET", "x"}));

    RespClient hello2 = house.client(house.cache);
    expect("-NOAUTH...", hello2.say({"HELLO", "2"}));
    expect(wrong, hello2.say({"HELLO", "2", "AUTH", house.job, "not it"}));
    expect("-NOAUTH...", hello2.say({"ACL", "WHOAMI"}));
    expect("[server, redis, version...", hello2.say({"HELLO", "2", "AUTH", house.job, house.jobPassword}));
    expect(house.job, hello2.say({"ACL", "WHOAMI"}));

    RespClient hello3 = house.client(house.cache);
    expect(wrong, hello3.say({"HELLO", "3", "AUTH", house.job, "not it", "SETNAME", "me"}));
    CPPUNIT_ASSERT(hello3.send({"HELLO", "3", "AUTH", house.job, house.jobPassword, "SETNAME", "me"}));
    std::string map; // RESP3, which RespClient does not read
    while (!map.ends_with("modules\r\n*0\r\n") && !map.starts_with('-')) {
      const std::string more = hello3.connection().read();
      CPPUNIT_ASSERT_MESSAGE(map, !more.empty());
      map += more;
    }
    expect("%7\r\n...", map);
    expect(house.job, hello3.say({"ACL", "WHOAMI"}));
    expect("me", hello3.say({"CLIENT", "GETNAME"}));
    CPPUNIT_ASSERT_MESSAGE("no password is ever logged",
                           house.server.log().find(house.jobPassword) == std::string::npos &&
                               house.server.log().find("not it") == std::string::npos);
  }

  void eachRoleIsASelectorOfItsOwn() { // R14
    DatabaseHouse house;
    const std::int64_t reads = house.addRole("reads"), writes = house.addRole("writes");
    const std::int64_t readsAcl = house.addAcl("reads", "+get +ping +acl|whoami ~a:*"),
                       writesAcl = house.addAcl("writes", "+set ~b:*");
    const std::string ada = randomName("ada-"), job = randomName("job-");
    const std::int64_t adaUid = house.addByCertificate(ada, TestPki::subjectLine(ada), "reads"),
                       jobUid = house.addByPassword(job, "a password", "reads");
    const std::string both = "{\"role_uids\":[" + std::to_string(reads) + ',' + std::to_string(writes) + "]}";
    for (const std::int64_t uid : {adaUid, jobUid})
      house.must("PUT", "/v1/users/" + std::to_string(uid), both);
    const auto cache = house.addDatabase("cache", {{reads, readsAcl}, {writes, writesAcl}});

    RespClient byCertificate = house.client(cache, ada), byPassword = house.client(cache);
    expect("OK", byPassword.say({"AUTH", job, "a password"}));
    for (RespClient* client : {&byCertificate, &byPassword}) {
      expect("(nil)", client->say({"GET", "a:1"}));
      expect("OK", client->say({"SET", "b:1", "x"}));
      // What one grants for its keys is not joined with the other's.
      expect("-NOPERM...", client->say({"SET", "a:1", "x"}));
      expect("-NOPERM...", client->say({"GET", "b:1"}));
      expect("-NOPERM...", client->say({"CONFIG", "GET", "dir"}));
    }
    expect(ada, byCertificate.say({"ACL", "WHOAMI"}));
    expect(job, byPassword.say({"ACL", "WHOAMI"}));
  }

  void aUserOfCertificatesHasNoPassword() { // R4, lessons 42, 43
    const Cache house;
    RespClient stranger = house.client(house.cache), nobodys = house.client(house.cache, randomName("eve-"));
    for (RespClient* client : {&stranger, &nobodys}) {
      for (const std::string& password : {std::string(), house.ada, TestPki::subjectLine(house.ada),
                                          std::string("\0", 1), std::string("null"), std::string("*")}) {
        expect(wrong, client->say({"AUTH", house.ada, password}));
        expect(wrong, client->say({"HELLO", "2", "AUTH", house.ada, password}));
        expect(wrong, client->say({"HELLO", "3", "AUTH", house.ada, password}));
        expect("-NOAUTH...", client->say({"ACL", "WHOAMI"}));
      }
      CPPUNIT_ASSERT(client->write("AUTH " + house.ada + " \"\"\r\n")); // inline
      expect(wrong, textOf(client->receive()));
      CPPUNIT_ASSERT(client->write("AUTH " + house.ada + "\r\n"));
      expect(wrong, textOf(client->receive()));
      expect("-NOAUTH...", client->say({"GET", "x"}));
    }
    CPPUNIT_ASSERT(house.server.lines("access.linked").empty());
    expect(house.ada, house.client(house.cache, house.ada).say({"ACL", "WHOAMI"}));
  }

  void aLoginAfterACertificateIsRefusedAndChangesNobody() { // lesson 44
    const Cache house;
    RespClient reader = house.client(house.cache, house.reader);
    const auto tries = [&] {
      expect(wrong, reader.say({"AUTH", house.job, house.jobPassword}));
      expect(wrong, reader.say({"AUTH", house.reader, "x"}));
      expect(wrong, reader.say({"AUTH", house.jobPassword}));
      expect(wrong, reader.say({"HELLO", "2", "AUTH", house.job, house.jobPassword}));
      expect(house.reader, reader.say({"ACL", "WHOAMI"}));
      expect("-NOPERM...", reader.say({"SET", "cache:1", "x"}));
    };
    expect(wrong, reader.say({"AUTH", house.job, house.jobPassword})); // as its very first word
    tries();
    expect("RESET", reader.say({"RESET"})); // it is the certificate's again, on another link
    expect(house.reader, reader.say({"ACL", "WHOAMI"}));
    tries();
    RespClient ada = house.client(house.cache, house.ada);
    expect("OK", ada.say({"MULTI"}));
    expect("QUEUED", ada.say({"AUTH", house.job, house.jobPassword}));
    expect("QUEUED", ada.say({"ACL", "WHOAMI"}));
    expect('[' + wrong + ", " + house.ada + ']', ada.say({"EXEC"}));
    // After RESET nothing is left of the session but whose it is.
    expect("OK", ada.say({"SELECT", "1"}));
    expect("OK", ada.say({"SET", "only-in-1", "x"}));
    expect("OK", ada.say({"CLIENT", "SETNAME", "me"}));
    expect("OK", ada.say({"MULTI"}));
    expect("QUEUED", ada.say({"SET", "never", "x"}));
    expect("RESET", ada.say({"RESET"}));
    expect(house.ada, ada.say({"ACL", "WHOAMI"}));
    expect("(nil)", ada.say({"GET", "only-in-1"}));
    expect("(nil)", ada.say({"GET", "never"}));
    expect("(nil)", ada.say({"CLIENT", "GETNAME"}));
  }

  void nothingBehindAFailedLoginRunsAsSomebodyElse() { // lesson 48
    Cache house;
    const std::string low = randomName("low-");
    house.addByPassword(low, "a password", "readers");
    RespClient ada = house.client(house.cache, house.ada);
    RespClient client = house.client(house.cache);
    const auto pipeline = [&](std::initializer_list<std::initializer_list<std::string_view>> commands) {
      std::string out, answers;
      for (const auto& command : commands) resp::appendCommand(out, command);
      CPPUNIT_ASSERT(client.write(out));
      for (std::size_t i = 0; i < commands.size(); ++i)
        answers += textOf(client.receive()).substr(0, 8) + '|';
      return answers;
    };
    expect("-WRONGPA|-NOAUTH |-NOAUTH |",
           pipeline({{"AUTH", house.job, "not it"}, {"SET", "one", "x"}, {"SET", "two", "x"}}));
    expect("OK|-NOPERM |-WRONGPA|-NOPERM |" + low.substr(0, 8) + '|', pipeline({{"AUTH", low, "a password"},
                                                                                {"SET", "cache:3", "x"},
                                                                                {"AUTH", house.job, "not it"},
                                                                                {"SET", "cache:4", "x"},
                                                                                {"ACL", "WHOAMI"}}));
    expect("RESET|-NOAUTH |-WRONGPA|-NOAUTH |",
           pipeline({{"RESET"}, {"SET", "five", "x"}, {"AUTH", house.ada, ""}, {"SET", "six", "x"}}));
    expect("OK|OK|RESET|-NOAUTH |", pipeline({{"AUTH", house.job, house.jobPassword},
                                              {"SET", "seven", "x"},
                                              {"RESET"},
                                              {"SET", "eight", "x"}}));
    for (const char* key : {"one", "two", "cache:3", "cache:4", "five", "six", "eight"})
      expect("(nil)", ada.say({"GET", key}));
    expect("x", ada.say({"GET", "seven"}));
  }

  void anEngineClientIdLeadsToTheSession() {
    const Cache house;
    RespClient stranger = house.client(house.cache), eve = house.client(house.cache, randomName("eve-"));
    for (RespClient* client : {&stranger, &eve}) {
      expect("-NOAUTH...", client->say({"GET", "x"}));
      expect(wrong, client->say({"AUTH", house.job, "not it"}));
      expect("RESET", client->say({"RESET"}));
    }
    CPPUNIT_ASSERT(house.server.lines("access.linked").empty()); // R13: a stranger reaches no engine

    RespClient ada = house.client(house.cache, house.ada), job = house.client(house.cache);
    expect("OK", job.say({"AUTH", house.job, house.jobPassword}));
    const std::string adaId = ada.say({"CLIENT", "ID"}), jobId = job.say({"CLIENT", "ID"});
    CPPUNIT_ASSERT(adaId != jobId);
    const auto linked = [&](const std::string& id, const std::string& user) {
      const bool there =
          house.server.logs("access.linked", {"\"engine_client_id\":" + id + '}', "\"user\":\"" + user + '"',
                                              "\"database\":" + std::to_string(house.cache.uid)});
      CPPUNIT_ASSERT_MESSAGE(id + ' ' + user + '\n' + house.server.log(), there);
    };
    linked(adaId, house.ada);
    linked(jobId, house.job);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.server.lines("access.linked").size());
    expect("RESET", ada.say({"RESET"})); // another link, and another record
    linked(ada.say({"CLIENT", "ID"}), house.ada);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, house.server.lines("access.linked").size());
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseLoginTest);

} // namespace
} // namespace gatehouse::test
