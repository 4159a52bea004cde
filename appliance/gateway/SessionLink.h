#pragma once
#include "engine/Link.h"
#include "gateway/Session.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace gatehouse::gateway {

/// A session's link to an engine: what happens on it is told to the session, with the handle that the plugin
/// knows it by.
///
/// Threads: the worker's. Owns: the link.
class SessionLink final : public engine::LinkHandler {
public:
  SessionLink(Session& session, gh_link handle, std::uint64_t token, transport::EventLoop& loop,
              std::shared_ptr<const engine::Projected> user)
      : session_(session)
      , handle(handle)
      , openToken(token)
      , link(loop, *this, std::move(user)) {}

  void onLinkOpen(engine::Link&, std::int64_t clientId) override { session_.linkOpened(*this, clientId); }
  void onLinkInput(engine::Link&) override { session_.pumpLink(handle); }
  void onLinkDrained(engine::Link&) override { session_.pump(); }
  void onLinkEnded(engine::Link&, std::string_view why) noexcept override { session_.linkEnded(*this, why); }

private:
  Session& session_;

public:
  const gh_link handle;
  const std::uint64_t openToken;
  bool open = false;      // the plugin has its handle
  bool inspected = false; // bytes go through the plugin
  bool ended = false;     // nothing more comes from the engine
  bool dropped = false;   // closed by us: nothing of it is told any more
  engine::Link link;
};

} // namespace gatehouse::gateway
