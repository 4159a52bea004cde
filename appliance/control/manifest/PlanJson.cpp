#include "base/Json.h"
#include "control/manifest/Plan.h"

namespace gatehouse::control {
namespace {

void member(std::string& out, std::string_view key, std::string_view value) {
  json::text(out, key);
  out += ':';
  json::text(out, value);
}

template <class List, class Write>
void list(std::string& out, std::string_view key, const List& items, const Write& write) {
  json::text(out, key);
  out += ":[";
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    write(item);
  }
  out += ']';
}

void write(std::string& out, const PlannedChange& change) {
  out += '{';
  member(out, "action", word(change.action));
  out += ',';
  member(out, "kind", change.kind);
  out += ',';
  member(out, "name", change.name);
  if (!change.formerName.empty()) {
    out += ',';
    member(out, "former_name", change.formerName);
  }
  out += ',';
  list(out, "fields", change.fields, [&](const PlannedField& field) {
    out += '{';
    member(out, "name", field.name);
    if (field.after == "changed") { // a secret: no JSON text is this word without quotes
      out += R"(,"after":"changed","secret":true})";
      return;
    }
    if (!field.before.empty()) out.append(R"(,"before":)").append(field.before);
    if (!field.after.empty()) out.append(R"(,"after":)").append(field.after);
    out += '}';
  });
  out += ',';
  member(out, "reason", change.reason);
  if (!change.remarks.empty()) {
    out += ',';
    list(out, "remarks", change.remarks, [&](const std::string& remark) { json::text(out, remark); });
  }
  out += '}';
}

void write(std::string& out, const Notice& notice) {
  out += '{';
  member(out, "kind", notice.kind);
  out += ',';
  member(out, "name", notice.name);
  if (!notice.fields.empty()) {
    out += ',';
    list(out, "fields", notice.fields, [&](const std::string& field) { json::text(out, field); });
  }
  if (!notice.who.empty()) {
    out += ',';
    member(out, "who", notice.who);
  }
  if (notice.revision > 0) {
    out += ",\"revision\":";
    json::integer(out, notice.revision);
  }
  out += ',';
  member(out, "text", notice.text);
  out += '}';
}

void write(std::string& out, const Mistake& mistake) {
  out += '{';
  if (!mistake.file.empty()) {
    member(out, "file", mistake.file);
    out += ',';
  }
  if (mistake.at.line > 0) {
    out += "\"line\":";
    json::integer(out, mistake.at.line);
    out += ",\"column\":";
    json::integer(out, mistake.at.column);
    out += ',';
  }
  member(out, "path", mistake.path);
  out += ',';
  member(out, "text", mistake.text);
  out += '}';
}

} // namespace

std::string planJson(const ManifestPlan& plan, std::string_view more) {
  constexpr std::size_t ofOne = 320; // bytes of a change, about
  std::string out;
  out.reserve(plan.changes.size() * ofOne + more.size() + 1024);
  out += "{\"revision\":";
  json::integer(out, plan.revision);
  const auto all = [&](std::string_view key, const auto& items) {
    out += ',';
    list(out, key, items, [&](const auto& item) { write(out, item); });
  };
  all("changes", plan.changes);
  all("held", plan.held);
  all("not_owned", plan.notOwned);
  all("left", plan.left);
  all("destroys", plan.destroys);
  all("drift", plan.drift);
  if (!plan.mistakes.empty()) all("mistakes", plan.mistakes);
  out += more;
  out += '}';
  return out;
}

} // namespace gatehouse::control
