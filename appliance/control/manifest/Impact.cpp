#include "control/manifest/Impact.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/change/Permissions.h"
#include "pki/Certificate.h"
#include "pki/Hash.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace gatehouse::control {
namespace {

constexpr std::uint16_t newestTls = 0x0304;

/// One of the two states.
struct Side {
  const model::Snapshot& snapshot;
  const ImpactQuestion::UserAt& userAt;
  std::map<std::int64_t, std::optional<store::UserRecord>> users{}; // that were looked up

  Result<const store::UserRecord*> user(std::int64_t uid) {
    auto found = users.find(uid);
    if (found == users.end()) {
      auto record = userAt(uid);
      if (!record) return std::move(record).error();
      found = users.emplace(uid, std::move(*record)).first;
    }
    return found->second ? &*found->second : nullptr;
  }
};

/// What the chains of one listener must be like: the management API's, or a database's.
struct Door {
  const std::set<model::Digest>&anchors, &names, &tuples;
  model::SubjectValidation validation;
  bool mustShow;
};

Door doorOf(const model::Snapshot& snapshot, const model::DatabasePolicy* policy) {
  if (policy)
    return {policy->anchors, policy->authorizedNames, policy->authorizedTuples,
            policy->database.client_cert_subject_validation_type,
            policy->database.enforce_client_authentication == model::Enforcement::enabled};
  return {snapshot.anchors, snapshot.authorizedNames, snapshot.authorizedTuples,
          snapshot.settings.mtls_client_cert_subject_validation_type, false};
}

/// The best chain that somebody of this subject could show at that door: of a CA that is trusted there, in
/// date. Whether there is such a certificate nobody knows.
model::ChainFacts bestChain(const Door& door, const model::UserRow* row) {
  model::ChainFacts chain;
  if (!door.anchors.empty()) chain.anchor = *door.anchors.begin();
  chain.notAfter = INT64_MAX;
  const auto subject =
      row ? model::Subject::parse(row->user.certificate_subject_line) : Result<model::Subject>(Error{});
  if (subject && row) {
    chain.subjectKey = row->subjectKey;
    if (const auto name = subject->commonName()) chain.commonName = pki::nameDigest(*name);
    if (const auto tuple = pki::subjectTupleDigest(*subject)) chain.subjectTuple = *tuple;
  } else { // a certificate that is shown beside a password: any that may be shown there
    if (!door.names.empty()) chain.commonName = *door.names.begin();
    if (!door.tuples.empty()) chain.subjectTuple = *door.tuples.begin();
  }
  return chain;
}

/// Whether this user could be at that place, with the best evidence of its kind. The one decision says so.
bool couldBeThere(const store::UserRecord& record, const model::Snapshot& snapshot,
                  const model::DatabasePolicy* policy, std::int64_t now) {
  const model::UserRow& row = record.judged;
  const Door door = doorOf(snapshot, policy);
  model::Admission admission;
  admission.userUid = row.user.uid;
  admission.userRevision = row.revision;
  admission.tlsVersion = newestTls;
  admission.database = policy ? policy->database.uid : 0;
  if (row.user.auth_method == model::AuthMethod::certificate) {
    admission.kind = model::EvidenceKind::certificate;
    admission.chain = bestChain(door, &row);
  } else {
    admission.kind = model::EvidenceKind::password;
    if (door.mustShow) admission.chain = bestChain(door, nullptr);
  }
  return model::judge(admission, snapshot, &row, now).stands();
}

using Abilities = std::set<std::string>;

/// What somebody may do: words of permissions, and each ACL at each database.
struct Able {
  std::set<std::string_view> permissions;
  model::Management strongest = model::Management::none;
  Abilities databases;
};

Able ableOf(const store::UserRecord* record, const model::Snapshot& snapshot, std::int64_t now) {
  Able out;
  if (!record) return out;
  const std::vector<std::int64_t>& roles = record->judged.user.role_uids;
  if (couldBeThere(*record, snapshot, nullptr, now)) {
    const Rights rights = Rights::of(roles, snapshot);
    out.strongest = rights.strongest();
    for (const PermissionRow& row : permissions())
      if (row.permission != Permission::authenticated && allows(rights, row.permission))
        out.permissions.insert(row.word);
  }
  for (const auto& [uid, policy] : snapshot.databases)
    if (couldBeThere(*record, snapshot, &policy, now))
      for (const model::RedisAcl* acl : model::aclsAt(policy.database, roles, snapshot))
        out.databases.insert("database " + policy.database.name + ": " +
                             (acl->acl.empty() ? "nothing" : acl->acl));
  return out;
}

/// What `more` has and `less` has not, a few words each.
std::vector<std::string> beyond(const Able& more, const Able& less) {
  constexpr std::size_t fewPermissions = 6;
  std::vector<std::string> out;
  std::vector<std::string_view> words;
  std::set_difference(more.permissions.begin(), more.permissions.end(), less.permissions.begin(),
                      less.permissions.end(), std::back_inserter(words));
  if (words.size() > fewPermissions) {
    out.push_back(std::to_string(words.size()) + " permissions of the REST API, as " +
                  std::string(model::managements[static_cast<std::size_t>(more.strongest)]));
  } else if (!words.empty()) {
    std::string text = "permissions of the REST API: ";
    for (std::size_t i = 0; i < words.size(); ++i) text.append(i > 0 ? ", " : "").append(words[i]);
    out.push_back(std::move(text));
  }
  std::set_difference(more.databases.begin(), more.databases.end(), less.databases.begin(),
                      less.databases.end(), std::back_inserter(out));
  return out;
}

/// Items of a JSON list.
class List {
public:
  std::string& item() { return out_ += out_.empty() ? "" : ","; }
  [[nodiscard]] std::string take() { return '[' + std::move(out_) + ']'; }

private:
  std::string out_;
};

void member(std::string& out, std::string_view key, std::string_view value) {
  out += out.ends_with('{') ? "\"" : ",\"";
  out += key;
  out += "\":";
  json::text(out, value);
}

/// The lists of certificates that a state trusts, by what they are called.
std::map<std::string, std::vector<std::string_view>> trustLists(const model::Snapshot& snapshot) {
  std::map<std::string, std::vector<std::string_view>> out;
  if (const auto found = snapshot.certificates.find("mtls_trusted_ca"); found != snapshot.certificates.end())
    out["mtls_trusted_ca"].push_back(found->second.certificate);
  for (const auto& [uid, policy] : snapshot.databases)
    if (const auto& own = policy.database.authentication_ssl_client_certs)
      for (const model::ClientCert& certificate : *own)
        out["bdbs/" + policy.database.name].push_back(certificate.client_cert);
  return out;
}

class Question {
public:
  explicit Question(const ImpactQuestion& question)
      : question_(question)
      , before_{question.before, question.userBefore}
      , after_{question.after, question.userAfter} {}

  Result<std::string> answer() {
    for (const std::int64_t uid : question_.users) GH_TRY(one(uid));
    for (const LiveSession& session : question_.sessions) GH_TRY(one(session));
    std::string out = "{\"gains\":" + gains_.take() + ",\"loses\":" + loses_.take() +
                      ",\"closes\":" + closes_.take() + ",\"stays\":" + std::to_string(stays_);
    out += ",\"unused_certificates\":" + unused() + '}';
    return out;
  }

private:
  Status one(std::int64_t uid) {
    auto before = before_.user(uid);
    if (!before) return std::move(before).error();
    auto after = after_.user(uid);
    if (!after) return std::move(after).error();
    const store::UserRecord* named = *after ? *after : *before;
    if (!named) return {};
    const Able was = ableOf(*before, before_.snapshot, question_.now);
    const Able will = ableOf(*after, after_.snapshot, question_.now);
    say(gains_, named->judged.user.name, beyond(will, was));
    say(loses_, named->judged.user.name, beyond(was, will));
    if (*before && *after) proofs((*before)->judged, (*after)->judged);
    return {};
  }

  /// The same user by another proof: whoever has the former one is nobody then.
  void proofs(const model::UserRow& was, const model::UserRow& will) {
    if (was.user.auth_method == will.user.auth_method && was.subjectKey == will.subjectKey) return;
    say(gains_, will.user.name, {proofOf(will.user)});
    say(loses_, will.user.name, {proofOf(was.user)});
  }
  static std::string proofOf(const model::User& user) {
    return user.auth_method == model::AuthMethod::certificate
               ? "logging in with the certificate of `" + user.certificate_subject_line + '`'
               : std::string("logging in with a password");
  }

  static void say(List& list, std::string_view user, const std::vector<std::string>& what) {
    for (const std::string& text : what) {
      std::string& out = list.item();
      out += '{';
      member(out, "user", user);
      member(out, "what", text);
      out += '}';
    }
  }

  Status one(const LiveSession& session) {
    if (!session.admission) return {};
    const model::Admission& admission = *session.admission;
    const store::UserRecord *was = nullptr, *will = nullptr;
    if (admission.userUid != 0) {
      auto before = before_.user(admission.userUid);
      if (!before) return std::move(before).error();
      auto after = after_.user(admission.userUid);
      if (!after) return std::move(after).error();
      was = *before;
      will = *after;
    }
    const auto judged = [&](const Side& side, const store::UserRecord* record) {
      return model::judge(admission, side.snapshot, record ? &record->judged : nullptr, question_.now);
    };
    const model::Judgement later = judged(after_, will);
    if (!judged(before_, was).stands()) return {}; // it is on its way out, whatever is planned
    if (!later.stands()) {
      close(session, was, model::word(later.reason));
    } else if (losesRights(admission, was, will)) {
      close(session, was, "fewer_rights");
    } else {
      ++stays_;
      stand(admission);
    }
    return {};
  }

  /// Redis would let a blocked or subscribed connection keep what it had, so fewer rights close it.
  [[nodiscard]] bool losesRights(const model::Admission& admission, const store::UserRecord* was,
                                 const store::UserRecord* will) const {
    const model::DatabasePolicy* before = before_.snapshot.database(admission.database);
    const model::DatabasePolicy* after = after_.snapshot.database(admission.database);
    if (!was || !will || !before || !after) return false;
    if (was->judged.user.name != will->judged.user.name) return true; // another user of the engine
    const auto had = model::aclsAt(before->database, was->judged.user.role_uids, before_.snapshot);
    const auto has = model::aclsAt(after->database, will->judged.user.role_uids, after_.snapshot);
    return std::any_of(had.begin(), had.end(), [&](const model::RedisAcl* acl) {
      return std::none_of(has.begin(), has.end(),
                          [acl](const model::RedisAcl* other) { return other->acl == acl->acl; });
    });
  }

  void close(const LiveSession& session, const store::UserRecord* user, std::string_view reason) {
    std::string& out = closes_.item();
    out += "{\"session\":" + std::to_string(session.id);
    member(out, "peer", session.peer);
    member(out, "listener", session.listener);
    member(out, "user",
           user                                                    ? std::string_view(user->judged.user.name)
           : session.admission->kind == model::EvidenceKind::local ? "local administrator"
                                                                   : "default");
    member(out, "reason", reason);
    out += '}';
  }

  /// Notes which listed certificate a connection that stays leans on.
  void stand(const model::Admission& admission) {
    if (admission.chain.anchor == model::Digest{}) return;
    const model::DatabasePolicy* policy = after_.snapshot.database(admission.database);
    const bool own = policy && policy->database.authentication_ssl_client_certs;
    used_[own ? "bdbs/" + policy->database.name : "mtls_trusted_ca"].insert(admission.chain.anchor);
  }

  std::string unused() {
    List list;
    for (const auto& [name, texts] : trustLists(after_.snapshot)) {
      const std::set<model::Digest>& used = used_[name];
      for (const std::string_view text : texts) {
        const auto certificates = pki::Certificate::fromPem(text);
        if (!certificates) continue; // the plan has said so
        for (const pki::Certificate& certificate : *certificates) {
          if (used.contains(certificate.digest())) continue;
          std::string& out = list.item();
          out += '{';
          member(out, "list", name);
          member(out, "subject", certificate.subjectText());
          member(out, "sha256", hex(pki::view(certificate.digest())));
          out += '}';
        }
      }
    }
    return list.take();
  }

  const ImpactQuestion& question_;
  Side before_, after_;
  List gains_, loses_, closes_;
  std::size_t stays_ = 0;
  std::map<std::string, std::set<model::Digest>> used_; // anchors, by list
};

} // namespace

Result<std::string> impactOf(const ImpactQuestion& question) { return Question(question).answer(); }

} // namespace gatehouse::control
