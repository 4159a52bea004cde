#pragma once
#include "plugin/AuthenticatorCall.h"
#include "plugin/Call.h"
#include "plugin/ConversationRef.h"
#include "plugin/PluginInstance.h"
#include "support/ManualClock.h"

#include <array>
#include <string>
#include <vector>

namespace gatehouse::test {

/// Events as lines. Threads: one.
class EventLines final : public EventSink {
public:
  std::vector<std::string> lines;
  void record(const Event& event) noexcept override {
    lines.push_back(std::string(event.name) + " " + event.line());
  }
  [[nodiscard]] bool wants(Level) const noexcept override { return true; }
  [[nodiscard]] bool has(std::string_view text) const {
    for (const auto& line : lines)
      if (line.find(text) != std::string::npos) return true;
    return false;
  }
};

/// What stands behind a session or a view in these tests.
struct Owner final : plugin::CallOwner {
  std::string sent;
};

/// The smallest host that the room plugin can serve: a core, and a directory of one user.
class RoomHost final : public plugin::HostServices {
public:
  EventLines events;
  ManualClock clock;
  plugin::Surroundings surroundings{*this, events, clock};

  [[nodiscard]] std::span<const plugin::OfferedService> offered() const noexcept override {
    static constexpr std::array<plugin::OfferedService, 4> all = {
        {{GH_CORE, 1}, {GH_AUTHENTICATE, 1}, {GH_DIRECTORY, 1}, {GH_MANAGE, 1}}};
    return all;
  }
  [[nodiscard]] const void* service(std::string_view name, std::uint32_t version) const noexcept override {
    static const gh_core core = {sizeof(gh_core), 1, &log, &clock_, &count, &emit};
    static const gh_directory directory = {sizeof(gh_directory), 1, &lookup};
    if (version != 1) return nullptr;
    if (name == GH_CORE) return &core;
    return name == GH_DIRECTORY ? &directory : nullptr;
  }

private:
  static void log(gh_self, std::uint32_t, gh_bytes) noexcept {}
  static std::uint64_t clock_(gh_self, std::uint32_t) noexcept { return 0; }
  static void count(gh_self, gh_bytes, std::uint64_t) noexcept {}
  static std::uint32_t emit(gh_session session, gh_bytes out) noexcept {
    auto* owner = static_cast<Owner*>(plugin::ownerOf(session));
    if (owner == nullptr) return GH_GONE;
    owner->sent.append(out.data, out.size);
    return GH_OK;
  }
  static std::uint32_t lookup(gh_view view, std::uint32_t, gh_bytes, gh_user*) noexcept {
    return plugin::ownerOf(view) == nullptr ? GH_GONE : GH_NOT_FOUND;
  }
};

} // namespace gatehouse::test
