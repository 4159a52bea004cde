#include "plugin/contract/Stages.h"

#include "plugin/Library.h"
#include "plugin/contract/Findings.h"
#include "plugin/contract/ProcessState.h"
#include "plugin/contract/TrialTables.h"

#include <unistd.h>

namespace gatehouse::plugin::contract {
namespace {

constexpr Stage all[] = {
    {"handshake", "the file, its entry, and what it says of itself", Stage::For::all, nullptr},
    {"lifecycle", "configure without side effects, start, stop", Stage::For::all, &tryLifecycle},
    {"evidence", "strange evidence and a directory that fails: nobody gets in", Stage::For::authenticators,
     &tryEvidence},
    {"enrolment", "what it enrols it accepts, and nothing else", Stage::For::authenticators, &tryEnrolment},
    {"parallel", "verify beside itself", Stage::For::authenticators, &tryParallelVerify},
    {"chunking", "the same output however the input is cut", Stage::For::protocols, &tryChunking},
    {"host", "slow clients, refusals, answers in pieces, events", Stage::For::protocols, &tryHost},
    {"limits", "input that never ends a message, output without measure", Stage::For::protocols, &tryLimits},
    {"ends", "half-close, drain, every reason to close, at every point", Stage::For::protocols, &tryEnds},
    {"sessions", "several at a time know nothing of each other", Stage::For::protocols, &trySessions},
    {"growth", "a host whose structs have grown", Stage::For::all, &tryGrowth},
};

/// The name that the file's name promises.
std::string nameOf(const std::string& file) {
  const auto slash = file.rfind('/');
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  if (name.size() > 3 && name.compare(name.size() - 3, 3, ".so") == 0) name.resize(name.size() - 3);
  return name;
}

} // namespace

std::span<const Stage> stages() noexcept { return all; }

int runStage(std::string_view name, const std::string& file,
             const std::map<std::string, std::string>& settings, int descriptor) {
  findings::begin(descriptor);
  const ProcessState before = ProcessState::now();
  findings::trying("loading the file");
  const auto library = Library::open(file);
  if (!library) {
    findings::add("handshake", library.error().description);
    findings::end();
    return 1;
  }
  findings::trying("calling the entry");
  const gh_plugin* offered = library->entry()(GH_ABI_MAJOR, GH_ABI_MINOR);
  const auto plugin = shake(offered, nameOf(file), TrialTables::offered());
  if (!plugin) {
    findings::add("handshake", plugin.error().description);
    findings::end();
    return 1;
  }
  findings::isCalled(plugin->name, plugin->version, plugin->protocol ? "protocol" : "authenticator");
  for (const Stage& stage : all) {
    if (stage.name != name) continue;
    if (stage.run != nullptr) {
      stage.run({*plugin, settings});
    } else {
      findings::trying("calling the entry for another version of the contract");
      (void)library->entry()(GH_ABI_MAJOR + 1, GH_ABI_MINOR); // it may decline; it may not fall
      before.compare("the entry");
    }
  }
  findings::trying("the end of the stage");
  if (before.moreThreads()) {
    ::usleep(
        100'000); // a thread that was joined leaves /proc a little later; and others shall show what they do
    if (before.moreThreads())
      findings::add("threads", "it made a thread; plugin code runs inside calls from the host alone");
  }
  findings::end();
  return 0;
}

} // namespace gatehouse::plugin::contract
