#pragma once
#include "model/Field.h"

#include <string>
#include <vector>

namespace gatehouse::control {

/// A field whose value differs between two states of an object.
struct FieldChange {
  std::string field;
  bool narrows = false; // it takes something away, or its table names no direction (R22: to be held)
};

/// The fields that differ, in the order of the table; moving and computed ones do not count. Secrets are in
/// no object: add their names where they were given. Both views are of one table.
[[nodiscard]] std::vector<FieldChange> diff(model::View before, model::View after);

template <class T>
[[nodiscard]] std::vector<FieldChange> diff(const T& before, const T& after) {
  return diff(model::View(before), model::View(after));
}

/// Whether a field that has a member holds the same in both objects.
[[nodiscard]] bool sameField(const model::Field&, const void* a, const void* b);

} // namespace gatehouse::control
