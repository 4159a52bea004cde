#pragma once
#include "base/Result.h"
#include "base/Secret.h"

#include <cstdint>
#include <optional>

namespace gatehouse::store {
class Transaction;
}

namespace gatehouse::control {

/// Tells whether a manifest's password is the one that it brought last, by a keyed digest: without hashing it
/// again, and without keeping anything that the password could be guessed from where the key is not.
///
/// Threads: one at a time. Owns: a copy of the store's key, wiped with it.
class SecretDigests {
public:
  /// Reads the store's key; there may be none yet.
  Status open(store::Transaction&);
  /// Makes the key where there is none.
  Status make(store::Transaction&);
  Result<bool> same(store::Transaction&, std::int64_t userUid, const Secret& password) const;
  /// After make.
  Status note(store::Transaction&, std::int64_t userUid, const Secret& password) const;

private:
  std::optional<Secret> key_;
};

} // namespace gatehouse::control
