#include "Sides.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace gatehouse::differential {
namespace {

using test::RespPeer;

constexpr std::string_view everything = "+@all ~* &*", little = "+@read +@connection +ping ~a* &x";
constexpr std::string_view witnessName = "witness", witnessPassword = "watches";

test::ServerOptions options() {
  test::ServerOptions out;
  out.extra = "limits: {connections_per_address: 4000}\n";
  return out;
}

std::string user(std::string_view name, std::string_view password, std::string_view rules) {
  return "user " + std::string(name) + " on >" + std::string(password) + ' ' + test::projectedLike(rules);
}

} // namespace

Sides::Sides()
    : house_(options()) {
  using test::TestPki;
  // Redis locks nobody out, and the transcripts are full of wrong passwords.
  house_.must("PUT", "/v1/cluster/policy", R"({"login_lockout_threshold":0})");
  const auto all = house_.addRole("all"), some = house_.addRole("some");
  const auto allAcl = house_.addAcl("all", everything), someAcl = house_.addAcl("some", little);
  house_.addByPassword("ada", adaPassword, "all");
  house_.addByPassword("bob", bobPassword, "some");
  house_.addByPassword(witnessName, witnessPassword, "all");
  house_.addByCertificate(certificateUser, TestPki::subjectLine(certificateUser), "all");
  const std::string unkept = "\"data_persistence\":\"disabled\"";
  password_.database = house_.addDatabase("passwords", {{all, allAcl}, {some, someAcl}},
                                          "\"tls_mode\":\"disabled\"," + unkept);
  certificate_.database = house_.addDatabase("certificates", {{all, allAcl}}, unkept);

  password_.redis = std::make_unique<test::RedisServer>(std::vector<std::string>{
      "user default off", user("ada", adaPassword, everything), user("bob", bobPassword, little),
      user(witnessName, witnessPassword, everything)});
  // RESET makes nobody of a client of Redis; a certificate's session is its user's again: hence the default
  // user.
  certificate_.redis = std::make_unique<test::RedisServer>(
      std::vector<std::string>{"user default on nopass " + test::projectedLike(everything)});

  for (const Mode mode : {Mode::password, Mode::certificate}) {
    Side& side = mode == Mode::password ? password_ : certificate_;
    side.witness = std::make_unique<RespPeer>(clientOf(mode));
    side.redisWitness = std::make_unique<RespPeer>(side.redis->at());
    side.engine = house_.engineOf(side.database.uid);
    if (mode == Mode::certificate) continue;
    for (RespPeer* peer : {side.witness.get(), side.redisWitness.get()})
      if (const std::string said = peer->say({"AUTH", witnessName, witnessPassword}); said != "OK")
        throw std::runtime_error("the witness is refused: " + said + '\n' + house_.server.log());
  }
  gateway_ = house_.server.pid();
}

test::ClientOptions Sides::clientOf(Mode mode) const {
  if (mode == Mode::certificate) return house_.at(certificate_.database, house_.pki.client(certificateUser));
  test::ClientOptions out = house_.at(password_.database);
  out.plain = true;
  return out;
}

std::string Sides::talk(RespPeer& peer, const std::string& transcript, std::size_t chunk) {
  for (std::size_t at = 0; at < transcript.size(); at += chunk)
    if (!peer.write(std::string_view(transcript).substr(at, chunk))) break; // closed in the middle
  peer.endWriting();
  std::string said = peer.rest(20'000);
  if (!peer.ended()) throw std::runtime_error("a session that does not end after: " + written(transcript));
  return said;
}

void Sides::clear(RespPeer& witness) {
  // A connection that is closed is gone at the engine a moment later; until then it may hear messages.
  std::string channels;
  if (!test::eventually([&] { return (channels = witness.say({"PUBSUB", "CHANNELS"})) == "[]"; }))
    throw std::runtime_error("somebody stays subscribed: " + channels);
  for (const char* number : {"1", "0"}) {
    const std::string chosen = witness.say({"SELECT", number}), emptied = witness.say({"FLUSHDB"});
    if (chosen != "OK" || emptied != "OK")
      throw std::runtime_error("a database that cannot be emptied: " + chosen + ", " + emptied);
  }
}

std::string Sides::dataOf(RespPeer& witness) {
  std::string out;
  for (const char* number : {"1", "0"}) {
    witness.say({"SELECT", number});
    const auto keys = witness.ask({"KEYS", "*"});
    if (!keys || keys->kind != resp::Kind::array) throw std::runtime_error("the keys cannot be read");
    std::vector<std::string> names;
    for (const resp::Reply& key : keys->items) names.push_back(key.text);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
      out += std::string(number) + ' ' + name + '=' + witness.say({"GET", name}) +
             witness.say({"TYPE", name}) + '\n';
  }
  return out;
}

Outcome Sides::run(Mode mode, const std::string& transcript) {
  Side& side = mode == Mode::password ? password_ : certificate_;
  Outcome out;
  clear(*side.redisWitness);
  RespPeer direct = side.redis->peer();
  out.direct = talk(direct, transcript, std::max<std::size_t>(transcript.size(), 1));
  out.directData = dataOf(*side.redisWitness);
  for (const bool whole : {true, false}) {
    clear(*side.witness);
    RespPeer peer(clientOf(mode));
    if (!peer.connected()) throw std::runtime_error("no connection: " + house_.server.log());
    (whole ? out.whole : out.bytes) =
        talk(peer, transcript, whole ? std::max<std::size_t>(transcript.size(), 1) : 1);
    (whole ? out.wholeData : out.bytesData) = dataOf(*side.witness);
  }
  return out;
}

bool Sides::sound() {
  return house_.server.running() && house_.server.pid() == gateway_ &&
         house_.engineOf(password_.database.uid) == password_.engine &&
         house_.engineOf(certificate_.database.uid) == certificate_.engine;
}

} // namespace gatehouse::differential
