#include "control/rest/Logs.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/rest/IsoTime.h"
#include "store/Reader.h"

#include <algorithm>

namespace gatehouse::control::logs {
namespace {

const std::string* parameter(const Query& query, std::string_view name) {
  const auto found = query.others.find(name);
  return found == query.others.end() ? nullptr : &found->second;
}

Status readTime(const Query& query, std::string_view name, std::int64_t& into) {
  const std::string* text = parameter(query, name);
  if (!text) return {};
  const auto seconds = readIsoTime(*text);
  if (!seconds)
    return Error{Code::invalid_param, std::string(name) + ": is no time as 2026-11-24T10:00:00Z is one"};
  into = *seconds;
  return {};
}

Status readCount(const Query& query, std::string_view name, std::int64_t& into) {
  const std::string* text = parameter(query, name);
  if (!text) return {};
  const auto count = toInteger(*text);
  if (!count || *count < 0) return Error{Code::invalid_param, std::string(name) + ": is no number of rows"};
  into = *count;
  return {};
}

Result<store::AuditQuery> understand(const Query& query) {
  store::AuditQuery wanted;
  wanted.limit = mostRows;
  GH_TRY(readTime(query, "stime", wanted.from));
  GH_TRY(readTime(query, "etime", wanted.until));
  GH_TRY(readCount(query, "offset", wanted.offset));
  GH_TRY(readCount(query, "limit", wanted.limit));
  wanted.limit = std::min(wanted.limit, mostRows);
  if (const std::string* order = parameter(query, "order")) {
    if (*order != "asc" && *order != "desc") return Error{Code::invalid_param, "order: asc or desc"};
    wanted.ascending = *order == "asc";
  }
  return wanted;
}

void write(const store::AuditRow& row, std::string& out) {
  const auto text = [&](std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    json::text(out, name);
    out += ':';
    json::text(out, value);
  };
  out += '{';
  text("time", isoTime(row.time));
  text("type", row.type);
  text("severity", row.severity);
  text("who", row.who);
  if (!row.peer.empty()) text("peer", row.peer);
  // uids are texts here, as documented: "user_uid":"5".
  if (!row.kind.empty() && row.uid > 0) text(row.kind + "_uid", std::to_string(row.uid));
  if (!row.name.empty()) text("name", row.name);
  if (!row.fields.empty()) {
    out += ",\"fields\":[";
    for (const std::string& field : row.fields) {
      if (out.back() != '[') out += ',';
      json::text(out, field);
    }
    out += ']';
  }
  if (row.revision > 0) {
    out += ",\"revision\":";
    json::integer(out, row.revision);
  }
  text("description", row.description);
  out += '}';
}

} // namespace

Result<Answer> list(const Reading& reading, store::Reader& reader) {
  auto wanted = understand(reading.query);
  if (!wanted) return std::move(wanted).error();
  auto rows = reader.audit(*wanted);
  if (!rows) return std::move(rows).error();
  Answer answer;
  answer.body = "[";
  for (const store::AuditRow& row : *rows) {
    if (answer.body.back() != '[') answer.body += ',';
    write(row, answer.body);
  }
  answer.body += ']';
  return answer;
}

} // namespace gatehouse::control::logs
