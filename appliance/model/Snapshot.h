#pragma once
#include "model/Admission.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterSettings.h"
#include "model/Role.h"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace gatehouse::model {

/// The small policy at one Revision, immutable. Users are not in it: they are read by index (design §11).
///
/// Threads: const after it is made; shared by pointer.
struct Snapshot {
  Revision revision = 0;
  std::int64_t committedAt = 0; // seconds since the epoch: a clock set back behind it revives nobody (R12)

  ClusterSettings settings;
  std::map<std::int64_t, Role> roles;
  std::map<std::string, ClusterCertificate, std::less<>> certificates; // without private keys

  // Derived when the Snapshot is made (control), so that judge needs no certificates and no hashing:
  std::set<Digest> anchors;          // SHA-256 of each certificate in mtls_trusted_ca
  Digest trustList{};                // identity of that list; all zero when there is none
  std::set<Digest> authorizedNames;  // nameDigest of each CN in mtls_authorized_subjects
  std::set<Digest> authorizedTuples; // tupleDigest of each entry
};

} // namespace gatehouse::model
