#include "control/manifest/Enrolment.h"

#include "control/manifest/Kinds.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::size_t atOnce = 4; // jobs; the pool has its own number of threads

struct Batch {
  Serving& serving;
  std::shared_ptr<const Manifest> manifest;
  std::vector<std::size_t> users;
  std::function<void(Result<Verifiers>)> done;

  std::mutex mutex;
  std::size_t next = 0, running = 0;
  std::optional<Error> failed;
  Verifiers verifiers;

  Batch(Serving& s, std::shared_ptr<const Manifest> m, std::vector<std::size_t> u,
        std::function<void(Result<Verifiers>)> d)
      : serving(s)
      , manifest(std::move(m))
      , users(std::move(u))
      , done(std::move(d)) {}
};

/// The next user, or nothing when this job has no more to do.
std::optional<std::size_t> take(Batch& batch) {
  const std::lock_guard lock(batch.mutex);
  if (batch.failed || batch.next == batch.users.size()) return std::nullopt;
  return batch.users[batch.next++];
}

void finish(Batch& batch) {
  {
    const std::lock_guard lock(batch.mutex);
    if (--batch.running > 0) return;
  }
  if (batch.failed) return batch.done(*batch.failed);
  batch.done(std::move(batch.verifiers));
}

void work(const std::shared_ptr<Batch>& batch) {
  while (const auto user = take(*batch)) {
    const auto& wanted = batch->manifest->users[*user];
    auto verifier = batch->serving.enroll(model::AuthMethod::regular, *wanted.secrets.find("password"));
    {
      const std::lock_guard lock(batch->mutex);
      if (!verifier)
        batch->failed = verifier.error();
      else if (verifier->empty())
        batch->failed = Error{Code::internal_error, "no verifier was made"};
      else
        batch->verifiers.emplace(*user, std::move(*verifier));
    }
    if (batch->serving.onCpu([batch] { work(batch); })) return; // logins that wait come first
  }
  finish(*batch);
}

} // namespace

std::vector<std::size_t> toEnrol(const ManifestPlan& plan) {
  std::vector<std::size_t> users;
  for (const PlannedChange& change : plan.changes)
    if (change.password && change.kind == kindWords<model::User>.list) users.push_back(change.wanted);
  return users;
}

void enrolAll(Serving& serving, std::shared_ptr<const Manifest> manifest, std::vector<std::size_t> users,
              std::function<void(Result<Verifiers>)> done) {
  if (users.empty()) return done(Verifiers{});
  auto batch = std::make_shared<Batch>(serving, std::move(manifest), std::move(users), std::move(done));
  const std::size_t jobs = std::min(atOnce, batch->users.size());
  batch->running = jobs;
  for (std::size_t i = 0; i < jobs; ++i) {
    if (serving.onCpu([batch] { work(batch); })) continue;
    {
      const std::lock_guard lock(batch->mutex);
      if (i == 0) batch->failed = Error{Code::overloaded, "too many passwords are being hashed; try again"};
    }
    finish(*batch); // in the stead of the job that was not taken
  }
}

} // namespace gatehouse::control
