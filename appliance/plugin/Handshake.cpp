#include "plugin/Handshake.h"

#include "base/Text.h"
#include "plugin/Settings.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::plugin {
namespace {

constexpr std::uint32_t mostEntries =
    64; // needs, settings, kinds, methods: more is a wild pointer, not a plugin

Error unfit(std::string text) { return {Code::not_acceptable, std::move(text)}; }

/// A C string of theirs: bounded, UTF-8, without control characters. Nothing for any other.
std::optional<std::string> text(const char* theirs, std::size_t most) {
  if (theirs == nullptr) return std::nullopt;
  const std::size_t size = ::strnlen(theirs, most + 1);
  const std::string_view view(theirs, size);
  if (size > most || !isUtf8(view)) return std::nullopt;
  if (std::any_of(view.begin(), view.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return std::nullopt;
  return std::string(view);
}

bool isName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// Copies what both sides know; the rest of ours is zero.
template <class T>
T copied(const void* theirs, std::size_t size) {
  T mine{};
  std::memcpy(&mine, theirs, std::min(size, sizeof mine));
  return mine;
}

template <class T>
T element(const T* first, std::uint32_t size, std::uint32_t i) {
  return copied<T>(reinterpret_cast<const char*>(first) + std::size_t{i} * size, size);
}

/// Is this (pointer, count, element size) an array of at least what 0.1 has?
bool isArray(const void* first, std::uint32_t count, std::size_t size, std::size_t least) {
  return count == 0 ||
         (first != nullptr && count <= mostEntries && size >= least && size % alignof(void*) == 0);
}

Status needs(const gh_plugin& plugin, std::span<const OfferedService> services, Descriptor& out) {
  if (!isArray(plugin.needs, plugin.need_count, plugin.need_size, sizeof(gh_need)))
    return unfit("its list of needed services is malformed");
  for (std::uint32_t i = 0; i < plugin.need_count; ++i) {
    const gh_need theirs = element(plugin.needs, plugin.need_size, i);
    auto service = text(theirs.service, 64);
    if (!service || service->empty()) return unfit("it needs a service without a readable name");
    const auto same = [&](const OfferedService& o) {
      return o.name == *service && o.version == theirs.version;
    };
    const bool offered = std::any_of(services.begin(), services.end(), same);
    if (!offered && theirs.optional == 0)
      return unfit("it needs the service " + *service + "/" + std::to_string(theirs.version) +
                   ", which this version of Gatehouse does not have");
    if (*service == GH_DIRECTORY && plugin.authenticator == nullptr)
      return unfit("it needs " GH_DIRECTORY ", which is for authenticators alone");
    if ((*service == GH_AUTHENTICATE || *service == GH_MANAGE || *service == GH_ENGINE) &&
        plugin.protocol == nullptr)
      return unfit("it needs " + *service + ", which is for protocols alone");
    out.needs.push_back({std::move(*service), theirs.version, theirs.optional != 0});
  }
  return {};
}

Status settings(const gh_plugin& plugin, Descriptor& out) {
  if (!isArray(plugin.settings, plugin.setting_count, plugin.setting_size, sizeof(gh_setting)))
    return unfit("its list of settings is malformed");
  for (std::uint32_t i = 0; i < plugin.setting_count; ++i) {
    const gh_setting theirs = element(plugin.settings, plugin.setting_size, i);
    auto name = text(theirs.name, 64);
    if (!name || !isName(*name))
      return unfit("it declares a setting whose name is not of the form [a-z][a-z0-9_]*");
    const std::string which = "its setting " + *name;
    SettingDeclaration ours;
    auto sentence = text(theirs.sentence, 500);
    auto unit = theirs.unit == nullptr ? std::optional<std::string>("") : text(theirs.unit, 32);
    if (!sentence || sentence->empty() || !unit) return unfit(which + " has no readable description or unit");
    if (theirs.preset != nullptr && !(ours.preset = text(theirs.preset, 4096)))
      return unfit(which + " has a default that is not readable text");
    if (theirs.type < GH_SETTING_BOOL || theirs.type > GH_SETTING_SECRET)
      return unfit(which + " is of a type that this version of Gatehouse does not know");
    if (theirs.min > theirs.max) return unfit(which + " has a lower limit above its upper one");
    for (const auto& other : out.settings)
      if (other.name == *name) return unfit(which + " is declared twice");
    ours.name = std::move(*name);
    ours.unit = std::move(*unit);
    ours.sentence = std::move(*sentence);
    ours.type = theirs.type;
    ours.min = theirs.min;
    ours.max = theirs.max;
    if (const auto wrong = judgePreset(ours); !wrong.empty())
      return unfit(which + " has an unfit default: " + wrong);
    out.settings.push_back(std::move(ours));
  }
  return {};
}

Status authenticator(const gh_plugin& plugin, Descriptor& out) {
  if (plugin.authenticator->size < sizeof(gh_authenticator))
    return unfit("its authenticator table is shorter than that of ABI 0.1");
  const auto ours = copied<gh_authenticator>(plugin.authenticator, plugin.authenticator->size);
  if (ours.verify == nullptr) return unfit("it is an authenticator without a verify function");
  if (ours.runs_on == GH_RUNS_ON_IO)
    return unfit("it runs on the io pool, which this version of Gatehouse does not have");
  if (ours.runs_on != GH_RUNS_ON_LOOP && ours.runs_on != GH_RUNS_ON_CPU)
    return unfit("it does not say where it runs (runs_on " + std::to_string(ours.runs_on) + ")");
  if (ours.kind_count == 0 || ours.kinds == nullptr || ours.kind_count > mostEntries)
    return unfit("it is an authenticator that reads no kind of evidence");
  for (std::uint32_t i = 0; i < ours.kind_count; ++i) {
    const std::uint32_t kind = ours.kinds[i];
    if (kind < GH_EVIDENCE_PASSWORD || kind > GH_EVIDENCE_LOCAL)
      return unfit("it reads a kind of evidence that this version of Gatehouse does not know (" +
                   std::to_string(kind) + ")");
    if (kind == GH_EVIDENCE_LOCAL)
      return unfit(
          "it reads local evidence, which the host alone judges"); // design: no authenticator can be it
    if (out.reads(kind)) return unfit("it lists a kind of evidence twice");
    out.kinds.push_back(kind);
  }
  if (ours.method_count == 0 || ours.methods == nullptr || ours.method_count > mostEntries)
    return unfit("it is an authenticator that serves no auth_method");
  for (std::uint32_t i = 0; i < ours.method_count; ++i) {
    auto method = text(ours.methods[i], 64);
    if (!method || !isName(*method)) return unfit("it serves an auth_method that has no readable name");
    if (out.serves(*method)) return unfit("it lists the auth_method " + *method + " twice");
    out.methods.push_back(std::move(*method));
  }
  out.authenticator = ours;
  return {};
}

Status protocol(const gh_plugin& plugin, Descriptor& out) {
  if (plugin.protocol->size < sizeof(gh_protocol))
    return unfit("its protocol table is shorter than that of ABI 0.1");
  const auto ours = copied<gh_protocol>(plugin.protocol, plugin.protocol->size);
  const std::pair<const char*, bool> functions[] = {{"open", ours.open != nullptr},
                                                    {"feed", ours.feed != nullptr},
                                                    {"completed", ours.completed != nullptr},
                                                    {"event", ours.event != nullptr},
                                                    {"close", ours.close != nullptr}};
  for (const auto& [name, there] : functions)
    if (!there) return unfit("it is a protocol without the function " + std::string(name));
  out.protocol = ours;
  return {};
}

} // namespace

bool Descriptor::reads(std::uint32_t kind) const noexcept {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}
bool Descriptor::serves(std::string_view method) const noexcept {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}
bool Descriptor::declares(std::string_view service, std::uint32_t version) const noexcept {
  return std::any_of(needs.begin(), needs.end(),
                     [&](const Need& need) { return need.service == service && need.version == version; });
}

Result<Descriptor> shake(const gh_plugin* offered, std::string_view expectedName,
                         std::span<const OfferedService> services) {
  if (offered == nullptr) return unfit("it declines to run under this version of Gatehouse");
  // The frozen head comes first: nothing else may be read before the versions are known to be equal.
  if (offered->abi_major != GH_ABI_MAJOR || offered->abi_minor != GH_ABI_MINOR)
    return unfit("it is built for plugin ABI " + std::to_string(offered->abi_major) + "." +
                 std::to_string(offered->abi_minor) + ", this is " + std::to_string(GH_ABI_MAJOR) + "." +
                 std::to_string(GH_ABI_MINOR) + ": rebuild it against the installed plugin_abi.h");
  if (offered->size < sizeof(gh_plugin)) return unfit("its descriptor is shorter than that of ABI 0.1");

  Descriptor out;
  out.functions = copied<gh_plugin>(offered, offered->size);
  const gh_plugin& plugin = out.functions;
  auto name = text(plugin.name, 64);
  if (!name || !isName(*name)) return unfit("its name is not of the form [a-z][a-z0-9_]*");
  if (*name != expectedName)
    return unfit("it calls itself \"" + *name + "\": a plugin's file bears its name, " + *name + ".so");
  auto version = text(plugin.version, 64), summary = text(plugin.summary, 500);
  if (!version || version->empty() || !summary || summary->empty())
    return unfit("it has no readable version or summary");
  if (plugin.configure == nullptr || plugin.stop == nullptr)
    return unfit("it has no configure or no stop function");
  if (plugin.authenticator == nullptr && plugin.protocol == nullptr)
    return unfit("it is neither an authenticator nor a protocol");
  if (plugin.authenticator != nullptr && plugin.protocol != nullptr)
    return unfit("it is both an authenticator and a protocol; a plugin is one of them");
  out.name = std::move(*name);
  out.version = std::move(*version);
  out.summary = std::move(*summary);
  GH_TRY(needs(plugin, services, out));
  GH_TRY(settings(plugin, out));
  GH_TRY(plugin.authenticator != nullptr ? authenticator(plugin, out) : protocol(plugin, out));
  return out;
}

} // namespace gatehouse::plugin
