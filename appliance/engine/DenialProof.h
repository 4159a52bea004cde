#pragma once
#include "engine/AdminCommands.h"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::engine {

/// Has an engine itself say that rules do not break out of a database (R14), once for each distinct text of
/// rules: a user that nobody can log in as is given them, and ACL DRYRUN must deny it CONFIG, ACL SETUSER,
/// SHUTDOWN, MIGRATE and DEBUG. So no user whom somebody can be ever has rules that were not proven.
///
/// Threads: the engines'. Errors: anything but a denial in so many words is no proof. Owns: which texts this
/// run of the engine has proven. `admin` outlives it.
class DenialProof {
public:
  enum class Outcome : std::uint8_t {
    proven,
    refused, // too wide, or no rules at all: `detail` says which
    noAnswer // busy, or gone: try again
  };
  using Done = std::function<void(Outcome outcome, const std::string& detail)>;

  explicit DenialProof(AdminCommands& admin)
      : admin_(admin) {}

  /// What one text of rules is remembered by.
  [[nodiscard]] static std::string digest(const std::vector<std::string>& rules);
  /// Calls `done` at once where they are proven already.
  void prove(const std::vector<std::string>& rules, Done done);
  /// Another run of the engine: nothing is proven any more.
  void forget();

  /// Its name has a colon, as the administrator's: no user can have it (R17).
  static constexpr const char* userName = "gatehouse:proof";
  static constexpr std::size_t mostRemembered = 10'000; // texts

private:
  struct Attempt;
  void finish(const std::string& digest, Outcome outcome, const std::string& detail);

  AdminCommands& admin_;
  std::set<std::string> proven_;                     // digests
  std::map<std::string, std::vector<Done>> waiting_; // by digest: a proof is under way
};

/// Is `word` one that gives or takes a permission? ACL SETUSER also takes words that open an account
/// (`nopass`, `>password`, `on`), which no DRYRUN shows.
[[nodiscard]] bool isPermission(const std::string& word) noexcept;

} // namespace gatehouse::engine
