#pragma once
#include "base/Result.h"
#include "plugin/Handshake.h"
#include "sdk/plugin_abi.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::plugin::contract {

class TrialSession;
class TrialHost;

/// The directory of one verify, as it shall look.
struct Directory {
  std::uint32_t status = GH_NOT_FOUND; // what lookup answers; GH_OK: with this user, whatever the key
  std::string method, verifier;
};

/// One verify under way.
struct TrialView;

/// The call into the plugin that this thread is inside of.
struct Present {
  TrialHost* host = nullptr;
  gh_self self = 0;
  TrialSession* session = nullptr;
  TrialView* view = nullptr;
  bool configuring = false;
};

/// A host in memory: every service table of plugin_abi.h. Whatever a plugin does with them that the contract
/// forbids is a finding.
///
/// One in a process: a service table carries no pointer of the host's.
/// Threads: the tables' functions on any; the rest on the main one.
class TrialHost {
public:
  /// `growth`: so many bytes longer is each struct and array element that this host makes, as those of a
  /// later version would be.
  TrialHost(const Descriptor& plugin, std::map<std::string, std::string> settings, std::size_t growth);
  ~TrialHost();
  TrialHost(const TrialHost&) = delete;
  TrialHost& operator=(const TrialHost&) = delete;

  /// Each call makes an instance. nullptr: it would not, and the finding is made.
  [[nodiscard]] gh_instance* configure();
  [[nodiscard]] bool start(gh_instance*);
  void stop(gh_instance*);
  /// configure and start, or nullptr with a finding.
  [[nodiscard]] gh_instance* run();

  struct Verified {
    std::uint32_t verdict = GH_VERDICT_FAILURE; // of a fault too
    bool looked = false;                        // lookup was asked
  };
  /// Makes the finding itself if the answer is none that the contract allows.
  [[nodiscard]] Verified verify(gh_instance*, const gh_evidence&, const Directory&);
  struct Enrolled {
    std::uint32_t status;
    std::string verifier;
  };
  [[nodiscard]] Enrolled enroll(gh_instance*, std::string_view method, std::string_view secret,
                                std::size_t capacity = 512);

  [[nodiscard]] const Descriptor& plugin() const noexcept { return plugin_; }
  [[nodiscard]] std::size_t growth() const noexcept { return growth_; }
  [[nodiscard]] std::uint64_t newHandle() noexcept;
  [[nodiscard]] gh_self selfOf(gh_instance* instance);

  /// What a service function may assume, or a finding: nobody is inside a call here and now.
  [[nodiscard]] static Present* present(const char* function);

  /// Marks a call, for as long as it runs.
  class Inside {
  public:
    explicit Inside(const Present&);
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

  private:
    Present now_;
    Present* before_;
  };

private:
  const Descriptor& plugin_;
  const std::map<std::string, std::string> given_;
  const std::size_t growth_;
  std::mutex lock_;
  std::uint64_t handle_ = 1000;
  std::vector<std::pair<gh_instance*, gh_self>> selves_;
};

struct TrialView {
  gh_view handle = 0;
  const Directory* directory = nullptr;
  class Lent* lent = nullptr;
  std::uint64_t reference = 0; // of the user that lookup gave
  bool looked = false;
  std::size_t growth = 0;
};

} // namespace gatehouse::plugin::contract
