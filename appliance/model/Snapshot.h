#pragma once
#include "model/AclRules.h"
#include "model/Admission.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterPolicy.h"
#include "model/ClusterSettings.h"
#include "model/Database.h"
#include "model/RedisAcl.h"
#include "model/Role.h"

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::model {

/// A database as the policy has it: the object, and what is derived of it when the Snapshot is made.
struct DatabasePolicy {
  Database database;
  std::string engineId;           // random, never used again: names the directory of its files
  Revision revision = 0;          // of the row
  std::string action_uid;         // of the change that made the row what it is
  Revision passwordsRevision = 0; // of the last change of the default user's passwords; 0: it has none
  std::string certificate;        // its own, PEM, that its door shows; empty: the cluster's `proxy`

  // R9: of its own list of certificates, or of mtls_trusted_ca where it has none. No anchors: nobody comes in
  // by certificate.
  std::set<Digest> anchors;
  Digest trustList{};
  std::set<Digest> authorizedNames;  // nameDigest of each CN in authorized_subjects
  std::set<Digest> authorizedTuples; // tupleDigest of each entry
};

/// The small policy at one Revision, immutable. Users are not in it: they are read by index (design §11).
///
/// Threads: const after it is made; shared by pointer.
struct Snapshot {
  Revision revision = 0;
  std::int64_t committedAt = 0; // seconds since the epoch: a clock set back behind it revives nobody (R12)

  ClusterSettings settings;
  ClusterPolicy clusterPolicy;
  std::map<std::int64_t, Role> roles;
  std::map<std::int64_t, RedisAcl> redisAcls;
  std::map<std::int64_t, DatabasePolicy> databases;
  std::map<std::string, ClusterCertificate, std::less<>> certificates; // without private keys
  std::shared_ptr<const CommandTable> commands; // of the installed redis-server; null: there is none

  // Derived when the Snapshot is made (control), so that judge needs no certificates and no hashing:
  std::set<Digest> anchors;          // SHA-256 of each certificate in mtls_trusted_ca
  Digest trustList{};                // identity of that list; all zero when there is none
  std::set<Digest> authorizedNames;  // nameDigest of each CN in mtls_authorized_subjects
  std::set<Digest> authorizedTuples; // tupleDigest of each entry

  /// Null when there is no such database.
  [[nodiscard]] const DatabasePolicy* database(std::int64_t uid) const noexcept {
    const auto found = databases.find(uid);
    return found == databases.end() ? nullptr : &found->second;
  }
};

/// The ACLs that these roles have at a database, in the order of its roles_permissions. Empty: no role of
/// these may come in.
[[nodiscard]] std::vector<const RedisAcl*> aclsAt(const Database&, std::span<const std::int64_t> roleUids,
                                                  const Snapshot&);

} // namespace gatehouse::model
