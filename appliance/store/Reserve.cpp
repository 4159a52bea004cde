#include "store/Reserve.h"

#include "base/UniqueFd.h"
#include "store/Files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::store {
Reserve::Reserve(const std::string& storePath)
    : path_(storePath + ".reserve") {}

Status Reserve::fill() {
  const auto failed = [this](int error) { return fileError("cannot keep space aside in", path_, error); };
  const UniqueFd file(::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed(errno);
  struct stat now {};
  if (::fstat(file.get(), &now) != 0) return failed(errno);
  if (!S_ISREG(now.st_mode)) return failed(EINVAL);
  // What a former process left may be a hole: only what this one has allocated is sure to be there.
  if (const int error = ::posix_fallocate(file.get(), 0, wholeSize); error != 0) {
    if (::ftruncate(file.get(), size_) != 0) size_ = 0;
    return failed(error);
  }
  if (now.st_size > wholeSize && ::ftruncate(file.get(), wholeSize) != 0) return failed(errno);
  size_ = wholeSize;
  return {};
}

bool Reserve::give() noexcept {
  if (size_ <= 0) return false;
  size_ -= pieceSize;
  return ::truncate(path_.c_str(), size_) == 0;
}

} // namespace gatehouse::store
