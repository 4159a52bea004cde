#include "engine/LiveChange.h"

#include "base/Text.h"
#include "engine/EngineConfiguration.h"

#include <utility>

namespace gatehouse::engine {

using model::Persistence;

std::string infoField(const std::string& info, const std::string& name) {
  const std::string lead = '\n' + name + ':';
  const std::size_t at = info.find(lead);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + lead.size();
  return info.substr(begin, info.find('\r', begin) - begin);
}

Persistence startPersistence(const DataFiles& files, Persistence wanted) noexcept {
  if (files.appendOnly) return Persistence::aof;
  return files.snapshot ? Persistence::snapshot : wanted;
}

DataFiles outdatedBy(Persistence persistence) noexcept {
  DataFiles files;
  files.appendOnly = persistence != Persistence::aof;
  files.snapshot = persistence == Persistence::disabled;
  return files;
}

LiveChange::LiveChange(transport::EventLoop& loop, AdminCommands& admin, const EngineSpec& from,
                       EngineSpec to, std::function<Status()> dropOther, Done done)
    : loop_(loop)
    , admin_(admin)
    , to_(std::move(to))
    , persistenceChanges_(from.persistence != to_.persistence)
    , dropOther_(std::move(dropOther))
    , done_(std::move(done))
    , timer_(loop, [this] { go(); }) {}

void LiveChange::start() {
  step_ = persistenceChanges_ && to_.persistence == Persistence::snapshot ? Step::save : Step::settings;
  go();
}

void LiveChange::later(Step step) {
  step_ = step;
  timer_.arm(loop_.nowMs() + lookMs);
}

void LiveChange::send(std::vector<std::string> words, std::function<void(const resp::Reply&)> done) {
  admin_.send(std::move(words),
              [this, alive = std::weak_ptr<bool>(alive_), done = std::move(done)](const resp::Reply* reply) {
                if (alive.expired()) return;
                if (reply == nullptr || reply->isError("BUSY") || reply->isError("LOADING"))
                  return later(step_);
                done(*reply);
              });
}

void LiveChange::go() {
  switch (step_) {
  case Step::settings: {
    std::vector<std::string> words{"CONFIG", "SET"};
    for (auto& [name, value] : liveSettings(to_)) {
      words.push_back(std::move(name));
      words.push_back(std::move(value));
    }
    return send(std::move(words), [this](const resp::Reply& reply) {
      if (!reply.isStatus("OK")) return finish(Outcome::refused, printable(reply.text));
      if (!persistenceChanges_) return finish(Outcome::done, {});
      step_ = to_.persistence == Persistence::aof ? Step::rewriting : Step::dropping;
      go();
    });
  }
  case Step::save:
    return send({"INFO", "persistence"}, [this](const resp::Reply& info) {
      savesBefore_ = infoField(info.text, "rdb_saves");
      send({"BGSAVE", "SCHEDULE"}, [this](const resp::Reply& reply) {
        // An error: one is under way already. What it does not save is then saved by another.
        later(reply.isError() ? Step::save : Step::saving);
      });
    });
  case Step::saving:
  case Step::rewriting:
  case Step::dropping:
    return send({"INFO", "persistence"}, [this](const resp::Reply& reply) { look(reply.text); });
  case Step::over: return;
  }
}

void LiveChange::look(const std::string& info) {
  const auto field = [&info](const char* name) { return infoField(info, name); };
  const bool saving = field("rdb_bgsave_in_progress") != "0";
  const bool rewriting = field("aof_rewrite_in_progress") != "0" || field("aof_rewrite_scheduled") != "0";
  switch (step_) {
  case Step::saving:
    if (field("rdb_saves") != savesBefore_) return later(Step::settings);
    // Neither saved nor saving: it failed (a full disk), or waits for a rewrite to end.
    return later(saving || rewriting ? Step::saving : Step::save);
  case Step::rewriting:
    if (rewriting || field("aof_enabled") != "1" || field("aof_last_bgrewrite_status") != "ok")
      return later(Step::rewriting);
    return finish(Outcome::done, {});
  case Step::dropping:
    if (saving && to_.persistence == Persistence::disabled) return later(Step::dropping);
    if (const Status dropped = dropOther_(); !dropped)
      return finish(Outcome::done, dropped.error().description);
    return finish(Outcome::done, {});
  case Step::settings:
  case Step::save:
  case Step::over: return;
  }
}

void LiveChange::finish(Outcome outcome, const std::string& why) {
  step_ = Step::over;
  done_(outcome, why);
}

} // namespace gatehouse::engine
