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

} // namespace gatehouse::control
