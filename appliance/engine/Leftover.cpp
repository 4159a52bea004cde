#include "engine/Leftover.h"

#include <csignal>
#include <utility>

namespace gatehouse::engine {
namespace {

constexpr char none = '-';

/// The letter of proc(5), or none.
char stateOf(const std::optional<ProcessRecord>& process) {
  if (!process) return none;
  const auto state = process->alive();
  return state.has_value() ? state.value().state : none;
}

} // namespace

Leftover::Leftover(EngineFolders& folders, std::string engineId, std::uint64_t nowMs)
    : folders_(folders)
    , engineId_(std::move(engineId))
    , process_(folders.recorded(engineId_))
    , sinceMs_(nowMs) {}

Leftover::Phase Leftover::enter(Phase phase, std::string account, std::uint64_t nowMs) {
  phase_ = phase;
  account_ = std::move(account);
  sinceMs_ = nowMs;
  return phase_;
}

Leftover::Phase Leftover::step(std::uint64_t nowMs) {
  if (phase_ == Phase::gone || phase_ == Phase::gaveUp) return phase_;
  const std::uint64_t since = nowMs - sinceMs_;
  const char main = stateOf(process_);
  const auto family = process_ ? process_->family(folders_.path(engineId_)) : std::vector<ProcessRecord>();
  if (main == none && family.empty()) return withoutProcess(nowMs);

  const std::string name = "process " + std::to_string(process_->pid);
  if (phase_ == Phase::killing) {
    if (since < killingCeilingMs) return phase_;
    return enter(Phase::gaveUp, name + " does not end, not even by SIGKILL: its disk may hang", nowMs);
  }
  const bool unattended = main == none; // only forks live: what they save, nobody will take up
  const bool frozen = main == 'T' || main == 't';
  if (!unattended && !frozen && grows()) return enter(Phase::saving, name + " saves", nowMs);
  if (unattended || (asked_ && since >= endingCeilingMs)) {
    for (const ProcessRecord& member : family) member.signal(SIGKILL);
    if (main != none) process_->signal(SIGKILL); // also where its directory cannot be seen
    return enter(Phase::killing,
                 name + (unattended ? " has ended, its children are ended" : " is silent: killed"), nowMs);
  }
  if (!asked_ && (frozen || since >= quietCeilingMs)) {
    asked_ = true;
    process_->signal(SIGTERM);
    process_->signal(SIGCONT); // SIGTERM waits while a process is stopped
    return enter(Phase::ending, name + (frozen ? " was frozen: woken and told to end" : " is told to end"),
                 nowMs);
  }
  if (account_.empty()) account_ = name + " still runs";
  return phase_;
}

/// The recorded process is gone or there is no record: the lock has the last word.
Leftover::Phase Leftover::withoutProcess(std::uint64_t nowMs) {
  if (folders_.inUse(engineId_)) {
    if (nowMs - sinceMs_ < endingCeilingMs) return phase_;
    return enter(Phase::gaveUp,
                 "a process that this Gatehouse does not know has locked " + folders_.path(engineId_) +
                     ": does a second Gatehouse share engines.directory?",
                 nowMs);
  }
  folders_.forget(engineId_);
  return enter(Phase::gone, "", nowMs);
}

/// Only growth beyond what was seen counts: an engine that tries and fails for ever comes to an end.
bool Leftover::grows() {
  const std::uint64_t bytes = folders_.savedBytes(engineId_);
  if (bytes <= writtenBytes_) return false;
  writtenBytes_ = bytes;
  return true;
}

} // namespace gatehouse::engine
