// Protects: what the service manager, the log and the operator's signals rely on.
// The datagram socket here stands in the test's own folder: as deterministic as a file.
#include "host/LogSink.h"
#include "host/ServiceNotify.h"
#include "host/Signals.h"
#include "support/ManualClock.h"
#include "support/TempFolder.h"

#include <Poco/Channel.h>
#include <Poco/Exception.h>
#include <Poco/Message.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::host;
using namespace std::string_literals;

namespace {

class KeepingChannel final : public Poco::Channel {
public:
  std::vector<std::string> lines;
  bool broken = false;

  void log(const Poco::Message& message) override {
    if (broken) throw Poco::WriteFileException("full");
    lines.push_back(message.getText());
  }
};

/// What a service manager listens on.
class NotifySocket {
public:
  explicit NotifySocket(std::string name)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    CPPUNIT_ASSERT_EQUAL(0, ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), length));
  }
  [[nodiscard]] std::string next() const {
    char buffer[512];
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return got < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(got));
  }

private:
  UniqueFd fd_;
};

} // namespace

class HostTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(HostTest);
  CPPUNIT_TEST(testLogLinesAreForPeopleMachinesOrTheJournal);
  CPPUNIT_TEST(testLogKeepsToItsLevelAndSurvivesABrokenChannel);
  CPPUNIT_TEST(testLogLinesCannotBeForged);
  CPPUNIT_TEST(testServiceManagerHearsEveryWord);
  CPPUNIT_TEST(testNobodyListensIsNoError);
  CPPUNIT_TEST(testNotifySocketIsNotInherited);
  CPPUNIT_TEST(testSignalsComeAsWords);
  CPPUNIT_TEST(testUsr1EndsNobody);
  CPPUNIT_TEST(testAnyThreadMayAskForTheEnd);
  CPPUNIT_TEST_SUITE_END();

  test::ManualClock clock_;
  Poco::AutoPtr<KeepingChannel> channel_;
  [[nodiscard]] LogSink sink(Level level, LogSink::Style style) const {
    return {channel_, level, style, clock_};
  }

public:
  void setUp() override {
    channel_ = new KeepingChannel;
    clock_.wall = 1'800'000'000;
  }
  void testLogLinesAreForPeopleMachinesOrTheJournal() {
    const Event event{Level::warning, "access.refused", "refused", {{"user", "ada"}, {"session", 7}}};
    const std::string time = "2027-01-15T08:00:00Z";
    CPPUNIT_ASSERT_EQUAL(time + " warning access.refused: refused user=ada session=7",
                         sink(Level::debug, {}).line(event));
    CPPUNIT_ASSERT_EQUAL("<4>access.refused: refused user=ada session=7"s,
                         sink(Level::debug, {LogFormat::text, true}).line(event));
    CPPUNIT_ASSERT_EQUAL(
        "{\"time\":\"" + time +
            R"(","level":"warning","event":"access.refused","text":"refused","user":"ada","session":7})",
        sink(Level::debug, {LogFormat::json, false}).line(event));
    CPPUNIT_ASSERT_EQUAL(R"(<3>{"level":"error","event":"e","text":"t"})"s,
                         sink(Level::debug, {LogFormat::json, true}).line({Level::error, "e", "t", {}}));
  }
  void testLogKeepsToItsLevelAndSurvivesABrokenChannel() {
    LogSink log = sink(Level::warning, {});
    log.say(Level::error, "e", "1");
    log.say(Level::warning, "e", "2");
    log.say(Level::information, "e", "3");
    log.record({Level::debug, "e", "4", {}});
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, channel_->lines.size());
    channel_->broken = true;
    log.say(Level::error, "e", "5");
  }
  void testLogLinesCannotBeForged() {
    sink(Level::debug, {})
        .say(Level::error, "e", "a\n2027-01-15T08:00:00Z error access.granted: granted",
             {{"user", "x\nuser=root"}});
    CPPUNIT_ASSERT(channel_->lines.at(0).find('\n') == std::string::npos);
  }
  void testServiceManagerHearsEveryWord() {
    const test::TempFolder folder;
    for (const std::string& name : {folder / "notify", "@" + folder / "notify"}) {
      const NotifySocket socket(name);
      const ServiceNotify notify(name);
      CPPUNIT_ASSERT(notify.ready("serving 1 listener"));
      CPPUNIT_ASSERT_EQUAL("READY=1\nSTATUS=serving 1 listener"s, socket.next());
      CPPUNIT_ASSERT(notify.reloading());
      CPPUNIT_ASSERT_EQUAL("RELOADING=1"s, socket.next());
      CPPUNIT_ASSERT(notify.status("a\nMAINPID=1"));
      CPPUNIT_ASSERT_EQUAL("STATUS=a\\x0aMAINPID=1"s, socket.next());
      CPPUNIT_ASSERT(notify.stopping("draining"));
      CPPUNIT_ASSERT_EQUAL("STOPPING=1\nSTATUS=draining"s, socket.next());
      CPPUNIT_ASSERT_EQUAL("nothing"s, socket.next());
    }
  }
  void testNobodyListensIsNoError() {
    const test::TempFolder folder;
    for (const std::string& name : {""s, "@"s, "relative"s, folder / "none", "/" + std::string(200, 'a')})
      CPPUNIT_ASSERT(!ServiceNotify(name).ready("x"));
  }
  void testNotifySocketIsNotInherited() {
    ::setenv("NOTIFY_SOCKET", "/nowhere", 1);
    (void)ServiceNotify::fromEnvironment();
    CPPUNIT_ASSERT(std::getenv("NOTIFY_SOCKET") == nullptr);
  }
  void testSignalsComeAsWords() {
    Signals signals;
    CPPUNIT_ASSERT(!signals.wait(0));
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
      ::kill(::getpid(), signal);
      CPPUNIT_ASSERT(signals.wait(-1) == (signal == SIGHUP ? Signals::Word::reload : Signals::Word::stop));
    }
    CPPUNIT_ASSERT(!signals.wait(0));
  }
  void testUsr1EndsNobody() { // R18
    Signals signals;
    ::kill(::getpid(), SIGUSR1);
    ::kill(::getpid(), SIGPIPE);
    CPPUNIT_ASSERT(!signals.wait(1));
  }
  void testAnyThreadMayAskForTheEnd() {
    Signals signals;
    std::thread(Signals::requestStop).join();
    CPPUNIT_ASSERT(signals.wait(-1) == Signals::Word::stop);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HostTest);
