#pragma once
#include "plugin/Call.h"
#include "plugin/PluginInstance.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::plugin {

/// GH_FLOW_*, checked.
enum class Flow : std::uint8_t { same, next, more, hold, close, abort };

struct Fed {
  Flow flow;
  std::size_t consumed; // never more than was given
};

/// A plugin's conversation: every call is checked, timed, and made inside a CallScope.
///
/// Whatever the plugin answers that plugin_abi.h does not allow is a fault: told to the instance, remembered
/// in fault(), and the call answers abort. After close or abort nothing but close() reaches the plugin. What
/// HOLD may wait for is the session's to know.
///
/// Threads: the session's.
/// Owns:    the gh_conversation; the destructor closes it by GH_CLOSED_BY_HOST if nobody has.
class ConversationRef {
public:
  /// `owner` is found again by the service tables for the time of each call; both outlive this.
  ConversationRef(PluginInstance& instance, gh_session session, CallOwner& owner) noexcept;
  ~ConversationRef();
  ConversationRef(const ConversationRef&) = delete;
  ConversationRef& operator=(const ConversationRef&) = delete;

  /// Once, first. `same` from a plugin comes back as next here. abort or close: nothing follows but close().
  [[nodiscard]] Flow open(const gh_peer& peer) noexcept;
  /// `source`: the client, or the handle of a link that is INSPECTED, or of any at its end.
  [[nodiscard]] Fed feed(std::string_view in, bool last, std::uint64_t source = GH_SOURCE_CLIENT) noexcept;
  [[nodiscard]] Flow completed(const gh_completion&) noexcept;
  [[nodiscard]] Flow event(std::uint32_t event) noexcept;
  /// GH_CLOSED_BY_*. Does nothing a second time, or if there never was a conversation.
  void close(std::uint32_t reason) noexcept;

  [[nodiscard]] bool alive() const noexcept { return conversation_ != nullptr && !ended_; }
  /// The first thing that the plugin did wrong here, or empty.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  /// Remembers and reports something wrong that the session itself noticed (a dead handle, HOLD without a
  /// token). Nothing but close() follows.
  void faulted(std::string_view text) noexcept;

private:
  /// Makes one call into the plugin and judges what it answers. F: () -> GH_FLOW_*.
  template <class F>
  [[nodiscard]] Flow call(std::string_view callback, F function) noexcept;

  PluginInstance& instance_;
  const gh_protocol& table_;
  const gh_session session_;
  CallOwner& owner_;
  gh_conversation* conversation_ = nullptr;
  bool ended_ = false;
  std::string fault_;
};

} // namespace gatehouse::plugin
