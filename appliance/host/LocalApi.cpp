#include "host/LocalApi.h"

#include "host/LocalManagement.h"
#include "host/UnixWire.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <system_error>

namespace gatehouse::host {
namespace {

/// A message between the two: its length in ten decimal digits, then its bytes.
constexpr std::size_t prefix = 10;

std::string framed(std::string_view text) {
  std::string out = std::to_string(text.size());
  out.insert(0, prefix - out.size(), '0');
  return out.append(text);
}

class Frames {
public:
  explicit Frames(UniqueFd fd)
      : wire_(std::move(fd)) {}
  Status send(std::string_view text, const Waiting& waiting) { return wire_.send(framed(text), waiting); }
  Result<std::string> next(const Waiting& waiting) {
    GH_TRY(fill(prefix, waiting));
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(buffer_.data(), buffer_.data() + prefix, size);
    if (error != std::errc() || end != buffer_.data() + prefix || size > 2 * largestReply)
      return Error{Code::internal_error, "the process that has the store open does not speak as it should"};
    GH_TRY(fill(prefix + size, waiting));
    std::string out = buffer_.substr(prefix, size);
    buffer_.erase(0, prefix + size);
    return out;
  }

private:
  Status fill(std::size_t size, const Waiting& waiting) {
    while (buffer_.size() < size) {
      auto more = wire_.receive(waiting);
      if (!more) return std::move(more).error();
      if (more->empty()) return Error{Code::unavailable, "the process that has the store open has ended"};
      buffer_ += *more;
    }
    return {};
  }

  UnixWire wire_;
  std::string buffer_;
};

std::string text(int number) { return std::generic_category().message(number); }

/// Becomes the owner of the store, for good. Root alone needs to, and can.
Status becomeOwner(const std::string& storePath) {
  if (::geteuid() != 0) return {};
  struct stat about {};
  const std::string folder = std::filesystem::path(storePath).parent_path().string();
  if (::stat(storePath.c_str(), &about) != 0 && ::stat(folder.c_str(), &about) != 0)
    return Error{Code::unavailable, folder + ": " + text(errno)};
  if (about.st_uid == 0) return {};
  if (::setgroups(1, &about.st_gid) != 0 || ::setresgid(about.st_gid, about.st_gid, about.st_gid) != 0 ||
      ::setresuid(about.st_uid, about.st_uid, about.st_uid) != 0 || ::geteuid() != about.st_uid)
    return Error{Code::unavailable, "cannot become the owner of " + storePath + ": " + text(errno)};
  return {};
}

/// The child: a greeting (empty, or why not), then answers until nobody asks any more.
void answerAll(const Config& config, Frames frames) {
  ::umask(077);
  const Status owner = becomeOwner(config.storePath);
  auto management =
      owner ? LocalManagement::open(config) : Result<std::unique_ptr<LocalManagement>>(owner.error());
  if (!frames.send(management ? std::string() : management.error().description, {}) || !management) return;
  for (;;) {
    auto method = frames.next({});
    if (!method) return;
    auto path = frames.next({});
    auto body = path ? frames.next({}) : Result<std::string>(path.error());
    if (!body) return;
    const Secret wiped(std::move(*body));
    const Reply reply = (*management)->answer(*method, *path, wiped.reveal());
    if (!frames.send(std::to_string(reply.status), {}) || !frames.send(reply.body, {})) return;
  }
}

class ChildApi final : public Api {
public:
  ChildApi(Frames frames, pid_t child, std::string storePath)
      : frames_(std::move(frames))
      , child_(child)
      , who_("the store " + std::move(storePath)) {}
  ~ChildApi() override {
    { const Frames ended = std::move(frames_); }
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ChildApi(const ChildApi&) = delete;
  ChildApi& operator=(const ChildApi&) = delete;

  Status greet() {
    auto greeting = frames_.next({});
    if (!greeting) return std::move(greeting).error();
    return greeting->empty() ? Status() : Status(Error{Code::unavailable, *greeting});
  }
  Result<Reply> ask(std::string_view method, std::string_view path, std::string_view body,
                    const Waiting& waiting) override {
    GH_TRY(frames_.send(method, waiting));
    GH_TRY(frames_.send(path, waiting));
    GH_TRY(frames_.send(body, waiting));
    auto status = frames_.next(waiting);
    if (!status) return std::move(status).error();
    auto answer = frames_.next(waiting);
    if (!answer) return std::move(answer).error();
    return Reply{std::atoi(status->c_str()), std::move(*answer)};
  }
  [[nodiscard]] const std::string& who() const noexcept override { return who_; }

private:
  Frames frames_;
  pid_t child_;
  std::string who_;
};

} // namespace

Result<std::unique_ptr<Api>> openLocal(const Config& config, bool mayMake) {
  struct stat about {};
  if (!mayMake && ::stat(config.storePath.c_str(), &about) != 0)
    return Error{Code::unavailable, "no server runs, and the store " + config.storePath +
                                        " cannot be looked at: " + text(errno) +
                                        "; start the server once with: gatehouse serve"};
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{Code::unavailable, "no socket pair can be made: " + text(errno)};
  UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return Error{Code::unavailable, "no process can be started: " + text(errno)};
  if (child == 0) {
    ours.reset();
    try {
      answerAll(config, Frames(std::move(theirs)));
    } catch (const std::exception&) { // the other side sees the end
      ::_exit(1);
    }
    ::_exit(0);
  }
  theirs.reset();
  auto api = std::make_unique<ChildApi>(Frames(std::move(ours)), child, config.storePath);
  GH_TRY(api->greet());
  return std::unique_ptr<Api>(std::move(api));
}

} // namespace gatehouse::host
