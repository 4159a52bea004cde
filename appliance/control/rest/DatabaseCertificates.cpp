#include "control/rest/DatabaseCertificates.h"

#include "base/Text.h"
#include "control/rest/IsoTime.h"
#include "pki/Certificate.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

using model::enforced, model::read_only, model::text, model::write_only;

constexpr model::Field fields[] = {
    // What a GET shows may come back with a new certificate: it is read of that, whatever stood here.
    read_only<&DatabaseCertificate::bdb_uid>("bdb_uid", text(0, 20), "", "Which database's it is.").moving(),
    enforced<&DatabaseCertificate::cert>("cert", text(1, 1 << 20), model::required, model::Narrows::unknown,
                                         "PEM of the certificate and its issuers."),
    write_only("private_key", model::secret(1, 1 << 16), "PEM of its private key; never returned."),
    read_only<&DatabaseCertificate::not_before>("not_before", text(0, 40), "", "When it begins.").moving(),
    read_only<&DatabaseCertificate::not_after>("not_after", text(0, 40), "", "When it ends.").moving(),
};
constexpr model::Table certificateTable = {
    "bdb certificate", model::ObjectKind::none, fields, "A database's own certificate.", {}};
static_assert(sound(certificateTable));

} // namespace
} // namespace gatehouse::control

namespace gatehouse::model {
template <>
const Table& table<control::DatabaseCertificate>() {
  return control::certificateTable;
}
} // namespace gatehouse::model

namespace gatehouse::control::database_certificates {
namespace {

constexpr std::size_t rowsATurn = 100;
constexpr std::int64_t defaultPage = 100, mostOfAPage = 1000;

/// It was checked when it was written, so the leaf stands somewhere in it.
DatabaseCertificate present(std::int64_t uid, const std::string& pem, std::int64_t& ends) {
  DatabaseCertificate certificate{std::to_string(uid), pem, {}, {}};
  ends = 0;
  if (auto read = pki::Certificate::fromPem(pem)) {
    // Some scripts write the root first: the server's own is the one that issues nothing.
    const auto leaf =
        std::find_if(read->begin(), read->end(), [](const pki::Certificate& one) { return !one.mayIssue(); });
    const pki::Certificate& own = leaf == read->end() ? read->front() : *leaf;
    ends = own.notAfter();
    certificate.not_before = isoTime(own.notBefore());
    certificate.not_after = isoTime(ends);
  }
  return certificate;
}

struct Wanted {
  std::int64_t skip = 0, count = defaultPage;
  std::int64_t expiresBefore = INT64_MAX;
  std::optional<model::TlsMode> tlsMode;
};

/// A page or its size: at least 1.
Status readCount(const Query& query, std::string_view name, std::int64_t& into) {
  const auto found = query.others.find(name);
  if (found == query.others.end()) return {};
  const auto number = toInteger(found->second);
  if (!number || *number < 1)
    return Error{Code::invalid_param, std::string(name) + ": a number from 1 is wanted"};
  into = std::min<std::int64_t>(*number, INT32_MAX);
  return {};
}

Result<Wanted> understand(const Query& query) {
  Wanted wanted;
  std::int64_t page = 1;
  GH_TRY(readCount(query, "page", page));
  GH_TRY(readCount(query, "page_size", wanted.count));
  wanted.count = std::min(wanted.count, mostOfAPage);
  wanted.skip = (page - 1) * wanted.count;
  if (const auto before = query.others.find("expires_before"); before != query.others.end()) {
    auto seconds = readIsoTime(before->second);
    if (!seconds) seconds = toInteger(before->second);
    if (!seconds)
      return Error{Code::invalid_param,
                   "expires_before: a time as 2026-11-24T10:00:00Z is wanted, or seconds since 1970"};
    wanted.expiresBefore = *seconds;
  }
  if (const auto mode = query.others.find("tls_mode"); mode != query.others.end()) {
    const auto word = std::find(std::begin(model::tlsModes), std::end(model::tlsModes), mode->second);
    if (word == std::end(model::tlsModes)) return Error{Code::invalid_param, "tls_mode: enabled or disabled"};
    wanted.tlsMode = static_cast<model::TlsMode>(word - std::begin(model::tlsModes));
  }
  return wanted;
}

class CertificateListing final : public Listing {
public:
  CertificateListing(std::shared_ptr<const model::Snapshot> policy, Wanted wanted)
      : policy_(std::move(policy))
      , wanted_(wanted) {}

  Result<bool> next(store::Reader&, std::string& out) override {
    if (!begun_) out += '[';
    begun_ = true;
    auto at = policy_->databases.upper_bound(after_);
    for (std::size_t i = 0; i < rowsATurn && at != policy_->databases.end() && wanted_.count > 0; ++i, ++at) {
      after_ = at->first;
      append(at->second, out);
    }
    if (at != policy_->databases.end() && wanted_.count > 0) return true;
    out += ']';
    return false;
  }

private:
  void append(const model::DatabasePolicy& policy, std::string& out) {
    if (policy.certificate.empty()) return;
    if (wanted_.tlsMode && policy.database.tls_mode != *wanted_.tlsMode) return;
    std::int64_t ends = 0;
    const DatabaseCertificate certificate = present(policy.database.uid, policy.certificate, ends);
    if (ends >= wanted_.expiresBefore) return;
    if (wanted_.skip > 0) {
      --wanted_.skip;
      return;
    }
    --wanted_.count;
    if (written_) out += ',';
    written_ = true;
    encode(model::View(certificate), out);
  }

  std::shared_ptr<const model::Snapshot> policy_;
  Wanted wanted_;
  std::int64_t after_ = 0; // uid of the last database looked at
  bool begun_ = false, written_ = false;
};

} // namespace

Result<Answer> list(const Reading& reading, store::Reader&) {
  auto wanted = understand(reading.query);
  if (!wanted) return std::move(wanted).error();
  Answer answer;
  answer.listing = std::make_unique<CertificateListing>(reading.policy, *wanted);
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader&) {
  const model::DatabasePolicy* policy = reading.policy->database(uidOf(reading.parameter));
  if (!policy) return Error{Code::db_not_exist, "there is no database " + reading.parameter};
  if (policy->certificate.empty())
    return Error{Code::certificate_not_exist, "database " + reading.parameter +
                                                  " has no certificate of its own; it shows the cluster's "
                                                  "proxy certificate"};
  std::int64_t ends = 0;
  Answer answer;
  answer.body = encode(model::View(present(policy->database.uid, policy->certificate, ends)));
  answer.fields.emplace_back("ETag", entityTag(policy->revision));
  return answer;
}

Result<Task> put(const Reading& reading, store::Reader&, Node& body) {
  DatabaseCertificate given;
  Decoded decoded = decode(body, model::Edit(given), {});
  if (!decoded.ok()) return asError(decoded.findings);
  const auto key = std::make_shared<const Secret>(decoded.secrets.take("private_key"));
  if (key->empty()) return Error{Code::missing_field, "private_key: is missing"};
  Task task;
  task.apply = [uid = uidOf(reading.parameter), pem = std::move(given.cert),
                key](Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = putDatabaseCertificate(draft, uid, pem, *key);
    if (!outcome) return std::move(outcome).error();
    std::int64_t ends = 0;
    return Written{encode(model::View(present(uid, outcome->object, ends))), outcome->revision};
  };
  return task;
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter)](Draft& draft, const Enrolled&) -> Result<Written> {
    GH_TRY(deleteDatabaseCertificate(draft, uid));
    return Written{};
  };
  return task;
}

} // namespace gatehouse::control::database_certificates
