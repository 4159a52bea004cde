#pragma once
#include "gateway/Proof.h"
#include "model/Snapshot.h"

#include <string>
#include <vector>

namespace gatehouse::gateway {

/// What somebody is to be at the engine of the database that the proof is for: a name, and one selector for
/// each of the roles that has an ACL there (R14).
struct EngineUser {
  std::string name;
  std::vector<std::string> rules; // model::projectedRules
  bool operator==(const EngineUser&) const = default;
};

/// Of a proof that stands under this Snapshot. Rules that cannot be made give nothing at all: fail closed.
///
/// Threads: pure.
[[nodiscard]] EngineUser engineUserOf(const Proof&, const model::Snapshot&);

/// Whether `now` is the same user with all the rules that `before` has: then its sessions may stay.
[[nodiscard]] bool keepsAll(const EngineUser& before, const EngineUser& now) noexcept;

} // namespace gatehouse::gateway
