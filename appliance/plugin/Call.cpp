#include "plugin/Call.h"

#include "plugin/PluginInstance.h"

namespace gatehouse::plugin {
namespace {
thread_local Call* present = nullptr;
} // namespace

const Call* currentCall() noexcept { return present; }

CallOwner* ownerOf(std::uint64_t handle) noexcept {
  if (present == nullptr) return nullptr;
  if (handle != 0 && present->handle == handle) return present->owner;
  present->instance->fault("used the handle of a session or view outside a call that belongs to it");
  return nullptr;
}

PluginInstance* instanceOf(gh_self self) noexcept {
  if (present == nullptr) return nullptr;
  if (present->instance->self() == self) return present->instance;
  present->instance->fault("spoke to the host in another instance's name");
  return nullptr;
}

void spoilCall(const PluginInstance& instance) noexcept {
  if (present != nullptr && present->instance == &instance) present->faulted = true;
}

CallScope::CallScope(PluginInstance& instance, std::uint64_t handle, CallOwner* owner) noexcept
    : call_{&instance, handle, owner, false}
    , outer_(present) {
  present = &call_;
}
CallScope::~CallScope() { present = outer_; }

} // namespace gatehouse::plugin
