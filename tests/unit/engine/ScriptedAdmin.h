#pragma once
#include "base/Event.h"
#include "engine/AdminCommands.h"

#include <cppunit/extensions/HelperMacros.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// An engine whose answers are the test's. Threads: one.
class ScriptedAdmin final : public engine::AdminCommands {
public:
  void send(std::vector<std::string> words, engine::OnReply done) override {
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
    sent.emplace_back(std::move(line), std::move(done));
  }

  /// What was sent first and has no answer yet; empty where there is none.
  [[nodiscard]] std::string first() const { return sent.empty() ? std::string() : sent.front().first; }

  void reply(const resp::Reply& reply) {
    CPPUNIT_ASSERT(!sent.empty());
    const engine::OnReply done = std::move(sent.front().second);
    sent.pop_front();
    done(&reply);
  }
  void ok() { reply({resp::Kind::status, "OK"}); }
  void number(std::int64_t value) { reply({resp::Kind::integer, {}, value}); }
  void error(const std::string& text) { reply({resp::Kind::error, text}); }
  void bulk(const std::string& text) { reply({resp::Kind::bulk, text}); }
  /// The link is lost: whatever is owed is answered by nothing.
  void lose() {
    while (!sent.empty()) {
      const engine::OnReply done = std::move(sent.front().second);
      sent.pop_front();
      done(nullptr);
    }
  }
  /// Answers a proof (DenialProof) as an engine that denies all.
  void denyAll() {
    ok();
    for (int i = 0; i < 5; ++i) bulk("This user has no permissions to run the 'x' command");
    number(1);
  }

  std::deque<std::pair<std::string, engine::OnReply>> sent;
};

/// Keeps `event: line`, one after the other. Threads: one.
class KeptLines final : public EventSink {
public:
  void record(const Event& event) noexcept override {
    lines.push_back(std::string(event.name) + ": " + event.line());
  }
  [[nodiscard]] bool wants(Level) const noexcept override { return true; }
  std::vector<std::string> lines;
};

} // namespace gatehouse::test
