#include "control/rest/JsonSchema.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/codec/ObjectSchema.h"
#include "control/rest/Nodes.h"

#include <utility>

namespace gatehouse::control::jsonschema {
namespace {

/// By the words that Redis Software's clients ask with.
constexpr std::pair<std::string_view, const model::Table& (*)()> objects[] = {
    {"bdb", model::table<model::Database>},
    {"certificate", model::table<model::ClusterCertificate>},
    {"cluster", model::table<model::ClusterSettings>},
    {"cluster_settings", model::table<model::ClusterPolicy>},
    {"node", model::table<ClusterNode>},
    {"redis_acl", model::table<model::RedisAcl>},
    {"role", model::table<model::Role>},
    {"user", model::table<model::User>},
};

} // namespace

Result<Answer> get(const Reading& reading, store::Reader&) {
  Answer answer;
  if (const auto asked = reading.query.others.find("object"); asked != reading.query.others.end()) {
    std::string known;
    for (const auto& [word, table] : objects) {
      if (word == asked->second) {
        appendObjectSchema(table(), answer.body);
        return answer;
      }
      known += known.empty() ? "" : ", ";
      known += word;
    }
    return Error{Code::not_acceptable,
                 "object: `" + printable(asked->second, 64) + "` is not known; there are " + known};
  }
  answer.body = "{";
  for (const auto& [word, table] : objects) {
    if (answer.body.size() > 1) answer.body += ',';
    json::text(answer.body, word);
    answer.body += ':';
    appendObjectSchema(table(), answer.body);
  }
  answer.body += '}';
  return answer;
}

} // namespace gatehouse::control::jsonschema
