#include "control/codec/Diff.h"

#include "control/codec/InertValues.h"

#include <cstdint>

namespace gatehouse::control {
namespace {

using model::Field;
using model::Kind;
using model::Narrows;
using model::Shape;

bool sameObject(const model::Table& table, const void* a, const void* b);

bool sameValue(const Shape& shape, const void* a, const void* b) {
  switch (shape.kind) {
  case Kind::boolean: return *static_cast<const bool*>(a) == *static_cast<const bool*>(b);
  case Kind::integer: return *static_cast<const std::int64_t*>(a) == *static_cast<const std::int64_t*>(b);
  case Kind::text: return *static_cast<const std::string*>(a) == *static_cast<const std::string*>(b);
  case Kind::choice: return *static_cast<const std::uint8_t*>(a) == *static_cast<const std::uint8_t*>(b);
  case Kind::object: return sameObject(*shape.table, a, b);
  case Kind::any:
  case Kind::secret: break; // no member holds these
  }
  return true;
}

/// Whether list `a` has an entry like `entry`.
bool has(const Field& field, const void* a, const void* entry) {
  for (std::size_t i = 0; i < field.place.items->count(a); ++i)
    if (sameValue(field.shape, field.place.items->item(a, i), entry)) return true;
  return false;
}

bool includes(const Field& field, const void* all, const void* some) {
  for (std::size_t i = 0; i < field.place.items->count(some); ++i)
    if (!has(field, all, field.place.items->item(some, i))) return false;
  return true;
}

bool sameList(const Field& field, const void* a, const void* b) {
  const model::Sequence& items = *field.place.items;
  if (items.count(a) != items.count(b)) return false;
  if (field.shape.unique) return includes(field, a, b); // a set has no order
  for (std::size_t i = 0; i < items.count(a); ++i)
    if (!sameValue(field.shape, items.item(a, i), items.item(b, i))) return false;
  return true;
}

bool sameObject(const model::Table& table, const void* a, const void* b) {
  for (const Field& field : table.fields)
    if (field.place.held && !sameField(field, a, b)) return false;
  return true;
}

bool narrows(const Field& field, const void* before, const void* after) {
  if (!before || !after) return true; // no direction between a value and none
  switch (field.narrows) {
  case Narrows::unknown: return true;
  case Narrows::when_true: return *static_cast<const bool*>(after);
  case Narrows::when_false: return !*static_cast<const bool*>(after);
  case Narrows::when_lower:
    return *static_cast<const std::int64_t*>(after) < *static_cast<const std::int64_t*>(before);
  case Narrows::when_higher:
    return *static_cast<const std::int64_t*>(after) > *static_cast<const std::int64_t*>(before);
  case Narrows::when_later_word:
    return *static_cast<const std::uint8_t*>(after) > *static_cast<const std::uint8_t*>(before);
  case Narrows::when_earlier_word:
    return *static_cast<const std::uint8_t*>(after) < *static_cast<const std::uint8_t*>(before);
  case Narrows::when_fewer: return !includes(field, after, before); // set difference, not count
  }
  return true;
}

} // namespace

bool sameField(const Field& field, const void* a, const void* b) {
  const void* inA = field.place.find(a);
  const void* inB = field.place.find(b);
  if (!inA || !inB) return inA == inB;
  return field.place.items ? sameList(field, inA, inB) : sameValue(field.shape, inA, inB);
}

std::vector<FieldChange> diff(model::View before, model::View after) {
  std::vector<FieldChange> changes;
  InertValues was, is;
  if (before.table->inert.held) {
    was = openInert(*static_cast<const model::Inert*>(before.table->inert.find(before.object)));
    is = openInert(*static_cast<const model::Inert*>(after.table->inert.find(after.object)));
  }
  for (const Field& field : before.table->fields) {
    if (field.moves || !field.stored) continue;
    if (field.place.held) {
      if (!sameField(field, before.object, after.object))
        changes.push_back({std::string(field.name),
                           narrows(field, field.place.find(before.object), field.place.find(after.object))});
    } else if (field.standing == model::Standing::inert) {
      const auto a = was.find(field.name), b = is.find(field.name);
      if ((a == was.end()) != (b == is.end()) || (a != was.end() && a->second != b->second))
        changes.push_back({std::string(field.name), true});
    }
  }
  return changes;
}

} // namespace gatehouse::control
