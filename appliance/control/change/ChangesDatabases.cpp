#include "base/Text.h"
#include "control/change/ActionLog.h"
#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "control/change/ClientCerts.h"
#include "pki/Hash.h"
#include "store/Transaction.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::control {
namespace {

using model::Database;
using store::DatabaseRow;

// What a database's door is built of: the rest is judged behind it, or its engine's.
constexpr std::array<std::string_view, 5> doorFields = {"port", "tls_mode", "enforce_client_authentication",
                                                        "authentication_ssl_client_certs",
                                                        "mtls_allow_outdated_certs"};

store::Hold keysOf(const Database& database) {
  store::Hold hold;
  hold.kind = "bdb";
  hold.name = database.name;
  return hold;
}

bool changed(const std::vector<FieldChange>& changes, std::string_view field) {
  return std::any_of(changes.begin(), changes.end(),
                     [&](const FieldChange& change) { return change.field == field; });
}

const model::DatabasePolicy* atPort(const Draft& draft, std::int64_t port) {
  for (const auto& [uid, policy] : draft.next.databases)
    if (policy.database.port == port) return &policy;
  return nullptr;
}

/// The lowest that no database has and nothing listens on.
Result<std::int64_t> choosePort(const Draft& draft) {
  for (std::int64_t port = model::firstAutomaticPort; port <= model::lastAutomaticPort; ++port)
    if (port != model::portNeverChosen && !atPort(draft, port) &&
        (!draft.portIsFree || draft.portIsFree(port)))
      return port;
  return at(Code::port_unavailable, "port",
            "none of " + std::to_string(model::firstAutomaticPort) + " to " +
                std::to_string(model::lastAutomaticPort) + " is free; give one");
}

/// A port that a caller wants. A manifest's is not tried: a server must start though one of its databases
/// cannot, and that one says why.
Status checkPort(const Draft& draft, const Database& database) {
  const model::DatabasePolicy* other = atPort(draft, database.port);
  if (other && other->database.uid != database.uid)
    return at(Code::port_unavailable, "port",
              std::to_string(database.port) + " is the port of database " +
                  std::to_string(other->database.uid) + " (" + other->database.name + ")");
  if (draft.origin != store::Origin::manifest && draft.portIsFree && !draft.portIsFree(database.port))
    return at(Code::port_unavailable, "port",
              "something else listens on " + std::to_string(database.port) + " already");
  return {};
}

Status checkPermissions(const Draft& draft, const Database& database) {
  const auto& entries = database.roles_permissions;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string place = "roles_permissions[" + std::to_string(i) + ']';
    const std::int64_t role = entries[i].role_uid, acl = entries[i].redis_acl_uid;
    if (!draft.next.roles.contains(role))
      return at(Code::role_not_exist, place, "there is no role " + std::to_string(role));
    if (!draft.next.redisAcls.contains(acl))
      return at(Code::redis_acl_not_exist, place, "there is no redis_acl " + std::to_string(acl));
    if (std::find(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(i), entries[i]) !=
        entries.begin() + static_cast<std::ptrdiff_t>(i))
      return at(Code::invalid_param, place, "this role and redis_acl stand in the list already");
  }
  return {};
}

/// Where a certificate must come, somebody must be able to show one: not without TLS, and not to an empty
/// list, which is nobody (R9).
Status checkSomebodyMayCome(const Database& database) {
  if (database.enforce_client_authentication != model::Enforcement::enabled) return {};
  if (database.tls_mode == model::TlsMode::disabled)
    return at(Code::not_acceptable, "tls_mode",
              "disabled leaves no way to show the certificate that enforce_client_authentication asks for; "
              "disable that too, or leave TLS on");
  if (!database.authentication_ssl_client_certs || !database.authentication_ssl_client_certs->empty())
    return {};
  return at(Code::invalid_client_certificate, "authentication_ssl_client_certs",
            "is empty, so nobody has a certificate that enforce_client_authentication asks for; list one, or "
            "write null for those of mtls_trusted_ca");
}

/// The certificates that are written now, checked; what each means, for the audit record. Stored ones that
/// have expired since block no other change.
Result<std::vector<std::string>> checkCertificates(const Draft& draft, const Database& database) {
  if (!database.authentication_ssl_client_certs) return std::vector<std::string>{};
  return checkClientCerts(*database.authentication_ssl_client_certs, draft.now);
}

/// The action that the row names: the caller's, or one that nobody was told of.
Status beginAction(const Draft& draft, DatabaseRow& row) {
  row.actionUid = draft.actionUid;
  if (row.actionUid.empty()) {
    auto made = newActionUid();
    if (!made) return std::move(made).error();
    row.actionUid = std::move(*made);
  }
  row.database.last_changed_time = isoTime(draft.now);
  return {};
}

} // namespace

Result<DatabaseRow> findDatabase(Draft& draft, std::int64_t uid) {
  auto found = draft.transaction.database(uid);
  if (!found) return std::move(found).error();
  if (!*found) return Error{Code::db_not_exist, "there is no database " + std::to_string(uid)};
  Database& database = (*found)->database;
  database.ssl = database.tls_mode == model::TlsMode::enabled;
  return std::move(**found);
}

Result<Outcome<Database>> writtenDatabase(Draft& draft, std::int64_t uid) {
  auto row = findDatabase(draft, uid);
  if (!row) return std::move(row).error();
  model::DatabasePolicy& policy = draft.next.databases[uid];
  policy.database = row->database;
  policy.engineId = row->engineId;
  policy.revision = row->revision;
  policy.action_uid = row->actionUid;
  policy.certificate = row->certificate;
  policy.passwordsRevision = row->passwordsRevision;
  return Outcome<Database>{std::move(row->database), row->revision, true};
}

Result<Outcome<Database>> createDatabase(Draft& draft, const DatabaseRequest& request) {
  GH_TRY(needsRedisServer(draft));
  DatabaseRow row;
  row.origin = draft.origin;
  auto given = request.merge(row.database);
  if (!given) return std::move(given).error();
  Database& database = row.database;
  database.uid = request.uid;
  GH_TRY(checkPermissions(draft, database));
  GH_TRY(checkSomebodyMayCome(database));
  auto trusts = checkCertificates(draft, database);
  if (!trusts) return std::move(trusts).error();
  if (database.port != 0) {
    GH_TRY(checkPort(draft, database));
  } else {
    auto port = choosePort(draft);
    if (!port) return std::move(port).error();
    database.port = *port;
  }
  auto id = pki::randomBytes(16);
  if (!id) return std::move(id).error();
  row.engineId = hex(*id);
  GH_TRY(beginAction(draft, row));
  database.created_time = database.last_changed_time;
  auto uid = draft.transaction.insertDatabase(row);
  if (!uid) return std::move(uid).error();
  draft.done.push_back(
      {"created", "bdb", *uid, database.name, {given->begin(), given->end()}, std::move(*trusts)});
  draft.policyChanged = true;
  return writtenDatabase(draft, *uid);
}

Result<Outcome<Database>> updateDatabase(Draft& draft, std::int64_t uid, const DatabaseRequest& request) {
  auto row = findDatabase(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  const Database before = row->database;
  Database& after = row->database;
  auto given = request.merge(after);
  if (!given) return std::move(given).error();
  if (after.port == 0) after.port = before.port; // "choose one": one was chosen
  const std::vector<FieldChange> changes = diff(model::View(before), model::View(after));
  if (changes.empty()) return Outcome<Database>{before, row->revision, false};

  GH_TRY(needsRedisServer(draft));
  if (draft.origin == store::Origin::manifest && !draft.destroys.contains(uid)) {
    if (before.data_persistence != after.data_persistence &&
        after.data_persistence == model::Persistence::disabled)
      return at(Code::would_destroy, "data_persistence",
                "switching persistence off loses data, which a manifest may do only with `gatehouse apply "
                "--destroy " +
                    before.name + "`");
    if (after.memory_size < before.memory_size)
      return at(Code::would_destroy, "memory_size",
                "less memory evicts data, which a manifest may do only with `gatehouse apply --destroy " +
                    before.name + "`");
  }
  if (changed(changes, "roles_permissions")) GH_TRY(checkPermissions(draft, after));
  GH_TRY(checkSomebodyMayCome(after));
  Done done{"updated", "bdb", uid, after.name, {}, {}};
  if (changed(changes, "authentication_ssl_client_certs")) {
    auto trusts = checkCertificates(draft, after);
    if (!trusts) return std::move(trusts).error();
    done.trusts = std::move(*trusts);
  }
  if (changed(changes, "port")) GH_TRY(checkPort(draft, after));

  GH_TRY(holdFields(draft, row->origin, keysOf(before), changes));
  row->origin = ownerAfter(draft, row->origin);
  GH_TRY(beginAction(draft, *row));
  GH_TRY(draft.transaction.updateDatabase(*row));
  GH_TRY(carryHolds(draft, row->origin, keysOf(before), keysOf(after)));
  for (const FieldChange& change : changes) done.fields.push_back(change.field);
  draft.done.push_back(std::move(done));
  if (std::any_of(doorFields.begin(), doorFields.end(),
                  [&](std::string_view field) { return changed(changes, field); }))
    draft.policyChanged = true;
  return writtenDatabase(draft, uid);
}

Result<Database> deleteDatabase(Draft& draft, std::int64_t uid) {
  auto row = findDatabase(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  GH_TRY(holdRow(draft, row->origin, keysOf(row->database)));
  GH_TRY(draft.transaction.removeDatabase(uid));
  draft.next.databases.erase(uid);
  draft.done.push_back({"deleted", "bdb", uid, row->database.name, {}, {}});
  draft.policyChanged = true;
  return std::move(row->database);
}

} // namespace gatehouse::control
