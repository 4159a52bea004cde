#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "store/Transaction.h"

#include <utility>

namespace gatehouse::control {

using model::ClusterSettings;

Result<Outcome<ClusterSettings>> updateCluster(Draft& draft, const Merge<ClusterSettings>& merge) {
  auto row = draft.transaction.settings();
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  const ClusterSettings before = draft.next.settings; // the row, with its computed fields
  ClusterSettings after = before;
  auto given = merge(after);
  if (!given) return std::move(given).error();
  const std::vector<FieldChange> changes = diff(model::View(before), model::View(after));
  if (changes.empty()) return Outcome<ClusterSettings>{before, row->revision, false};

  if (after.mtls_certificate_authentication && !draft.next.certificates.contains("mtls_trusted_ca"))
    return at(Code::missing_certificate, "mtls_certificate_authentication",
              "there is no mtls_trusted_ca yet; put it with PUT /v1/cluster/certificates first");

  store::Hold keys;
  keys.kind = "cluster";
  keys.name = clusterHoldName;
  GH_TRY(holdFields(draft, row->origin, keys, changes));
  GH_TRY(draft.transaction.putSettings(after, ownerAfter(draft, row->origin)));
  Done done{"updated", "cluster", 0, after.name, {}, {}};
  for (const FieldChange& change : changes) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  draft.next.settings = after;
  draft.policyChanged = true;

  auto written = draft.transaction.settings();
  if (!written) return std::move(written).error();
  return Outcome<ClusterSettings>{std::move(after), written->revision, true};
}

Result<Outcome<model::ClusterPolicy>> updateClusterPolicy(Draft& draft,
                                                          const Merge<model::ClusterPolicy>& merge) {
  auto row = draft.transaction.clusterPolicy();
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  const model::ClusterPolicy before = row->policy;
  auto given = merge(row->policy);
  if (!given) return std::move(given).error();
  const std::vector<FieldChange> changes = diff(before, row->policy);
  if (changes.empty()) return Outcome<model::ClusterPolicy>{before, row->revision, false};

  store::Hold keys;
  keys.kind = "cluster_policy";
  keys.name = clusterHoldName;
  GH_TRY(holdFields(draft, row->origin, keys, changes));
  GH_TRY(draft.transaction.putClusterPolicy(row->policy, ownerAfter(draft, row->origin)));
  Done done{"updated", "cluster_policy", 0, draft.next.settings.name, {}, {}};
  for (const FieldChange& change : changes) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  draft.next.clusterPolicy = row->policy;

  auto written = draft.transaction.clusterPolicy();
  if (!written) return std::move(written).error();
  return Outcome<model::ClusterPolicy>{std::move(row->policy), written->revision, true};
}

} // namespace gatehouse::control
