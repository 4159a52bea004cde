#include "gateway/SessionRegistry.h"

namespace gatehouse::gateway {

void SessionRegistry::add(Session& session) { all_.insert(&session); }
void SessionRegistry::remove(Session& session) noexcept { all_.erase(&session); }
void SessionRegistry::addUser(std::int64_t uid, Session& session) { byUser_.emplace(uid, &session); }
void SessionRegistry::removeUser(std::int64_t uid, Session& session) noexcept {
  byUser_.erase({uid, &session});
}

void SessionRegistry::addChain(const model::ChainFacts& chain, Session& session) {
  byAnchor_.emplace(chain.anchor, &session);
  bySubject_.emplace(chain.subjectKey, &session);
  byExpiry_.emplace(chain.notAfter, &session);
}

void SessionRegistry::removeChain(const model::ChainFacts& chain, Session& session) noexcept {
  byAnchor_.erase({chain.anchor, &session});
  bySubject_.erase({chain.subjectKey, &session});
  byExpiry_.erase({chain.notAfter, &session});
}

namespace {

template <class Key>
void collect(const std::set<std::pair<Key, Session*>>& index, const Key& key, std::set<Session*>& out) {
  for (auto at = index.lower_bound({key, nullptr}); at != index.end() && at->first == key; ++at)
    out.insert(at->second);
}

} // namespace

std::vector<Session*> SessionRegistry::concerned(const store::Change& change,
                                                 const std::vector<model::Digest>& subjects,
                                                 const std::set<model::Digest>& anchors) const {
  if (change.settings)
    return all(); // they concern everyone: TLS versions, subject validation, certificates on or off
  std::set<Session*> out;
  if (change.certificates.contains("mtls_trusted_ca"))
    for (const auto& [anchor, session] : byAnchor_)
      if (!anchors.contains(anchor)) out.insert(session);
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
