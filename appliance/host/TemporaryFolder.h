#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

namespace gatehouse::host {

/// A folder of mode 0700 for as long as a check needs one; its path is empty where none can be made. Threads:
/// one. Owns: the folder and all in it.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::error_code ignored;
    std::string pattern = (std::filesystem::temp_directory_path(ignored) / "gatehouse-check-XXXXXX").string();
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace gatehouse::host
