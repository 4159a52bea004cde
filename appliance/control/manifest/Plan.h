#pragma once
#include "base/Node.h"
#include "base/Result.h"
#include "control/change/Changes.h"
#include "control/manifest/Manifest.h"
#include "store/Rows.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::control {

/// What a caller of plan and apply decides beside the manifest. Names are "users/ada" (the words of a
/// manifest, then the name; "cluster" and "cluster_policy" alone), or plain names that mean every kind.
struct PlanOptions {
  using NameSet = std::set<std::string, std::less<>>;
  bool prune = false; // `owned`: what a manifest made and no manifest names any more goes
  NameSet adopt;      // rows of the API that the manifest takes over
  NameSet release;    // holds that end (R22)
  NameSet destroy;    // databases whose data may be lost (R21)

  [[nodiscard]] static bool names(const NameSet&, std::string_view kind, std::string_view name);
};

/// One field of a planned change. Secrets by name alone: `before` is empty and `after` is "changed".
struct PlannedField {
  std::string name;          // as a manifest writes it
  std::string before, after; // JSON, names instead of uids; empty: no value. Long texts by size and SHA-256
};

/// One row that would change.
struct PlannedChange {
  enum class Action : std::uint8_t { create, update, remove, adopt, rename } action = Action::create;
  std::string_view kind;        // a manifest's word: users, roles, redis_acls, bdbs, certificates, cluster,
                                // cluster_policy
  std::string name, formerName; // formerName: of a rename
  std::vector<PlannedField> fields;
  std::string_view reason;          // a few words, a literal: "no manifest names it any more"
  std::vector<std::string> remarks; // after a rehearsal: what each certificate of a list means (R10)

  // For apply.
  std::set<std::string, std::less<>> withheld; // fields of the manifest that stay as they are (R21, R22)
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t wanted = none; // index in the manifest's list; none: of a removal
  std::int64_t uid = 0;      // of the row; 0: none yet, or the kind has none
  bool password = false;     // a user's is to be made anew
};
[[nodiscard]] std::string_view word(PlannedChange::Action) noexcept;
/// "users/ada": how a row is called in notices and options.
[[nodiscard]] std::string inKind(std::string_view kind, std::string_view name);

/// What is not done although the manifest asks for it, or is worth knowing.
struct Notice {
  std::string_view kind;
  std::string name;
  std::vector<std::string> fields; // held, destroys: those that stay as they are (none: the whole row);
                                   // drift: those that differ; not_owned: those that differ
  std::string who;                 // held: who took it away ...
  model::Revision revision = 0;    // ... and when; drift: of the row
  std::string text;                // a sentence: what happens, and what to do
};

/// What a manifest would do to the store as it is. Changes stand in the order in which they are made.
struct ManifestPlan {
  model::Revision revision = 0; // of the store that it was made for
  std::vector<PlannedChange> changes;
  std::vector<Notice> held;      // R22: ended only by `release`
  std::vector<Notice> notOwned;  // the API owns the row: taken over only by `adopt`
  std::vector<Notice> left;      // a manifest made it, none names it any more, and it stays
  std::vector<Notice> destroys;  // R21: done only with `destroy`
  std::vector<Notice> drift;     // a manifest owns the row and REST has changed it since
  std::vector<Mistake> mistakes; // why it could not be applied

  // For apply.
  std::set<std::pair<model::ObjectKind, std::string>> heldObjects; // roles and ACLs that must not come back
};

/// Compares a manifest with the store, as the Draft's transaction and Snapshot show it; writes nothing. Rows
/// that agree cost no memory: users are read in pages.
///
/// Threads: the writer's. Errors: the store's alone; what is wrong with the manifest is in the plan.
[[nodiscard]] Result<ManifestPlan> compare(Draft&, const Manifest&, const PlanOptions&);

/// As the answer of POST /v1/plan and POST /v1/apply begins and ends: one JSON object
///   {"revision":7,
///    "changes":[{"action":"update","kind":"users","name":"ada","former_name":"eve",
///                "fields":[{"name":"roles","before":["a"],"after":["b"]},
///                          {"name":"password","after":"changed","secret":true}],
///                "reason":"...","remarks":["..."]}],
///    "held":[{"kind","name","fields":[...],"who","revision","text"}],
///    "not_owned":[...],"left":[...],"destroys":[...],"drift":[...],  each as `held`, empty members left out
///    "mistakes":[{"file","line","column","path","text"}]}
/// `former_name`, `remarks`, `mistakes`, `before`, `after` are left out where there are none. `more`: further
/// members, JSON, each led by a comma.
[[nodiscard]] std::string planJson(const ManifestPlan&, std::string_view more = {});

} // namespace gatehouse::control
