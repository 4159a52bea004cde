#pragma once
#include "engine/AofTail.h"
#include "engine/EngineFolders.h"
#include "engine/EngineProcess.h"

#include <cstdint>
#include <memory>
#include <string>

namespace gatehouse::engine {

/// Mends an append-only file whose end a power cut or a kill has torn, where redis itself may not: below
/// version 3 Landlock does not see truncate(2), so engines do not have it, and redis exits instead.
///
/// The same program, in the same sandbox and folder, is run as redis-check-aof to find where it would cut.
/// Only what AofTail finds to be torn is cut: it is first copied to `cut-off.aof` in the engine's folder (one
/// copy is kept, the latest), then redis-check-aof cuts with `--fix`, and the sizes are compared. Files are
/// untouched where anything is else than expected.
///
/// Threads: the engines', no other engine in that folder. Errors: refused, and why. Owns: the process.
/// `folders` outlives it.
class AofRepair {
public:
  enum class Outcome : std::uint8_t { working, mended, refused };

  /// `launch`: how the engine itself is started.
  AofRepair(EngineFolders& folders, Launch launch, std::uint64_t nowMs);

  /// To be called every some milliseconds. Copies 16 MiB in one call at the most.
  [[nodiscard]] Outcome step(std::uint64_t nowMs);
  /// What was cut off, or why nothing was; a part of a sentence.
  [[nodiscard]] const std::string& account() const noexcept { return account_; }

  static constexpr std::uint64_t ceilingMs = 600'000; // for the program to read the file
  static constexpr std::string_view copyName = "cut-off.aof";

private:
  enum class Step : std::uint8_t { checking, copying, cutting, mended, refused };
  Status find();
  void run(std::vector<std::string> arguments, std::string input);
  [[nodiscard]] bool ended(std::uint64_t nowMs);
  void afterCheck();
  Status startCopy();
  void copy();
  Status finishCopy();
  void afterCut();
  void refuse(std::string why);
  [[nodiscard]] std::uint64_t size() const;

  EngineFolders& folders_;
  Launch launch_;
  const std::uint64_t sinceMs_;
  Step step_ = Step::checking;
  std::string account_;
  std::string name_; // of the file, below the engine's folder
  UniqueFd folder_, file_, copy_;
  std::uint64_t size_ = 0, keep_ = 0, copied_ = 0; // of the file; where it is cut; up to where it was copied
  AofTail tail_;
  std::string said_; // by the program
  std::unique_ptr<EngineProcess> process_;
};

/// The last increment that a manifest of redis's names: the only file that a torn end can be in. Empty where
/// it names none, or not as redis writes it.
[[nodiscard]] std::string lastIncrement(std::string_view manifest);

} // namespace gatehouse::engine
