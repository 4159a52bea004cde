#include "store/Files.h"

#include "base/Text.h"
#include "base/UniqueFd.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::store {
namespace {

std::string directoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Error refusal(const std::string& path, const std::string& why) {
  return {Code::unavailable, printable(path) + " " + why};
}

} // namespace

Error fileError(const std::string& what, const std::string& path, int error) {
  return {Code::unavailable, what + " " + printable(path) + ": " + std::strerror(error)};
}

std::string markerPath(const std::string& storePath) { return storePath + ".marker"; }

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

Result<FileState> inspectFile(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return FileState::missing;
    return fileError("cannot look at", path, errno);
  }
  if (!S_ISREG(info.st_mode)) return refusal(path, "is not a plain file, so it is no store");
  if (info.st_uid != ::geteuid())
    return refusal(path, "belongs to user " + std::to_string(info.st_uid) + ", and this runs as user " +
                             std::to_string(::geteuid()) + ": run as its owner");
  if ((info.st_mode & 077) != 0)
    return refusal(path, "holds private keys and may be read by others: chmod 600 it");
  return info.st_size == 0 ? FileState::empty : FileState::there;
}

Status ensureDirectory(const std::string& path) {
  const std::string directory = directoryOf(path);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return fileError("cannot make the directory", directory, errno);
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) return fileError("cannot look at", directory, errno);
  if (!S_ISDIR(info.st_mode)) return refusal(directory, "is not a directory, so no store can be in it");
  if (info.st_uid != ::geteuid())
    return refusal(directory, "belongs to user " + std::to_string(info.st_uid) + ", and this runs as user " +
                                  std::to_string(::geteuid()) +
                                  ": a store stands in a directory of its own user");
  if ((info.st_mode & 022) != 0)
    return refusal(directory, "may be written by others, who could put another store there: chmod 700 it");
  return {};
}

Status createFile(const std::string& path, const std::string& content) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fileError("cannot make", path, errno);
  if (::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      ::fsync(fd.get()) != 0)
    return fileError("cannot write", path, errno);
  return syncDirectory(path);
}

Status syncDirectory(const std::string& path) {
  const std::string directory = directoryOf(path);
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fileError("cannot sync", directory, errno);
  return {};
}

} // namespace gatehouse::store
