#include "engine/CommandTableReader.h"

#include "base/Text.h"
#include "engine/EngineConfiguration.h"
#include "engine/EngineProcess.h"
#include "pki/Hash.h"
#include "sdk/Resp.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <initializer_list>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds ceiling{5'000}; // a machine that boots has others to serve
constexpr resp::ReplyLimits limits{1024 * 1024, 16'384, 4};

Error unanswered(const std::string& program, std::string_view why) {
  return {Code::unavailable,
          printable(program) + " does not answer as a redis-server does: " + std::string(why)};
}

/// Asks one engine, one question at a time.
class Questions {
public:
  Questions(const std::string& program, EngineProcess& process, std::string socket)
      : program_(program)
      , process_(process)
      , path_(std::move(socket))
      , end_(Steady::now() + ceiling) {}

  /// Until it listens.
  Status connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), std::min(path_.size(), sizeof address.sun_path - 1));
    for (;;) {
      fd_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (fd_ && ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return {};
      if (const auto& how = process_.ended())
        return unanswered(program_, "it ended at once: " + *how + lastLine());
      if (left() <= 0) return unanswered(program_, "it does not listen");
      pollfd waiting{process_.pidfd(), POLLIN, 0};
      (void)::poll(&waiting, 1, 5);
    }
  }

  Result<resp::Reply> ask(std::initializer_list<std::string_view> words) {
    std::string question;
    resp::appendCommand(question, words);
    if (::send(fd_.get(), question.data(), question.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(question.size()))
      return unanswered(program_, std::strerror(errno));
    std::string bytes;
    for (;;) {
      auto read = resp::readReply(bytes, limits);
      if (read.progress == resp::Progress::complete && !read.reply.isError()) return std::move(read.reply);
      if (read.progress != resp::Progress::incomplete)
        return unanswered(program_, printable(read.reply.text.empty() ? "not in RESP" : read.reply.text));
      pollfd waiting{fd_.get(), POLLIN, 0};
      if (left() <= 0 || ::poll(&waiting, 1, left()) <= 0) return unanswered(program_, "it is silent");
      char chunk[16 * 1024];
      const ssize_t size = ::recv(fd_.get(), chunk, sizeof chunk, 0);
      if (size <= 0) return unanswered(program_, "it hung up" + lastLine());
      bytes.append(chunk, static_cast<std::size_t>(size));
    }
  }

private:
  [[nodiscard]] int left() const {
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Steady::now()).count());
  }
  /// Of its log, which commonly says why.
  std::string lastLine() {
    char chunk[4096];
    const ssize_t size = ::read(process_.log(), chunk, sizeof chunk);
    std::string_view text(chunk, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    text.remove_prefix(std::min(text.rfind('\n') + 1, text.size())); // npos + 1 is 0
    return text.empty() ? std::string() : " (" + printable(text) + ")";
  }

  const std::string& program_;
  EngineProcess& process_;
  const std::string path_;
  const Steady::time_point end_;
  UniqueFd fd_;
};

std::set<std::string, std::less<>> wordsOf(const resp::Reply& reply) {
  std::set<std::string, std::less<>> words;
  for (const resp::Reply& item : reply.items)
    if (item.kind == resp::Kind::bulk || item.kind == resp::Kind::status) words.insert(folded(item.text));
  return words;
}

/// The value of `name:` in INFO's text.
std::string_view infoField(std::string_view info, std::string_view name) {
  const std::size_t at = info.find(name);
  if (at == std::string_view::npos) return {};
  info.remove_prefix(at + name.size());
  return info.substr(0, info.find_first_of("\r\n"));
}

Result<model::CommandTable> readFrom(Questions& engine, const std::string& program, std::string_view secret) {
  GH_TRY(engine.connect());
  auto login = engine.ask({"AUTH", adminName, secret});
  if (!login) return std::move(login).error();
  auto info = engine.ask({"INFO", "server"}), commands = engine.ask({"COMMAND", "LIST"}),
       categories = engine.ask({"ACL", "CAT"});
  for (const auto* answer : {&info, &commands, &categories})
    if (!*answer) return answer->error();
  model::CommandTable table;
  table.version = infoField(info->text, "redis_version:");
  table.commands = wordsOf(*commands);
  table.categories = wordsOf(*categories);
  if (table.version.empty() || table.version.size() > 32 || !table.commands.contains("acl|setuser") ||
      !table.categories.contains("dangerous"))
    return unanswered(program, "it tells neither its version nor its commands");
  return table;
}

} // namespace

Result<model::CommandTable> readCommandTable(const std::string& program, EngineFolders& folders,
                                             const std::optional<SandboxSupport>& sandbox) {
  const auto random = pki::randomBytes(32), name = pki::randomBytes(8);
  if (!random) return random.error();
  if (!name) return name.error();
  const std::string secret = hex(*random);
  EngineSpec spec;
  spec.persistence = model::Persistence::disabled;
  Launch launch;
  launch.engineId = "scratch-" + hex(*name);
  launch.program = program;
  launch.input = engineConfiguration(spec, hex(pki::view(pki::sha256(secret))), 4);
  launch.descriptors = 4 + engineDescriptors;
  launch.sandbox = sandbox;

  auto process = EngineProcess::start(launch, folders);
  Result<model::CommandTable> table = Error{};
  if (process) {
    Questions engine(program, **process, folders.socketPath(launch.engineId));
    table = readFrom(engine, program, secret);
    process->reset(); // ended before its folder goes
  } else {
    table = std::move(process).error();
  }
  folders.remove(launch.engineId);
  return table;
}

} // namespace gatehouse::engine
