#pragma once
#include "support/TempFolder.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// A file system of a few MiB that only this process and its children see: for a disk that is full.
///
/// Threads: one, and no other may have been started. Errors: where none may be mounted, mounted() is false.
/// Owns: the mount, and the folder that it stands on.
class SmallDisk {
public:
  explicit SmallDisk(std::size_t megabytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool mounted() const noexcept { return mounted_; }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] std::string operator/(std::string_view name) const { return folder_ / name; }
  [[nodiscard]] std::size_t room() const; // bytes

  /// Takes that many bytes.
  void fill(std::size_t bytes) const { folder_.write("ballast", std::string(bytes, 'b')); }
  /// Takes all that there is, to the last block.
  void fillUp() const;
  /// Gives back what was taken.
  void giveBack() const;

private:
  TempFolder folder_;
  bool mounted_ = false;
};

} // namespace gatehouse::test
