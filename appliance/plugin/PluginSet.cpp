#include "plugin/PluginSet.h"

#include "base/Text.h"
#include "plugin/Library.h"

#include <algorithm>

namespace gatehouse::plugin {

PluginSet::PluginSet(std::string directory, const Surroundings& surroundings)
    : directory_(std::move(directory))
    , surroundings_(surroundings) {}

PluginSet::~PluginSet() { stop(); }

Status PluginSet::loadOne(const std::string& name, PluginReport& report) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), letter))
    return Error{Code::not_acceptable,
                 "is no plugin name: small letters, digits and _ only"}; // no way out of the folder
  for (const auto& other : instances_)
    if (other->name() == name) return Error{Code::not_acceptable, "is listed twice"};
  auto library = Library::open(report.path);
  if (!library) return std::move(library).error();
  auto descriptor =
      shake(library->entry()(GH_ABI_MAJOR, GH_ABI_MINOR), name, surroundings_.services.offered());
  if (!descriptor) return std::move(descriptor).error();
  instances_.push_back(std::make_unique<PluginInstance>(std::move(*descriptor), nextSelf_++, surroundings_));
  report.instance = instances_.back().get();
  return {};
}

Status PluginSet::load(std::span<const std::string> names) {
  Status first;
  for (const auto& name : names) {
    PluginReport report{name, directory_ + "/" + name + ".so", "", nullptr};
    if (auto status = loadOne(name, report); !status) {
      report.refusal = status.error().description;
      surroundings_.events.say(Level::error, "plugin.refused", report.refusal, {{"plugin", name}});
      if (first) first = Error{status.error().code, "the plugin " + name + " was refused: " + report.refusal};
    } else {
      const auto& is = report.instance->descriptor();
      surroundings_.events.say(Level::information, "plugin.loaded", is.summary,
                               {{"plugin", name}, {"version", is.version}});
    }
    reports_.push_back(std::move(report));
  }
  return first;
}

bool PluginSet::configure(const Node* settings, std::string_view file, std::vector<Mistake>& mistakes) {
  const std::size_t before = mistakes.size();
  if (settings != nullptr && settings->kind != Node::Kind::mapping) {
    mistakes.push_back(
        {std::string(file), settings->at, "plugins.settings", "must be a mapping of plugins; {} for none"});
    settings = nullptr;
  }
  if (settings != nullptr) {
    for (const auto& member : settings->members) {
      const auto listed = [&](const PluginReport& report) { return report.name == member.key; };
      if (!std::any_of(reports_.begin(), reports_.end(), listed))
        mistakes.push_back(
            {std::string(file), member.at, "plugins.settings",
             "settings for \"" + printable(member.key, 64) + "\", which plugins.load does not list"});
    }
  }
  for (const auto& instance : instances_)
    (void)instance->configure(settings != nullptr ? settings->find(instance->name()) : nullptr, file,
                              mistakes);
  return mistakes.size() == before;
}

Status PluginSet::start() {
  for (const auto& instance : instances_) {
    if (auto status = instance->start(); !status) {
      stop();
      return status;
    }
  }
  return {};
}

void PluginSet::stop() noexcept {
  for (auto at = instances_.rbegin(); at != instances_.rend(); ++at) (*at)->stop();
}

PluginInstance* PluginSet::authenticator(std::string_view name) const noexcept {
  for (const auto& instance : instances_)
    if (instance->name() == name && instance->descriptor().authenticator) return instance.get();
  return nullptr;
}

PluginInstance* PluginSet::protocol(std::string_view name) const noexcept {
  for (const auto& instance : instances_)
    if (instance->name() == name && instance->descriptor().protocol) return instance.get();
  return nullptr;
}

PluginInstance* PluginSet::enroller(std::string_view authMethod) const noexcept {
  for (const auto& instance : instances_) {
    const auto& is = instance->descriptor();
    if (is.authenticator && is.authenticator->enroll != nullptr && is.serves(authMethod))
      return instance.get();
  }
  return nullptr;
}

} // namespace gatehouse::plugin
