#pragma once
#include "base/Node.h"
#include "base/Secret.h"
#include "control/codec/Findings.h"
#include "model/Field.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// The secrets of one object by field name; they have no member in the object (model/README.md).
///
/// Threads: a value. Owns: the secrets, which are wiped with it.
class Secrets {
public:
  void add(std::string_view field, Secret);
  /// Null when the field was not given.
  [[nodiscard]] const Secret* find(std::string_view field) const noexcept;
  /// Takes a secret out; an empty one when the field was not given.
  [[nodiscard]] Secret take(std::string_view field);
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::vector<std::string> fields() const;

private:
  struct Entry {
    std::string field;
    Secret value;
  };
  std::vector<Entry> entries_;
};

/// A value that a manifest names instead of writing it: `{file: p}`, `{env: NAME}` or `{credential: name}`.
struct SourceReference {
  enum class From : std::uint8_t { file, env, credential };
  From from = From::file;
  std::string name;  // as written
  std::string field; // of the object
  std::string manifest, path;
  Position at;
};

/// What the names in a manifest mean. Provisional uids (of objects that do not exist yet) are negative.
class Names {
public:
  virtual ~Names() = default;
  [[nodiscard]] virtual std::optional<std::int64_t> uid(model::ObjectKind, std::string_view name) const = 0;
  /// All of a kind, to suggest the nearest.
  [[nodiscard]] virtual std::vector<std::string_view> all(model::ObjectKind) const = 0;
};

/// How an object is written. json: types are strict (`"12"` is no integer, `1.0` neither), uids, null drops
/// an optional member. yaml: types by the field from bare or quoted text, names for uids, secrets by
/// reference. values: a manifest that came over REST, with yaml's words and json's types; secrets stand
/// there, and references are refused (R23).
enum class Dialect : std::uint8_t { json, yaml, values };
[[nodiscard]] constexpr bool ofManifests(Dialect dialect) noexcept { return dialect != Dialect::json; }

struct DecodeOptions {
  Dialect dialect = Dialect::json;
  /// The stored object of an update; none on a create. Read-only and unchanged values are judged against it,
  /// so it must be another object than the one being made.
  std::optional<model::View> before;
  const Names* names = nullptr; // manifests: needed where a field refers to an object
  std::string file, path;       // lead every finding's place: "users[3]"
};

/// What a decoding gave besides the object. The object is fit for use only while `findings` is empty.
struct Decoded {
  std::set<std::string, std::less<>>
      given;       // fields that were written and count: enforced (secrets too) and inert
  Secrets secrets; // json, values
  std::vector<SourceReference> references; // yaml: of secrets, and of text that may come from a file
  std::vector<Finding> findings;

  [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
  [[nodiscard]] bool gave(std::string_view field) const { return given.contains(field); }
};

/// Reads an object by its table.
///
/// `into` holds the object to change: a fresh one on create, a copy of the stored one on update; members that
/// the text does not name stay. Every mistake is found at once: unknown fields (with the nearest known),
/// wrong types, limits, unknown words (400), words and refused fields that are known but not offered (406),
/// read-only fields that differ, missing ones on create. A value equal to the stored one passes before its
/// limits are judged.
///
/// Threads: any.
[[nodiscard]] Decoded decode(const Node& mapping, model::Edit into, const DecodeOptions& options);

} // namespace gatehouse::control
