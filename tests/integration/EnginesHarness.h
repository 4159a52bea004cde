#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "engine/Engines.h"
#include "engine/Link.h"
#include "sdk/Resp.h"
#include "support/TempFolder.h"

#include <chrono>
#include <functional>
#include <future>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// Keeps what was said. Threads: any.
class KeptEvents final : public EventSink {
public:
  void record(const Event& event) noexcept override;
  [[nodiscard]] bool wants(Level) const noexcept override { return true; }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::string text() const;

private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> events_; // name, line
};

using Projection = Result<std::shared_ptr<const engine::Projected>>;

/// Engines in a folder of their own.
///
/// Threads: one. Errors: end the test. Owns: the folder, the engines.
class EnginesHarness {
public:
  explicit EnginesHarness(std::uint32_t maxClients = 2'000);
  /// On a folder of somebody else's.
  explicit EnginesHarness(std::string directory);

  /// Stops the engines, and makes others on the same folder.
  void again();
  void stop();
  [[nodiscard]] engine::Engines& engines() { return *engines_; }
  [[nodiscard]] const KeptEvents& events() const { return events_; }
  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

  /// A database of 64 MB. Its engine's id is `db<database>`.
  [[nodiscard]] static engine::EngineSpec spec(std::int64_t database,
                                               model::Persistence persistence = model::Persistence::aof);
  /// Runs these and waits until all are ready.
  void run(const std::vector<engine::EngineSpec>& specs);
  [[nodiscard]] bool becomes(std::int64_t database, engine::EngineStatus status,
                             std::chrono::milliseconds within = std::chrono::seconds(20));
  [[nodiscard]] pid_t pid(std::int64_t database);

  [[nodiscard]] std::future<Projection> asksFor(const engine::ProjectionRequest& request);
  [[nodiscard]] Projection project(const engine::ProjectionRequest& request);
  /// One who must be there.
  [[nodiscard]] std::shared_ptr<const engine::Projected> user(std::int64_t database, std::int64_t uid,
                                                              const std::string& name);

private:
  std::unique_ptr<TempFolder> folder_;
  std::string directory_;
  std::uint32_t maxClients_ = 2'000;
  SystemClock clock_;
  KeptEvents events_;
  std::unique_ptr<engine::Engines> engines_;
};

/// All that a user of a database may have.
[[nodiscard]] std::vector<std::string> fullRules();

/// A Link, and a loop that turns while the test waits for it.
class LinkOfTest final : private engine::LinkHandler {
public:
  explicit LinkOfTest(std::shared_ptr<const engine::Projected> user);

  /// Waits until it is open, or has ended.
  [[nodiscard]] bool opens(std::chrono::milliseconds within = std::chrono::seconds(10));
  [[nodiscard]] bool ends(std::chrono::milliseconds within = std::chrono::seconds(10));
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Sends, and waits for one reply; its text, or its number. An error begins with `-`. `(ended)` where the
  /// link ends instead, `(silence)` where nothing comes in time.
  std::string ask(std::initializer_list<std::string_view> words,
                  std::chrono::milliseconds within = std::chrono::seconds(10));
  void tell(std::initializer_list<std::string_view> words);
  /// As ask, for what was told before.
  std::string hear(std::chrono::milliseconds within = std::chrono::seconds(10));
  void turn(int milliseconds);

  [[nodiscard]] engine::Link& link() { return *link_; }
  [[nodiscard]] std::int64_t clientId() const noexcept { return clientId_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  [[nodiscard]] const std::string& received() const noexcept { return received_; }

private:
  void onLinkOpen(engine::Link&, std::int64_t clientId) override { clientId_ = clientId; }
  void onLinkInput(engine::Link& link) override;
  void onLinkDrained(engine::Link&) override {}
  void onLinkEnded(engine::Link&, std::string_view why) noexcept override;
  bool turnUntil(const std::function<bool()>& holds, std::chrono::milliseconds within);

  SystemClock clock_;
  std::unique_ptr<transport::EventLoop> loop_;
  std::unique_ptr<engine::Link> link_;
  std::int64_t clientId_ = 0;
  bool ended_ = false;
  std::string why_, received_;
};

} // namespace gatehouse::test
