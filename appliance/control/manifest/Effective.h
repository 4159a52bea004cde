#pragma once
#include "control/change/Changes.h"
#include "control/manifest/Manifest.h"
#include "model/Field.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace gatehouse::control {

using HeldObjects = std::set<std::pair<model::ObjectKind, std::string>>;

/// The tree of a wanted object without the fields that stay as they are, and without its references to roles
/// and ACLs that are held; nothing where that is the tree itself. `dropped`: the fields that lost a
/// reference.
[[nodiscard]] std::optional<Node> effective(const Node& wanted, const model::Table&,
                                            const std::set<std::string, std::less<>>& withheld,
                                            const HeldObjects& held,
                                            std::set<std::string, std::less<>>* dropped = nullptr);

/// Lays a manifest's tree onto an object, as a request's body is laid. Errors: what is wrong with it.
template <class T>
Result<Given> lay(const Node& node, T& object, const ObjectNames& names, Dialect dialect, bool create) {
  const T before = object;
  DecodeOptions options;
  options.dialect = dialect;
  if (!create) options.before = model::View(before);
  options.names = &names;
  Decoded decoded = decode(node, model::Edit(object), options);
  if (!decoded.ok()) return asError(decoded.findings);
  return std::move(decoded.given);
}

} // namespace gatehouse::control
