// The stages of protocols.
#include "plugin/contract/Findings.h"
#include "plugin/contract/Probes.h"
#include "plugin/contract/Stages.h"
#include "plugin/contract/TrialSession.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace gatehouse::plugin::contract {
namespace {

/// A started instance for the time of a stage.
class Running {
public:
  explicit Running(const Trial& trial)
      : host(trial.plugin, trial.settings, 0)
      , instance(host.run()) {}
  ~Running() {
    if (instance == nullptr) return;
    findings::trying("stop");
    host.stop(instance);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  explicit operator bool() const noexcept { return instance != nullptr; }

  TrialHost host;
  gh_instance* instance;
};

struct Outcome {
  std::string story, output;
  bool cutShort;
};

Outcome outcome(const TrialSession& session) {
  return {session.story(), session.output(), session.cutShort()};
}

Outcome play(Running& running, const Manners& manners, std::string_view bytes, std::size_t chunk, bool ends) {
  TrialSession session(running.host, running.instance, manners);
  session.client(bytes, chunk);
  if (ends) session.clientEnds();
  return outcome(session);
}

/// Equal; or, where one was cut off in the middle, one the beginning of the other.
bool agree(const Outcome& a, const Outcome& b) {
  if (a.story == b.story) return true;
  if (!a.cutShort && !b.cutShort) return false;
  const std::size_t shorter = std::min(a.output.size(), b.output.size());
  return a.output.compare(0, shorter, b.output, 0, shorter) == 0;
}

/// A finding if they do not agree, with the place where they part.
void compare(const std::string& trying, const char* rule, const char* text, const Outcome& expected,
             const Outcome& got) {
  if (agree(expected, got)) return;
  const auto parts =
      std::mismatch(expected.story.begin(), expected.story.end(), got.story.begin(), got.story.end());
  const auto at = parts.first - expected.story.begin();
  const std::size_t from = static_cast<std::size_t>(at > 16 ? at - 16 : 0);
  findings::trying(trying + "; expected ..." + expected.story.substr(from, 60) + "... and got ..." +
                   got.story.substr(std::min(from, got.story.size()), 60) + "...");
  findings::add(rule, text);
  findings::trying(trying);
}

const Manners& refusing() {
  static const Manners manners{"logins are refused"};
  return manners;
}

std::vector<Manners> manyManners() {
  std::vector<Manners> all(10);
  all[0].name = "logins are refused";
  all[1].name = "logins succeed";
  all[1].logins = GH_OK;
  all[2].name = "logins can't be judged";
  all[2].logins = GH_UNAVAILABLE;
  all[3].name = "answers are unavailable";
  all[3].answers = GH_UNAVAILABLE;
  all[4].name = "answers of no known length, in three pieces";
  all[4].pieces = 3;
  all[4].lengthKnown = false;
  all[5].name = "answers without a body";
  all[5].pieces = 0;
  all[6].name = "operations that want no body";
  all[6].wantsBody = false;
  all[7].name = "a client that reads slowly";
  all[7].slowClient = true;
  all[8].name = "logins succeed and links are refused";
  all[8].logins = GH_OK;
  all[8].links = GH_DENIED;
  all[9].name = "logins succeed and the engine is down";
  all[9].logins = GH_OK;
  all[9].links = GH_UNAVAILABLE;
  return all;
}

} // namespace

void tryChunking(const Trial& trial) {
  Running running(trial);
  if (!running) return;
  for (const Probe& probe : probes()) {
    for (const bool ends : {false, true}) {
      const std::string trying = probe.name + (ends ? ", then the client's end" : "");
      findings::trying(trying);
      const Outcome whole = play(running, refusing(), probe.bytes, 0, ends);
      compare(trying, "chunking", "output differs when the input comes byte by byte", whole,
              play(running, refusing(), probe.bytes, 1, ends));
      compare(trying, "chunking", "output differs when the input comes in pieces of 7 bytes", whole,
              play(running, refusing(), probe.bytes, 7, ends));
      compare(trying, "chunking", "output differs when the same input comes a second time", whole,
              play(running, refusing(), probe.bytes, 0, ends));
    }
  }
}

void tryHost(const Trial& trial) {
  Running running(trial);
  if (!running) return;
  for (const Manners& manners : manyManners()) {
    for (const Probe& probe : probes()) {
      const std::string trying = probe.name + ", where " + manners.name;
      findings::trying(trying);
      const Outcome whole = play(running, manners, probe.bytes, 0, true);
      compare(trying, "chunking", "output differs when the input comes byte by byte", whole,
              play(running, manners, probe.bytes, 1, true));
      if (manners.slowClient)
        compare(trying, "back-pressure", "output differs when emit answers FULL and room comes later",
                play(running, refusing(), probe.bytes, 0, true), whole);
    }
  }
  for (const Probe& probe : probes()) {
    findings::trying(probe.name + ", and events");
    const Outcome quiet = play(running, refusing(), probe.bytes, 0, false);
    TrialSession session(running.host, running.instance, refusing());
    session.event(GH_EVENT_ROOM); // nobody waits for it
    session.event(4711);          // of a later version
    session.client(probe.bytes, 0);
    if (!agree(quiet, outcome(session)))
      findings::add("events", "an event that it does not know, or does not wait for, changes what it does");
  }
}

void tryLimits(const Trial& trial) {
  Running running(trial);
  if (!running) return;
  const std::pair<std::string, std::string> starts[] = {
      {"the letter a", ""},
      {"an HTTP header field", "GET / HTTP/1.1\r\nHost: a\r\nX: "},
      {"an HTTP body", "PUT /v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"},
      {"a RESP bulk string", "*2\r\n$4\r\nPING\r\n$200000\r\n"}};
  for (const auto& [what, start] : starts) {
    for (const std::size_t chunk : {std::size_t{0}, std::size_t{1000}}) {
      findings::trying(what + " without end");
      TrialSession session(running.host, running.instance, refusing());
      session.client(start + std::string(3 * TrialSession::inputLimit, 'a'), chunk);
      if (session.stuck())
        findings::add("progress",
                      "it consumes nothing of a full buffer (64 KiB), and neither closes nor holds: "
                      "the session is stuck until a deadline ends it");
    }
  }
  findings::trying("empty lines without end");
  TrialSession lines(running.host, running.instance, refusing());
  lines.client(std::string(2 * TrialSession::inputLimit, '\n'), 0);
}

void tryEnds(const Trial& trial) {
  Running running(trial);
  if (!running) return;
  Manners withholding;
  withholding.withholds = true;
  for (const Probe& probe : probes()) {
    const std::size_t half = probe.bytes.size() / 2;
    for (std::uint32_t reason = GH_CLOSED_BY_PLUGIN; reason <= GH_CLOSED_BY_HOST; ++reason) {
      for (const std::size_t size : {std::size_t{0}, half, probe.bytes.size()}) {
        findings::trying("close for the reason " + std::to_string(reason) + " after " + std::to_string(size) +
                         " bytes of " + probe.name);
        TrialSession session(running.host, running.instance, reason % 2 == 0 ? withholding : refusing());
        session.client(std::string_view(probe.bytes).substr(0, size), 0);
        session.close(reason);
      }
    }
    for (const std::size_t size : {std::size_t{0}, half, probe.bytes.size()}) {
      for (const Manners* manners : {&refusing(), static_cast<const Manners*>(&withholding)}) {
        findings::trying("drain after " + std::to_string(size) + " bytes of " + probe.name);
        TrialSession session(running.host, running.instance, *manners);
        session.client(std::string_view(probe.bytes).substr(0, size), 0);
        session.event(GH_EVENT_DRAIN);
        session.event(GH_EVENT_DRAIN);
        session.client(std::string_view(probe.bytes).substr(size), 0);
        session.close(GH_CLOSED_BY_DRAIN);
      }
      findings::trying("the client's end after " + std::to_string(size) + " bytes of " + probe.name);
      TrialSession session(running.host, running.instance, refusing());
      session.client(std::string_view(probe.bytes).substr(0, size), 1);
      session.clientEnds();
    }
  }
}

void trySessions(const Trial& trial) {
  Running running(trial);
  if (!running) return;
  const std::span<const Probe> all = probes();
  std::vector<Outcome> alone;
  for (const Probe& probe : all) {
    findings::trying(probe.name + ", alone");
    alone.push_back(play(running, refusing(), probe.bytes, 1, false));
  }
  findings::trying("all probes at the same time, byte by byte in turn");
  std::vector<std::unique_ptr<TrialSession>> together;
  for (std::size_t i = 0; i < all.size(); ++i)
    together.push_back(std::make_unique<TrialSession>(running.host, running.instance, refusing()));
  for (std::size_t at = 0; at < 3000; ++at)
    for (std::size_t i = 0; i < all.size(); ++i)
      if (at < all[i].bytes.size()) together[i]->client(std::string_view(all[i].bytes).substr(at, 1), 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!agree(alone[i], outcome(*together[i])))
      findings::add("sessions",
                    "output differs when other sessions are open: they share what is a session's own");
  }
  together.clear();

  findings::trying("sessions in parallel, on four threads");
  std::vector<std::thread> workers;
  workers.reserve(4);
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (std::size_t i = 0; i < all.size(); ++i)
        if (!agree(alone[i], play(running, refusing(), all[i].bytes, 1, false)))
          findings::add("sessions", "output differs when sessions run in parallel");
    });
  }
  for (std::thread& worker : workers) worker.join();
}

} // namespace gatehouse::plugin::contract
