#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// One table says what an object is: the rows below drive REST's codec and validation, the YAML reader, the
/// JSON Schemas and the store's round-trip test. A row that does not fit its member does not compile.
namespace gatehouse::model {

enum class ObjectKind : std::uint8_t {
  none,
  cluster,
  cluster_policy,
  certificate,
  user,
  role,
  redis_acl,
  bdb
};
enum class Kind : std::uint8_t { boolean, integer, text, choice, object, any, secret };

/// enforced: acted on. read_only: accepted back when equal (clients GET, change, PUT). inert: harmless, kept
/// and returned. refused: it restricts or promises what is not done: accepted when equal to its default, else
/// 406.
enum class Standing : std::uint8_t { enforced, read_only, inert, refused };

/// Which direction of a change takes something away (R22). unknown: every change is held.
enum class Narrows : std::uint8_t {
  unknown,
  when_true,
  when_false,
  when_lower,
  when_higher,
  when_later_word,
  when_earlier_word,
  when_fewer
};

struct Table;

/// Values of the inert fields that are away from their defaults, as one JSON object; "" when there are none.
struct Inert {
  std::string json;
  bool operator==(const Inert&) const = default;
};

/// What a value looks like. Every member has an initialiser: g++'s -Wextra asks for it.
struct Shape {
  Kind kind = Kind::boolean;
  bool many = false;                                 // a list of such values
  bool unique = false;                               // ... without repetition
  std::int64_t least = 0, most = 0, mostEntries = 0; // of an integer, or a text's bytes; of a list
  bool (*fits)(std::string_view) = nullptr;          // a text's alphabet or grammar ...
  std::string_view pattern{};                        // ... as the schemas write it
  std::span<const std::string_view> words{},
      refusedWords{};                     // a choice; words that are known and answered 406
  const Table* table = nullptr;           // an object's fields
  ObjectKind refersTo = ObjectKind::none; // a uid that YAML writes as a name
};

constexpr Shape boolean() { return {}; }
constexpr Shape integer(std::int64_t least, std::int64_t most) {
  Shape s;
  s.kind = Kind::integer;
  s.least = least;
  s.most = most;
  return s;
}
constexpr Shape reference(ObjectKind to) {
  Shape s = integer(1, INT64_MAX);
  s.refersTo = to;
  return s;
}
constexpr Shape text(std::int64_t least, std::int64_t most, bool (*fits)(std::string_view) = nullptr,
                     std::string_view pattern = {}) {
  Shape s = integer(least, most);
  s.kind = Kind::text;
  s.fits = fits;
  s.pattern = pattern;
  return s;
}
constexpr Shape secret(std::int64_t least, std::int64_t most) {
  Shape s = integer(least, most);
  s.kind = Kind::secret;
  return s;
}
constexpr Shape choice(std::span<const std::string_view> words,
                       std::span<const std::string_view> refusedWords = {}) {
  Shape s;
  s.kind = Kind::choice;
  s.words = words;
  s.refusedWords = refusedWords;
  return s;
}
constexpr Shape object(const Table& of) {
  Shape s;
  s.kind = Kind::object;
  s.table = &of;
  return s;
}
/// Any JSON value: inert fields only.
constexpr Shape any() {
  Shape s;
  s.kind = Kind::any;
  return s;
}
constexpr Shape list(Shape of, std::int64_t mostEntries) {
  of.many = true;
  of.mostEntries = mostEntries;
  return of;
}
constexpr Shape set(Shape of, std::int64_t mostEntries) {
  of = list(of, mostEntries);
  of.unique = true;
  return of;
}

struct Default {
  enum class Is : std::uint8_t { absent, required, boolean, integer, text, empty } is = Is::absent;
  std::int64_t integer = 0;
  std::string_view text{};
  constexpr Default(Is i = Is::absent)
      : is(i) {}
  template <std::integral I>
  constexpr Default(I i)
      : is(std::same_as<I, bool> ? Is::boolean : Is::integer)
      , integer(static_cast<std::int64_t>(i)) {}
  constexpr Default(const char* s)
      : is(Is::text)
      , text(s) {}
};
/// absent: no value, the member is left out. required: must be given on create. empty: an empty list.
inline constexpr Default absent{Default::Is::absent}, required{Default::Is::required},
    empty{Default::Is::empty};

/// How the items of a list member are reached; `list` points at the vector.
struct Sequence {
  std::size_t (*count)(const void* list);
  const void* (*item)(const void* list, std::size_t index);
  void* (*append)(void* list);
  void (*clear)(void* list);
};

/// How a member is reached. For optional members find gives null when there is no value, make creates one,
/// drop removes it.
struct Place {
  bool held = false; // there is a member; g++ cannot compare `find` with null in a constant under UBSan
  bool optional = false;
  const void* (*find)(const void* object) = nullptr;
  void* (*make)(void* object) = nullptr;
  void (*drop)(void* object) = nullptr;
  const Sequence* items = nullptr; // lists only
};

struct Field {
  std::string_view name{};
  Shape shape{};
  Default fallback{};
  Standing standing = Standing::inert;
  Narrows narrows = Narrows::unknown;
  std::string_view sentence{};
  Place place{};
  std::string_view inManifest{}; // YAML's word, where it differs
  bool stored = true;            // false: computed at each read
  bool moves = false;            // changes between GET and PUT: any value passes on REST, none in a manifest
  bool bySource = false;         // a manifest may name a file instead; secrets come in no other way

  constexpr Field manifest(std::string_view word) const {
    Field f = *this;
    f.inManifest = word;
    return f;
  }
  constexpr Field computed() const {
    Field f = *this;
    f.stored = false;
    return f;
  }
  constexpr Field moving() const {
    Field f = *this;
    f.moves = true;
    return f;
  }
  constexpr Field sourced() const {
    Field f = *this;
    f.bySource = true;
    return f;
  }
  [[nodiscard]] constexpr std::string_view manifestName() const {
    return inManifest.empty() ? name : inManifest;
  }
};

struct Table {
  std::string_view word; // "user"
  ObjectKind kind = ObjectKind::none;
  std::span<const Field> fields{};
  std::string_view sentence{};
  Place inert{}; // the Inert member, if the object has inert fields

  [[nodiscard]] constexpr const Field* find(std::string_view name) const {
    for (const Field& f : fields)
      if (f.name == name) return &f;
    return nullptr;
  }
};

/// The table of an object type; specialised beside each struct.
template <class T>
const Table& table();

/// An object and its table, never apart.
struct View {
  const Table* table;
  const void* object;
  View(const Table* t, const void* o)
      : table(t)
      , object(o) {}
  template <class T>
  explicit View(const T& o)
      : table(&model::table<T>())
      , object(&o) {}
};
struct Edit {
  const Table* table;
  void* object;
  Edit(const Table* t, void* o)
      : table(t)
      , object(o) {}
  template <class T>
  requires(!std::same_as<T, Edit>) // else it would be chosen to copy an Edit
      explicit Edit(T& o)
      : table(&model::table<T>())
      , object(&o) {}
  [[nodiscard]] View view() const { return {table, object}; }
};

// ---- rows from pointers to members
// ------------------------------------------------------------------------------------------------

namespace detail {
template <class P>
struct MemberOf;
template <class O, class V>
struct MemberOf<V O::*> {
  using Object = O;
  using Value = V;
};
template <class T>
struct Bare {
  using Type = T;
  using Held = T;
  static constexpr bool many = false, optional = false;
};
template <class T>
struct Bare<std::vector<T>> {
  using Type = T;
  using Held = std::vector<T>;
  static constexpr bool many = true, optional = false;
};
template <class T>
struct Bare<std::optional<T>> {
  using Type = typename Bare<T>::Type;
  using Held = T;
  static constexpr bool many = Bare<T>::many, optional = true;
};

template <class E>
inline constexpr Sequence sequence = {
    [](const void* l) { return static_cast<const std::vector<E>*>(l)->size(); },
    [](const void* l, std::size_t i) -> const void* { return &(*static_cast<const std::vector<E>*>(l))[i]; },
    [](void* l) -> void* { return &static_cast<std::vector<E>*>(l)->emplace_back(); },
    [](void* l) { static_cast<std::vector<E>*>(l)->clear(); },
};

template <auto M>
constexpr std::string_view memberName() {
  constexpr std::string_view whole =
      __PRETTY_FUNCTION__; // "... [with auto M = &T::name; ...]" or "[M = &T::name]"
  const std::string_view tail = whole.substr(whole.find("M = ") + 4);
  const std::string_view path = tail.substr(0, tail.find_first_of(";]"));
  return path.substr(path.rfind("::") + 2);
}
} // namespace detail

template <auto M>
constexpr Place place() {
  using O = typename detail::MemberOf<decltype(M)>::Object;
  using B = detail::Bare<typename detail::MemberOf<decltype(M)>::Value>;
  Place p;
  p.held = true;
  p.optional = B::optional;
  if constexpr (B::optional) {
    p.find = [](const void* o) -> const void* {
      const auto& m = static_cast<const O*>(o)->*M;
      return m ? &*m : nullptr;
    };
    p.make = [](void* o) -> void* {
      auto& m = static_cast<O*>(o)->*M;
      return m ? &*m : &m.emplace();
    };
    p.drop = [](void* o) { (static_cast<O*>(o)->*M).reset(); };
  } else {
    p.find = [](const void* o) -> const void* { return &(static_cast<const O*>(o)->*M); };
    p.make = [](void* o) -> void* { return &(static_cast<O*>(o)->*M); };
  }
  if constexpr (B::many) p.items = &detail::sequence<typename B::Type>;
  return p;
}

constexpr Field row(std::string_view name, Shape shape, Default fallback, Standing standing, Narrows narrows,
                    std::string_view sentence) {
  if (narrows == Narrows::when_fewer && !shape.many) throw "when_fewer is for lists";
  if ((narrows == Narrows::when_true || narrows == Narrows::when_false) && shape.kind != Kind::boolean)
    throw "when_true and when_false are for booleans";
  if ((narrows == Narrows::when_later_word || narrows == Narrows::when_earlier_word) &&
      shape.kind != Kind::choice)
    throw "when_later_word and when_earlier_word are for choices";
  Field f;
  f.name = name;
  f.shape = shape;
  f.fallback = fallback;
  f.standing = standing;
  f.narrows = narrows;
  f.sentence = sentence;
  return f;
}

template <auto M>
constexpr Field member(Field f) {
  using B = detail::Bare<typename detail::MemberOf<decltype(M)>::Value>;
  using E = typename B::Type;
  constexpr Kind kind = std::same_as<E, bool>                   ? Kind::boolean
                        : std::same_as<E, std::int64_t>         ? Kind::integer
                        : std::same_as<E, std::string>          ? Kind::text
                        : (std::is_enum_v<E> && sizeof(E) == 1) ? Kind::choice
                                                                : Kind::object;
  if (f.shape.kind != kind || f.shape.many != B::many) throw "the row's type is not the member's type";
  if (f.name != detail::memberName<M>()) throw "the row's name is not the member's name";
  if (B::optional != (f.fallback.is == Default::Is::absent))
    throw "an optional member's default is absent, and only its";
  f.place = place<M>();
  return f;
}

template <auto M>
constexpr Field enforced(std::string_view name, Shape s, Default d, Narrows n, std::string_view sentence) {
  return member<M>(row(name, s, d, Standing::enforced, n, sentence));
}
template <auto M>
constexpr Field read_only(std::string_view name, Shape s, Default d, std::string_view sentence) {
  return member<M>(row(name, s, d, Standing::read_only, Narrows::unknown, sentence));
}
/// Enforced, but a secret: taken, never kept in the object, never returned.
constexpr Field write_only(std::string_view name, Shape s, std::string_view sentence) {
  return row(name, s, absent, Standing::enforced, Narrows::unknown, sentence);
}
constexpr Field inert(std::string_view name, Shape s, Default d, std::string_view sentence) {
  return row(name, s, d, Standing::inert, Narrows::unknown, sentence);
}
constexpr Field refused(std::string_view name, Shape s, Default d, std::string_view sentence) {
  return row(name, s, d, Standing::refused, Narrows::unknown, sentence);
}

/// No two rows of one name, and an Inert place where there are inert rows.
constexpr bool sound(const Table& t) {
  for (std::size_t i = 0; i < t.fields.size(); ++i) {
    if (t.fields[i].standing == Standing::inert && t.fields[i].shape.kind != Kind::secret && !t.inert.held)
      return false;
    for (std::size_t k = 0; k < i; ++k)
      if (t.fields[k].name == t.fields[i].name) return false;
  }
  return true;
}

} // namespace gatehouse::model
