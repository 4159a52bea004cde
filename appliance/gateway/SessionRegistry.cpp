#include "gateway/SessionRegistry.h"

#include <algorithm>

namespace gatehouse::gateway {

void SessionRegistry::add(Session& session) { all_.insert(&session); }
void SessionRegistry::remove(Session& session) noexcept { all_.erase(&session); }
void SessionRegistry::addUser(std::int64_t uid, Session& session) { byUser_.emplace(uid, &session); }
void SessionRegistry::removeUser(std::int64_t uid, Session& session) noexcept {
  byUser_.erase({uid, &session});
}

void SessionRegistry::addChain(const model::ChainFacts& chain, std::int64_t database, Session& session) {
  byAnchor_.insert({{database, chain.anchor}, &session});
  bySubject_.emplace(chain.subjectKey, &session);
  watchExpiry(chain, session);
}

void SessionRegistry::removeChain(const model::ChainFacts& chain, std::int64_t database,
                                  Session& session) noexcept {
  byAnchor_.erase({{database, chain.anchor}, &session});
  bySubject_.erase({chain.subjectKey, &session});
  forgetExpiry(chain, session);
}

void SessionRegistry::watchExpiry(const model::ChainFacts& chain, Session& session) {
  byExpiry_.emplace(chain.notAfter, &session);
}
void SessionRegistry::forgetExpiry(const model::ChainFacts& chain, Session& session) noexcept {
  byExpiry_.erase({chain.notAfter, &session});
}
void SessionRegistry::addDatabase(std::int64_t uid, Session& session) { byDatabase_.emplace(uid, &session); }
void SessionRegistry::removeDatabase(std::int64_t uid, Session& session) noexcept {
  byDatabase_.erase({uid, &session});
}

namespace {

template <class Key>
void collect(const std::set<std::pair<Key, Session*>>& index, const Key& key, std::set<Session*>& out) {
  for (auto at = index.lower_bound({key, nullptr}); at != index.end() && at->first == key; ++at)
    out.insert(at->second);
}

bool names(const model::Database& database, const std::set<std::int64_t>& acls) {
  return std::any_of(database.roles_permissions.begin(), database.roles_permissions.end(),
                     [&](const auto& permission) { return acls.contains(permission.redis_acl_uid); });
}

/// Whether sessions with this anchor are still listed where they came in.
bool lists(const model::Snapshot& snapshot, std::int64_t database, const model::Digest& anchor) {
  if (database == 0) return snapshot.anchors.contains(anchor);
  const model::DatabasePolicy* policy = snapshot.database(database);
  return policy && policy->anchors.contains(anchor);
}

} // namespace

std::vector<Session*> SessionRegistry::concerned(const store::Change& change,
                                                 const std::vector<model::Digest>& subjects,
                                                 const model::Snapshot& next) const {
  if (change.settings)
    return all(); // they concern everyone: TLS versions, subject validation, certificates on or off
  std::set<Session*> out;
  if (change.certificates.contains("mtls_trusted_ca"))
    for (const auto& [where, session] : byAnchor_)
      if (!lists(next, where.first, where.second)) out.insert(session);
  for (const std::int64_t uid : change.databases) collect(byDatabase_, uid, out);
  if (!change.redisAcls.empty())
    for (const auto& [uid, policy] : next.databases)
      if (names(policy.database, change.redisAcls)) collect(byDatabase_, uid, out);
  for (const std::int64_t uid : change.users) collect(byUser_, uid, out);
  for (const model::Digest& subject : subjects) collect(bySubject_, subject, out);
  return {out.begin(), out.end()};
}

std::vector<Session*> SessionRegistry::expired(std::int64_t nowSeconds) const {
  std::vector<Session*> out;
  for (auto at = byExpiry_.begin(); at != byExpiry_.end() && at->first <= nowSeconds; ++at)
    out.push_back(at->second);
  return out;
}

} // namespace gatehouse::gateway
