#pragma once
#include "base/Event.h"
#include "gateway/Counters.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::gateway {

/// Who and where, as every record of a decision says it. Fixed fields: this is the audit record.
struct AccessRecord {
  std::uint64_t session = 0;
  std::string_view listener, peer;
  std::string_view evidence;      // "certificate", "password", "local"; empty: none
  std::string_view user;          // the name, or the login that was tried
  std::string_view subject;       // of the certificate, RFC 4514
  std::string_view authenticator; // the plugin that decided
  std::string_view reason;        // one of a bounded number of words
  std::string_view detail;        // a sentence
  std::int64_t revision = 0;      // that the decision was made at
};

/// Writes one record for each decision about access, and counts it. Refusals of strangers are limited to
/// `perSecond`; what is left out is counted and said once a second, so that a flood costs a line and not a
/// disk.
///
/// Threads: one worker's. Owns: nothing; sink and counters outlive it.
class Audit {
public:
  static constexpr std::uint32_t perSecond = 50;

  Audit(EventSink& sink, Counters& counters)
      : sink_(sink)
      , counters_(counters) {}

  void granted(const AccessRecord&);
  /// `counter` is one of the refused_*; `stranger`: nobody is known to stand behind it, so the limit applies.
  void refused(Counter counter, const AccessRecord&, bool stranger);
  /// A session's link to a database's engine: `clientId` leads from the engine's CLIENT LIST to the session.
  void linked(const AccessRecord&, std::int64_t database, std::int64_t clientId);
  /// The end of a session that was let in.
  void ended(const AccessRecord&, std::uint64_t bytesIn, std::uint64_t bytesOut);
  /// Once a second: says what was left out.
  void tick();

  [[nodiscard]] EventSink& sink() noexcept { return sink_; }
  [[nodiscard]] Counters& counters() noexcept { return counters_; }

private:
  void write(Level, std::string_view name, std::string_view text, const AccessRecord&);

  EventSink& sink_;
  Counters& counters_;
  std::uint32_t thisSecond_ = 0;
  std::uint64_t leftOut_ = 0;
};

} // namespace gatehouse::gateway
