#include "control/codec/Schema.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/codec/InertValues.h"
#include "control/codec/ValueReader.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterPolicy.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/RedisAcl.h"
#include "model/Role.h"
#include "model/User.h"

#include <vector>

namespace gatehouse::control {
namespace {

using model::Default;
using model::Field;
using model::Kind;
using model::Shape;
using model::Standing;
using model::Table;

/// Writes JSON that people read: one member a line, two blanks a level.
class Pretty {
public:
  void open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!first_) line();
    out_ += bracket;
    first_ = false;
  }
  Pretty& key(std::string_view name) {
    next();
    json::text(out_, name);
    out_ += ": ";
    return *this;
  }
  void next() {
    if (!first_) out_ += ',';
    line();
    first_ = false;
  }
  void text(std::string_view value) { json::text(out_, value); }
  void integer(std::int64_t value) { json::integer(out_, value); }
  void raw(std::string_view json) { out_ += json; }
  [[nodiscard]] std::string take() { return std::move(out_) + '\n'; }

private:
  void line() {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
  }
  std::string out_;
  int depth_ = 0;
  bool first_ = true;
};

class Writer {
public:
  std::string manifest() {
    out_.open('{');
    out_.key("$schema").text("http://json-schema.org/draft-07/schema#");
    out_.key("title").text("Gatehouse provisioning manifest");
    out_.key("description")
        .text(
            "What should exist: applied to an empty store at the first start. Written by the field tables.");
    out_.key("type").text("object");
    out_.key("additionalProperties").raw("false");
    out_.key("properties").open('{');
    out_.key("cluster").open('{');
    refer("cluster");
    out_.close('}');
    out_.key("cluster_policy").open('{');
    refer("cluster_policy");
    out_.close('}');
    listOf("certificates", "certificate");
    listOf("redis_acls", "redis_acl");
    listOf("roles", "role");
    listOf("bdbs", "bdb");
    listOf("users", "user");
    out_.close('}');
    out_.key("definitions").open('{');
    source();
    define(model::table<model::ClusterSettings>());
    define(model::table<model::ClusterPolicy>(), "cluster_policy");
    define(model::table<model::AuthorizedSubject>());
    define(model::table<model::ClusterCertificate>());
    define(model::table<model::RedisAcl>());
    define(model::table<model::Role>());
    define(model::table<model::Database>());
    define(model::table<model::ClientCert>());
    define(model::table<model::RolePermission>());
    define(model::table<model::User>());
    out_.close('}');
    out_.close('}');
    return out_.take();
  }

private:
  void refer(std::string_view definition) {
    out_.key("$ref").text("#/definitions/" + std::string(definition));
  }
  void listOf(std::string_view name, std::string_view definition) {
    out_.key(name).open('{');
    out_.key("type").text("array");
    out_.key("items").open('{');
    refer(definition);
    out_.close('}');
    out_.close('}');
  }

  /// `{file: p}`, `{env: NAME}` or `{credential: name}`.
  void source() {
    out_.key("source").open('{');
    out_.key("description")
        .text("Where a value is found: a file (relative to the manifest), an environment variable, or a "
              "systemd "
              "credential.");
    out_.key("type").text("object");
    out_.key("additionalProperties").raw("false");
    out_.key("minProperties").integer(1);
    out_.key("maxProperties").integer(1);
    out_.key("properties").open('{');
    for (const std::string_view word : {"file", "env", "credential"}) {
      out_.key(word).open('{');
      out_.key("type").text("string");
      out_.key("minLength").integer(1);
      out_.close('}');
    }
    out_.close('}');
    out_.close('}');
  }

  void define(const Table& table, std::string_view name = {}) {
    out_.key(name.empty() ? table.word : name).open('{');
    out_.key("description").text(table.sentence);
    out_.key("type").text("object");
    out_.key("additionalProperties").raw("false");
    std::vector<std::string_view> needed;
    for (const Field& field : table.fields)
      if (field.fallback.is == Default::Is::required) needed.push_back(wordOf(field, Dialect::yaml));
    if (!needed.empty()) words("required", needed);
    out_.key("properties").open('{');
    for (const Field& field : table.fields)
      if (isOffered(field)) property(field);
    if (mayBeRenamed(table.kind)) formerName();
    out_.close('}');
    out_.close('}');
  }

  static bool mayBeRenamed(model::ObjectKind kind) {
    return kind == model::ObjectKind::user || kind == model::ObjectKind::role ||
           kind == model::ObjectKind::redis_acl || kind == model::ObjectKind::bdb;
  }
  void formerName() {
    out_.key("renamed_from").open('{');
    out_.key("description").text("What it was called: the object of that name is this one.");
    out_.key("type").text("string");
    out_.key("minLength").integer(1);
    out_.close('}');
  }

  /// What a manifest can say at all: nothing read-only, and of refused fields those that have a default.
  static bool isOffered(const Field& field) {
    if (field.standing == Standing::read_only) return false;
    return field.standing != Standing::refused || !defaultJson(field).empty();
  }

  void property(const Field& field) {
    out_.key(wordOf(field, Dialect::yaml)).open('{');
    out_.key("description").text(field.sentence);
    if (field.standing == Standing::refused)
      out_.key("const").raw(defaultJson(field));
    else if (field.shape.many)
      list(field);
    else if (field.bySource)
      textOrSource(field);
    else
      shape(field.shape);
    if (field.standing != Standing::refused && !defaultJson(field).empty())
      out_.key("default").raw(defaultJson(field));
    out_.close('}');
  }

  void list(const Field& field) {
    out_.key("type").text("array");
    out_.key("maxItems").integer(field.shape.mostEntries);
    if (field.shape.unique) out_.key("uniqueItems").raw("true");
    out_.key("items").open('{');
    shape(field.shape);
    out_.close('}');
  }

  void textOrSource(const Field& field) {
    out_.key("oneOf").open('[');
    out_.next();
    out_.open('{');
    shape(field.shape);
    out_.close('}');
    out_.next();
    out_.open('{');
    refer("source");
    out_.close('}');
    out_.close(']');
  }

  void shape(const Shape& shape) {
    switch (shape.kind) {
    case Kind::boolean: out_.key("type").text("boolean"); break;
    case Kind::integer:
      if (shape.refersTo != model::ObjectKind::none) { // by name
        out_.key("type").text("string");
        out_.key("minLength").integer(1);
        break;
      }
      out_.key("type").text("integer");
      out_.key("minimum").integer(shape.least);
      if (shape.most != INT64_MAX) out_.key("maximum").integer(shape.most);
      break;
    case Kind::text:
      out_.key("type").text("string");
      if (shape.least > 0) out_.key("minLength").integer(shape.least);
      out_.key("maxLength").integer(shape.most);
      if (!shape.pattern.empty()) out_.key("pattern").text(shape.pattern);
      break;
    case Kind::choice: words("enum", {shape.words.begin(), shape.words.end()}); break;
    case Kind::object: refer(shape.table->word); break;
    case Kind::secret: refer("source"); break;
    case Kind::any: break;
    }
  }

  /// A word that looks like a number (`1.2`) is one to an editor's YAML reader: both forms are listed.
  void words(std::string_view key, const std::vector<std::string_view>& all) {
    out_.key(key).open('[');
    for (const std::string_view word : all) {
      out_.next();
      out_.text(word);
      if (word.find_first_not_of("0123456789.") != std::string_view::npos) continue;
      out_.next();
      out_.raw(word);
    }
    out_.close(']');
  }

  Pretty out_;
};

} // namespace

std::string provisionSchema() { return Writer().manifest(); }

} // namespace gatehouse::control
