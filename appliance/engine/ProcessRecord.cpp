#include "engine/ProcessRecord.h"

#include "base/Text.h"
#include "base/UniqueFd.h"

#include <algorithm>
#include <cstdint>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

/// The beginning of a small file of /proc; empty where it cannot be read.
std::string beginning(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[1024];
  const ssize_t size = fd ? ::read(fd.get(), text, sizeof text) : -1;
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string bootIdentity() {
  std::string text = beginning("/proc/sys/kernel/random/boot_id");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Takes the text up to the next blank.
std::string_view word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

std::optional<pid_t> toPid(std::string_view text) {
  const auto number = toInteger(text);
  if (!number || *number < 0 || *number > INT32_MAX) return {};
  return static_cast<pid_t>(*number);
}

} // namespace

std::optional<ProcessState> ProcessState::parse(std::string_view stat) {
  const std::size_t name = stat.rfind(')'); // the last: a program's name may hold brackets
  if (name == std::string_view::npos || stat.size() < name + 3) return {};
  std::string_view rest = stat.substr(name + 2);
  ProcessState result;
  result.state = rest.front();
  word(rest);
  word(rest); // the parent
  const auto group = toPid(word(rest)), session = toPid(word(rest));
  for (int field = 7; field < 22; ++field) word(rest); // proc(5) counts from 1; the start is the 22nd
  const auto start = toInteger(word(rest));
  if (!group || !session || !start || *start < 0) return {};
  result.group = *group;
  result.session = *session;
  result.startTicks = static_cast<std::uint64_t>(*start);
  return result;
}

std::optional<ProcessState> ProcessState::of(pid_t pid) {
  return parse(beginning("/proc/" + std::to_string(pid) + "/stat"));
}

std::optional<ProcessRecord> ProcessRecord::of(pid_t pid) {
  const auto state = ProcessState::of(pid);
  if (!state) return {};
  return ProcessRecord{pid, state->startTicks, bootIdentity()};
}

std::string ProcessRecord::text() const {
  return std::to_string(pid) + ' ' + std::to_string(startTicks) + ' ' + bootId + '\n';
}

std::optional<ProcessRecord> ProcessRecord::parse(std::string_view text) {
  if (text.empty() || text.back() != '\n') return {}; // torn
  text.remove_suffix(1);
  const auto pid = toPid(word(text));
  const auto start = toInteger(word(text));
  if (!pid || *pid < 2 || !start || *start < 0 || text.empty() ||
      text.find_first_not_of("0123456789abcdef-") != std::string_view::npos)
    return {};
  return ProcessRecord{*pid, static_cast<std::uint64_t>(*start), std::string(text)};
}

std::optional<ProcessState> ProcessRecord::alive() const {
  if (bootId != bootIdentity()) return {};
  const auto state = ProcessState::of(pid);
  if (!state || state->startTicks != startTicks || state->state == 'Z' || state->state == 'X') return {};
  return state;
}

bool ProcessRecord::signal(int number) const noexcept {
  // The descriptor first, then the look: what is signalled is what was looked at.
  const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return fd && alive() && ::syscall(SYS_pidfd_send_signal, fd.get(), number, nullptr, 0) == 0;
}

std::vector<ProcessRecord> ProcessRecord::family(const std::string& directory) const {
  std::vector<ProcessRecord> members;
  struct stat wanted {};
  if (bootId != bootIdentity() || ::stat(directory.c_str(), &wanted) != 0) return members;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
  while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
    const auto candidate = toPid(entry->d_name);
    const auto state = candidate ? ProcessState::of(*candidate) : std::nullopt;
    if (!state || state->session != pid || state->startTicks < startTicks || state->state == 'Z') continue;
    struct stat actual {};
    const std::string cwd = "/proc/" + std::string(entry->d_name) + "/cwd";
    if (::stat(cwd.c_str(), &actual) == 0 && actual.st_dev == wanted.st_dev && actual.st_ino == wanted.st_ino)
      members.push_back({*candidate, state->startTicks, bootId});
  }
  return members;
}

} // namespace gatehouse::engine
