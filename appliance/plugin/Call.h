#pragma once
#include "sdk/plugin_abi.h"

#include <cstdint>

namespace gatehouse::plugin {

class PluginInstance;

/// Whom a call into a plugin is made for: a session, or the view of one verify. The gateway derives from it
/// and finds itself again inside the service tables.
class CallOwner {
public:
  virtual ~CallOwner() = default;
};

/// The call into a plugin that this thread is inside of.
struct Call {
  PluginInstance* instance;
  std::uint64_t handle; // gh_session or gh_view; 0: configure, start, stop, enroll
  CallOwner* owner;     // nullptr where handle is 0
  bool faulted = false; // the plugin misused the host during it: whatever it answers does not count
};

/// The present call of this thread, or nullptr. A service function that is not inside a call which its first
/// argument belongs to answers GH_GONE (plugin_abi.h, INSIDE); the tables carry no pointer of ours, so this
/// is how they know.
///
/// Threads: each its own.
[[nodiscard]] const Call* currentCall() noexcept;

/// The owner, if this thread is inside a call for just that handle; else nullptr, and the instance at fault,
/// if there is one, is told.
[[nodiscard]] CallOwner* ownerOf(std::uint64_t handle) noexcept;
/// The instance, if this thread is inside a call of just that one; else nullptr, with the fault as above.
[[nodiscard]] PluginInstance* instanceOf(gh_self self) noexcept;

/// Spoils the present call, if it is one of that instance. PluginInstance::fault does it, so a service
/// function that finds a dead handle has nothing more to do than report it.
void spoilCall(const PluginInstance&) noexcept;

/// Marks a call, for as long as it runs.
class CallScope {
public:
  CallScope(PluginInstance& instance, std::uint64_t handle, CallOwner* owner) noexcept;
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  [[nodiscard]] bool faulted() const noexcept { return call_.faulted; }

private:
  Call call_;
  Call* outer_;
};

} // namespace gatehouse::plugin
