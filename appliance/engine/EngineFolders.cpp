#include "engine/EngineFolders.h"

#include "base/Text.h"
#include "engine/EngineConfiguration.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

constexpr int openDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr std::string_view processesName = "processes", asideName = "aside";
constexpr std::string_view scratchPrefix = "scratch-";
constexpr std::size_t longestId = 32;
constexpr int deepest = 8; // directories inside each other; redis makes one

/// The names in a directory but `.` and `..`.
std::vector<std::string> namesIn(int directory) {
  std::vector<std::string> names;
  const int own = ::openat(directory, ".", openDirectory); // a position of its own
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own >= 0 ? ::fdopendir(own) : nullptr, ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

/// Removes a name with all below it. Never follows a symbolic link: the engine has written there.
bool removeTree(int parent, const std::string& name, int depth = 0) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return true;
  if (depth >= deepest) return false;
  {
    const UniqueFd directory(::openat(parent, name.c_str(), openDirectory));
    if (!directory) return false;
    for (const std::string& inner : namesIn(directory.get())) removeTree(directory.get(), inner, depth + 1);
  }
  return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

bool lockIsFree(int directory) { return ::flock(directory, LOCK_EX | LOCK_NB) == 0; }

bool fitsScratch(std::string_view name) {
  return name.substr(0, scratchPrefix.size()) == scratchPrefix && name.size() <= longestId &&
         name.find_first_not_of("0123456789abcdef", scratchPrefix.size()) == std::string_view::npos;
}

bool temporary(std::string_view name) {
  return name.size() > 9 && name.substr(0, 5) == "temp-" &&
         (name.substr(name.size() - 4) == ".rdb" || name.substr(name.size() - 4) == ".aof");
}

/// `id.hours`
std::optional<std::pair<std::string, int>> asideEntry(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || !fitsEngineId(name.substr(0, dot))) return {};
  const auto hours = toInteger(name.substr(dot + 1));
  if (!hours || *hours < 0 || *hours > 1'000'000) return {};
  return std::pair(std::string(name.substr(0, dot)), static_cast<int>(*hours));
}

} // namespace

bool fitsEngineId(std::string_view id) noexcept {
  return !id.empty() && id.size() <= longestId && id != processesName && id != asideName &&
         id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

Error EngineFolders::error(std::string_view what, std::string_view name, int number) const {
  std::string text(what);
  text += ' ' + printable(path_ + '/' + std::string(name)) + ": ";
  if (number == ELOOP || number == ENOTDIR)
    text += "it is no directory, or a symbolic link, which is not followed here";
  else
    text += std::strerror(number);
  return {Code::unavailable, text};
}

EngineFolders::EngineFolders(const std::string& directory, EngineUser user)
    : user_(user) {
  std::error_code ignored;
  path_ = std::filesystem::absolute(directory, ignored).lexically_normal().string();
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
}

/// The directory, as it must be; without one where it is not there.
Status EngineFolders::openBase(uid_t owner) {
  const std::string named = "the engines' directory " + printable(path_);
  if (socketPath(std::string(longestId, '0')).size() >= sizeof sockaddr_un{}.sun_path)
    return Error{Code::unavailable, named + " has too long a path for the sockets below it"};
  base_.reset(::open(path_.c_str(), openDirectory));
  if (!base_ && errno == ENOENT) return {};
  if (!base_) {
    const bool link = errno == ELOOP || errno == ENOTDIR;
    return Error{Code::unavailable,
                 named + (link ? " is no directory, or a symbolic link, which is not followed here"
                               : std::string(" cannot be opened: ") + std::strerror(errno))};
  }
  struct stat status {};
  if (::fstat(base_.get(), &status) != 0) return error("cannot look at", {}, errno);
  if (status.st_uid != owner)
    return Error{Code::unavailable, named + " belongs to another user: run Gatehouse as that one, or name "
                                            "another directory in engines.directory"};
  if ((status.st_mode & 077) != 0) return Error{Code::unavailable, named + " is open to others: chmod 700"};
  return {};
}

Status EngineFolders::usable(const std::string& directory, uid_t owner) {
  return EngineFolders(directory, EngineUser()).openBase(owner);
}

Result<EngineFolders> EngineFolders::create(const std::string& directory, const EngineUser& user) {
  EngineFolders folders(directory, user);
  GH_TRY(folders.openBase(::geteuid()));
  if (!folders.base_) {
    if (::mkdir(folders.path_.c_str(), 0700) != 0 && errno != EEXIST)
      return Error{Code::unavailable, "the engines' directory " + printable(folders.path_) +
                                          " cannot be made: " + std::strerror(errno)};
    GH_TRY(folders.openBase(::geteuid()));
  }
  if (!folders.base_) return folders.error("cannot open", {}, ENOENT);
  for (const auto& [name, fd] :
       {std::pair(processesName, &folders.processes_), std::pair(asideName, &folders.aside_)}) {
    const std::string text(name);
    if (::mkdirat(folders.base_.get(), text.c_str(), 0700) != 0 && errno != EEXIST)
      return folders.error("cannot make", name, errno);
    fd->reset(::openat(folders.base_.get(), text.c_str(), openDirectory));
    if (!*fd) return folders.error("cannot open", name, errno);
  }
  folders.removeOldScratch();
  return folders;
}

Status EngineFolders::hold() {
  if (lockIsFree(base_.get())) return {};
  return Error{Code::unavailable, "the engines' directory " + printable(path_) +
                                      " is used by another Gatehouse: name another one in engines.directory"};
}

/// Of a process that was killed while it had one. A young one may be in use.
void EngineFolders::removeOldScratch() {
  for (const std::string& name : namesIn(base_.get())) {
    struct stat status {};
    if (fitsScratch(name) && ::fstatat(base_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_mtime + 60 < ::time(nullptr))
      removeTree(base_.get(), name);
  }
}

Result<UniqueFd> EngineFolders::open(std::string_view engineId) {
  const std::string name(engineId);
  if (!fitsEngineId(name) && !fitsScratch(name)) return error("no engine can have the name of", name, EINVAL);
  const bool made = ::mkdirat(base_.get(), name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return error("cannot make", name, errno);
  UniqueFd fd(::openat(base_.get(), name.c_str(), openDirectory));
  if (!fd) return error("cannot open", name, errno);
  // A name that a power cut takes back would take acknowledged writes with it.
  if (made && ::fsync(base_.get()) != 0) return error("cannot make durable", name, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return error("cannot look at", name, errno);
  // Also of one that was made a moment before a kill, while it was still root's and empty.
  if (user_.other && status.st_uid == ::geteuid() && (made || namesIn(fd.get()).empty())) {
    if (::fchown(fd.get(), user_.uid, user_.gid) != 0)
      return error("cannot give to the engines' user", name, errno);
  } else if (status.st_uid != user_.uid) {
    return Error{Code::unavailable, printable(path_ + '/' + name) + " belongs to user " +
                                        std::to_string(status.st_uid) + " and engines run as user " +
                                        std::to_string(user_.uid) + ": chown -R it"};
  }
  if ((status.st_mode & 07777) != 0700 && ::fchmod(fd.get(), 0700) != 0)
    return error("cannot set the mode of", name, errno);
  return fd;
}

Status EngineFolders::sweep(std::string_view engineId) {
  auto folder = open(engineId);
  if (!folder) return std::move(folder).error();
  const int fd = folder->get();
  if (!lockIsFree(fd)) return error("another engine runs in", engineId, EWOULDBLOCK);
  for (const std::string& name : namesIn(fd))
    if ((name == engineSocket || temporary(name)) && ::unlinkat(fd, name.c_str(), 0) != 0)
      return error("cannot remove what an engine left in", engineId, errno);
  return {};
}

bool EngineFolders::inUse(std::string_view engineId) {
  const UniqueFd fd(::openat(base_.get(), std::string(engineId).c_str(), openDirectory));
  return fd && !lockIsFree(fd.get());
}

std::string EngineFolders::socketPath(std::string_view engineId) const {
  return path_ + '/' + std::string(engineId) + '/' + std::string(engineSocket);
}

DataFiles EngineFolders::dataOf(std::string_view engineId) {
  DataFiles found;
  const UniqueFd fd(::openat(base_.get(), std::string(engineId).c_str(), openDirectory));
  if (!fd) return found;
  struct stat status {};
  found.appendOnly =
      ::fstatat(fd.get(), "appendonlydir/appendonly.aof.manifest", &status, AT_SYMLINK_NOFOLLOW) == 0;
  found.snapshot = ::fstatat(fd.get(), "dump.rdb", &status, AT_SYMLINK_NOFOLLOW) == 0;
  return found;
}

Status EngineFolders::discard(std::string_view engineId, DataFiles which) {
  const UniqueFd fd(::openat(base_.get(), std::string(engineId).c_str(), openDirectory));
  if (!fd) return errno == ENOENT ? Status() : Status(error("cannot open", engineId, errno));
  bool removed = true;
  if (which.appendOnly) {
    // The manifest first: without it redis takes no other file there for data.
    removed = ::unlinkat(fd.get(), "appendonlydir/appendonly.aof.manifest", 0) == 0 || errno == ENOENT ||
              errno == ENOTDIR;
    if (removed) removed = removeTree(fd.get(), "appendonlydir");
  }
  if (removed && which.snapshot) removed = ::unlinkat(fd.get(), "dump.rdb", 0) == 0 || errno == ENOENT;
  if (!removed || ::fsync(fd.get()) != 0) return error("cannot remove outdated data in", engineId, errno);
  return {};
}

std::uint64_t EngineFolders::savedBytes(std::string_view engineId) {
  const UniqueFd fd(::openat(base_.get(), std::string(engineId).c_str(), openDirectory));
  std::uint64_t sum = 0;
  for (const std::string& name : fd ? namesIn(fd.get()) : std::vector<std::string>()) {
    struct stat status {};
    if (temporary(name) && ::fstatat(fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
      sum += static_cast<std::uint64_t>(status.st_size);
  }
  return sum;
}

Status EngineFolders::record(std::string_view engineId, const ProcessRecord& process) {
  // Renamed into place, so that it is whole at any kill; not synced, since another boot makes it void.
  const std::string name(engineId), fresh = "." + name, text = process.text();
  const UniqueFd fd(
      ::openat(processes_.get(), fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::renameat(processes_.get(), fresh.c_str(), processes_.get(), name.c_str()) != 0)
    return error("cannot write", std::string(processesName) + '/' + name, errno);
  return {};
}

std::optional<ProcessRecord> EngineFolders::recorded(std::string_view engineId) {
  const UniqueFd fd(
      ::openat(processes_.get(), std::string(engineId).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  char text[128];
  const ssize_t size = fd ? ::read(fd.get(), text, sizeof text) : -1;
  if (size <= 0) return {};
  return ProcessRecord::parse({text, static_cast<std::size_t>(size)});
}

void EngineFolders::forget(std::string_view engineId) noexcept {
  (void)::unlinkat(processes_.get(), std::string(engineId).c_str(), 0);
}

std::vector<std::string> EngineFolders::list() {
  std::vector<std::string> ids;
  for (const int directory : {base_.get(), processes_.get()})
    for (std::string& name : namesIn(directory))
      if (fitsEngineId(name)) ids.push_back(std::move(name));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Status EngineFolders::putAside(std::string_view engineId) {
  const std::string name(engineId), there = name + ".0";
  if (!fitsEngineId(name)) return error("no engine can have the name of", name, EINVAL);
  if (inUse(name)) return error("an engine still runs in", name, EBUSY);
  if (::renameat(base_.get(), name.c_str(), aside_.get(), there.c_str()) != 0 && errno != ENOENT)
    return error("cannot put aside", name, errno);
  forget(name);
  return {};
}

std::vector<std::string> EngineFolders::ageAside() {
  std::vector<std::string> removed;
  for (const std::string& name : namesIn(aside_.get())) {
    const auto entry = asideEntry(name);
    if (!entry) continue;
    if (entry->second < hoursAside) {
      const std::string older = entry->first + '.' + std::to_string(entry->second + 1);
      (void)::renameat(aside_.get(), name.c_str(), aside_.get(), older.c_str());
    } else if (removeTree(aside_.get(), name)) {
      removed.push_back(entry->first);
    }
  }
  return removed;
}

void EngineFolders::remove(std::string_view engineId) noexcept {
  removeTree(base_.get(), std::string(engineId));
  forget(engineId);
}

} // namespace gatehouse::engine
