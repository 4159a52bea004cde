// Gateway, second part: what control asks of the part that serves, beside policies.
#include "gateway/Gateway.h"
#include "gateway/Login.h"
#include "gateway/OneVerifier.h"
#include "plugin/AuthenticatorCall.h"

#include <atomic>
#include <iterator>

namespace gatehouse::gateway {
namespace {

gh_bytes bytes(std::string_view text) noexcept { return {text.data(), text.size()}; }

} // namespace

Result<std::vector<bool>> Gateway::fits(model::AuthMethod method, const Secret& secret,
                                        const std::vector<std::string>& verifiers) {
  const std::string_view word = model::authMethods[static_cast<std::size_t>(method)];
  plugin::PluginInstance* owner = plugins_.enroller(word);
  if (!owner)
    return Error{Code::unsupported_value,
                 "no plugin is loaded that keeps passwords of auth_method '" + std::string(word) + "'"};
  constexpr std::string_view login = "-"; // nobody's: the directory knows that one alone
  gh_evidence evidence{};
  evidence.size = sizeof evidence;
  evidence.kind = GH_EVIDENCE_PASSWORD;
  evidence.login = bytes(login);
  evidence.secret = bytes(secret.reveal());
  evidence.deadline = clock_.steadyMs() + Login::ceilingMs;
  std::vector<bool> fit;
  for (const std::string& verifier : verifiers) {
    OneVerifier view(login, word, verifier);
    const plugin::VerifyAnswer answer = plugin::callVerify(*owner, nextView(), view, evidence);
    // Whatever is neither yes nor no is no answer: a caller would take away, or keep, the wrong password.
    if (answer.verdict != model::Verdict::accept && answer.verdict != model::Verdict::mismatch)
      return Error{Code::internal_error,
                   "a stored password cannot be compared: set this user's passwords anew with PUT"};
    fit.push_back(answer.verdict == model::Verdict::accept);
  }
  return fit;
}

bool Gateway::loginLocked(std::int64_t userUid, std::int64_t nowSeconds) {
  return lockouts_.lockedSomewhere(userUid, nowSeconds);
}

void Gateway::unlock(std::int64_t userUid) { lockouts_.unlock(userUid); }

void Gateway::liveSessions(std::function<void(std::vector<control::LiveSession>)> done) {
  struct Gathering {
    std::mutex mutex;
    std::vector<control::LiveSession> live;
    std::size_t left = 0;
    std::function<void(std::vector<control::LiveSession>)> done;
  };
  if (workers_.empty()) return done({});
  auto gathering = std::make_shared<Gathering>();
  gathering->left = workers_.size();
  gathering->done = std::move(done);
  for (const auto& worker : workers_)
    worker->liveSessions([gathering](std::vector<control::LiveSession> some) {
      std::unique_lock lock(gathering->mutex);
      std::move(some.begin(), some.end(), std::back_inserter(gathering->live));
      if (--gathering->left > 0) return;
      lock.unlock();
      gathering->done(std::move(gathering->live));
    });
}

void Gateway::runCommand(std::int64_t database, std::shared_ptr<const model::Admission> proven,
                         std::vector<std::string> words, std::function<void(Result<std::string>)> done) {
  if (workers_.empty()) return done(Error{Code::bdb_unavailable, "the server has not started yet"});
  if (!proven)
    return done(Error{Code::unauthorized_action,
                      "commands run as a user with a role at the database; the local administrator is none"});
  workers_[turn_++ % workers_.size()]->runCommand(database, std::move(proven), std::move(words),
                                                  std::move(done));
}

} // namespace gatehouse::gateway
