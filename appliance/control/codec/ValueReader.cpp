#include "control/codec/ValueReader.h"

#include "base/Json.h"
#include "base/Text.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace gatehouse::control {

using model::Field;
using model::Kind;
using model::Shape;
using model::Table;

namespace {

constexpr std::size_t mostAny = 64 * 1024; // bytes of a value that no table describes

std::string words(const Shape& shape) {
  std::string all;
  for (const std::string_view word : shape.words) all += (all.empty() ? "" : ", ") + std::string(word);
  return all;
}

/// Digits with one point, as JSON writes a decimal.
bool isDecimal(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return false;
  const std::string_view fraction = text.substr(point + 1);
  return toInteger(text.substr(0, point)) &&
         fraction.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view kindOf(const Node& node) {
  switch (node.kind) {
  case Node::Kind::null: return "null";
  case Node::Kind::sequence: return "a list";
  case Node::Kind::mapping: return "an object";
  case Node::Kind::scalar: break;
  }
  if (node.style == Node::Style::quoted) return "a text";
  if (node.text == "true" || node.text == "false") return "a boolean";
  if (toInteger(node.text)) return "an integer";
  return isDecimal(node.text) ? "a number with a fraction" : "`bare`";
}

} // namespace

bool problemsAreLimits(const Problems& problems) noexcept {
  return std::all_of(problems.begin(), problems.end(), [](const Problem& p) { return p.limit; });
}

std::string join(const std::string& path, std::string_view word) {
  return path.empty() ? std::string(word) : path + '.' + std::string(word);
}

std::string_view wordOf(const Field& field, Dialect dialect) noexcept {
  return ofManifests(dialect) ? field.manifestName() : field.name;
}

const Field* findWord(const Table& table, std::string_view word, Dialect dialect) noexcept {
  for (const Field& field : table.fields)
    if (wordOf(field, dialect) == word) return &field;
  return nullptr;
}

std::string unknownWord(const Table& table, std::string_view word, Dialect dialect) {
  const Dialect other = ofManifests(dialect) ? Dialect::json : Dialect::yaml;
  if (const Field* field = findWord(table, word, other))
    return "is written `" + std::string(wordOf(*field, dialect)) + "` here";
  std::vector<std::string_view> known;
  for (const Field& field : table.fields) known.push_back(wordOf(field, dialect));
  return "is no field of a " + std::string(table.word) + didYouMean(word, known);
}

void ValueReader::wrong(Problems& problems, Code code, const Node& node, const std::string& path,
                        std::string text, bool limit) const {
  problems.push_back({limit, {code, {options_.file, node.at, path, std::move(text)}}});
}

void ValueReader::wrongType(Problems& problems, const Node& node, const std::string& path,
                            std::string_view wanted) const {
  std::string text = std::string(wanted) + " is wanted, this is ";
  const std::string_view kind = kindOf(node);
  text += kind == "`bare`" ? "`" + printable(node.text, 64) + "`" : std::string(kind);
  wrong(problems, Code::invalid_schema, node, path, std::move(text));
}

bool ValueReader::isText(const Node& node) const noexcept {
  return node.kind == Node::Kind::scalar &&
         (node.style == Node::Style::quoted || options_.dialect == Dialect::yaml);
}

bool ValueReader::boolean(const Node& node, const std::string& path, Problems& problems) const {
  const bool bare = node.kind == Node::Kind::scalar && node.style == Node::Style::bare;
  if (bare && node.text == "true") return true;
  if (!bare || node.text != "false") wrongType(problems, node, path, "true or false");
  return false;
}

std::int64_t ValueReader::integer(const Node& node, const Shape& shape, const std::string& path,
                                  Problems& problems) const {
  const bool bare = node.kind == Node::Kind::scalar && node.style == Node::Style::bare;
  const auto value = bare ? toInteger(node.text) : std::nullopt;
  if (!value) {
    const bool digits = bare && !node.text.empty() && node.text != "-" &&
                        node.text.find_first_not_of("0123456789", node.text[0] == '-') == std::string::npos &&
                        node.text[node.text[0] == '-'] != '0';
    if (digits)
      wrong(problems, Code::invalid_param, node, path, "is out of range");
    else
      wrongType(problems, node, path, "an integer");
    return 0;
  }
  if (*value < shape.least || *value > shape.most)
    wrong(problems, Code::invalid_param, node, path,
          shape.most == INT64_MAX
              ? "must be at least " + std::to_string(shape.least)
              : "must be from " + std::to_string(shape.least) + " to " + std::to_string(shape.most),
          true);
  return *value;
}

std::string ValueReader::text(const Node& node, const Shape& shape, const std::string& path,
                              Problems& problems) const {
  if (!isText(node)) {
    wrongType(problems, node, path, "a text");
    return {};
  }
  const auto size = static_cast<std::int64_t>(node.text.size());
  if (size < shape.least)
    wrong(problems, Code::invalid_param, node, path,
          shape.least == 1 ? "must not be empty"
                           : "must have at least " + std::to_string(shape.least) + " bytes",
          true);
  else if (size > shape.most)
    wrong(problems, Code::invalid_param, node, path,
          "has " + std::to_string(size) + " bytes; at most " + std::to_string(shape.most) + " are allowed",
          true);
  else if (shape.fits && !shape.fits(node.text))
    wrong(problems, Code::invalid_param, node, path,
          "`" + printable(node.text, 64) + "` does not match " + std::string(shape.pattern), true);
  return node.text;
}

std::uint8_t ValueReader::word(const Node& node, const Shape& shape, const std::string& path,
                               Problems& problems) const {
  if (!isText(node)) {
    wrongType(problems, node, path, "one of " + words(shape));
    return 0;
  }
  const auto found = std::find(shape.words.begin(), shape.words.end(), node.text);
  if (found != shape.words.end()) return static_cast<std::uint8_t>(found - shape.words.begin());
  const bool refused =
      std::find(shape.refusedWords.begin(), shape.refusedWords.end(), node.text) != shape.refusedWords.end();
  const std::string shown = "`" + printable(node.text, 64) + "`";
  if (refused)
    wrong(problems, Code::unsupported_value, node, path,
          shown + " is known but not offered; one of " + words(shape) + " is");
  else
    wrong(problems, Code::invalid_param, node, path,
          shown + " is none of " + words(shape) +
              didYouMean(node.text, {shape.words.begin(), shape.words.end()}));
  return 0;
}

std::int64_t ValueReader::named(const Node& node, const Shape& shape, const std::string& path,
                                Problems& problems) const {
  if (!isText(node)) {
    wrongType(problems, node, path, "a name");
    return 0;
  }
  const auto uid = options_.names ? options_.names->uid(shape.refersTo, node.text) : std::nullopt;
  if (uid) return *uid;
  const std::string_view what = shape.refersTo == model::ObjectKind::role        ? "role"
                                : shape.refersTo == model::ObjectKind::redis_acl ? "redis_acl"
                                                                                 : "object";
  wrong(problems, Code::invalid_param, node, path,
        "there is no " + std::string(what) + " `" + printable(node.text, 64) + "`" +
            (options_.names ? didYouMean(node.text, options_.names->all(shape.refersTo)) : std::string()));
  return 0;
}

void ValueReader::value(const Node& node, const Shape& shape, void* at, const std::string& path,
                        Problems& problems) const {
  switch (shape.kind) {
  case Kind::boolean: *static_cast<bool*>(at) = boolean(node, path, problems); break;
  case Kind::integer:
    *static_cast<std::int64_t*>(at) =
        shape.refersTo != model::ObjectKind::none && ofManifests(options_.dialect)
            ? named(node, shape, path, problems)
            : integer(node, shape, path, problems);
    break;
  case Kind::text: *static_cast<std::string*>(at) = text(node, shape, path, problems); break;
  case Kind::choice: *static_cast<std::uint8_t*>(at) = word(node, shape, path, problems); break;
  case Kind::object: object(node, *shape.table, at, path, problems); break;
  case Kind::any:
  case Kind::secret: break; // no member holds these
  }
}

void ValueReader::member(const Node& node, const Field& field, void* object, const std::string& path,
                         Problems& problems) const {
  void* at = field.place.make(object);
  if (field.place.items)
    list(node, field, at, path, problems);
  else
    value(node, field.shape, at, path, problems);
}

void ValueReader::list(const Node& node, const Field& field, void* at, const std::string& path,
                       Problems& problems) const {
  if (node.kind != Node::Kind::sequence) return wrongType(problems, node, path, "a list");
  field.place.items->clear(at);
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string place = path + '[' + std::to_string(i) + ']';
    value(node.items[i], field.shape, field.place.items->append(at), place, problems);
    if (field.shape.unique && node.items[i].kind == Node::Kind::scalar &&
        !seen.insert(node.items[i].text).second)
      wrong(problems, Code::invalid_param, node.items[i], place,
            "`" + printable(node.items[i].text, 64) + "` stands twice in the list");
  }
  if (static_cast<std::int64_t>(node.items.size()) > field.shape.mostEntries)
    wrong(problems, Code::invalid_param, node, path,
          "has " + std::to_string(node.items.size()) + " entries; at most " +
              std::to_string(field.shape.mostEntries) + " are allowed",
          true);
}

void ValueReader::object(const Node& node, const Table& table, void* at, const std::string& path,
                         Problems& problems) const {
  // An entry of a list is always new: it has no stored value to agree with, so its limits count.
  DecodeOptions options = options_;
  options.before.reset();
  options.path = path;
  Decoded decoded = decode(node, {&table, at}, options);
  for (Finding& finding : decoded.findings) problems.push_back({false, std::move(finding)});
  std::move(decoded.references.begin(), decoded.references.end(), std::back_inserter(references_));
}

std::string ValueReader::canonical(const Node& node, const Shape& shape, const std::string& path,
                                   Problems& problems) const {
  if (!shape.many) return canonicalOne(node, shape, path, problems);
  if (node.kind != Node::Kind::sequence) {
    wrongType(problems, node, path, "a list");
    return {};
  }
  std::string out = "[";
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) out += ',';
    out += canonicalOne(node.items[i], shape, path + '[' + std::to_string(i) + ']', problems);
  }
  if (static_cast<std::int64_t>(node.items.size()) > shape.mostEntries)
    wrong(problems, Code::invalid_param, node, path,
          "has more than " + std::to_string(shape.mostEntries) + " entries", true);
  return out + ']';
}

std::string ValueReader::canonicalOne(const Node& node, const Shape& shape, const std::string& path,
                                      Problems& problems) const {
  std::string out;
  switch (shape.kind) {
  case Kind::boolean: json::boolean(out, boolean(node, path, problems)); break;
  case Kind::integer: json::integer(out, integer(node, shape, path, problems)); break;
  case Kind::text: json::text(out, text(node, shape, path, problems)); break;
  case Kind::choice: json::text(out, shape.words[word(node, shape, path, problems)]); break;
  case Kind::any:
  case Kind::object:
    any(node, out);
    if (out.size() > mostAny)
      wrong(problems, Code::invalid_param, node, path,
            "has " + std::to_string(out.size()) + " bytes; at most " + std::to_string(mostAny) +
                " are allowed",
            true);
    break;
  case Kind::secret: break; // kept nowhere
  }
  return out;
}

void ValueReader::any(const Node& node, std::string& out) const {
  switch (node.kind) {
  case Node::Kind::null: out += "null"; break;
  case Node::Kind::scalar: {
    // JSON's bare scalars are true, false and numbers; of YAML's, those that are written as JSON writes them.
    const bool bare = node.style == Node::Style::bare &&
                      (options_.dialect != Dialect::yaml || node.text == "true" || node.text == "false" ||
                       toInteger(node.text) || isDecimal(node.text));
    if (bare)
      out += node.text;
    else
      json::text(out, node.text);
    break;
  }
  case Node::Kind::sequence: {
    out += '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out += ',';
      any(node.items[i], out);
    }
    out += ']';
    break;
  }
  case Node::Kind::mapping: {
    std::vector<const Node::Member*> sorted;
    for (const Node::Member& member : node.members) sorted.push_back(&member);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    out += '{';
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0) out += ',';
      json::text(out, sorted[i]->key);
      out += ':';
      any(sorted[i]->value, out);
    }
    out += '}';
    break;
  }
  }
}

} // namespace gatehouse::control
