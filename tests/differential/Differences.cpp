#include "Differences.h"

#include <algorithm>

namespace gatehouse::differential {
namespace {

using Replies = std::vector<std::string>;

constexpr std::string_view protocolError = "-ERR Protocol error: ";
constexpr std::string_view noAuth = "-NOAUTH Authentication required.\r\n";
constexpr std::string_view wrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

/// Where the reply that begins at `at` ends; npos: it is cut short.
std::size_t endOfReply(std::string_view bytes, std::size_t at, int depth = 0) {
  const std::size_t line = bytes.find("\r\n", at);
  if (line == std::string_view::npos || depth > 32) return std::string_view::npos;
  const char type = bytes[at];
  if (std::string_view("$=!*~>%").find(type) == std::string_view::npos) return line + 2;
  const long long number = std::atoll(std::string(bytes.substr(at + 1, line - at - 1)).c_str());
  std::size_t next = line + 2;
  if (type == '$' || type == '=' || type == '!') {
    if (number < 0) return next;
    next += static_cast<std::size_t>(number) + 2;
    return next <= bytes.size() ? next : std::string_view::npos;
  }
  for (long long left = type == '%' ? number * 2 : number; left > 0; --left) {
    if (next >= bytes.size()) return std::string_view::npos;
    // A push may stand inside an array of Redis 7.0, and is none of its elements.
    if (bytes[next] == '>') ++left;
    next = endOfReply(bytes, next, depth + 1);
    if (next == std::string_view::npos) return next;
  }
  return next;
}

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// What no two connections have in common.
void dropNumbers(std::string& text) {
  const std::string_view key = "$2\r\nid\r\n:"; // in HELLO's reply
  for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; at += key.size()) {
    const std::size_t end = text.find("\r\n", at + key.size());
    if (end != std::string::npos) text.erase(at + key.size(), end - at - key.size());
  }
}

/// The differences that are meant between a reply of Redis and the gateway's in its place.
bool meant(Mode mode, const std::string& redis, const std::string& ours) {
  if (redis == ours) return true;
  // Who has not logged in hears of no command whether it exists and how many arguments it takes: the gateway
  // knows AUTH, HELLO, RESET and QUIT alone, and asks no engine for a stranger (R13).
  if (mode == Mode::password && ours == noAuth &&
      (redis.starts_with("-EXECABORT Transaction discarded because of: ") ||
       redis.starts_with("-ERR unknown command ") || redis.starts_with("-ERR unknown subcommand ") ||
       redis.starts_with("-ERR wrong number of arguments for ")))
    return true;
  // Before a login the gateway gives back no word of the peer's.
  if (mode == Mode::password && ours == "-ERR Syntax error in HELLO option\r\n" &&
      redis.starts_with("-ERR Syntax error in HELLO option '"))
    return true;
  // AUTH with one word means `default`, who has no password at Gatehouse; the server that stands for a
  // certificate's session lets its default user in without one, and says so.
  if (mode == Mode::certificate && ours == wrongPass &&
      redis.starts_with("-ERR AUTH <password> called without any password configured for the default user"))
    return true;
  // UNSUBSCRIBE without names goes through a hash table, whose order is each process's own.
  const std::string_view left = "3\r\n$11\r\nunsubscribe\r\n";
  if (redis.size() == ours.size() && redis.compare(1, left.size(), left) == 0 && redis[0] == ours[0] &&
      ours.compare(1, left.size(), left) == 0)
    return true;
  // Both refuse a frame, in other words: what Redis skips unseen is an error here.
  return redis.starts_with(protocolError) && ours.starts_with(protocolError);
}

std::string at(std::size_t index, const std::string& what) {
  return what + " at reply " + std::to_string(index + 1);
}

/// Whether `ours` is what Redis says, or the beginning of it: a session that is closed for its frames, or
/// whose client is gone, may lose what was still to come. An own error ends it where nothing had reached the
/// engine. `more`: Redis may have lost some itself.
std::optional<std::string> unlike(Mode mode, const Replies& redis, const Replies& ours, bool whole,
                                  bool more) {
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool last = i + 1 == ours.size();
    if (i < redis.size() && meant(mode, redis[i], ours[i])) continue;
    if (!whole && last && ours[i].starts_with(protocolError)) continue;
    if (more && i >= redis.size()) return std::nullopt;
    if (!whole && last && i < redis.size() && redis[i].starts_with(ours[i])) continue;
    return at(i, i < redis.size() ? "another reply" : "a reply that Redis does not give");
  }
  if (whole && ours.size() < redis.size()) return at(ours.size(), "no reply");
  return std::nullopt;
}

} // namespace

std::vector<std::string> splitReplies(std::string_view bytes) {
  std::vector<std::string> out;
  while (!bytes.empty()) {
    const std::size_t end = endOfReply(bytes, 0);
    out.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end, bytes.size()));
  }
  return out;
}

std::size_t secretIn(std::string_view bytes) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    run = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ? run + 1 : 0;
    if (run == 64) return i - 63;
  }
  return std::string_view::npos;
}

std::optional<std::string> complaint(Mode mode, const std::string& transcript, Outcome outcome) {
  for (const std::string* said : {&outcome.whole, &outcome.bytes, &outcome.wholeData, &outcome.bytesData})
    if (secretIn(*said) != std::string_view::npos)
      return "A SECRET, at byte " + std::to_string(secretIn(*said)) +
             " of: " + written(*said).substr(0, 4'000);

  const Form form = formOf(transcript);
  for (std::string* said : {&outcome.direct, &outcome.whole, &outcome.bytes}) dropNumbers(*said);
  if (mode == Mode::certificate)
    replaceAll(outcome.direct, "$7\r\ndefault\r\n", "$7\r\n" + std::string(certificateUser) + "\r\n");
  const Replies direct = splitReplies(outcome.direct), whole = splitReplies(outcome.whole),
                bytes = splitReplies(outcome.bytes);

  // A frame that either refuses: quotes that do not close, and the limits of strangers, are Redis's to see
  // here.
  const bool refused = (form.quotes || form.strangerLimits) &&
                       ((!direct.empty() && direct.back().starts_with(protocolError)) ||
                        (!whole.empty() && whole.back().starts_with(protocolError)));
  const bool exact = form.exact() && !refused;
  if (exact && outcome.whole != outcome.bytes && !form.client) return "whole and byte by byte differ";
  if (exact && outcome.wholeData != outcome.bytesData) return "whole and byte by byte leave other data";

  // CLIENT ID, INFO and LIST tell numbers and addresses that are each connection's own. A HELLO with an AUTH
  // and anything odd is done in part by Redis 7.0 and not at all by the gateway, which verifies nothing of
  // it.
  // Names are one whatever their letters' case (R8); to Redis they are two. And the server that stands for a
  // certificate's session lets anybody be its default user.
  if (form.client || form.unclearLogin || form.foldedName || (form.asDefault && mode == Mode::certificate))
    return std::nullopt;
  // At the end of a client that waits, or that looks like a browser, Redis drops what it had not sent.
  const bool lossy = form.waits || form.http;
  for (const Replies* ours : {&whole, &bytes})
    if (auto why = unlike(mode, direct, *ours, exact, lossy))
      return (ours == &whole ? "whole: " : "byte by byte: ") + *why;
  if (exact && outcome.wholeData != outcome.directData) return "other data than at Redis";
  return std::nullopt;
}

} // namespace gatehouse::differential
