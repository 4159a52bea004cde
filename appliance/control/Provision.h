#pragma once
#include "base/Event.h"
#include "control/Management.h"
#include "control/manifest/Apply.h"
#include "control/rest/WritePipeline.h"

#include <cstdint>
#include <memory>
#include <string>

namespace gatehouse::store {
class Store;
class Writer;
} // namespace gatehouse::store

namespace gatehouse::control {

/// What a start, and each SIGHUP, does with the manifests (design §8).
///
/// Threads: start before there are others; reconcile from any that may wait, never a worker or the writer.
class Provision {
public:
  Provision(store::Store&, store::Writer&, Serving&, EventSink&, WritePipeline&);

  /// An empty store: makes all that the manifests say, or says why not (R21). Else, in mode reconcile, makes
  /// what differs; in mode seed tells it. A store that is not empty serves whatever its manifests say.
  Status start(const Provisioning&);
  /// Reads the manifests anew and makes what differs. What is in the way is in the log.
  void reconcile(const Provisioning&);

private:
  enum class Stage : std::uint8_t { starting, serving };

  Result<bool> isEmpty() const;
  Result<ManifestPlan> rehearse(const std::shared_ptr<const Manifest>&, const PlanOptions&, bool whole,
                                Stage);
  Result<ManifestPlan> make(const std::shared_ptr<Manifest>&, const PlanOptions&, Stage);
  Status run(WritePipeline::Work, Stage);
  Result<Verifiers> enrol(const std::shared_ptr<const Manifest>&, const ManifestPlan&);
  void makeOrSay(const std::shared_ptr<Manifest>&, const Provisioning&, Stage);
  Status tell(const std::shared_ptr<Manifest>&);
  void sayNotices(const ManifestPlan&);

  store::Store& store_;
  store::Writer& writer_;
  Serving& serving_;
  EventSink& events_;
  WritePipeline& pipeline_;
};

/// The sentence that says how to make an administrator, for a log (R21).
[[nodiscard]] std::string howToMakeAnAdministrator();

} // namespace gatehouse::control
