#include "plugin/PluginInstance.h"

#include "base/Text.h"
#include "plugin/Call.h"

#include <algorithm>

namespace gatehouse::plugin {

/// What configure finds wrong, and where that stands.
struct PluginInstance::Findings {
  const Settings& settings;
  std::string_view file;
  std::string place;
  std::vector<Mistake>& mistakes;
};

namespace {

// gh_host carries no pointer of ours: the present call says which instance this is.
const void* hostService(gh_self self, const char* name, std::uint32_t version) noexcept {
  PluginInstance* instance = instanceOf(self);
  return instance != nullptr && name != nullptr ? instance->service(name, version) : nullptr;
}
void hostProblem(gh_self self, const char* setting, gh_bytes text) noexcept {
  if (PluginInstance* instance = instanceOf(self)) instance->problem(setting, text);
}
constexpr gh_host hostTable = {sizeof(gh_host), GH_ABI_MAJOR, GH_ABI_MINOR, 0, &hostService, &hostProblem};

} // namespace

PluginInstance::PluginInstance(Descriptor descriptor, gh_self self, const Surroundings& surroundings)
    : descriptor_(std::move(descriptor))
    , self_(self)
    , surroundings_(surroundings) {}

PluginInstance::~PluginInstance() { stop(); }

bool PluginInstance::configure(const Node* given, std::string_view file, std::vector<Mistake>& mistakes) {
  const std::string place = "plugins.settings." + name();
  const auto add = [&](std::string text) {
    mistakes.push_back({std::string(file), {}, place, std::move(text)});
  };
  if (state_ != State::made) return add("was configured already"), false;
  const std::size_t before = mistakes.size();
  const Settings settings = Settings::read(descriptor_.settings, given, file, place, mistakes);
  if (mistakes.size() != before) return false;

  state_ = State::configuring;
  Findings findings{settings, file, place, mistakes};
  findings_ = &findings;
  {
    CallScope scope(*this, 0, nullptr);
    const auto values = settings.values();
    instance_ = descriptor_.functions.configure(&hostTable, self_, values.data(),
                                                static_cast<std::uint32_t>(values.size()), sizeof(gh_value));
  }
  findings_ = nullptr;
  state_ = instance_ != nullptr ? State::configured : State::stopped;
  if (instance_ == nullptr && mistakes.size() == before) {
    fault("did not configure itself, and gave no reason");
    add("the plugin did not configure itself, and gave no reason");
  }
  return instance_ != nullptr && mistakes.size() == before;
}

Status PluginInstance::start() {
  if (state_ != State::configured)
    return Error{Code::internal_error, "the plugin " + name() + " is not configured"};
  std::uint32_t status = GH_OK;
  if (descriptor_.functions.start != nullptr) {
    CallScope scope(*this, 0, nullptr);
    status = descriptor_.functions.start(instance_);
  }
  if (status != GH_OK)
    return Error{Code::unavailable,
                 "the plugin " + name() + " did not start (status " + std::to_string(status) + ")"};
  state_ = State::running;
  return {};
}

void PluginInstance::stop() noexcept {
  if (instance_ == nullptr) return;
  state_ = State::stopped;
  CallScope scope(*this, 0, nullptr);
  descriptor_.functions.stop(std::exchange(instance_, nullptr));
}

void PluginInstance::fault(std::string_view text) noexcept {
  spoilCall(*this);
  const auto count = faults_.fetch_add(1, std::memory_order_relaxed) + 1;
  surroundings_.events.say(Level::error, "plugin.fault", printable(text, 500),
                           {{"plugin", name()}, {"faults", count}});
}

void PluginInstance::slow(std::string_view callback, std::uint64_t milliseconds) noexcept {
  slowCalls_.fetch_add(1, std::memory_order_relaxed);
  surroundings_.events.say(Level::warning, "plugin.slow", "a plugin held its worker",
                           {{"plugin", name()}, {"callback", callback}, {"milliseconds", milliseconds}});
}

const void* PluginInstance::service(const char* wanted, std::uint32_t version) noexcept {
  const std::string_view service(wanted);
  // The core is everybody's; any other service is for those who declared it.
  if (service != GH_CORE && !descriptor_.declares(service, version)) return nullptr;
  return surroundings_.services.service(service, version);
}

void PluginInstance::problem(const char* setting, gh_bytes text) noexcept {
  if (findings_ == nullptr) return fault("reported a problem outside of configure");
  const std::string_view which = setting == nullptr ? std::string_view{} : std::string_view(setting);
  const std::string_view said =
      text.size == 0 ? std::string_view("unfit") : std::string_view(text.data, text.size);
  const bool known = std::any_of(descriptor_.settings.begin(), descriptor_.settings.end(),
                                 [&](const SettingDeclaration& one) { return one.name == which; });
  findings_->mistakes.push_back({std::string(findings_->file), findings_->settings.at(known ? which : ""),
                                 known ? findings_->place + "." + std::string(which) : findings_->place,
                                 printable(said, 500)});
}

} // namespace gatehouse::plugin
