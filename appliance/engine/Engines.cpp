#include "engine/Engines.h"

#include "engine/Supervisor.h"

namespace gatehouse::engine {

Result<std::unique_ptr<Engines>> Engines::create(EnginesOptions options, const Clock& clock,
                                                 EventSink& events) {
  auto supervisor = Supervisor::create(std::move(options), clock, events);
  if (!supervisor) return std::move(supervisor).error();
  return std::unique_ptr<Engines>(new Engines(std::move(supervisor).value()));
}

Engines::Engines(std::unique_ptr<Supervisor> supervisor)
    : supervisor_(std::move(supervisor)) {}

Engines::~Engines() = default;

std::shared_ptr<const model::CommandTable> Engines::commands() { return supervisor_->commands(); }

void Engines::run(std::vector<EngineSpec> wanted) { supervisor_->run(std::move(wanted)); }

EngineState Engines::state(std::int64_t database) { return supervisor_->state(database); }

void Engines::whenSettled(std::int64_t database, std::uint64_t mostMs, std::function<void()> done) {
  supervisor_->whenSettled(database, mostMs, std::move(done));
}

void Engines::project(ProjectionRequest request,
                      std::function<void(Result<std::shared_ptr<const Projected>>)> done) {
  supervisor_->project(std::move(request), std::move(done));
}

void Engines::revoke(std::int64_t database, std::int64_t userUid) { supervisor_->revoke(database, userUid); }

std::vector<std::string> Engines::behind() { return supervisor_->behind(); }

void Engines::stop(const std::function<void()>& saving) { supervisor_->stop(saving); }

} // namespace gatehouse::engine
