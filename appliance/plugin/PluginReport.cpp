// What `gatehouse plugins` shows.
#include "base/Json.h"
#include "plugin/PluginSet.h"

namespace gatehouse::plugin {
namespace {

const char* typeWord(std::uint32_t type) {
  switch (type) {
  case GH_SETTING_BOOL: return "boolean";
  case GH_SETTING_INT: return "integer";
  case GH_SETTING_TEXT: return "text";
  case GH_SETTING_LIST: return "list";
  default: return "secret";
  }
}

void member(std::string& out, const char* name, std::string_view value, const char* before = ",") {
  out += before;
  json::text(out, name);
  out += ':';
  json::text(out, value);
}

} // namespace

std::string PluginSet::text() const {
  std::string out;
  for (const auto& report : reports_) {
    out += report.name;
    if (report.instance == nullptr) {
      out += "  REFUSED: " + report.refusal + "\n";
      continue;
    }
    const Descriptor& is = report.instance->descriptor();
    out += " " + is.version + "  " + (is.authenticator ? "authenticator" : "protocol") + "  " + is.summary +
           "\n";
    for (const auto& setting : is.settings) {
      out += "    " + setting.name + " (" + typeWord(setting.type);
      if (!setting.unit.empty()) out += ", " + setting.unit;
      out += setting.preset ? ", default " + *setting.preset : ", required";
      out += "): " + setting.sentence + "\n";
    }
  }
  return out;
}

std::string PluginSet::json() const {
  std::string out = "{\"plugins\":[";
  const char* between = "";
  for (const auto& report : reports_) {
    out += between;
    between = ",";
    member(out, "name", report.name, "{");
    member(out, "path", report.path);
    out += ",\"loaded\":";
    json::boolean(out, report.instance != nullptr);
    if (report.instance == nullptr) {
      member(out, "refusal", report.refusal);
      out += '}';
      continue;
    }
    const Descriptor& is = report.instance->descriptor();
    member(out, "version", is.version);
    member(out, "kind", is.authenticator ? "authenticator" : "protocol");
    member(out, "summary", is.summary);
    out += ",\"faults\":";
    json::integer(out, static_cast<std::int64_t>(report.instance->faults()));
    out += ",\"settings\":[";
    const char* comma = "";
    for (const auto& setting : is.settings) {
      out += comma;
      comma = ",";
      member(out, "name", setting.name, "{");
      member(out, "type", typeWord(setting.type));
      if (!setting.unit.empty()) member(out, "unit", setting.unit);
      if (setting.preset) member(out, "default", *setting.preset);
      member(out, "description", setting.sentence);
      out += '}';
    }
    out += "]}";
  }
  return out + "]}";
}

} // namespace gatehouse::plugin
