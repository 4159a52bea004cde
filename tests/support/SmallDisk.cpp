#include "support/SmallDisk.h"

#include "base/UniqueFd.h"

#include <fcntl.h>
#include <filesystem>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gatehouse::test {

SmallDisk::SmallDisk(std::size_t megabytes) {
  // The namespace is this process's until its end, and the mounts in it with it.
  const bool own =
      ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  const std::string options = "size=" + std::to_string(megabytes) + "m,mode=0700";
  mounted_ =
      own && ::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
}

std::size_t SmallDisk::room() const {
  struct statvfs now {};
  return ::statvfs(path().c_str(), &now) == 0 ? now.f_bavail * now.f_bsize : 0;
}

void SmallDisk::fillUp() const {
  const UniqueFd file(::open((folder_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string piece(4096, 'b');
  while (::write(file.get(), piece.data(), piece.size()) > 0) {
  }
}

void SmallDisk::giveBack() const { std::filesystem::remove(folder_ / "ballast"); }

} // namespace gatehouse::test
