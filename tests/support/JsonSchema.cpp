#include "JsonSchema.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

namespace gatehouse::test {
namespace {

constexpr std::array words = {"$ref",        "allOf",       "oneOf",
                              "type",        "nullable",    "enum",
                              "properties",  "required",    "additionalProperties",
                              "items",       "minItems",    "maxItems",
                              "uniqueItems", "minimum",     "maximum",
                              "minLength",   "maxLength",   "pattern",
                              "format",      "description", "default",
                              "readOnly",    "writeOnly",   "deprecated",
                              "example"};

bool isNumber(const Node& node) {
  return node.kind == Node::Kind::scalar && node.style == Node::Style::bare && node.text != "true" &&
         node.text != "false";
}
std::optional<std::int64_t> integerOf(const Node& node) {
  std::int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto read = std::from_chars(node.text.data(), end, value);
  return isNumber(node) && read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}
bool isTrue(const Node* node) { return node && node->text == "true"; }

/// `openapi` knows a quoted word and a bare one as the same; JSON does not.
bool fitsType(const Node& value, const std::string& type) {
  if (type == "object") return value.kind == Node::Kind::mapping;
  if (type == "array") return value.kind == Node::Kind::sequence;
  if (type == "string") return value.kind == Node::Kind::scalar && value.style == Node::Style::quoted;
  if (type == "integer") return integerOf(value).has_value();
  if (type == "number") return isNumber(value);
  CPPUNIT_ASSERT_EQUAL_MESSAGE("the schema's type", std::string("boolean"), type);
  return value.kind == Node::Kind::scalar && value.style == Node::Style::bare && !isNumber(value);
}

std::string textOf(const Node& node) {
  if (node.kind == Node::Kind::scalar) return node.text;
  if (node.kind == Node::Kind::null) return "null";
  std::string out = node.kind == Node::Kind::sequence ? "[" : "{";
  for (const Node& item : node.items) out += textOf(item) + ',';
  for (const Node::Member& member : node.members) out += member.key + ':' + textOf(member.value) + ',';
  return out + (node.kind == Node::Kind::sequence ? ']' : '}');
}

std::size_t charactersOf(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

const Node& JsonSchema::resolved(const Node& node) const {
  const Node* reference = node.find("$ref");
  if (!reference) return node;
  std::string_view path = reference->text;
  CPPUNIT_ASSERT_MESSAGE(reference->text, path.starts_with("#/"));
  path.remove_prefix(2);
  const Node* at = &document_;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    at = at->find(part);
    CPPUNIT_ASSERT_MESSAGE("nothing at " + reference->text, at != nullptr);
  }
  return resolved(*at);
}

std::vector<std::string> JsonSchema::misfits(const Node& value, const Node& schema) const {
  std::vector<std::string> wrong;
  judge(value, schema, "", wrong);
  return wrong;
}

void JsonSchema::judge(const Node& value, const Node& reference, const std::string& path,
                       std::vector<std::string>& wrong) const {
  const Node& schema = resolved(reference);
  for (const Node::Member& member : schema.members)
    CPPUNIT_ASSERT_MESSAGE("a word that is not judged: " + member.key,
                           std::find(words.begin(), words.end(), member.key) != words.end());
  const auto say = [&](const std::string& text) { wrong.push_back(path + ": " + text); };
  if (value.kind == Node::Kind::null) {
    if (schema.find("type") && !isTrue(schema.find("nullable"))) say("is null");
    return;
  }
  if (const Node* all = schema.find("allOf"))
    for (const Node& one : all->items) judge(value, one, path, wrong);
  if (const Node* any = schema.find("oneOf")) {
    const auto fitting = std::count_if(any->items.begin(), any->items.end(),
                                       [&](const Node& one) { return misfits(value, one).empty(); });
    if (fitting != 1) say("fits " + std::to_string(fitting) + " of oneOf");
  }
  if (const Node* type = schema.find("type"); type && !fitsType(value, type->text))
    return say("is no " + type->text + ": " + textOf(value).substr(0, 60));
  if (const Node* choice = schema.find("enum");
      choice && std::none_of(choice->items.begin(), choice->items.end(),
                             [&](const Node& one) { return textOf(one) == textOf(value); }))
    say(textOf(value).substr(0, 60) + " is not in the enum");
  if (const auto number = integerOf(value)) {
    if (const Node* least = schema.find("minimum"); least && *number < integerOf(*least).value())
      say(value.text + " is too small");
    if (const Node* most = schema.find("maximum"); most && *number > integerOf(*most).value())
      say(value.text + " is too large");
  }
  if (value.kind == Node::Kind::scalar && value.style == Node::Style::quoted) {
    const auto length = static_cast<std::int64_t>(charactersOf(value.text));
    if (const Node* least = schema.find("minLength"); least && length < integerOf(*least).value())
      say("is too short");
    if (const Node* most = schema.find("maxLength"); most && length > integerOf(*most).value())
      say("is too long");
  }
  if (value.kind == Node::Kind::sequence) judgeList(value, schema, path, wrong);
  if (value.kind == Node::Kind::mapping) judgeObject(value, schema, path, wrong);
}

void JsonSchema::judgeList(const Node& value, const Node& schema, const std::string& path,
                           std::vector<std::string>& wrong) const {
  const auto size = static_cast<std::int64_t>(value.items.size());
  if (const Node* least = schema.find("minItems"); least && size < integerOf(*least).value())
    wrong.push_back(path + ": has too few items");
  if (const Node* most = schema.find("maxItems"); most && size > integerOf(*most).value())
    wrong.push_back(path + ": has too many items");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const std::string at = path + '[' + std::to_string(i) + ']';
    if (const Node* items = schema.find("items")) judge(value.items[i], *items, at, wrong);
    if (isTrue(schema.find("uniqueItems")) && !seen.insert(textOf(value.items[i])).second)
      wrong.push_back(at + ": is there twice");
  }
}

void JsonSchema::judgeObject(const Node& value, const Node& schema, const std::string& path,
                             std::vector<std::string>& wrong) const {
  if (const Node* required = schema.find("required"))
    for (const Node& name : required->items)
      if (!value.find(name.text)) wrong.push_back(path + ": lacks " + name.text);
  const Node* properties = schema.find("properties");
  const Node* others = schema.find("additionalProperties");
  for (const Node::Member& member : value.members) {
    const std::string at = path + '.' + member.key;
    const Node* own = properties ? properties->find(member.key) : nullptr;
    if (own) {
      judge(member.value, *own, at, wrong);
    } else if (others && others->kind == Node::Kind::mapping) {
      judge(member.value, *others, at, wrong);
    } else if (others && others->text == "false") {
      wrong.push_back(at + ": is not in the schema");
    }
  }
}

} // namespace gatehouse::test
