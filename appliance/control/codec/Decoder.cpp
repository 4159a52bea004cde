#include "control/codec/Decoder.h"

#include "base/Text.h"
#include "control/codec/Diff.h"
#include "control/codec/InertValues.h"
#include "control/codec/ValueReader.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {

void Secrets::add(std::string_view field, Secret value) {
  entries_.push_back({std::string(field), std::move(value)});
}

const Secret* Secrets::find(std::string_view field) const noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.field == field; });
  return found == entries_.end() ? nullptr : &found->value;
}

Secret Secrets::take(std::string_view field) {
  for (Entry& entry : entries_)
    if (entry.field == field) return std::move(entry.value);
  return Secret();
}

std::vector<std::string> Secrets::fields() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.field);
  return names;
}

namespace {

using model::Default;
using model::Field;
using model::Kind;
using model::Standing;

/// One decoding: the object at hand, and what was found so far.
class Decoding {
public:
  Decoding(model::Edit into, const DecodeOptions& options)
      : into_(into)
      , options_(options)
      , values_(options, out_.references) {
    if (into.table->inert.held) inert_ = openInert(*static_cast<const model::Inert*>(inertPlace()));
  }

  Decoded run(const Node& mapping) {
    if (mapping.kind != Node::Kind::mapping) {
      add(Code::invalid_schema, mapping.at, options_.path,
          "the fields of a " + std::string(into_.table->word) + " are wanted here");
      return std::move(out_);
    }
    for (const Node::Member& member : mapping.members) {
      const Field* field = findWord(*into_.table, member.key, options_.dialect);
      if (field)
        read(*field, member);
      else
        add(Code::invalid_schema, member.at, join(options_.path, printable(member.key, 64)),
            unknownWord(*into_.table, member.key, options_.dialect));
    }
    if (!options_.before) missing(mapping);
    if (into_.table->inert.held) *static_cast<model::Inert*>(inertPlace()) = writeInert(inert_);
    return std::move(out_);
  }

private:
  void* inertPlace() { return into_.table->inert.make(into_.object); }

  void add(Code code, Position at, std::string path, std::string text) {
    out_.findings.push_back({code, {options_.file, at, std::move(path), std::move(text)}});
  }
  void take(Problems&& problems, bool limitsToo) {
    for (Problem& problem : problems)
      if (limitsToo || !problem.limit) out_.findings.push_back(std::move(problem.finding));
  }
  std::string place(const Field& field) const { return join(options_.path, wordOf(field, options_.dialect)); }

  void read(const Field& field, const Node::Member& member) {
    if (field.moves) {
      if (ofManifests(options_.dialect))
        add(Code::invalid_param, member.at, place(field),
            "is kept by Gatehouse and has no place in a manifest");
      return;
    }
    if (member.value.kind == Node::Kind::null) return drop(field, member);
    if (field.shape.kind == Kind::secret) return readSecret(field, member);
    if (!field.place.held)
      return field.standing == Standing::inert ? readInert(field, member) : readRefused(field, member);
    if (field.standing == Standing::read_only) return readReadOnly(field, member);
    readMember(field, member);
  }

  /// An explicit null: drops an optional value (R9: going back to what is inherited takes one), else an
  /// error.
  void drop(const Field& field, const Node::Member& member) {
    const bool droppable = field.fallback.is == Default::Is::absent && field.shape.kind != Kind::secret;
    if (!droppable || ofManifests(options_.dialect))
      return add(Code::invalid_schema, member.at, place(field),
                 ofManifests(options_.dialect) ? "has no value; drop the key to change nothing"
                                               : "must not be null");
    if (field.standing == Standing::read_only) {
      if (options_.before && field.place.find(options_.before->object)) notTheSame(field, member);
      return;
    }
    if (field.standing == Standing::refused) return; // null is its default
    if (field.place.held)
      field.place.drop(into_.object);
    else
      inert_.erase(std::string(field.name));
    out_.given.insert(std::string(field.name));
  }

  void readSecret(const Field& field, const Node::Member& member) {
    if (options_.dialect == Dialect::yaml) return readReference(field, member);
    const Node& node = member.value;
    if (options_.dialect == Dialect::values && node.kind == Node::Kind::mapping)
      return refuseReference(field, node);
    if (node.kind != Node::Kind::scalar || node.style != Node::Style::quoted)
      return add(Code::invalid_schema, node.at, place(field), "a text is wanted");
    const auto size = static_cast<std::int64_t>(node.text.size());
    if (size < field.shape.least || size > field.shape.most)
      return add(Code::invalid_param, node.at, place(field),
                 "must have " + std::to_string(field.shape.least) + " to " +
                     std::to_string(field.shape.most) + " bytes");
    if (field.standing != Standing::enforced) return; // taken and dropped
    out_.secrets.add(field.name, Secret(node.text));
    out_.given.insert(std::string(field.name));
  }

  void refuseReference(const Field& field, const Node& node) { // R23: never a file of the server's
    add(Code::invalid_param, node.at, place(field),
        "must be the value itself: file, env and credential are understood in the manifests of the server "
        "and by "
        "`gatehouse apply`, which sends what they hold");
  }

  void readReference(const Field& field, const Node::Member& member) {
    const Node& node = member.value;
    const auto wrong = [&](Position at, const std::string& text) {
      add(Code::invalid_schema, at, place(field), text);
    };
    const std::string forms = "`" + std::string(wordOf(field, options_.dialect)) +
                              ": {file: PATH}`, `{env: NAME}` or `{credential: NAME}`";
    if (node.kind != Node::Kind::mapping) // its text is not repeated: it may be the secret
      return wrong(node.at, "is a secret and must not stand in a manifest; write " + forms);
    if (node.members.size() != 1 || node.members[0].value.kind != Node::Kind::scalar ||
        node.members[0].value.text.empty() || node.members[0].value.text.size() > 4096)
      return wrong(node.at, "one source is wanted: " + forms);
    constexpr std::string_view words[] = {"file", "env", "credential"};
    const auto word = std::find(std::begin(words), std::end(words), node.members[0].key);
    if (word == std::end(words))
      return wrong(node.members[0].at,
                   "`" + printable(node.members[0].key, 64) + "` is no source; write " + forms);
    out_.references.push_back({static_cast<SourceReference::From>(word - std::begin(words)),
                               node.members[0].value.text, std::string(field.name), options_.file,
                               place(field), node.at});
    out_.given.insert(std::string(field.name));
  }

  void readInert(const Field& field, const Node::Member& member) {
    Problems problems;
    const std::string value = values_.canonical(member.value, field.shape, place(field), problems);
    const auto kept = inert_.find(field.name); // not yet changed: a name stands once in an object
    const bool same = options_.before && problemsAreLimits(problems) &&
                      value == (kept == inert_.end() ? defaultJson(field) : kept->second);
    const bool fine = problems.empty() || same;
    take(std::move(problems), !same);
    if (!fine) return;
    if (value == defaultJson(field))
      inert_.erase(std::string(field.name));
    else
      inert_[std::string(field.name)] = value;
    out_.given.insert(std::string(field.name));
  }

  void readRefused(const Field& field, const Node::Member& member) {
    Problems problems;
    const std::string value = values_.canonical(member.value, field.shape, place(field), problems);
    const std::string only = defaultJson(field);
    if (!problemsAreLimits(problems)) return take(std::move(problems), false);
    if (only.empty() && value == "[]") return; // names nothing
    if (value != only)
      add(Code::unsupported_value, member.value.at, place(field),
          only.empty()
              ? "is known but not offered; leave it out"
              : "is known but not offered; only its default " + printable(only, 120) + " is accepted");
  }

  void readReadOnly(const Field& field, const Node::Member& member) {
    Problems problems;
    if (!options_.before) { // on create there is its default to agree with
      const std::string value = values_.canonical(member.value, field.shape, place(field), problems);
      if (!problemsAreLimits(problems)) return take(std::move(problems), false);
      if (value != defaultJson(field))
        add(Code::invalid_param, member.value.at, place(field), "is set by Gatehouse and cannot be chosen");
      return;
    }
    values_.member(member.value, field, into_.object, place(field), problems);
    if (!problemsAreLimits(problems)) return take(std::move(problems), false);
    if (!sameField(field, into_.object, options_.before->object)) notTheSame(field, member);
  }

  void notTheSame(const Field& field, const Node::Member& member) {
    add(Code::invalid_param, member.value.at, place(field), "is read-only: it is accepted only as it is");
  }

  void readMember(const Field& field, const Node::Member& member) {
    if (ofManifests(options_.dialect) && field.bySource && member.value.kind == Node::Kind::mapping)
      return options_.dialect == Dialect::yaml ? readReference(field, member)
                                               : refuseReference(field, member.value);
    Problems problems;
    values_.member(member.value, field, into_.object, place(field), problems);
    // An unchanged value passes: a certificate that has expired must not block the change of something else.
    const bool same = options_.before && problemsAreLimits(problems) &&
                      sameField(field, into_.object, options_.before->object);
    take(std::move(problems), !same);
    out_.given.insert(std::string(field.name));
  }

  void missing(const Node& mapping) {
    for (const Field& field : into_.table->fields) {
      if (field.fallback.is != Default::Is::required) continue;
      if (!mapping.find(wordOf(field, options_.dialect)))
        add(Code::missing_field, mapping.at, place(field), "is missing");
    }
  }

  model::Edit into_;
  const DecodeOptions& options_;
  Decoded out_;
  ValueReader values_; // adds to out_.references
  InertValues inert_;
};

} // namespace

Decoded decode(const Node& mapping, model::Edit into, const DecodeOptions& options) {
  return Decoding(into, options).run(mapping);
}

} // namespace gatehouse::control
