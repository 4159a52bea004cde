// Protects: that a session behind the gateway hears what a redis-server says that is reached directly, in
// every state that a connection can be in - MULTI, subscribed, silent, blocked, reset, RESP3 - and however
// its bytes are cut (design §4.4, §6).
#include "DatabaseFaultHouse.h"
#include "support/RedisServer.h"

using namespace gatehouse::test;

namespace {

using Script =
    std::vector<std::vector<std::string>>; // commands; one word that ends in LF is sent as it stands

std::string bytesOf(const Script& script) {
  std::string out;
  for (const auto& words : script) {
    if (words.size() == 1 && words[0].ends_with('\n'))
      out += words[0];
    else
      gatehouse::resp::appendCommand(out, words);
  }
  return out;
}

/// HELLO tells the engine's number of the connection, which no two connections share.
std::string withoutNumbers(std::string text) {
  for (const std::string_view key : {"$2\r\nid\r\n:"})
    for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; at += key.size())
      text.erase(at + key.size(), text.find("\r\n", at + key.size()) - at - key.size());
  return text;
}

std::string transcript(RespPeer& peer, const std::string& bytes, std::size_t chunk) {
  for (std::size_t at = 0; at < bytes.size(); at += chunk)
    if (!peer.write(std::string_view(bytes).substr(at, chunk))) break;
  return withoutNumbers(peer.rest());
}

const std::vector<std::pair<std::string, Script>>& scripts() {
  static const std::vector<std::pair<std::string, Script>> all = {
      {"MULTI and RESET",
       {{"SET", "a", "1"},
        {"MULTI"},
        {"SET", "a", "2"},
        {"RESET"},
        {"GET", "a"},
        {"MULTI"},
        {"GET", "a"},
        {"INCR", "a"},
        {"EXEC"},
        {"MULTI"},
        {"NOSUCH"},
        {"EXEC"},
        {"MULTI"},
        {"DISCARD"},
        {"EXEC"}}},
      {"silence",
       {{"CLIENT", "REPLY", "OFF"},
        {"SET", "b", "1"},
        {"PING"},
        {"CLIENT", "REPLY", "ON"},
        {"GET", "b"},
        {"CLIENT", "REPLY", "SKIP"},
        {"SET", "b", "2"},
        {"GET", "b"},
        {"CLIENT", "REPLY", "OFF"},
        {"RESET"},
        {"GET", "b"},
        {"CLIENT", "REPLY", "SKIP"},
        {"RESET"},
        {"GET", "b"}}},
      {"subscribed",
       {{"SUBSCRIBE", "x", "y", "z"},
        {"PING"},
        {"GET", "a"},
        {"UNSUBSCRIBE", "x", "y"},
        {"PSUBSCRIBE", "p*"},
        {"UNSUBSCRIBE"},
        {"PUNSUBSCRIBE"},
        {"GET", "a"},
        {"SUBSCRIBE", "x"},
        {"RESET"},
        {"PUBLISH", "x", "m"},
        {"SSUBSCRIBE", "s"},
        {"SUNSUBSCRIBE"},
        {"UNSUBSCRIBE"},
        {"reset\r\n"},
        {"PING", "x"}}},
      {"blocked",
       {{"BLPOP", "none", "0.1"},
        {"RPUSH", "l", "1", "2"},
        {"BLPOP", "l", "0"},
        {"BLMOVE", "l", "m", "LEFT", "LEFT", "0"},
        {"BLPOP", "l", "0.1"},
        {"RESET"},
        {"LRANGE", "m", "0", "-1"},
        {"MULTI"},
        {"BLPOP", "none", "0"},
        {"EXEC"},
        {"XREAD", "BLOCK", "50", "STREAMS", "st", "$"},
        {"WAIT", "0", "10"}}},
      {"RESP3",
       {{"HELLO", "3"},
        {"HSET", "h", "f", "v"},
        {"HGETALL", "h"},
        {"SUBSCRIBE", "x"},
        {"PUBLISH", "x", "m"},
        {"MULTI"},
        {"PUBLISH", "x", "n"},
        {"HGETALL", "h"},
        {"EXEC"},
        {"RESET"},
        {"HGETALL", "h"},
        {"HELLO", "2"},
        {"MULTI"},
        {"HELLO", "3"},
        {"HGETALL", "h"},
        {"EXEC"},
        {"HGETALL", "h"},
        {"HELLO", "4"},
        {"HELLO", "x"}}},
      {"logins",
       {{"AUTH", "nobody", "guess"},
        {"PING"},
        {"HELLO", "2", "AUTH", "nobody", "guess"},
        {"MULTI"},
        {"AUTH", "nobody", "guess"},
        {"PING"},
        {"EXEC"},
        {"SUBSCRIBE", "x"},
        {"AUTH", "nobody", "guess"},
        {"UNSUBSCRIBE"},
        {"CLIENT", "REPLY", "SKIP"},
        {"AUTH", "nobody", "guess"},
        {"PING"},
        {"AUTH"},
        {"HELLO", "3", "AUTH", "nobody", "guess"},
        {"HELLO", "2", "SETNAME", "me"},
        {"CLIENT", "GETNAME"},
        {"RESET"},
        {"CLIENT", "GETNAME"}}},
      {"scripts and refusals",
       {{"EVAL", "return redis.call('GET', KEYS[1])", "1", "a"},
        {"EVAL", "return redis.call('CONFIG', 'GET', 'dir')", "0"},
        {"CONFIG", "GET", "dir"},
        {"SHUTDOWN"},
        {"ACL", "SETUSER", "x"},
        {"DEBUG", "SLEEP", "0"},
        {"MIGRATE", "h", "1", "k", "0", "1"},
        {"CLIENT", "KILL", "TYPE", "normal"},
        {"MONITOR"},
        {"FUNCTION", "LOAD", "#!lua name=l"},
        {"SCRIPT", "EXISTS", "x"},
        {"SELECT", "1"},
        {"SET", "one", "1"},
        {"RESET"},
        {"EXISTS", "one"},
        {"WATCH", "a"},
        {"MULTI"},
        {"EXEC"},
        {"GET"},
        {"", "x"}}},
      {"inline",
       {{"PING\r\n"},
        {"\r\n"},
        {"SET c \"a\\x41\\n\"\r\n"},
        {"GET c\n"},
        {"'PING'\r\n"},
        {"  echo  'it\\'s'  \r\n"},
        {"*0\r\n"},
        {"*-1\r\n"},
        {"PI\"NG\"\r\n"},
        {"\vPING\r\n"},
        {"multi\r\n"},
        {"GET", "c"},
        {"exec\r\n"}}},
  };
  return all;
}

} // namespace

class DatabaseFaultMixTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseFaultMixTest);
  CPPUNIT_TEST(testACertificatesSessionHearsWhatRedisSays);
  CPPUNIT_TEST(testAPasswordsSessionHearsWhatRedisSays);
  CPPUNIT_TEST(testResetBehindALargeReplyLosesNothing);
  CPPUNIT_TEST_SUITE_END();

public:
  // Behind RESET Redis counts a connection as a stranger's, and closes it while replies wait to be taken.
  void testResetBehindALargeReplyLosesNothing() {
    FaultHouse house;
    const auto witness = house.byCertificate(), peer = house.byCertificate(4096);
    const std::string big(256 * 1024, 'b');
    CPPUNIT_ASSERT_EQUAL(std::string("OK"), witness->say({"SET", "big", big}));
    Script script(64, {"GET", "big"}); // more than all queues on the way take
    script.push_back({"RESET"});
    script.push_back({"ACL", "WHOAMI"});
    script.push_back({"QUIT"});
    CPPUNIT_ASSERT(peer->write(bytesOf(script)));
    const auto come = [&] { // the engine has seen what ends the link, and nobody has read
      const std::string seen = witness->say({"INFO", "commandstats"});
      return seen.find("cmdstat_quit") != std::string::npos ||
             seen.find("cmdstat_reset") != std::string::npos;
    };
    CPPUNIT_ASSERT(eventually(come));
    std::string wanted;
    for (int i = 0; i < 64; ++i) wanted += '$' + std::to_string(big.size()) + "\r\n" + big + "\r\n";
    wanted += "+RESET\r\n$" + std::to_string(house.ada.size()) + "\r\n" + house.ada + "\r\n+OK\r\n";
    const std::string is = peer->rest();
    CPPUNIT_ASSERT_EQUAL(wanted.size(), is.size());
    CPPUNIT_ASSERT(wanted == is);
  }

  void testACertificatesSessionHearsWhatRedisSays() {
    FaultHouse house;
    // RESET makes nobody of a client of Redis, and ada of ada: hers is compared with a default user who may
    // do the same.
    RedisServer redis({"user default on nopass " + projectedLike("+@all ~* &*")});
    compare(house, redis, {}, [&] { return house.byCertificate(); });
  }

  void testAPasswordsSessionHearsWhatRedisSays() {
    FaultHouse house;
    RedisServer redis({"user default off", "user " + house.job + " on >" + house.jobPassword + ' ' +
                                               projectedLike("+@all ~* &*")});
    const Script login = {{"AUTH", house.job, house.jobPassword}};
    compare(house, redis, login, [&] { return house.stranger(); });
  }

private:
  using Make = std::function<std::unique_ptr<RespPeer>()>;
  static void compare(const FaultHouse& house, RedisServer& redis, const Script& login, const Make& make) {
    const auto witness = house.byCertificate();
    RespPeer straight = redis.peer();
    if (!login.empty())
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), straight.say({"AUTH", house.job, house.jobPassword}));
    for (const auto& [name, script] : scripts()) {
      Script whole = login;
      for (const auto& words : script) {
        whole.push_back(words);
        if (!login.empty() && (words[0] == "RESET" || words[0] == "reset\r\n")) {
          whole.push_back({"GET", "a"}); // nobody's now
          whole.push_back(login[0]);
        }
      }
      whole.push_back({"ECHO", "end"});
      whole.push_back({"RESET"});
      whole.push_back({"QUIT"});
      const std::string bytes = bytesOf(whole);
      straight.say({"FLUSHALL"});
      RespPeer direct = redis.peer();
      const std::string wanted = transcript(direct, bytes, bytes.size());
      CPPUNIT_ASSERT_MESSAGE(name, wanted.ends_with("+OK\r\n"));
      for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
        witness->say({"FLUSHALL"});
        const auto peer = make();
        const std::string is = transcript(*peer, bytes, chunk);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name + " in pieces of " + std::to_string(chunk), wanted, is);
      }
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseFaultMixTest);
