#include "control/manifest/Apply.h"

#include "base/Text.h"
#include "control/manifest/Effective.h"
#include "control/manifest/Kinds.h"
#include "control/manifest/SecretDigest.h"
#include "store/Transaction.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

using Action = PlannedChange::Action;

/// Whether an error is the manifest's to mend; any other (the store's) ends the work.
bool isMistake(const Error& error) { return row(error.code).blame == Blame::peer; }

class Application {
public:
  Application(Draft& draft, const Manifest& manifest, const PlanOptions& options, const Applying& how,
              ManifestPlan& plan)
      : draft_(draft)
      , manifest_(manifest)
      , options_(options)
      , how_(how)
      , plan_(plan)
      , names_(draft.next) {}

  Status run() {
    if (how_.verifiers) {
      GH_TRY(release());
      GH_TRY(digests_.make(draft_.transaction));
    }
    std::string_view kind;
    for (PlannedChange& change : plan_.changes) {
      if (change.kind != kind) names_ = ObjectNames(draft_.next); // what was made meanwhile
      kind = change.kind;
      const std::size_t done = draft_.done.size();
      GH_TRY(one(change));
      for (std::size_t i = done; i < draft_.done.size(); ++i)
        change.remarks.insert(change.remarks.end(), draft_.done[i].trusts.begin(),
                              draft_.done[i].trusts.end());
    }
    GH_TRY(noteSideEffects());
    return administrators();
  }

private:
  template <class T>
  const Wanted<T>& wantedOf(const std::vector<Wanted<T>>& all, const PlannedChange& change) const {
    return all[change.wanted];
  }

  Status one(const PlannedChange& change) {
    if (change.action == Action::remove) return remove(change);
    if (change.kind == kindWords<model::ClusterCertificate>.list)
      return certificate(manifest_.certificates[change.wanted], change);
    if (change.kind == kindWords<model::ClusterSettings>.list)
      return settings(manifest_.cluster[change.wanted], change);
    if (change.kind == kindWords<model::ClusterPolicy>.list)
      return settings(manifest_.clusterPolicy[change.wanted], change);
    if (change.kind == kindWords<model::RedisAcl>.list)
      return policy(manifest_.redisAcls[change.wanted], change, createRedisAcl, updateRedisAcl);
    if (change.kind == kindWords<model::Role>.list)
      return policy(manifest_.roles[change.wanted], change, createRole, updateRole);
    if (change.kind == kindWords<model::Database>.list)
      return database(manifest_.databases[change.wanted], change);
    return user(manifest_.users[change.wanted], change);
  }

  /// Gathers what a change says; an error that is not the manifest's ends the work.
  template <class T>
  Status said(const Wanted<T>& wanted, const Error& error) {
    if (!isMistake(error)) return error;
    plan_.mistakes.push_back(wanted.mistake(error.description));
    return {};
  }

  /// The request of a wanted object, laid when the change is made. `node` must outlive it.
  template <class T>
  Merge<T> merge(const Node& node, bool create) const {
    return [this, &node, create](T& object) { return lay(node, object, names_, manifest_.dialect, create); };
  }
  template <class T>
  std::optional<Node> cut(const Wanted<T>& wanted, const PlannedChange& change) const {
    return effective(wanted.node, model::table<T>(), change.withheld, plan_.heldObjects);
  }

  Status own(std::string_view kind, std::int64_t uid) {
    return draft_.transaction.putManifestRow(kind, uid == 0 ? std::string() : std::to_string(uid));
  }

  // ---- the kinds

  Status certificate(const Wanted<model::ClusterCertificate>& wanted, const PlannedChange&) {
    if (!wanted.references.empty()) return {}; // its source's mistake was told
    std::vector<CertificateRequest> one(1);
    one[0].name = wanted.object.name;
    one[0].certificate = wanted.object.certificate;
    if (const Secret* key = wanted.secrets.find("key")) one[0].key = key->copy();
    if (const Status put = putCertificates(draft_, one); !put) return said(wanted, put.error());
    auto row = draft_.transaction.certificate(wanted.object.name);
    if (!row) return std::move(row).error();
    if ((*row)->origin != store::Origin::manifest) { // it was generated, or the API's
      (*row)->origin = store::Origin::manifest;
      (*row)->generated = false;
      GH_TRY(draft_.transaction.putCertificate(**row));
    }
    return draft_.transaction.putManifestRow(kindWords<model::ClusterCertificate>.row, wanted.object.name);
  }

  Status settings(const Wanted<model::ClusterSettings>& wanted, const PlannedChange& change) {
    const std::optional<Node> node = cut(wanted, change);
    const auto updated =
        updateCluster(draft_, merge<model::ClusterSettings>(node ? *node : wanted.node, false));
    if (!updated) return said(wanted, updated.error());
    if (!updated->changed) GH_TRY(draft_.transaction.putSettings(updated->object, store::Origin::manifest));
    return own(kindWords<model::ClusterSettings>.row, 0);
  }
  Status settings(const Wanted<model::ClusterPolicy>& wanted, const PlannedChange& change) {
    const std::optional<Node> node = cut(wanted, change);
    const auto updated =
        updateClusterPolicy(draft_, merge<model::ClusterPolicy>(node ? *node : wanted.node, false));
    if (!updated) return said(wanted, updated.error());
    if (!updated->changed)
      GH_TRY(draft_.transaction.putClusterPolicy(updated->object, store::Origin::manifest));
    return own(kindWords<model::ClusterPolicy>.row, 0);
  }

  template <class T>
  Status policy(const Wanted<T>& wanted, const PlannedChange& change,
                Result<Outcome<T>> (*create)(Draft&, const Merge<T>&),
                Result<Outcome<T>> (*update)(Draft&, std::int64_t, const Merge<T>&)) {
    const std::optional<Node> node = cut(wanted, change);
    const Merge<T> request = merge<T>(node ? *node : wanted.node, change.uid == 0);
    const auto made = change.uid == 0 ? create(draft_, request) : update(draft_, change.uid, request);
    if (!made) return said(wanted, made.error());
    if (!made->changed) GH_TRY(takeOver(made->object));
    return own(kindWords<T>.row, made->object.uid);
  }

  /// An adopted row that agrees already: only its owner changes.
  Status takeOver(const model::Role& role) {
    auto row = draft_.transaction.role(role.uid);
    return takeOver(row, [&](const store::RoleRow& r) { return draft_.transaction.updateRole(r); });
  }
  Status takeOver(const model::RedisAcl& acl) {
    auto row = draft_.transaction.redisAcl(acl.uid);
    return takeOver(row, [&](const store::RedisAclRow& r) { return draft_.transaction.updateRedisAcl(r); });
  }
  Status takeOver(const model::Database& database) {
    auto row = draft_.transaction.database(database.uid);
    return takeOver(row, [&](const store::DatabaseRow& r) { return draft_.transaction.updateDatabase(r); });
  }
  Status takeOver(const model::User& user) {
    auto row = draft_.transaction.user(user.uid);
    return takeOver(row, [&](const store::UserRecord& r) { return draft_.transaction.updateUser(r); });
  }
  template <class Row, class Update>
  static Status takeOver(Result<std::optional<Row>>& row, const Update& update) {
    if (!row) return std::move(row).error();
    if (!*row) return {};
    (*row)->origin = store::Origin::manifest;
    return update(**row);
  }

  /// Whether a role or ACL that the manifest makes could not be made: that mistake was told.
  bool waits(const Node* list, model::ObjectKind kind, std::string_view member) const {
    return list && std::any_of(list->items.begin(), list->items.end(), [&](const Node& entry) {
             const Node* name = member.empty() ? &entry : entry.find(member);
             return name && !names_.uid(kind, name->text);
           });
  }

  /// What is not made for want of another must not pass for made.
  template <class T>
  Status waited(const Wanted<T>& wanted, const char* place) {
    if (plan_.mistakes.empty())
      plan_.mistakes.push_back(
          wanted.mistake(std::string(place) + "one of these has no such name, and gets none by this"));
    return {};
  }

  Status database(const Wanted<model::Database>& wanted, const PlannedChange& change) {
    if (!wanted.references.empty()) return {}; // its source's mistake was told
    const std::optional<Node> node = cut(wanted, change);
    const Node& tree = node ? *node : wanted.node;
    const Node* entries = tree.find("roles_permissions");
    if (waits(entries, model::ObjectKind::role, "role") ||
        waits(entries, model::ObjectKind::redis_acl, "redis_acl"))
      return waited(wanted, "roles_permissions: ");
    const DatabaseRequest request{merge<model::Database>(tree, change.uid == 0), 0};
    const auto made =
        change.uid == 0 ? createDatabase(draft_, request) : updateDatabase(draft_, change.uid, request);
    if (!made) return said(wanted, made.error());
    if (!made->changed) GH_TRY(takeOver(made->object));
    return own(kindWords<model::Database>.row, made->object.uid);
  }

  Status user(const Wanted<model::User>& wanted, const PlannedChange& change) {
    if (!wanted.references.empty()) return {}; // its source's mistake was told
    const std::optional<Node> node = cut(wanted, change);
    const Node& tree = node ? *node : wanted.node;
    if (waits(tree.find("roles"), model::ObjectKind::role, {})) return waited(wanted, "roles: ");
    GH_TRY(remember(change.uid));
    UserRequest request;
    request.merge = merge<model::User>(tree, change.uid == 0);
    const Secret* password = change.password ? wanted.secrets.find("password") : nullptr;
    request.password = password != nullptr;
    if (password && how_.verifiers) {
      const auto verifier = how_.verifiers->find(change.wanted);
      if (verifier != how_.verifiers->end()) request.enrolled.verifier = verifier->second;
      if (request.enrolled.verifier.empty())
        return Error{Code::precondition_failed, "the state has changed since it was planned; plan again"};
    } else {
      request.enrolled.password = password;
    }
    const auto made = change.uid == 0 ? createUser(draft_, request) : updateUser(draft_, change.uid, request);
    draft_.compare.clear();
    if (!made) return said(wanted, made.error());
    if (!made->changed) GH_TRY(takeOver(made->object));
    GH_TRY(own(kindWords<model::User>.row, made->object.uid));
    if (password && how_.verifiers) return digests_.note(draft_.transaction, made->object.uid, *password);
    return {};
  }

  Status remember(std::int64_t uid) {
    if (!how_.former || uid == 0) return {};
    auto row = draft_.transaction.user(uid);
    if (!row) return std::move(row).error();
    if (*row) how_.former->emplace(uid, std::move(**row));
    return {};
  }

  // ---- removals, holds, and what is noted afterwards

  Status remove(const PlannedChange& change) {
    std::string_view kind;
    std::string key = std::to_string(change.uid);
    Status removed;
    if (change.kind == kindWords<model::User>.list) {
      kind = kindWords<model::User>.row;
      GH_TRY(remember(change.uid));
      removed = deleteUser(draft_, change.uid);
    } else if (change.kind == kindWords<model::Database>.list) {
      kind = kindWords<model::Database>.row;
      if (auto database = deleteDatabase(draft_, change.uid); !database)
        removed = std::move(database).error();
    } else if (change.kind == kindWords<model::Role>.list) {
      kind = kindWords<model::Role>.row;
      removed = deleteRole(draft_, change.uid);
    } else if (change.kind == kindWords<model::RedisAcl>.list) {
      kind = kindWords<model::RedisAcl>.row;
      removed = deleteRedisAcl(draft_, change.uid);
    } else {
      kind = kindWords<model::ClusterCertificate>.row;
      key = change.name;
      removed = deleteCertificate(draft_, change.name);
    }
    if (!removed) {
      if (!isMistake(removed.error())) return removed;
      plan_.mistakes.push_back(
          {{},
           {},
           std::string(change.kind) + '/' + change.name,
           "is in no manifest any more, but cannot be removed: " + removed.error().description});
      return {};
    }
    return draft_.transaction.removeManifestRow(kind, key);
  }

  Status release() {
    for (const std::string& given : options_.release)
      for (const KindWords& words : allKinds) {
        const std::string entry = folded(given); // as holds are found
        const std::string prefix = std::string(words.list) + '/';
        const bool settings = words.list == words.row;
        if (settings && entry != words.list) continue;
        const std::string name = entry.starts_with(prefix) ? entry.substr(prefix.size()) : entry;
        if (auto ended = draft_.transaction.release(words.row, settings ? std::string_view() : name); !ended)
          return std::move(ended).error();
      }
    return {};
  }

  /// A role that goes takes its entries out of databases: that is a manifest's doing, and no drift.
  Status noteSideEffects() {
    const auto databases = draft_.transaction.change().databases;
    for (const std::int64_t uid : databases) {
      auto row = draft_.transaction.database(uid);
      if (!row) return std::move(row).error();
      if (*row && (*row)->origin == store::Origin::manifest) GH_TRY(own(kindWords<model::Database>.row, uid));
    }
    return {};
  }

  /// R21: a manifest set that would leave no administrator is an error.
  Status administrators() {
    const Status keeps = keepsAdministrator(draft_);
    if (keeps) return {};
    if (!isMistake(keeps.error())) return keeps;
    draft_.administratorsTouched = false; // it is told among the other mistakes
    plan_.mistakes.push_back({{}, {}, "users", keeps.error().description});
    return {};
  }

  Draft& draft_;
  const Manifest& manifest_;
  const PlanOptions& options_;
  const Applying& how_;
  ManifestPlan& plan_;
  ObjectNames names_;
  SecretDigests digests_;
};

} // namespace

Result<ManifestPlan> apply(Draft& draft, const Manifest& manifest, const PlanOptions& options,
                           const Applying& how) {
  draft.origin = store::Origin::manifest;
  const model::Revision present = draft.transaction.base();
  if (how.planned >= 0 && how.planned != present)
    return Error{Code::precondition_failed, "the plan was made for revision " + std::to_string(how.planned) +
                                                ", and the state is at " + std::to_string(present) +
                                                " now; plan again"};
  auto plan = compare(draft, manifest, options);
  if (!plan) return std::move(plan).error();
  GH_TRY(Application(draft, manifest, options, how, *plan).run());
  return plan;
}

Error asError(const std::vector<Mistake>& mistakes) {
  Error error{Code::invalid_param, {}};
  constexpr std::size_t mostTold = 1000;
  for (const Mistake& mistake : mistakes) {
    if (&mistake == mistakes.data() + mostTold) {
      error.description += "\nand " + std::to_string(mistakes.size() - mostTold) + " more";
      break;
    }
    error.description += (error.description.empty() ? "" : "\n") + mistake.line();
  }
  return error;
}

} // namespace gatehouse::control
