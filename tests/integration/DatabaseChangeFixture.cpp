#include "DatabaseChangeFixture.h"

namespace gatehouse::test {

void ChangedDatabases::setUp() {
  house_ = std::make_unique<Cache>();
  bob_ = randomName("bob-");
  kim_ = randomName("kim-");
  staff_ = house_->addRole("staff");
  staffAcl_ = house_->addAcl("staff", "+@all ~* &*");
  house_->addByCertificate(bob_, TestPki::subjectLine(bob_), "staff");
  house_->addByPassword(kim_, "kim's password", "staff");
  permit({{house_->everything, house_->everythingAcl},
          {house_->readers, house_->readersAcl},
          {staff_, staffAcl_}});
  other_ = house_->addDatabase("other", {{house_->everything, house_->everythingAcl}, {staff_, staffAcl_}});
}

void ChangedDatabases::tearDown() {
  others_.clear();
  waiting_.reset();
  listening_.reset();
  house_.reset();
}

std::string ChangedDatabases::clientCerts(const std::vector<Forged>& certificates) {
  std::string out;
  for (const Forged& one : certificates)
    out += (out.empty() ? "" : ",") + std::string("{\"client_cert\":") + jsonText(one.pem()) + '}';
  return "{\"authentication_ssl_client_certs\":[" + out + "]}";
}

std::string ChangedDatabases::uids(std::initializer_list<std::int64_t> all) {
  std::string out;
  for (const std::int64_t uid : all) out += (out.empty() ? "" : ",") + std::to_string(uid);
  return '[' + out + ']';
}

void ChangedDatabases::permit(std::initializer_list<std::pair<std::int64_t, std::int64_t>> rolesAndAcls) {
  std::string out;
  for (const auto& [role, acl] : rolesAndAcls)
    out += (out.empty() ? "" : ",") + std::string("{\"role_uid\":") + std::to_string(role) +
           ",\"redis_acl_uid\":" + std::to_string(acl) + '}';
  house_->must("PUT", bdb(house_->cache), "{\"roles_permissions\":[" + out + "]}");
}

ChangedDatabases::Sessions ChangedDatabases::live(const ClientOptions& options, std::string_view login,
                                                  std::string_view password) {
  Sessions out;
  const auto next = [&]() -> RespClient {
    RespClient client(options);
    if (!login.empty()) expect("OK", client.say({"AUTH", login, password}));
    return client;
  };
  std::string big = "OK";
  for (int i = 0; i < 2; ++i) {
    RespClient idle = next();
    big = idle.say({"SET", "cache:big", std::string(100'000, 'x')});
    CPPUNIT_ASSERT_MESSAGE(big, big == "OK" || big.starts_with("-NOPERM"));
    out.push_back(std::move(idle));
  }
  for (int i = 0; i < 2; ++i) {
    RespClient queued = next();
    expect("OK", queued.say({"MULTI"}));
    expect("QUEUED", queued.say({"GET", "cache:big"}));
    out.push_back(std::move(queued));
    if (big != "OK") continue; // an ACL that only reads has none of what follows
    RespClient blocked = next();
    CPPUNIT_ASSERT(blocked.send({"BLPOP", "never", "0"}));
    out.push_back(std::move(blocked));
    RespClient subscribed = next();
    expect("[subscribe, nothing, 1]", subscribed.say({"SUBSCRIBE", "nothing"}));
    out.push_back(std::move(subscribed));
    RespClient streaming = next(); // in the middle of replies that it does not read
    std::string commands;
    for (int n = 0; n < 60; ++n) resp::appendCommand(commands, {"GET", "cache:big"});
    CPPUNIT_ASSERT(streaming.write(commands));
    out.push_back(std::move(streaming));
    RespClient half = next(); // in the middle of a command
    CPPUNIT_ASSERT(half.write("*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$100\r\nabc"));
    out.push_back(std::move(half));
  }
  return out;
}

ChangedDatabases::Sessions ChangedDatabases::nobodysSessions() const {
  Sessions out;
  for (int i = 0; i < 4; ++i) {
    RespClient client = house_->client(house_->cache, "eve");
    expect("-NOAUTH...", client.say({"GET", "x"}));
    if (i % 2 == 1) expect("OK", client.say({"AUTH", house_->job, house_->jobPassword}));
    out.push_back(std::move(client));
  }
  return out;
}

void ChangedDatabases::closed(Sessions& clients) {
  for (std::size_t i = 0; i < clients.size(); ++i)
    CPPUNIT_ASSERT_MESSAGE("session " + std::to_string(i), clients[i].closedWithin(aSecond));
}

void ChangedDatabases::keepOthers(Others how) {
  const auto open = [&](const DatabaseHouse::Database& database, bool byPassword) {
    RespClient client =
        byPassword ? house_->client(database) : house_->client(database, house_->pki.client(bob_));
    if (byPassword) expect("OK", client.say({"AUTH", kim_, "kim's password"}));
    expect(byPassword ? kim_ : bob_, client.say({"ACL", "WHOAMI"}));
    return client;
  };
  for (std::size_t i = 0; i < certificatesAtCache; ++i) {
    if (how != Others::byPassword) others_.insert(others_.begin(), open(house_->cache, false));
    if (how != Others::byCertificate) others_.push_back(open(house_->cache, true));
  }
  if (how != Others::atCache && how != Others::byPassword) others_.push_back(open(other_, false));
  if (how != Others::atCache) others_.push_back(open(other_, true));
  waiting_ = std::make_unique<RespClient>(open(house_->cache, how == Others::byPassword));
  CPPUNIT_ASSERT(waiting_->send({"BLPOP", "waiting", "0"}));
  listening_ = std::make_unique<RespClient>(open(house_->cache, how == Others::byPassword));
  expect("[subscribe, listening, 1]", listening_->say({"SUBSCRIBE", "listening"}));
  unmoved();
}

void ChangedDatabases::unmoved() {
  CPPUNIT_ASSERT(!others_.empty());
  for (RespClient& client : others_) {
    const std::string said = client.say({"ECHO", "still here"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(client.error() + '\n' + house_->server.log(), std::string("still here"),
                                 said);
  }
  expect("1", others_.front().say({"RPUSH", "waiting", "x"}));
  expect("[waiting, x]", textOf(waiting_->receive()));
  CPPUNIT_ASSERT(waiting_->send({"BLPOP", "waiting", "0"}));
  expect("1", others_.front().say({"PUBLISH", "listening", "x"}));
  expect("[message, listening, x]", textOf(listening_->receive()));
}

} // namespace gatehouse::test
