#include "engine/DenialProof.h"

#include "base/Text.h"
#include "pki/Hash.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace gatehouse::engine {
namespace {

/// Each would break out of the database: change the engine, its users, end it, make it call others, look
/// inside.
const std::array<std::vector<std::string>, 5> breakOuts{{{"CONFIG", "GET", "x"},
                                                         {"ACL", "SETUSER", "x"},
                                                         {"SHUTDOWN"},
                                                         {"MIGRATE", "h", "1", "k", "0", "1"},
                                                         {"DEBUG", "SLEEP", "0"}}};

/// What 7.0.15 says, and what later versions begin with: `This user has no permissions to run the
/// 'config|get' command`, `User x has no permissions to ...`.
constexpr std::string_view denial = "has no permissions to run the '";

constexpr std::array<std::string_view, 6> namedPermissions{"allcommands", "nocommands",  "allkeys",
                                                           "resetkeys",   "allchannels", "resetchannels"};

} // namespace

bool isPermission(const std::string& word) noexcept {
  if (word.empty()) return false;
  if (std::string_view("+-~%&(").find(word.front()) != std::string_view::npos) return word.size() > 1;
  return std::find(namedPermissions.begin(), namedPermissions.end(), word) != namedPermissions.end();
}

/// One proof under way. Its commands are answered in order; the last answer ends it.
struct DenialProof::Attempt {
  std::size_t owed = 0;
  Outcome outcome = Outcome::proven;
  std::string detail = {};

  void note(Outcome what, std::string why) {
    if (outcome == Outcome::noAnswer) return; // says nothing about the rules
    if (outcome == Outcome::refused && what == Outcome::refused) return;
    outcome = what;
    detail = std::move(why);
  }
};

std::string DenialProof::digest(const std::vector<std::string>& rules) {
  std::string framed; // lengths keep two texts apart that are alike when joined
  for (const std::string& rule : rules) framed += std::to_string(rule.size()) + ':' + rule;
  return std::string(pki::view(pki::sha256(framed)));
}

void DenialProof::prove(const std::vector<std::string>& rules, Done done) {
  const std::string key = digest(rules);
  if (proven_.count(key) != 0) return done(Outcome::proven, {});
  for (const std::string& rule : rules)
    if (!isPermission(rule)) return done(Outcome::refused, "it is no permission: " + printable(rule));
  auto& waiting = waiting_[key];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;

  auto attempt = std::make_shared<Attempt>();
  attempt->owed = breakOuts.size() + 2;
  const auto settle = [this, key, attempt] {
    if (--attempt->owed == 0) finish(key, attempt->outcome, attempt->detail);
  };
  std::vector<std::string> make{"ACL", "SETUSER", userName, "reset"};
  make.insert(make.end(), rules.begin(), rules.end());
  admin_.send(std::move(make), [attempt, settle](const resp::Reply* reply) {
    if (reply == nullptr || reply->isError("BUSY") || reply->isError("LOADING"))
      attempt->note(Outcome::noAnswer, {});
    else if (!reply->isStatus("OK"))
      attempt->note(Outcome::refused, "the engine takes no such rules: " + printable(reply->text));
    settle();
  });
  for (const auto& command : breakOuts) {
    std::vector<std::string> words{"ACL", "DRYRUN", userName};
    words.insert(words.end(), command.begin(), command.end());
    admin_.send(std::move(words), [attempt, settle, name = command.front()](const resp::Reply* reply) {
      if (reply == nullptr || reply->isError("BUSY") || reply->isError("LOADING"))
        attempt->note(Outcome::noAnswer, {});
      else if (reply->kind != resp::Kind::bulk || reply->text.find(denial) == std::string::npos)
        attempt->note(Outcome::refused, name + " is not denied: " + printable(reply->text));
      settle();
    });
  }
  admin_.send({"ACL", "DELUSER", userName}, [settle](const resp::Reply*) { settle(); });
}

void DenialProof::finish(const std::string& key, Outcome outcome, const std::string& detail) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return;
  const std::vector<Done> waiting = std::move(found->second);
  waiting_.erase(found);
  if (outcome == Outcome::proven) {
    if (proven_.size() >= mostRemembered) proven_.clear(); // they are proven anew, at a round trip each
    proven_.insert(key);
  }
  for (const Done& done : waiting) done(outcome, detail);
}

void DenialProof::forget() { proven_.clear(); }

} // namespace gatehouse::engine
