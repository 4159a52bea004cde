#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// A folder (mode 0700) that goes with its test. Owns: everything in it.
class TempFolder {
public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  /// Writes a file of mode 0600 there and gives its path.
  std::string write(std::string_view name, std::string_view content) const;

private:
  std::filesystem::path path_;
};

/// The whole file. Ends the test if it cannot be read.
[[nodiscard]] std::string readFile(const std::string& path);

} // namespace gatehouse::test
