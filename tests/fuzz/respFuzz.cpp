// Looks for bytes of a client on which a RESP conversation passes anything on that is not canonical, lets a
// secret out, sends a peer's login words to the engine, or does something else when the same bytes come in
// other pieces. The first byte of the input says what the connection proves, the second how the bytes come.
#include "resp/RespConversation.h"
#include "support/FakeHost.h"
#include "support/MiniRedis.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace gatehouse;

namespace {

void need(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string sent;
  std::vector<std::string> ran;
  bool open = false, held = false;
};

/// Bits of the first byte.
enum : std::uint8_t { proofBits = 3, engineDown = 4, halfCloses = 8, slowLink = 16 };

constexpr std::uint32_t proofs[] = {GH_PROOF_NONE, GH_PROOF_CERTIFICATE, GH_PROOF_DEFAULT, GH_PROOF_REFUSED};

/// Every AUTH that an engine gets has the words that the host wrote, or says nothing.
void checkRan(const std::string& line) {
  const std::size_t colon = line.find(": ");
  if (line.size() < colon + 7) return;
  std::string name = line.substr(colon + 2, 5);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(c & ~0x20); });
  if (name.compare(0, 4, "AUTH") != 0 || line[colon + 6] != ' ') return;
  const std::string words = line.substr(colon + 7);
  const bool filler = words.find_first_not_of("- ") == std::string::npos;
  const std::size_t blank = words.find(' ');
  need(filler || words == "- !" ||
       (blank != std::string::npos &&
        words.substr(blank + 1) == test::FakeHost::secretOf(words.substr(0, blank))));
}

Outcome play(std::string_view input, std::uint8_t how, std::size_t size) {
  test::FakeHost host;
  test::FakePlugin plugin(host, Barrier::protocol<resp::RespConversation>("resp", "0", ""));
  need(plugin.configure() && plugin.start());
  const auto store = std::make_shared<test::MiniStore>();
  std::vector<std::shared_ptr<test::MiniRedis>> engines;
  host.connectionUser = (how & proofBits) == 2 ? "anyone" : "ada";
  host.linkChunk = size;
  if ((how & slowLink) != 0) host.linkFullAt = 8;
  host.authenticate = [](const test::FakeAsked& asked) -> std::uint32_t {
    const bool plain = asked.login.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    if (asked.secret == "pw" && plain && !asked.login.empty()) // R17 keeps blanks out of names
      return asked.login == "eve" ? GH_REFUSED : GH_OK;
    return asked.secret == "?" ? GH_UNAVAILABLE : GH_DENIED;
  };
  std::size_t opens = 0;
  host.openLink = [&](const std::string&) -> std::uint32_t {
    return (how & engineDown) != 0 && ++opens % 2 == 1 ? GH_UNAVAILABLE : GH_OK;
  };
  host.engine = [&](const std::string& user) {
    return engines.emplace_back(std::make_shared<test::MiniRedis>(store, user));
  };
  test::FakeSession::Peer peer;
  peer.proof = proofs[how & proofBits];
  test::FakeSession session(plugin, peer);
  session.client(input, size);
  if ((how & halfCloses) != 0) session.clientEnds();

  need(host.faults.empty() && host.log.empty());
  for (const auto& engine : engines) need(engine->broken().empty());
  need(session.sent().find("secret-of-") == std::string::npos);
  for (const std::string& line : store->ran) checkRan(line);
  if (peer.proof == GH_PROOF_REFUSED) need(engines.empty() && host.asked.empty());
  if (peer.proof == GH_PROOF_CERTIFICATE) need(host.asked.empty());
  if (peer.proof == GH_PROOF_NONE && host.asked.empty()) need(engines.empty()); // R13
  return {session.sent(), store->ran, session.open(), session.flow() == GH_FLOW_HOLD};
}

template <class T>
bool beginsWith(const T& longer, const T& shorter) {
  return shorter.size() <= longer.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

/// Equal; or, where the end came at once, one the beginning of the other. While a link is being drained, so
/// many bytes as its last reply has may still be held back.
void agree(const Outcome& a, const Outcome& b) {
  const std::size_t heldBack = a.held ? std::string_view("+RESET\r\n+OK\r\n").size() : 0;
  need(a.open == b.open && (!a.open || a.held == b.held));
  if (a.open) {
    need(a.sent.size() <= b.sent.size() + heldBack && b.sent.size() <= a.sent.size() + heldBack);
    need(a.ran == b.ran);
  }
  need(beginsWith(a.sent, b.sent) || beginsWith(b.sent, a.sent));
  need(beginsWith(a.ran, b.ran) || beginsWith(b.ran, a.ran));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (input.find("secret-of") != std::string_view::npos) return 0; // said by the client itself
  const Outcome whole = play(input, data[0], input.size() + 1);
  agree(whole, play(input, data[0], data[1] % 64 + 1u));
  if (input.size() < 4096) agree(whole, play(input, data[0], 1));
  return 0;
}
