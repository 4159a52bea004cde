#pragma once
#include "base/Result.h"
#include "engine/Link.h"
#include "gateway/EngineUsers.h"
#include "sdk/Resp.h"
#include "store/Rows.h"
#include "transport/Timer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::gateway {

class Worker;

/// One command at a database's engine for a caller of the management API: a link of its own, logged in as
/// that user with the rights of its roles there, one reply, and the link is closed, whatever state the
/// command has put it into. The caller is judged as at the database's own listener: the management API is no
/// way round a certificate that the database asks for.
///
/// Threads: its worker's. Errors: told to `done` (control::Serving::runCommand). Owns: the link. Destroyed by
/// its worker, which it tells when it is over.
class EngineCommand final : public engine::LinkHandler {
public:
  using Done = std::function<void(Result<std::string>)>;
  static constexpr std::uint64_t ceilingMs = 5'000;
  static constexpr std::size_t mostReply = 1 << 20; // bytes

  EngineCommand(Worker& worker, std::uint64_t id, std::int64_t database,
                std::shared_ptr<const model::Admission> proven, std::vector<std::string> words, Done done);

  void start();
  /// A new policy: ends where the user has no longer all the rights that it runs with (R15).
  void reconsider();

  void onLinkOpen(engine::Link& link, std::int64_t clientId) override;
  void onLinkInput(engine::Link& link) override;
  void onLinkDrained(engine::Link&) override {}
  void onLinkEnded(engine::Link& link, std::string_view why) noexcept override;

private:
  /// What it may be there, or why nothing; nothing at all where it waits for a newer policy.
  [[nodiscard]] Result<std::optional<EngineUser>> userNow();
  void projected(const EngineUser& asked, Result<std::shared_ptr<const engine::Projected>> user);
  void finish(Result<std::string> result);

  Worker& worker_;
  const std::uint64_t id_;
  const std::int64_t database_;
  const std::shared_ptr<const model::Admission> proven_; // at the management API
  const std::vector<std::string> words_;
  Done done_;
  std::optional<EngineUser> user_; // once it is known to the engine
  std::unique_ptr<engine::Link> link_;
  std::string reply_;
  bool linkEnded_ = false;
  transport::Timer ceiling_;
};

/// What was proven at the management API, as if it had been proven at that database's listener. A token
/// stands for the login that it was given for.
[[nodiscard]] std::shared_ptr<const model::Admission>
admissionAt(std::int64_t database, const model::Admission& proven, const model::User& user);

/// A reply as JSON: statuses and strings as text, what is not UTF-8 in them as U+FFFD; nil as null; an error
/// inside an array as its text.
void appendReply(std::string& out, const resp::Reply& reply);

} // namespace gatehouse::gateway
