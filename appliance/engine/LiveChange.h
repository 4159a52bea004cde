#pragma once
#include "engine/AdminCommands.h"
#include "engine/EngineFolders.h"
#include "engine/Engines.h"
#include "transport/Timer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gatehouse::engine {

/// Brings a running engine from one specification to another, with its data whole on the disk at each moment:
/// an append-only file is written before it counts, a snapshot is saved before the append-only file goes.
///
/// Threads: the engines'. Errors: `refused`, with the engine's words: restart it. A busy engine or a lost
/// link is tried again. Owns: its timer. What it was constructed with outlives it; not to be destroyed inside
/// `done`.
class LiveChange {
public:
  enum class Outcome : std::uint8_t { done, refused };
  using Done = std::function<void(Outcome, const std::string& why)>;

  /// `dropOther`: called when the files of another persistence than the new one's may go.
  LiveChange(transport::EventLoop& loop, AdminCommands& admin, const EngineSpec& from, EngineSpec to,
             std::function<Status()> dropOther, Done done);
  void start();
  [[nodiscard]] const EngineSpec& to() const noexcept { return to_; }

  static constexpr std::uint64_t lookMs = 250; // between two looks at what the engine does

private:
  enum class Step : std::uint8_t {
    settings, // CONFIG SET
    save,     // BGSAVE, before the append-only file is switched off
    saving,
    rewriting, // the append-only file's first rewrite
    dropping,  // what is outdated is removed, once no snapshot is under way that would bring it back
    over
  };
  void go();
  void look(const std::string& info);
  void later(Step step);
  void finish(Outcome outcome, const std::string& why);
  void send(std::vector<std::string> words, std::function<void(const resp::Reply&)> done);

  transport::EventLoop& loop_;
  AdminCommands& admin_;
  const EngineSpec to_;
  const bool persistenceChanges_;
  std::function<Status()> dropOther_;
  Done done_;
  Step step_ = Step::settings;
  std::string savesBefore_; // INFO's rdb_saves
  transport::Timer timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); // answers may come after its end
};

/// The persistence that an engine is started with over these files, so that it has its data back. Where it is
/// not what is wanted, that is set once it runs. An append-only file is the newer of the two: its manifest
/// stands from the moment that its first rewrite is whole until it is given up.
[[nodiscard]] model::Persistence startPersistence(const DataFiles& files, model::Persistence wanted) noexcept;

/// What `persistence` does not keep up: an old copy would be loaded some day. A snapshot beside an
/// append-only file may stay: it is not read.
[[nodiscard]] DataFiles outdatedBy(model::Persistence persistence) noexcept;

/// One field of INFO; empty where it is not there.
[[nodiscard]] std::string infoField(const std::string& info, const std::string& name);

} // namespace gatehouse::engine
