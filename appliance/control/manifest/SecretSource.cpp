#include "control/manifest/SecretSource.h"

#include "base/Text.h"
#include "base/UniqueFd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace gatehouse::control {
namespace {

Error cannot(const std::string& what, const std::string& why) {
  return {Code::invalid_param, what + ' ' + why};
}

std::string reason(int number) { return "cannot be read: " + std::generic_category().message(number); }

Result<Secret> readRegular(const std::string& path, const std::string& what, std::size_t most) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file)
    return Error{errno == ENOENT ? Code::not_found : Code::invalid_param, what + ' ' + reason(errno)};
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return cannot(what, reason(errno));
  if (!S_ISREG(status.st_mode)) return cannot(what, "is no regular file");
  const std::string tooLarge = "is larger than " + std::to_string(most) + " bytes, the most that fits here";
  if (static_cast<std::uintmax_t>(status.st_size) > most + 2) return cannot(what, tooLarge);
  std::string content(most + 3, '\0'); // a newline may follow; one byte more tells that it grew meanwhile
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int number = errno;
      const Secret wiped(std::move(content));
      return cannot(what, reason(number));
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return Secret(std::move(content));
}

/// A value as it is meant: without the newline that editors and `echo` leave; never empty, never binary.
Result<Secret> settle(Secret raw, const std::string& what, std::size_t most) {
  std::string_view text = raw.reveal();
  if (text.ends_with('\n')) text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  if (text.empty()) return cannot(what, "is empty");
  if (text.size() > most)
    return cannot(what, "is larger than " + std::to_string(most) + " bytes, the most that fits here");
  if (text.find('\0') != std::string_view::npos || !isUtf8(text))
    return cannot(what, "is not text (UTF-8 without NUL)");
  return Secret(std::string(text));
}

} // namespace

SecretSource::SecretSource()
    : SecretSource([](const std::string& name) -> std::optional<std::string> {
      const char* value = std::getenv(name.c_str()); // before other threads exist
      return value ? std::optional<std::string>(value) : std::nullopt;
    }) {}

Result<Secret> SecretSource::open(const SourceReference& reference, std::size_t most) const {
  const std::string shown = "`" + printable(reference.name) + "`";
  if (reference.name.empty() || reference.name.find('\0') != std::string::npos)
    return cannot("the source", "has no name");
  switch (reference.from) {
  case SourceReference::From::env: {
    auto value = environment_(reference.name);
    const std::string what = "the environment variable " + shown;
    if (!value) return Error{Code::not_found, what + " is not set"};
    return settle(Secret(std::move(*value)), what, most);
  }
  case SourceReference::From::credential: {
    const std::string what = "the credential " + shown;
    if (reference.name.find('/') != std::string::npos || reference.name == "." || reference.name == "..")
      return cannot(what, "must be a plain name");
    const auto folder = environment_("CREDENTIALS_DIRECTORY");
    if (!folder || folder->empty())
      return Error{Code::not_found,
                   what + " is not there: $CREDENTIALS_DIRECTORY is not set; add LoadCredential=" +
                       printable(reference.name) + ":PATH to the systemd unit"};
    auto raw = readRegular(*folder + '/' + reference.name, what, most);
    if (!raw) return std::move(raw).error();
    return settle(std::move(*raw), what, most);
  }
  case SourceReference::From::file: break;
  }
  const std::filesystem::path path =
      std::filesystem::path(reference.manifest).parent_path() / reference.name; // an absolute name stays
  const std::string what = "the file `" + printable(path.string()) + "`";
  auto raw = readRegular(path.string(), what, most);
  if (!raw) return std::move(raw).error();
  return settle(std::move(*raw), what, most);
}

} // namespace gatehouse::control
