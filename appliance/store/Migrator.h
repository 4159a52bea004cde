#pragma once
#include "base/Result.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::store {

/// One numbered step of the schema. Released ones never change: the checksum is kept in each store that took
/// the step.
struct Migration {
  int number = 0;
  std::string_view name;   // "core"
  std::string_view sha256; // hex, of the text; CMake computes it
  std::string_view sql;
};
using Migrations = std::span<const Migration>; // 1, 2, 3, ... without a gap

/// The files of migrations/, embedded when this was built.
[[nodiscard]] Migrations builtinMigrations() noexcept;

class Connection;

/// Brings a store forward, never back: one transaction for each step, on a connection with foreign keys off
/// (a rebuilt table would empty its children otherwise), `foreign_key_check` and `integrity_check` before
/// each commit. Before the first step of a store that has something to lose, an online backup is made beside
/// it: `<store>.before-0002`.
///
/// Threads: the caller's, under the store's lock. Errors: the store is as the last whole step left it.
/// Refused: a store newer than the list, one whose recorded checksums differ, a file of another program.
class Migrator {
public:
  explicit Migrator(Migrations migrations)
      : migrations_(migrations) {}

  /// `connection` is one with foreign keys off.
  Status migrate(Connection& connection) const;

  /// What stands between the store and this list, without writing: an error where migrate would refuse; else
  /// the number of steps to take.
  Result<std::size_t> pending(Connection&) const;

private:
  Status step(Connection&, const Migration&) const;
  Migrations migrations_;
};

} // namespace gatehouse::store
