#pragma once
#include "base/Result.h"

#include <string>
#include <string_view>

namespace gatehouse::host {

/// The file beside the store that holds the one-time word for POST /v1/bootstrap/create_cluster, mode 0600,
/// as long as the word counts.
///
/// Threads: remove from any; the rest from one. Errors: write says why there is no file; nothing else fails.
/// Owns: the file, which goes with it; one that a killed server left goes at the start.
class BootstrapFile {
public:
  explicit BootstrapFile(const std::string& storePath);
  ~BootstrapFile() { remove(); }
  BootstrapFile(const BootstrapFile&) = delete;
  BootstrapFile& operator=(const BootstrapFile&) = delete;

  [[nodiscard]] Status write(std::string_view token) const;
  void remove() const noexcept;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace gatehouse::host
