#include "host/BootstrapFile.h"

#include "base/UniqueFd.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace gatehouse::host {

BootstrapFile::BootstrapFile(const std::string& storePath)
    : path_((std::filesystem::path(storePath).parent_path() / "bootstrap.token").string()) {
  remove();
}

Status BootstrapFile::write(std::string_view token) const {
  const auto error = [this] {
    return Error{Code::unavailable, path_ + " cannot be written: " + std::generic_category().message(errno)};
  };
  const std::string text = std::string(token) + '\n';
  const UniqueFd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return error();
  if (::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  const Error why = error();
  remove();
  return why;
}

void BootstrapFile::remove() const noexcept { ::unlink(path_.c_str()); }

} // namespace gatehouse::host
