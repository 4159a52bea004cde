#pragma once
#include "base/Node.h"
#include "control/codec/Decoder.h"
#include "control/manifest/SecretSource.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterPolicy.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/RedisAcl.h"
#include "model/Role.h"
#include "model/Snapshot.h"
#include "model/User.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::control {

/// The fields of an object that a manifest names: a few words of the table's own, for there are many objects.
class GivenFields {
public:
  void add(std::string_view ofTable) { names_.push_back(ofTable); }
  [[nodiscard]] bool contains(std::string_view field) const noexcept {
    return std::find(names_.begin(), names_.end(), field) != names_.end();
  }
  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

private:
  std::vector<std::string_view> names_;
};

/// One object that a manifest wants, with the place where it stands.
///
/// The tree is kept beside the object, because the object is read again at the moment of the change: by then
/// the objects of the same manifest that it names have their uids. Until then those are provisional, and
/// negative.
template <class T>
struct Wanted {
  T object;
  GivenFields given;                       // the fields that were written
  std::vector<SourceReference> references; // that are still to be opened
  Secrets secrets;                         // values, and what references opened to
  Node node;                               // without secrets and without renamed_from
  std::string formerName;                  // renamed_from; empty: none
  std::string file, path;                  // "provision/10-team.yaml", "users[3]"; no file: over REST

  /// What is wrong with it, said at its place, or at the field's that leads the text ("email: ...").
  [[nodiscard]] Mistake mistake(std::string text) const;
};

/// What should exist: manifest files, or one document that came over REST, as one desired state, checked by
/// the tables. Owns: the secrets that it holds, which are wiped with it.
struct Manifest {
  Dialect dialect = Dialect::yaml; // or values
  std::vector<std::string> files;
  std::vector<Wanted<model::ClusterSettings>> cluster;     // at most one
  std::vector<Wanted<model::ClusterPolicy>> clusterPolicy; // at most one
  std::vector<Wanted<model::ClusterCertificate>> certificates;
  std::vector<Wanted<model::RedisAcl>> redisAcls;
  std::vector<Wanted<model::Role>> roles;
  std::vector<Wanted<model::Database>> databases;
  std::vector<Wanted<model::User>> users;
  std::vector<Mistake> mistakes; // fit for use only while there are none

  [[nodiscard]] bool ok() const noexcept { return mistakes.empty(); }
};

/// Reads files and globs, in the order of their names, and tells all mistakes of all files at once. A glob or
/// path that meets no file is one (R21). `present` is the policy in force: it knows what a manifest may name,
/// and what read-only settings must equal.
[[nodiscard]] Manifest readManifest(const std::vector<std::string>& patterns, const model::Snapshot& present);
/// The same of one JSON document: values only, passwords and keys among them; `file`, `env` and `credential`
/// are mistakes (R23). What was secret is wiped out of the tree.
[[nodiscard]] Manifest readManifest(Node document, const model::Snapshot& present);

/// Opens all that the manifest refers to; what cannot be opened is a mistake at its place. Without it, a plan
/// leaves out what is referred to.
void reveal(Manifest&, const SecretSource&);

/// The names of roles, redis_acls and databases as a manifest may use them: those that are there, and those
/// that it makes.
class ObjectNames : public Names {
public:
  explicit ObjectNames(const model::Snapshot& present);
  /// An object of the manifest gets a provisional uid, unless there is one of that name.
  void add(model::ObjectKind, const std::string& name);
  /// An object of the manifest that was called `former` until now.
  void add(model::ObjectKind, const std::string& name, const std::string& former);
  [[nodiscard]] std::optional<std::int64_t> uid(model::ObjectKind, std::string_view name) const override;
  [[nodiscard]] std::vector<std::string_view> all(model::ObjectKind) const override;
  /// The name of a uid; its digits where it has none.
  [[nodiscard]] std::string name(model::ObjectKind, std::int64_t uid) const;

private:
  using Uids = std::map<std::string, std::int64_t, std::less<>>;
  void put(model::ObjectKind, const std::string& name, std::int64_t uid);

  std::map<model::ObjectKind, Uids> uids_;
  std::map<std::pair<model::ObjectKind, std::int64_t>, std::string> names_; // the last given
  std::map<model::ObjectKind, std::int64_t> provisional_; // counted by kind: the order of the others is free
};

} // namespace gatehouse::control
