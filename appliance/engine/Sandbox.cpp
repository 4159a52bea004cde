#include "engine/Sandbox.h"

#include "base/Text.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

// Landlock's numbers by its documentation: Debian 12's headers end at ABI 2, and what the running kernel has
// counts, not what the building one had.
constexpr long createRuleset = 444, addRule = 445;
constexpr std::uint32_t askVersion = 1;
constexpr int pathBeneath = 1;

struct RulesetAttributes {
  std::uint64_t files = 0, network = 0, scopes = 0;
};
struct PathAttributes {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
} __attribute__((packed));

constexpr std::uint64_t execute = 0x1, readFile = 0x4, readDirectory = 0x8;
constexpr std::uint64_t fileRights = 0xc007; // those that a rule for a plain file may give
/// To its own directory: no execution, no device, pipe, symbolic link, removal of directories or ioctl.
constexpr std::uint64_t ownDirectory = 0x63ae;

constexpr std::uint64_t handledFiles(int abi) {
  return abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : abi >= 2 ? 0x3fff : 0x1fff;
}

#if defined(__aarch64__)
constexpr const char* loader = "/lib/ld-linux-aarch64.so.1";
#else
constexpr const char* loader = "/lib64/ld-linux-x86-64.so.2";
#endif

/// What redis-server reads outside of its directory. What is missing here is missing there too.
constexpr const char* readable[] = {"/usr/lib",
                                    "/lib",
                                    "/etc/ld.so.cache",
                                    "/etc/localtime",
                                    "/usr/share/zoneinfo",
                                    "/etc/ssl/openssl.cnf",
                                    "/dev/urandom", // without it: weaker seeds, in silence
                                    "/proc/sys/vm/overcommit_memory",
                                    "/proc/sys/net/core/somaxconn",
                                    "/sys/kernel/mm/transparent_hugepage/enabled",
                                    "/sys/devices/system/clocksource/clocksource0"};

/// 0 or errno.
int allow(int ruleset, int target, std::uint64_t rights) {
  struct stat status {};
  if (::fstat(target, &status) != 0) return errno;
  if (!S_ISDIR(status.st_mode)) rights &= fileRights;
  const PathAttributes attributes{rights, target};
  return ::syscall(addRule, ruleset, pathBeneath, &attributes, 0) == 0 ? 0 : errno;
}

Error sandboxError(const std::string& what, int error) {
  return {Code::unavailable, "the engine's sandbox cannot be built: " + what + ": " + std::strerror(error)};
}

} // namespace

SandboxSupport SandboxSupport::probe() noexcept {
  SandboxSupport support;
  const long abi = ::syscall(createRuleset, nullptr, 0, askVersion);
  support.landlockAbi = abi > 0 ? static_cast<int>(abi) : 0;
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  support.seccomp =
      SystemCallFilter::supported() && ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  return support;
}

std::string SandboxSupport::weakness() const {
  const std::string otherwise =
      ": no engine starts unless `engines: {sandbox: off}` is written, and then an engine that is taken over "
      "can read the store and command Gatehouse";
  if (landlockAbi == 0)
    return "this kernel has no Landlock, or it is not switched on (lsm=landlock)" + otherwise;
  if (landlockAbi < leastLandlock)
    return "this kernel's Landlock is of version 1, and engines need 2 (Linux 5.19)" + otherwise;
  if (!seccomp) return "there are no seccomp filters on this kernel or architecture" + otherwise;
  const std::string version = "this kernel's Landlock is of version " + std::to_string(landlockAbi);
  if (!truncates())
    return version +
           ": an engine does not mend an append-only file that a power cut has torn, Gatehouse has it "
           "mended (version 3, Linux 6.2), and engines can send SIGUSR1, which Gatehouse ignores, to "
           "it";
  if (landlockAbi < 6)
    return version + ": engines can send SIGUSR1, which Gatehouse ignores, to it (version 6, Linux 6.12)";
  return {};
}

Result<Sandbox> Sandbox::build(const SandboxSupport& support, const std::string& program, int directory) {
  if (!support.enough()) return Error{Code::unavailable, support.weakness()};
  const int abi = support.landlockAbi;
  RulesetAttributes attributes;
  attributes.files = handledFiles(abi);
  if (abi >= 4) attributes.network = 3; // bind and connect by TCP: to none
  if (abi >= 6) attributes.scopes = 3;  // abstract unix sockets and signals: none outside
  const std::size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  UniqueFd ruleset(static_cast<int>(::syscall(createRuleset, &attributes, size, 0)));
  if (!ruleset) return sandboxError("Landlock refuses a ruleset", errno);

  const auto allowPath = [&](const char* path, std::uint64_t rights) {
    const UniqueFd target(::open(path, O_PATH | O_CLOEXEC));
    return target ? allow(ruleset.get(), target.get(), rights & attributes.files) : errno;
  };
  if (const int error = allowPath(program.c_str(), execute | readFile); error != 0)
    return sandboxError(printable(program), error);
  (void)allowPath(loader, execute | readFile); // a static program has none
  for (const char* path : readable) (void)allowPath(path, readFile | readDirectory);
  if (const int error = allow(ruleset.get(), directory, ownDirectory & attributes.files); error != 0)
    return sandboxError("its directory", error);
  return Sandbox(std::move(ruleset), SystemCallFilter::forEngine(support.truncates()));
}

} // namespace gatehouse::engine
