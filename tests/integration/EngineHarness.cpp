#include "EngineHarness.h"

#include "base/Text.h"
#include "pki/Hash.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace gatehouse::test {
namespace {

template <class T>
T taken(Result<T> result) {
  if (!result) CPPUNIT_FAIL(result.error().description);
  return std::move(result).value();
}

UniqueFd connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CPPUNIT_ASSERT(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd;
  const bool connected = eventually([&] {
    fd.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  });
  CPPUNIT_ASSERT_MESSAGE("nobody listens at " + path, connected);
  return fd;
}

} // namespace

engine::EngineUser engineUser() { return taken(engine::EngineUser::find("redis")); }

EngineHarness::EngineHarness()
    : folder_(std::make_unique<TempFolder>())
    , directory_(*folder_ / "engines")
    , folders_(std::make_unique<engine::EngineFolders>(
          taken(engine::EngineFolders::create(directory_, engineUser())))) {}

EngineHarness::EngineHarness(std::string directory, engine::EngineUser user)
    : directory_(std::move(directory))
    , folders_(
          std::make_unique<engine::EngineFolders>(taken(engine::EngineFolders::create(directory_, user)))) {}

engine::EngineSpec specOf(model::Persistence persistence) {
  engine::EngineSpec spec;
  spec.database = 3;
  spec.engineId = "7a";
  spec.name = "orders";
  spec.memorySize = 64 << 20;
  spec.persistence = persistence;
  return spec;
}

engine::Launch EngineHarness::launch(const engine::EngineSpec& spec) const {
  engine::Launch launch;
  launch.database = spec.database;
  launch.engineId = spec.engineId;
  launch.program = redisServer;
  launch.input = engine::engineConfiguration(spec, hex(pki::view(pki::sha256(adminSecret))), 100);
  launch.descriptors = 100 + engine::engineDescriptors;
  launch.sandbox = engine::SandboxSupport::probe();
  return launch;
}

std::unique_ptr<engine::EngineProcess> EngineHarness::start(const engine::EngineSpec& spec) {
  return taken(engine::EngineProcess::start(launch(spec), *folders_));
}

EngineClient::EngineClient(const std::string& socket, Bare)
    : fd_(connectTo(socket)) {}

EngineClient::EngineClient(const std::string& socket)
    : EngineClient(socket, Bare()) {
  CPPUNIT_ASSERT_EQUAL(std::string("OK"), text({"AUTH", engine::adminName, adminSecret}));
  CPPUNIT_ASSERT(eventually([this] { return text({"PING"}) == "PONG"; }));
}

void EngineClient::tell(std::initializer_list<std::string_view> words) {
  std::string bytes;
  resp::appendCommand(bytes, words);
  CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(bytes.size()),
                       ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

resp::Reply EngineClient::ask(std::initializer_list<std::string_view> words) {
  tell(words);
  for (;;) {
    auto read = resp::readReply(bytes_, {64 << 20, 100'000, 8});
    CPPUNIT_ASSERT(read.progress != resp::Progress::malformed);
    if (read.progress == resp::Progress::complete) {
      bytes_.erase(0, read.consumed);
      return std::move(read.reply);
    }
    pollfd waiting{fd_.get(), POLLIN, 0};
    CPPUNIT_ASSERT_MESSAGE("the engine is silent", ::poll(&waiting, 1, 20'000) == 1);
    char chunk[64 * 1024];
    const ssize_t size = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    CPPUNIT_ASSERT_MESSAGE("the engine hung up", size > 0);
    bytes_.append(chunk, static_cast<std::size_t>(size));
  }
}

std::string EngineClient::text(std::initializer_list<std::string_view> words) {
  const resp::Reply reply = ask(words);
  if (reply.kind == resp::Kind::integer) return std::to_string(reply.integer);
  if (reply.kind == resp::Kind::nil) return "(nil)";
  std::string all = reply.text;
  for (const resp::Reply& item : reply.items) all += (all.empty() ? "" : " ") + item.text;
  return all;
}

int ChildOfTest::out_ = -1;

ChildOfTest::ChildOfTest(const std::function<std::string()>& body, uid_t user) {
  int ends[2] = {-1, -1};
  CPPUNIT_ASSERT_EQUAL(0, ::pipe2(ends, O_CLOEXEC));
  fd_.reset(ends[0]);
  UniqueFd theirs(ends[1]);
  pid_ = ::fork();
  CPPUNIT_ASSERT(pid_ >= 0);
  if (pid_ > 0) return;
  fd_.reset();
  out_ = theirs.get();
  std::string text;
  try {
    if (user != 0 && user != ::geteuid() &&
        (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
         ::setresuid(user, user, user) != 0))
      text = "cannot become another user";
    ::prctl(PR_SET_DUMPABLE, 0); // as the gateway
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (text.empty()) text = body();
  } catch (const std::exception& e) {
    text = e.what();
  }
  if (!text.empty()) say(text);
  ::_exit(0);
}

ChildOfTest::~ChildOfTest() { kill9(); }

void ChildOfTest::say(const std::string& text) {
  const std::string line = text + '\n';
  (void)!::write(out_, line.data(), line.size());
}

std::string ChildOfTest::line() {
  std::string text;
  for (char c = 0; ::read(fd_.get(), &c, 1) == 1 && c != '\n';) text += c;
  return text;
}

std::string ChildOfTest::result() {
  std::string all;
  char chunk[4096];
  for (ssize_t size = 0; (size = ::read(fd_.get(), chunk, sizeof chunk)) > 0;)
    all.append(chunk, static_cast<std::size_t>(size));
  int status = 0;
  CPPUNIT_ASSERT_EQUAL(pid_, ::waitpid(pid_, &status, 0));
  pid_ = -1;
  if (WIFSIGNALED(status)) all += "signal " + std::to_string(WTERMSIG(status));
  return all;
}

void ChildOfTest::kill9() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bool processLives(pid_t pid) {
  const auto state = engine::ProcessState::of(pid);
  return state.has_value() && state.value().state != 'Z';
}

bool ends(engine::EngineProcess& process) {
  return eventually([&] { return process.ended().has_value(); }, std::chrono::seconds(20));
}

} // namespace gatehouse::test
