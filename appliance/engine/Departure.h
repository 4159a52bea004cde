#pragma once
#include "engine/EngineFolders.h"
#include "engine/Leftover.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::engine {

/// A directory that no database names any more leaves its place (R21): first whatever still runs there ends,
/// then its files are put aside. What a crash interrupts is found again at the next start.
///
/// Threads: one. Errors: tried again every half minute; `account` says why. `folders` outlives it.
class Departure {
public:
  Departure(EngineFolders& folders, std::string engineId)
      : folders_(folders)
      , engineId_(std::move(engineId)) {}

  /// Call it about every 100 ms until it says true: the files lie aside.
  [[nodiscard]] bool step(std::uint64_t nowMs);
  [[nodiscard]] const std::string& engineId() const noexcept { return engineId_; }
  /// The last trouble; empty where there was none.
  [[nodiscard]] const std::string& account() const noexcept { return account_; }

  static constexpr std::uint64_t againMs = 30'000;

private:
  EngineFolders& folders_;
  std::string engineId_, account_;
  std::optional<Leftover> leftover_;
  std::uint64_t nextMs_ = 0;
};

} // namespace gatehouse::engine
