#include "base/Text.h"
#include "control/codec/Diff.h"
#include "control/codec/ValueReader.h"
#include "control/manifest/Builtin.h"
#include "control/manifest/Effective.h"
#include "control/manifest/HoldsInForce.h"
#include "control/manifest/Kinds.h"
#include "control/manifest/ManifestText.h"
#include "control/manifest/Plan.h"
#include "control/manifest/SecretDigest.h"
#include "control/manifest/StillUsed.h"
#include "pki/Hash.h"
#include "store/Transaction.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gatehouse::control {
namespace {

using Action = PlannedChange::Action;

constexpr std::size_t pageSize = 1000;  // users
constexpr std::size_t fewUsers = 200;   // are looked up one by one
constexpr std::size_t mostShown = 2000; // bytes of a value that is shown as it is

/// A row of the store that the manifest may mean.
template <class T>
struct Present {
  const T* object = nullptr; // null: there is none
  store::Origin origin = store::Origin::api;
  model::Revision revision = 0;
  std::int64_t uid = 0;
  HoldKeys keys;
};

std::string shown(std::string value) {
  if (value.size() <= mostShown) return value;
  return '"' + std::to_string(value.size()) + " bytes, SHA-256 " + hex(pki::view(pki::sha256(value))) + '"';
}

class Comparison {
public:
  Comparison(Draft& draft, const Manifest& manifest, const PlanOptions& options)
      : draft_(draft)
      , manifest_(manifest)
      , options_(options)
      , names_(draft.next)
      , holds_({}, {}) {
    for (const auto& role : manifest.roles)
      names_.add(model::ObjectKind::role, role.object.name, role.formerName);
    for (const auto& acl : manifest.redisAcls)
      names_.add(model::ObjectKind::redis_acl, acl.object.name, acl.formerName);
  }

  Result<ManifestPlan> run() {
    plan_.revision = draft_.transaction.base();
    plan_.mistakes = manifest_.mistakes;
    auto holds = draft_.transaction.holds();
    if (!holds) return std::move(holds).error();
    holds_ = HoldsInForce(std::move(*holds), options_.release);
    GH_TRY(readOwned());
    auto rows = draft_.transaction.policy();
    if (!rows) return std::move(rows).error();
    certificates(*rows);
    settings(*rows);
    // Roles and ACLs before what refers to them: which of them must not come back is known then.
    GH_TRY(named<model::RedisAcl>(manifest_.redisAcls, rows->redisAcls, &store::RedisAclRow::acl));
    GH_TRY(named<model::Role>(manifest_.roles, rows->roles, &store::RoleRow::role));
    GH_TRY(named<model::Database>(manifest_.databases, rows->databases, &store::DatabaseRow::database));
    GH_TRY(users());
    plan_.changes.insert(plan_.changes.begin(), std::move_iterator(first_.begin()),
                         std::move_iterator(first_.end()));
    std::move(last_.rbegin(), last_.rend(), std::back_inserter(plan_.changes));
    return std::move(plan_);
  }

private:
  Status readOwned() {
    auto rows = draft_.transaction.manifestRows();
    if (!rows) return std::move(rows).error();
    for (store::ManifestRow& row : *rows) {
      if (row.kind == kindWords<model::User>.row)
        ownedUsers_.emplace(toInteger(row.key).value_or(0), row.revision);
      else
        owned_.emplace(row.kind + ' ' + row.key, row.revision);
    }
    return digests_.open(draft_.transaction);
  }

  // ---- one object

  template <class T>
  HoldKeys keysOf(const Wanted<T>& wanted) const {
    HoldKeys keys;
    keys.add(nameOf(wanted.object));
    keys.add(wanted.formerName);
    if constexpr (std::is_same_v<T, model::User>) {
      keys.add(wanted.object.email);
      if (!wanted.object.certificate_subject_line.empty())
        if (auto subject = model::Subject::parse(wanted.object.certificate_subject_line))
          keys.subjectKey = hex(pki::view(pki::subjectKey(*subject)));
    }
    return keys;
  }

  template <class T>
  Notice noticeOf(const Wanted<T>& wanted) const {
    Notice notice;
    notice.kind = kindWords<T>.list;
    notice.name = nameOf(wanted.object);
    return notice;
  }

  void heldNotice(Notice notice, const store::Hold& hold, const std::string& what) {
    const std::string name = notice.name.empty() ? std::string(notice.kind) : hold.name;
    notice.who = hold.who;
    notice.revision = hold.revision;
    notice.text = what + " by " + hold.who + " at revision " + std::to_string(hold.revision) +
                  ", and no manifest brings that back; release " +
                  (notice.name.empty() ? name : inKind(notice.kind, name)) + " to let it";
    plan_.held.push_back(std::move(notice));
  }

  template <class T>
  std::string wordFor(std::string_view field) const {
    const model::Field* found = model::table<T>().find(field);
    return std::string(found ? wordOf(*found, Dialect::yaml) : field);
  }

  template <class T>
  std::vector<PlannedField> fieldsOf(const std::vector<FieldChange>& changes, const T* before,
                                     const T& after) const {
    std::vector<PlannedField> out;
    for (const FieldChange& change : changes) {
      const model::Field& field = *model::table<T>().find(change.field);
      out.push_back({std::string(wordOf(field, Dialect::yaml)),
                     before ? shown(manifestValue(field, model::View(*before), names_)) : std::string(),
                     shown(manifestValue(field, model::View(after), names_))});
    }
    return out;
  }

  /// Whether a source that was not opened stands for the value, or for an entry's.
  template <class T>
  static bool isUnopened(const Wanted<T>& wanted, std::string_view field) {
    const model::Field* row = model::table<T>().find(field);
    const std::string place = join(wanted.path, row ? wordOf(*row, Dialect::yaml) : field);
    return std::any_of(wanted.references.begin(), wanted.references.end(), [&](const auto& reference) {
      return reference.path == place || reference.path.starts_with(place + '[');
    });
  }

  template <class T>
  void create(const Wanted<T>& wanted, std::size_t index) {
    PlannedChange change;
    change.kind = kindWords<T>.list;
    change.name = nameOf(wanted.object);
    change.wanted = index;
    change.reason = "there is none of that name";
    for (const model::Field& field : model::table<T>().fields) {
      if (field.name == "name" || !wanted.given.contains(field.name)) continue;
      const std::string word(wordOf(field, Dialect::yaml));
      if (field.shape.kind == model::Kind::secret)
        change.fields.push_back({word, {}, "changed"});
      else
        change.fields.push_back({word, {}, shown(manifestValue(field, model::View(wanted.object), names_))});
    }
    change.password = wanted.given.contains("password");
    std::set<std::string, std::less<>> dropped;
    (void)effective(wanted.node, model::table<T>(), {}, plan_.heldObjects, &dropped);
    noteDropped(wanted, dropped);
    plan_.changes.push_back(std::move(change));
  }

  template <class T>
  void noteDropped(const Wanted<T>& wanted, const std::set<std::string, std::less<>>& dropped) {
    if (dropped.empty()) return;
    Notice notice = noticeOf(wanted);
    for (const std::string& field : dropped) notice.fields.push_back(wordFor<T>(field));
    notice.text = "goes without the roles and redis_acls that are held back";
    plan_.held.push_back(std::move(notice));
  }

  /// The object as it would be; nothing when its text does not fit (the mistake was told).
  template <class T>
  std::optional<T> laid(const Wanted<T>& wanted, const T& before, const Node& node) {
    std::optional<T> after(before);
    auto given = lay(node, *after, names_, manifest_.dialect, false);
    if (!given) {
      plan_.mistakes.push_back(wanted.mistake(given.error().description));
      return std::nullopt;
    }
    if constexpr (std::is_same_v<T, model::Database>)
      if (after->port == 0) after->port = before.port;
    if constexpr (std::is_same_v<T, model::User>) // the deprecated word means a builtin role
      if (given->contains("role") && !given->contains("role_uids") && after->role != before.role)
        after->role_uids = {model::builtinRoleUid(after->role)};
    return after;
  }

  template <class T>
  std::vector<FieldChange> changesOf(const Wanted<T>& wanted, const T& before, const T& after) const {
    std::vector<FieldChange> changes = diff(before, after);
    std::erase_if(changes, [&](const FieldChange& change) { return isUnopened(wanted, change.field); });
    return changes;
  }

  /// R21: what of an update would lose data.
  static std::vector<std::string> destructive(const std::vector<FieldChange>& changes,
                                              const model::Database& before, const model::Database& after) {
    std::vector<std::string> out;
    for (const FieldChange& change : changes)
      if ((change.field == "data_persistence" && after.data_persistence == model::Persistence::disabled) ||
          (change.field == "memory_size" && after.memory_size < before.memory_size))
        out.push_back(change.field);
    return out;
  }

  /// Compares one object with its row; `secrets`: fields that have no member and differ.
  template <class T>
  void object(const Wanted<T>& wanted, std::size_t index, const Present<T>& present,
              const std::vector<std::string>& secrets) {
    HoldsInForce::Verdict held;
    if (holds_.any(kindWords<T>.row))
      held = holds_.on(kindWords<T>.row, keysOf(wanted), present.keys, present.object != nullptr);
    if (held.stops) return stopped(wanted, *held.stops, present.object);
    if (!present.object) return create(wanted, index);
    update(wanted, index, present, secrets, held.fields, held.ofField);
  }

  /// A role or ACL that nothing will be called: who names it goes without it.
  template <class T>
  void unlessCalled(const Wanted<T>& wanted, const T* there) {
    if constexpr (std::is_same_v<T, model::Role> || std::is_same_v<T, model::RedisAcl>)
      if (!there || there->name != wanted.object.name)
        plan_.heldObjects.emplace(model::table<T>().kind, wanted.object.name);
  }

  template <class T>
  void stopped(const Wanted<T>& wanted, const store::Hold& hold, const T* there) {
    unlessCalled(wanted, there);
    heldNotice(noticeOf(wanted), hold,
               hold.field.empty() ? "was removed" : '`' + wordFor<T>(hold.field) + "` was changed");
  }

  template <class T>
  void update(const Wanted<T>& wanted, std::size_t index, const Present<T>& present,
              const std::vector<std::string>& secrets, const std::set<std::string, std::less<>>& held,
              const store::Hold* ofField) {
    const T& before = *present.object;
    std::set<std::string, std::less<>> dropped;
    PlannedChange change;
    std::optional<Node> node = effective(wanted.node, model::table<T>(), {}, plan_.heldObjects, &dropped);
    std::optional<T> after = laid(wanted, before, node ? *node : wanted.node);
    if (!after) return;
    std::vector<FieldChange> changes = changesOf(wanted, before, *after);
    const bool adopt = present.origin == store::Origin::api &&
                       (PlanOptions::names(options_.adopt, kindWords<T>.list, nameOf(wanted.object)) ||
                        (!wanted.formerName.empty() &&
                         PlanOptions::names(options_.adopt, kindWords<T>.list, wanted.formerName)));
    if (present.origin == store::Origin::api && !adopt) {
      unlessCalled(wanted, present.object);
      return notOwned(wanted, changes, secrets);
    }
    noteDropped(wanted, dropped);

    std::vector<std::string> stays;
    for (const FieldChange& one : changes)
      if (held.contains(one.field)) stays.push_back(one.field);
    bool password = !secrets.empty();
    bool passwordHeld = held.contains("password");
    if constexpr (std::is_same_v<T, model::User>) // who comes in by certificate now has none (R4)
      passwordHeld = passwordHeld ||
                     (held.contains("auth_method") && before.auth_method == model::AuthMethod::certificate);
    if (passwordHeld && wanted.given.contains("password")) {
      stays.emplace_back("password");
      password = false;
    }
    drift(wanted, present, changes, secrets, stays);
    if (!stays.empty() && ofField) {
      Notice notice = noticeOf(wanted);
      for (const std::string& field : stays) notice.fields.push_back(wordFor<T>(field));
      heldNotice(std::move(notice), *ofField, "was changed");
    }
    change.withheld.insert(stays.begin(), stays.end());
    if (change.withheld.contains("role_uids")) change.withheld.insert("role"); // it means some of them
    if constexpr (std::is_same_v<T, model::Database>)
      destroys(wanted, before, *after, changes, change.withheld);
    if (!change.withheld.empty()) {
      if (change.withheld.contains("name")) unlessCalled(wanted, present.object);
      node = effective(wanted.node, model::table<T>(), change.withheld, plan_.heldObjects);
      after = laid(wanted, before, node ? *node : wanted.node);
      if (!after) return;
      changes = changesOf(wanted, before, *after);
    }
    if (changes.empty() && !password && !adopt) return;

    const bool renamed = nameOf(before) != nameOf(*after) && !wanted.formerName.empty();
    change.action = renamed ? Action::rename : adopt ? Action::adopt : Action::update;
    change.kind = kindWords<T>.list;
    change.name = nameOf(*after);
    if (renamed) change.formerName = nameOf(before);
    change.fields = fieldsOf(changes, &before, *after);
    change.password = password && std::is_same_v<T, model::User>;
    if (password)
      for (const std::string& secret : secrets) change.fields.push_back({secret, {}, "changed"});
    change.reason = renamed    ? "renamed_from says so"
                    : adopt    ? "is taken over from the API"
                    : drifted_ ? "was changed over REST since a manifest wrote it"
                               : "the manifest says otherwise";
    change.wanted = index;
    change.uid = present.uid;
    plan_.changes.push_back(std::move(change));
  }

  void destroys(const Wanted<model::Database>& wanted, const model::Database& before,
                const model::Database& after, const std::vector<FieldChange>& changes,
                std::set<std::string, std::less<>>& withheld) {
    Notice notice = noticeOf(wanted);
    for (const std::string& field : destructive(changes, before, after))
      if (!withheld.contains(field)) notice.fields.push_back(field);
    if (notice.fields.empty()) return;
    if (PlanOptions::names(options_.destroy, notice.kind, before.name)) {
      draft_.destroys.insert(before.uid);
      notice.text = "loses data, as asked for";
    } else {
      withheld.insert(notice.fields.begin(), notice.fields.end());
      notice.text = "would lose data and stays as it is; destroy " + before.name + " to do it";
    }
    plan_.destroys.push_back(std::move(notice));
  }

  template <class T>
  void notOwned(const Wanted<T>& wanted, const std::vector<FieldChange>& changes,
                const std::vector<std::string>& secrets) {
    Notice notice = noticeOf(wanted);
    for (const FieldChange& change : changes) notice.fields.push_back(wordFor<T>(change.field));
    notice.fields.insert(notice.fields.end(), secrets.begin(), secrets.end());
    notice.text = "was made over the API and stays as it is; adopt " + inKind(notice.kind, notice.name) +
                  " to take it over";
    plan_.notOwned.push_back(std::move(notice));
  }

  /// What the row's manifest wrote last; nothing when that is not known.
  template <class T>
  std::optional<model::Revision> writtenAt(const Present<T>& present) const {
    if constexpr (std::is_same_v<T, model::User>) {
      const auto found = ownedUsers_.find(present.uid);
      return found == ownedUsers_.end() ? std::nullopt : std::optional(found->second);
    } else {
      std::string key;
      if constexpr (std::is_same_v<T, model::ClusterCertificate>)
        key = present.object->name;
      else if (present.uid != 0)
        key = std::to_string(present.uid);
      const auto found = owned_.find(std::string(kindWords<T>.row) + ' ' + key);
      return found == owned_.end() ? std::nullopt : std::optional(found->second);
    }
  }

  template <class T>
  void drift(const Wanted<T>& wanted, const Present<T>& present, const std::vector<FieldChange>& changes,
             const std::vector<std::string>& secrets, const std::vector<std::string>& stays) {
    const auto written = writtenAt(present);
    drifted_ = present.origin == store::Origin::manifest && written && *written < present.revision;
    if (!drifted_ || (changes.empty() && secrets.empty() && stays.empty())) return;
    Notice notice = noticeOf(wanted);
    std::set<std::string> fields;
    for (const FieldChange& change : changes) fields.insert(wordFor<T>(change.field));
    fields.insert(secrets.begin(), secrets.end());
    for (const std::string& field : stays) fields.insert(wordFor<T>(field));
    notice.fields.assign(fields.begin(), fields.end());
    notice.revision = present.revision;
    notice.text = "was changed over REST at revision " + std::to_string(present.revision) +
                  "; a manifest wrote it at " + std::to_string(*written);
    plan_.drift.push_back(std::move(notice));
  }

  // ---- what no manifest names any more

  void unnamed(std::string_view list, const std::string& name, std::int64_t uid, bool removable,
               const std::string& usedBy = {}) {
    const bool database = list == kindWords<model::Database>.list;
    const bool destroyed = database && PlanOptions::names(options_.destroy, list, name);
    Notice notice;
    notice.kind = list;
    notice.name = name;
    if (database && options_.prune && !destroyed) {
      notice.text =
          "no manifest names it any more, and it stays with its data; destroy " + name + " to remove it";
      plan_.destroys.push_back(std::move(notice));
      return;
    }
    if (!removable || (database ? !destroyed : !options_.prune) || !usedBy.empty()) {
      notice.text = !removable       ? "is needed, and stays"
                    : usedBy.empty() ? "no manifest names it any more; it stays"
                                     : "is used by " + usedBy + ", and stays with it";
      plan_.left.push_back(std::move(notice));
      return;
    }
    if (database) {
      draft_.destroys.insert(uid);
      notice.text = "is removed, as asked for";
      plan_.destroys.push_back(std::move(notice));
    }
    PlannedChange change;
    change.action = Action::remove;
    change.kind = list;
    change.name = name;
    change.uid = uid;
    change.reason = "no manifest names it any more";
    // Nothing refers to users and databases: what they hold is free for others when they go first. What
    // others refer to goes last.
    const bool early = database || list == kindWords<model::User>.list;
    (early ? first_ : last_).push_back(std::move(change));
  }

  // ---- the kinds

  void certificates(const store::PolicyRows& rows) {
    std::set<std::string_view> named;
    for (std::size_t i = 0; i < manifest_.certificates.size(); ++i) {
      const auto& wanted = manifest_.certificates[i];
      named.insert(wanted.object.name);
      Present<model::ClusterCertificate> present;
      const auto row = std::find_if(rows.certificates.begin(), rows.certificates.end(), [&](const auto& one) {
        return one.certificate.name == wanted.object.name;
      });
      if (row == rows.certificates.end()) {
        object(wanted, i, present, {});
        continue;
      }
      present = {&row->certificate, row->origin, row->revision, 0, {}};
      present.keys.add(row->certificate.name);
      std::vector<std::string> secrets;
      const Secret* key = wanted.secrets.find("key");
      if (key && !equal(key->reveal(), row->key.reveal())) secrets.emplace_back("key");
      object(wanted, i, present, secrets);
    }
    for (const store::CertificateRow& row : rows.certificates)
      if (row.origin == store::Origin::manifest && !named.contains(row.certificate.name)) {
        const auto* known = model::findCertificateName(row.certificate.name);
        unnamed(kindWords<model::ClusterCertificate>.list, row.certificate.name, 0,
                known && known->removable);
      }
  }

  void settings(const store::PolicyRows& rows) {
    for (std::size_t i = 0; i < manifest_.cluster.size(); ++i)
      object<model::ClusterSettings>(
          manifest_.cluster[i], i,
          {&draft_.next.settings, rows.settings.origin, rows.settings.revision, 0, {}}, {});
    for (std::size_t i = 0; i < manifest_.clusterPolicy.size(); ++i)
      object<model::ClusterPolicy>(
          manifest_.clusterPolicy[i], i,
          {&rows.clusterPolicy.policy, rows.clusterPolicy.origin, rows.clusterPolicy.revision, 0, {}}, {});
  }

  /// Objects that are found by name.
  template <class T, class Row>
  Status named(const std::vector<Wanted<T>>& wishes, const std::vector<Row>& rows, T Row::*member) {
    std::map<std::string_view, const Row*> byName;
    for (const Row& row : rows) byName.emplace((row.*member).name, &row);
    const auto find = [&](std::string_view name) {
      const auto found = byName.find(name);
      return found == byName.end() ? nullptr : found->second;
    };
    std::set<std::int64_t> named;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      const Row* row = find(wishes[i].object.name);
      if (!row && !wishes[i].formerName.empty()) row = find(wishes[i].formerName);
      Present<T> present;
      if (row) {
        present = {&(row->*member), row->origin, row->revision, (row->*member).uid, {}};
        present.keys.add(present.object->name);
        if (!named.insert(present.uid).second) {
          plan_.mistakes.push_back(wishes[i].mistake("renamed_from: another entry means the same object"));
          continue;
        }
      }
      object(wishes[i], i, present, {});
    }
    for (const Row& row : rows) {
      const T& object = row.*member;
      if (row.origin != store::Origin::manifest || named.contains(object.uid)) continue;
      auto user = options_.prune ? stillUsedBy(draft_, manifest_, options_, kindWords<T>.list, object.uid)
                                 : std::string();
      if (!user) return std::move(user).error();
      unnamed(kindWords<T>.list, object.name, object.uid, !isBuiltin(object), *user);
    }
    return {};
  }

  static bool isBuiltin(const model::Role& role) { return builtinOf(role) != nullptr; }
  static bool isBuiltin(const model::RedisAcl& acl) { return builtinOf(acl) != nullptr; }
  static bool isBuiltin(const model::Database&) { return false; }

  Status user(std::size_t index, const store::UserRecord* record) {
    const Wanted<model::User>& wanted = manifest_.users[index];
    if (!record) {
      object<model::User>(wanted, index, {}, {});
      return {};
    }
    if (!namedUsers_.insert(record->judged.user.uid).second) {
      plan_.mistakes.push_back(wanted.mistake("renamed_from: another entry means the same user"));
      return {};
    }
    model::User before = record->judged.user;
    before.role = Rights::of(before.role_uids, draft_.next).strongest();
    Present<model::User> present{&before, record->origin, record->judged.revision, before.uid, {}};
    if (holds_.any(kindWords<model::User>.row)) {
      present.keys.add(before.name);
      present.keys.add(before.email);
      if (record->judged.subjectKey != model::Digest{})
        present.keys.subjectKey = hex(pki::view(record->judged.subjectKey));
    }
    std::vector<std::string> secrets;
    if (const Secret* password = wanted.secrets.find("password")) {
      // A password that REST took away and that is released now is set again, though the manifest's is the
      // same.
      auto same = digests_.same(draft_.transaction, before.uid, *password);
      if (!same) return std::move(same).error();
      if (!*same || record->verifier.empty() ||
          holds_.released(kindWords<model::User>.row, present.keys, "password"))
        secrets.emplace_back("password");
    }
    object(wanted, index, present, secrets);
    return {};
  }

  /// The user of a wanted name that is called so, not only written to there.
  Result<std::optional<store::UserRecord>> called(const std::string& name) {
    auto found = draft_.transaction.userByLogin(name);
    if (found && *found && folded((*found)->judged.user.name) != folded(name)) found->reset();
    return found;
  }

  Status users() {
    const auto& wishes = manifest_.users;
    std::vector<bool> done(wishes.size());
    if (wishes.size() > fewUsers) {
      std::unordered_map<std::string, std::size_t> byName;
      byName.reserve(wishes.size());
      for (std::size_t i = 0; i < wishes.size(); ++i) byName.emplace(folded(wishes[i].object.name), i);
      for (std::int64_t after = 0;;) {
        auto page = draft_.transaction.users(after, pageSize);
        if (!page) return std::move(page).error();
        for (const store::UserRecord& record : *page) {
          after = record.judged.user.uid;
          const auto found = byName.find(folded(record.judged.user.name));
          if (found == byName.end()) continue;
          done[found->second] = true;
          GH_TRY(user(found->second, &record));
        }
        if (page->size() < pageSize) break;
      }
    }
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      if (done[i]) continue;
      Result<std::optional<store::UserRecord>> found = std::optional<store::UserRecord>{};
      if (wishes.size() <= fewUsers) found = called(wishes[i].object.name);
      if (found && !*found && !wishes[i].formerName.empty()) found = called(wishes[i].formerName);
      if (!found) return std::move(found).error();
      GH_TRY(user(i, *found ? &**found : nullptr));
    }
    for (const auto& [uid, revision] : ownedUsers_) {
      if (namedUsers_.contains(uid)) continue;
      auto found = draft_.transaction.user(uid);
      if (!found) return std::move(found).error();
      if (*found && (*found)->origin == store::Origin::manifest)
        unnamed(kindWords<model::User>.list, (*found)->judged.user.name, uid, true);
    }
    return {};
  }

  Draft& draft_;
  const Manifest& manifest_;
  const PlanOptions& options_;
  ObjectNames names_;
  HoldsInForce holds_;
  SecretDigests digests_;
  ManifestPlan plan_;
  std::vector<PlannedChange> first_, last_;            // removals
  std::map<std::string, model::Revision> owned_;       // "role 5" to what a manifest wrote last
  std::map<std::int64_t, model::Revision> ownedUsers_; // by uid
  std::unordered_set<std::int64_t> namedUsers_;        // uids that the manifest means
  bool drifted_ = false;                               // the row at hand
};

} // namespace

Result<ManifestPlan> compare(Draft& draft, const Manifest& manifest, const PlanOptions& options) {
  return Comparison(draft, manifest, options).run();
}

} // namespace gatehouse::control
