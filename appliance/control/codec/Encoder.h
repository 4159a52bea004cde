#pragma once
#include "model/Field.h"

#include <span>
#include <string>

namespace gatehouse::control {

/// Appends an object as JSON, fields in the order of its table. Defaults are written, absent members left
/// out, inert fields come from what was kept or their default, refused ones are their default, secrets never.
///
/// Threads: any. Errors: none.
///
/// `only`: the names of the fields that are wanted; empty: all.
void encode(model::View object, std::string& out, std::span<const std::string> only = {});
[[nodiscard]] std::string encode(model::View object, std::span<const std::string> only = {});

/// Appends the value of a field that has a member; `at` is what its place finds.
void encodeField(const model::Field&, const void* at, std::string& out);

/// Appends a list of objects.
void encodeList(std::span<const model::View> objects, std::string& out);

} // namespace gatehouse::control
