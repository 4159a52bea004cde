#include "host/ConfigSchema.h"

#include "base/Json.h"

namespace gatehouse::host {
namespace {

/// JSON that people read: one member a line, two blanks a level.
class Pretty {
public:
  Pretty& open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
    return *this;
  }
  Pretty& close(char bracket) {
    --depth_;
    if (!first_) line();
    out_ += bracket;
    first_ = false;
    return *this;
  }
  Pretty& key(std::string_view name) {
    next();
    json::text(out_, name);
    out_ += ": ";
    return *this;
  }
  Pretty& item() {
    next();
    return *this;
  }
  void text(std::string_view value) { json::text(out_, value), first_ = false; }
  void number(std::int64_t value) { json::integer(out_, value), first_ = false; }
  void no() { json::boolean(out_, false), first_ = false; }
  [[nodiscard]] std::string take() { return std::move(out_) + '\n'; }

private:
  void next() {
    if (!first_) out_ += ',';
    line();
    first_ = false;
  }
  void line() {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
  }

  std::string out_;
  int depth_ = 0;
  bool first_ = true;
};

void keysOf(Pretty& out, const KeyShape& shape);

void limits(Pretty& out, const KeyShape& shape) {
  out.key("type").text("integer");
  out.key("minimum").number(shape.least);
  out.key("maximum").number(shape.most);
}

void nonEmptyText(Pretty& out) {
  out.key("type").text("string");
  out.key("minLength").number(1);
}

void one(Pretty& out, const KeyShape& shape) {
  out.open('{');
  switch (shape.kind) {
  case KeyShape::Kind::any: break;
  case KeyShape::Kind::mapping: out.key("type").text("object"); break;
  case KeyShape::Kind::section: keysOf(out, shape); break;
  case KeyShape::Kind::list:
    out.key("type").text("array");
    out.key("items").open('{');
    keysOf(out, shape);
    out.close('}');
    break;
  case KeyShape::Kind::text: nonEmptyText(out); break;
  case KeyShape::Kind::integer: limits(out, shape); break;
  case KeyShape::Kind::bytes:
    out.key("oneOf").open('[');
    out.item().open('{');
    limits(out, shape);
    out.close('}');
    out.item().open('{');
    out.key("type").text("string");
    out.key("pattern").text("^[0-9]+ ?(KiB|MiB)$");
    out.close('}');
    out.close(']');
    break;
  case KeyShape::Kind::choice:
    out.key("enum").open('[');
    for (const std::string& word : shape.words) out.item().text(word);
    out.close(']');
    break;
  case KeyShape::Kind::texts:
    out.key("type").text("array");
    out.key("items").open('{');
    nonEmptyText(out);
    out.close('}');
    break;
  }
  out.close('}');
}

void keysOf(Pretty& out, const KeyShape& shape) {
  out.key("type").text("object");
  out.key("additionalProperties").no();
  out.key("properties").open('{');
  for (const KeyShape& key : shape.keys) {
    out.key(key.name);
    one(out, key);
  }
  out.close('}');
  bool any = false;
  for (const KeyShape& key : shape.keys) {
    if (!key.required) continue;
    if (!any) out.key("required").open('[');
    any = true;
    out.item().text(key.name);
  }
  if (any) out.close(']');
}

} // namespace

std::string configSchema() {
  Pretty out;
  out.open('{');
  out.key("$schema").text("http://json-schema.org/draft-07/schema#");
  out.key("title").text("Gatehouse configuration");
  out.key("description")
      .text("gatehouse.yaml: how Gatehouse runs. README.md beside this file explains each key.");
  keysOf(out, configShape());
  out.close('}');
  return out.take();
}

} // namespace gatehouse::host
