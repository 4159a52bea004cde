#include "control/change/Changes.h"
#include "control/change/ChangesRules.h"
#include "control/change/PasswordRules.h"
#include "control/change/Passwords.h"
#include "pki/KeyPair.h"
#include "store/Transaction.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

using store::DatabaseRow;

Done doneTo(const DatabaseRow& row, std::string field) {
  return {"updated", "bdb", row.database.uid, row.database.name, {std::move(field)}, {}};
}

} // namespace

Result<Outcome<std::string>> putDatabaseCertificate(Draft& draft, std::int64_t uid,
                                                    const std::string& certificate, const Secret& key) {
  auto row = findDatabase(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  auto pair = pki::KeyPair::fromPem(certificate, key);
  if (!pair) return at("cert", std::move(pair).error());
  if (Status valid = pair->checkValidity(draft.now); !valid) return at("cert", std::move(valid).error());
  // The same chain with a key that fits it is the same pair.
  if (row->certificate == certificate) return Outcome<std::string>{certificate, row->revision, false};

  draft.gives = true;
  GH_TRY(draft.transaction.putDatabaseCertificate(uid, certificate, key));
  draft.done.push_back(doneTo(*row, "certificate"));
  draft.policyChanged = true;
  auto written = writtenDatabase(draft, uid);
  if (!written) return std::move(written).error();
  return Outcome<std::string>{certificate, written->revision, true};
}

Status deleteDatabaseCertificate(Draft& draft, std::int64_t uid) {
  auto row = findDatabase(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  if (row->certificate.empty())
    return Error{Code::certificate_not_exist, "database " + std::to_string(uid) +
                                                  " has no certificate of its own; it shows the cluster's "
                                                  "proxy certificate"};
  GH_TRY(draft.transaction.putDatabaseCertificate(uid, {}, Secret()));
  draft.done.push_back(doneTo(*row, "certificate"));
  draft.policyChanged = true;
  auto written = writtenDatabase(draft, uid);
  return written ? Status() : Status(std::move(written).error());
}

Result<model::Revision> changeDatabasePasswords(Draft& draft, std::int64_t uid, PasswordChange change,
                                                const Enrolled& enrolled) {
  auto row = findDatabase(draft, uid);
  if (!row) return std::move(row).error();
  GH_TRY(checkMatch(draft, row->revision));
  auto stored = draft.transaction.databasePasswords(uid);
  if (!stored) return std::move(stored).error();
  std::vector<std::string> verifiers = verifiersIn(*stored);
  const auto fits = [&](const std::string& verifier) {
    return std::find(enrolled.fits.begin(), enrolled.fits.end(), verifier) != enrolled.fits.end();
  };
  if (change != PasswordChange::replace) draft.compare = verifiers;

  switch (change) {
  case PasswordChange::replace: verifiers = {enrolled.verifier}; break;
  case PasswordChange::add:
    if (std::any_of(verifiers.begin(), verifiers.end(), fits)) return row->revision;
    if (verifiers.size() >= mostPasswords)
      return at(Code::not_acceptable, "password",
                "the database has " + std::to_string(verifiers.size()) +
                    " passwords, and no more are allowed; remove one with DELETE, or replace all with PUT");
    verifiers.push_back(enrolled.verifier);
    break;
  case PasswordChange::remove:
    if (verifiers.empty())
      return at(Code::not_acceptable, "password", "the database's default user has none");
    // A rehearsal comes before the comparison.
    if (std::erase_if(verifiers, fits) == 0 && !enrolled.password)
      return at(Code::not_acceptable, "password", "is none of the database's passwords");
    break;
  }
  if (verifierLines(verifiers) == *stored) return row->revision;
  // A Draft that is not committed has no verifier to write.
  if (change != PasswordChange::remove && enrolled.verifier.empty()) return row->revision;
  (change == PasswordChange::remove ? draft.takesAway : draft.gives) = true;
  if (change != PasswordChange::remove) draft.unlocks.insert(-uid); // its default user's lock, as a user's
  GH_TRY(draft.transaction.putDatabasePasswords(uid, verifierLines(verifiers)));
  draft.done.push_back(doneTo(*row, "passwords"));
  auto written = writtenDatabase(draft, uid);
  if (!written) return std::move(written).error();
  return written->revision;
}

} // namespace gatehouse::control
