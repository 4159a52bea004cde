#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "base/Node.h"
#include "base/Result.h"
#include "plugin/Handshake.h"
#include "plugin/HostServices.h"
#include "plugin/Settings.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin {

/// What the instances of one host share. Outlives them.
struct Surroundings {
  const HostServices& services;
  EventSink& events;
  const Clock& clock;
};

/// One configured use of a plugin: configure, start, stop, each once and in that order.
///
/// Threads: configure, start and stop on the main thread; fault, slow and the readers on any.
/// Errors:  whatever the plugin does wrong is a fault: counted here, logged as `plugin.fault` with the
/// plugin's name. Owns:    the plugin's gh_instance, from configure until stop (which the destructor makes up
/// for).
class PluginInstance {
public:
  PluginInstance(Descriptor descriptor, gh_self self, const Surroundings&);
  ~PluginInstance();
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  /// False, and mistakes added, if the settings or the plugin's own findings forbid it. `given`: the mapping
  /// under plugins.settings.<name>, or nullptr.
  [[nodiscard]] bool configure(const Node* given, std::string_view file, std::vector<Mistake>& mistakes);
  [[nodiscard]] Status start();
  /// After the last session and verify. Does nothing if nothing was configured, or a second time.
  void stop() noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return descriptor_.name; }
  [[nodiscard]] const Descriptor& descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] gh_self self() const noexcept { return self_; }
  /// The plugin's own; nullptr before configure and after stop.
  [[nodiscard]] gh_instance* handle() const noexcept { return instance_; }
  [[nodiscard]] bool running() const noexcept { return state_ == State::running; }
  [[nodiscard]] const Clock& clock() const noexcept { return surroundings_.clock; }

  /// Counts and logs what the plugin did wrong. `text`: a sentence of ours, or printable.
  void fault(std::string_view text) noexcept;
  /// Counts and logs a callback that held its thread for longer than slowAfterMs.
  void slow(std::string_view callback, std::uint64_t milliseconds) noexcept;
  static constexpr std::uint64_t slowAfterMs = 5;

  [[nodiscard]] std::uint64_t faults() const noexcept { return faults_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t slowCalls() const noexcept {
    return slowCalls_.load(std::memory_order_relaxed);
  }

  // What gh_host's two functions do; called through them alone.
  [[nodiscard]] const void* service(const char* name, std::uint32_t version) noexcept;
  void problem(const char* setting, gh_bytes text) noexcept;

private:
  enum class State : std::uint8_t { made, configuring, configured, running, stopped };
  struct Findings;

  const Descriptor descriptor_;
  const gh_self self_;
  const Surroundings surroundings_;
  State state_ = State::made;
  gh_instance* instance_ = nullptr;
  Findings* findings_ = nullptr; // while configure runs
  std::atomic<std::uint64_t> faults_{0}, slowCalls_{0};
};

/// Times a callback while it lives, and reports it to its instance if it was slow.
class CallTimer {
public:
  CallTimer(PluginInstance& instance, std::string_view callback) noexcept
      : instance_(instance)
      , callback_(callback)
      , begun_(instance.clock().steadyMs()) {}
  ~CallTimer() {
    const auto taken = instance_.clock().steadyMs() - begun_;
    if (taken > PluginInstance::slowAfterMs) instance_.slow(callback_, taken);
  }
  CallTimer(const CallTimer&) = delete;
  CallTimer& operator=(const CallTimer&) = delete;

private:
  PluginInstance& instance_;
  std::string_view callback_;
  std::uint64_t begun_;
};

} // namespace gatehouse::plugin
