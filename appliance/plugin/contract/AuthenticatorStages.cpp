// The stages of authenticators.
#include "plugin/contract/Findings.h"
#include "plugin/contract/Stages.h"
#include "plugin/contract/TrialHost.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::plugin::contract {
namespace {

using namespace std::string_literals;

/// Evidence that owns its texts.
struct Presented {
  std::string what;
  std::uint32_t kind = GH_EVIDENCE_PASSWORD;
  std::string login, secret, subjectKey, leaf, issuerKey;

  [[nodiscard]] gh_evidence view() const {
    const auto bytes = [](const std::string& text) { return gh_bytes{text.data(), text.size()}; };
    gh_evidence evidence{};
    evidence.kind = kind;
    evidence.login = bytes(login);
    evidence.secret = bytes(secret);
    evidence.subject_key = bytes(subjectKey);
    evidence.leaf = bytes(leaf);
    evidence.issuer_key = bytes(issuerKey);
    return evidence;
  }
};

Presented usual(std::uint32_t kind) {
  if (kind == GH_EVIDENCE_CERTIFICATE)
    return {"a certificate",     kind, "", "", std::string(32, 'k'), "\x30\x03\x02\x01\x01",
            std::string(32, 'i')};
  return {kind == GH_EVIDENCE_TOKEN ? "a token" : "a password", kind, "ada", "correct horse", "", "", ""};
}

std::vector<Presented> strange(const Descriptor& plugin) {
  std::vector<Presented> all;
  for (const std::uint32_t kind : {0U, 1U, 2U, 3U, 4U, 77U}) {
    if (plugin.reads(kind)) continue;
    all.push_back(usual(GH_EVIDENCE_PASSWORD));
    all.back().what = "evidence of the kind " + std::to_string(kind) + ", which it does not read";
    all.back().kind = kind;
    all.back().subjectKey = std::string(32, 'k');
  }
  for (const std::uint32_t kind : plugin.kinds) {
    const auto add = [&](const char* what, const std::string& text) {
      Presented one{
          std::string(what) + " of the kind " + std::to_string(kind), kind, text, text, text, text, text};
      all.push_back(std::move(one));
    };
    add("empty evidence", "");
    add("evidence of NULs", std::string(8, '\0'));
    add("evidence of 1 KiB", std::string(1024, 'a'));
    add("evidence of 1 MiB", std::string(1 << 20, 'a'));
    add("evidence that is no UTF-8", "\xff\xfe\x80"s);
    Presented one = usual(kind);
    one.what += " with a NUL";
    one.login += '\0';
    one.secret += '\0';
    all.push_back(std::move(one));
  }
  return all;
}

} // namespace

void tryEvidence(const Trial& trial) {
  TrialHost host(trial.plugin, trial.settings, 0);
  gh_instance* instance = host.run();
  if (instance == nullptr) return;
  const std::string& method = trial.plugin.methods.front();

  for (const Presented& presented : strange(trial.plugin)) {
    findings::trying(presented.what + ", and no such user");
    (void)host.verify(instance, presented.view(), {}); // an ACCEPT would be one of nobody, and is a finding
    if (trial.plugin.reads(presented.kind)) continue;
    findings::trying(presented.what + ", and a user");
    if (host.verify(instance, presented.view(), {GH_OK, method, ""}).verdict == GH_VERDICT_ACCEPT)
      findings::add("accepts", "it accepted evidence of a kind that it does not read");
  }
  for (const std::uint32_t kind : trial.plugin.kinds) {
    const Presented presented = usual(kind);
    const auto with = [&](const std::string& what, const Directory& directory) {
      findings::trying(presented.what + ", " + what);
      return host.verify(instance, presented.view(), directory);
    };
    for (const std::uint32_t status : {std::uint32_t{GH_UNAVAILABLE}, std::uint32_t{GH_FAILED},
                                       std::uint32_t{GH_UNSUPPORTED}, std::uint32_t{GH_GONE}, 4711U}) {
      const auto answer = with("where lookup answers " + std::to_string(status), {status, "", ""});
      if (answer.looked && (answer.verdict == GH_VERDICT_NEXT || answer.verdict == GH_VERDICT_UNKNOWN))
        findings::add("verdicts",
                      "where the directory fails it answers NEXT or UNKNOWN: a weaker authenticator "
                      "would then decide; FAILURE is the answer");
    }
    with("and a user of a strange auth_method", {GH_OK, "strange", ""});
    with("and a user without an auth_method", {GH_OK, "", ""});
    if (kind == GH_EVIDENCE_CERTIFICATE) continue; // there the subject key alone says who it is
    const std::pair<const char*, std::string> verifiers[] = {
        {"no verifier", ""},
        {"a verifier of one byte", "x"},
        {"a verifier with NULs", std::string(64, '\0')},
        {"the secret itself as verifier", presented.secret},
        {"a verifier of 64 KiB", std::string(65536, '$')}};
    for (const auto& [what, verifier] : verifiers) {
      if (with("and a user with " + std::string(what), {GH_OK, method, verifier}).verdict ==
              GH_VERDICT_ACCEPT &&
          trial.plugin.authenticator->enroll != nullptr)
        findings::add("accepts", "it accepted against a verifier that it had not enrolled");
    }
  }
  findings::trying("stop");
  host.stop(instance);
}

void tryEnrolment(const Trial& trial) {
  if (trial.plugin.authenticator->enroll == nullptr) return;
  TrialHost host(trial.plugin, trial.settings, 0);
  gh_instance* instance = host.run();
  if (instance == nullptr) return;
  const std::string secret = "correct horse";
  for (const std::string& method : trial.plugin.methods) {
    findings::trying("enroll for " + method);
    const auto first = host.enroll(instance, method, secret);
    if (first.status == GH_OK && trial.plugin.reads(GH_EVIDENCE_PASSWORD)) {
      Presented presented = usual(GH_EVIDENCE_PASSWORD);
      presented.secret = secret;
      findings::trying("the secret that was enrolled");
      if (host.verify(instance, presented.view(), {GH_OK, method, first.verifier}).verdict !=
          GH_VERDICT_ACCEPT)
        findings::add("enrol", "it does not accept the secret that it has enrolled");
      for (const std::string& other :
           {"correct hors"s, "Correct horse"s, "correct horse "s, secret + '\0', ""s}) {
        findings::trying("another secret than the one that was enrolled");
        presented.secret = other;
        if (host.verify(instance, presented.view(), {GH_OK, method, first.verifier}).verdict ==
            GH_VERDICT_ACCEPT)
          findings::add("accepts", "it accepted another secret than the one that it has enrolled");
      }
    }
    for (const std::string& strangeSecret :
         {""s, std::string(8, '\0'), std::string(1 << 20, 'a'), "\xff\xfe"s}) {
      findings::trying("enroll of a strange secret");
      (void)host.enroll(instance, method, strangeSecret);
    }
    for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, std::size_t{16}}) {
      findings::trying("enroll with room for " + std::to_string(capacity) + " bytes");
      (void)host.enroll(instance, method, secret, capacity);
    }
  }
  findings::trying("enroll for an auth_method that it does not serve");
  if (host.enroll(instance, "strange", secret).status == GH_OK)
    findings::add("enrol", "it enrols secrets for an auth_method that it does not serve");
  findings::trying("stop");
  host.stop(instance);
}

void tryParallelVerify(const Trial& trial) {
  TrialHost host(trial.plugin, trial.settings, 0);
  gh_instance* instance = host.run();
  if (instance == nullptr) return;
  findings::trying("verify on four threads");
  std::vector<std::thread> workers;
  workers.reserve(4);
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (const std::uint32_t kind : trial.plugin.kinds) {
        (void)host.verify(instance, usual(kind).view(), {});
        (void)host.verify(instance, usual(kind).view(), {GH_OK, trial.plugin.methods.front(), ""});
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  findings::trying("stop");
  host.stop(instance);
}

} // namespace gatehouse::plugin::contract
