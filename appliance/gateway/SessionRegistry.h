#pragma once
#include "model/Snapshot.h"
#include "store/Rows.h"

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace gatehouse::gateway {

class Session;

/// One worker's sessions, indexed by what a change names, so that a Revision finds the sessions concerned
/// without a scan (design §4.5).
///
/// Threads: the worker's. Owns: nothing; a session takes itself out before it goes.
class SessionRegistry {
public:
  void add(Session&);
  void remove(Session&) noexcept;

  void addUser(std::int64_t uid, Session&);
  void removeUser(std::int64_t uid, Session&) noexcept;
  /// A session with a verified chain: it depends on the trust list, ends at notAfter, and belongs to whoever
  /// has its subject.
  void addChain(const model::ChainFacts&, std::int64_t database, Session&);
  void removeChain(const model::ChainFacts&, std::int64_t database, Session&) noexcept;
  /// The end of its chain is told again, or no more (a database that allows outdated certificates).
  void watchExpiry(const model::ChainFacts&, Session&);
  void forgetExpiry(const model::ChainFacts&, Session&) noexcept;
  /// A session at a database's listener.
  void addDatabase(std::int64_t uid, Session&);
  void removeDatabase(std::int64_t uid, Session&) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] std::vector<Session*> all() const { return {all_.begin(), all_.end()}; }
  /// Those that `change` may concern; `subjects` are the subject keys of the users that it names, `next` is
  /// the policy that it made.
  [[nodiscard]] std::vector<Session*> concerned(const store::Change& change,
                                                const std::vector<model::Digest>& subjects,
                                                const model::Snapshot& next) const;
  /// Those whose chain has reached its end at `nowSeconds`.
  [[nodiscard]] std::vector<Session*> expired(std::int64_t nowSeconds) const;

private:
  /// Ordered pairs: an entry is found and taken out in O(log n), however many sessions share its key.
  template <class Key>
  using Index = std::set<std::pair<Key, Session*>>;

  std::set<Session*> all_;
  Index<std::int64_t> byUser_, byDatabase_;
  Index<std::pair<std::int64_t, model::Digest>> byAnchor_; // database (0: the management API) and anchor
  Index<model::Digest> bySubject_;
  Index<std::int64_t> byExpiry_; // notAfter, seconds since the epoch
};

} // namespace gatehouse::gateway
