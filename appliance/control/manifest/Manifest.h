#pragma once
#include "base/Node.h"
#include "control/codec/Decoder.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/RedisAcl.h"
#include "model/Role.h"
#include "model/Snapshot.h"
#include "model/User.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// One object that a manifest wants, with the place where it stands.
///
/// The tree is kept beside the object, because the object is read again at the moment of the change: by then
/// the objects of the same manifest that it names have their uids. Until then those are provisional, and
/// negative.
template <class T>
struct Wanted {
  T object;
  std::set<std::string, std::less<>> given; // the fields that were written
  std::vector<SourceReference> references;  // not opened
  Node node;
  std::string file, path; // "provision/10-team.yaml", "users[3]"

  /// What is wrong with it, said at its place, or at the field's that leads the text ("email: ...").
  [[nodiscard]] Mistake mistake(std::string text) const;
};

/// What should exist: the manifest files as one desired state, checked by the tables. No secret was opened.
struct Manifest {
  std::vector<std::string> files;
  std::vector<Wanted<model::ClusterSettings>> cluster; // at most one
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

/// The names of roles, redis_acls and databases as a manifest may use them: those that are there, and those
/// that it makes.
class ObjectNames : public Names {
public:
  explicit ObjectNames(const model::Snapshot& present);
  /// An object of the manifest gets a provisional uid, unless there is one of that name.
  void add(model::ObjectKind, const std::string& name);
  [[nodiscard]] std::optional<std::int64_t> uid(model::ObjectKind, std::string_view name) const override;
  [[nodiscard]] std::vector<std::string_view> all(model::ObjectKind) const override;
  /// The name of a uid; its digits where it has none.
  [[nodiscard]] std::string name(model::ObjectKind, std::int64_t uid) const;

private:
  using Uids = std::map<std::string, std::int64_t, std::less<>>;
  std::map<model::ObjectKind, Uids> uids_;
  std::map<model::ObjectKind, std::int64_t> provisional_; // counted by kind: the order of the others is free
};

} // namespace gatehouse::control
