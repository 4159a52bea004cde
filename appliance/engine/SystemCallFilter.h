#pragma once
#include <cstddef>
#include <linux/filter.h>
#include <sys/types.h>
#include <vector>

namespace gatehouse::engine {

/// The allow-list of an engine's system calls, as a program for seccomp: what redis-server needs, some of it
/// with certain arguments only. Any other call answers ENOSYS (glibc then takes another way); one of a
/// foreign architecture ends the process.
///
/// Threads: a value. Pure: no call is made here.
class SystemCallFilter {
public:
  /// Whether this machine's architecture is one whose calls are listed.
  static bool supported() noexcept;
  /// `truncateByPath`: Landlock covers truncate(2), ABI 3 and later. redis cuts a torn append-only file with
  /// it; where Landlock does not see it, it could cut any file of the same user.
  static SystemCallFilter forEngine(bool truncateByPath);

  /// Writes the process that it is for into the program, for the calls that it may aim at itself alone. Only
  /// memory is touched: this is for the child after the fork.
  void setSelf(pid_t pid) noexcept;
  [[nodiscard]] sock_fprog program() noexcept {
    return {static_cast<unsigned short>(code_.size()), code_.data()};
  }

private:
  class Writer;
  std::vector<sock_filter> code_;
  std::vector<std::size_t> self_; // instructions whose constant is the process's own number
};

} // namespace gatehouse::engine
