#include "store/StoreLock.h"

#include "base/Text.h"
#include "store/Files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace gatehouse::store {
namespace {

std::string lockPath(const std::string& storePath) { return storePath + ".lock"; }

/// The pid that the holder wrote there; for people only, since a process may go and its number may come
/// again.
std::string holder(int fd) {
  char text[24] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  const std::string_view line(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto pid = toInteger(line.substr(0, line.find('\n')));
  return pid ? "process " + std::to_string(*pid) : "another process";
}

} // namespace

Result<StoreLock> StoreLock::take(const std::string& storePath) {
  const std::string path = lockPath(storePath);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fileError("cannot open the lock", path, errno);
  int locked = 0;
  do locked = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  while (locked != 0 && errno == EINTR);
  if (locked != 0 && errno == EWOULDBLOCK)
    return Error{Code::unavailable, "the store " + printable(storePath) + " is in use by " +
                                        holder(fd.get()) + ": one store has one server; stop that one first"};
  if (locked != 0) return fileError("cannot lock", path, errno);
  const std::string line = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
    // A full disk: the lock holds all the same, only its holder has no name.
  }
  return StoreLock(std::move(fd));
}

bool StoreLock::held(const std::string& storePath) {
  const UniqueFd fd(::open(lockPath(storePath).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return false;
  return ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK; // closing lets go of ours
}

} // namespace gatehouse::store
