// Protects: the ends of a server. Killed at any moment it has kept what it acknowledged, whole, and nothing
// else (R20); asked to end it answers who is waiting, and goes; a reload changes only what it may.
#include "FaultServer.h"
#include "support/FloodClient.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <signal.h>
#include <thread>

using namespace gatehouse::test;
using namespace std::chrono;

namespace {

/// Processes whose parent, or whose lock, this server was: those that have its folder on their command line.
std::size_t processesOf(const std::string& folder) {
  std::size_t out = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    out += line.find(folder) != std::string::npos ? 1 : 0;
  }
  return out;
}

} // namespace

class FaultEndTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FaultEndTest);
  CPPUNIT_TEST(testKilledWhileWritingNothingAcknowledgedIsLost);
  CPPUNIT_TEST(testTerminatedItAnswersAndGoes);
  CPPUNIT_TEST(testHangUpChangesTheLogLevelAndKeepsSessions);
  CPPUNIT_TEST(testAReloadOfAWrongFileChangesNothing);
  CPPUNIT_TEST_SUITE_END();

public:
  void testKilledWhileWritingNothingAcknowledgedIsLost() { // R20
    FaultServer server;
    for (int round = 0; round < 3; ++round) {
      std::mutex mutex;
      std::set<std::string> acknowledged, tried;
      std::atomic<std::size_t> count{0};
      const auto write = [&](int writer) {
        HttpsClient local = server.control();
        for (int i = 0;; ++i) {
          const std::string name =
              "u" + std::to_string(round) + '-' + std::to_string(writer) + '-' + std::to_string(i);
          {
            const std::lock_guard lock(mutex);
            tried.insert(name);
          }
          const HttpAnswer answer = local.request("POST", "/v1/users", body(name));
          if (answer.status == 0) return; // killed
          const std::lock_guard lock(mutex);
          if (answer.status == 200) acknowledged.insert(name);
          ++count;
        }
      };
      std::vector<std::thread> writers;
      for (int i = 0; i < 3; ++i) writers.emplace_back(write, i);
      CPPUNIT_ASSERT(
          eventually([&] { return count >= 20U + 7U * static_cast<unsigned>(round); }, seconds(60)));
      server.process.kill9();
      for (std::thread& writer : writers) writer.join();
      server.process.start();
      const std::string users = server.control().request("GET", "/v1/users").body;
      for (const std::string& name : tried) {
        const bool there = users.find('"' + name + '"') != std::string::npos;
        CPPUNIT_ASSERT_MESSAGE(name + " was acknowledged", there || !acknowledged.contains(name));
        if (there) // none is half there
          CPPUNIT_ASSERT_MESSAGE(users, users.find("\"name\":\"" + name + "\",\"email\":\"" + name +
                                                   "@example.com\",\"auth_method\":\"certificate\"") !=
                                                std::string::npos &&
                                            users.find("CN=" + name + ", O=Example") != std::string::npos);
      }
      CPPUNIT_ASSERT(acknowledged.size() >= 20);
      server.serves();
    }
  }

  void testTerminatedItAnswersAndGoes() {
    FaultServer server;
    const std::string folder = server.process.folder().path().string();
    HttpsClient idle = server.client(), asking = server.client();
    CPPUNIT_ASSERT_EQUAL(200, idle.request("GET", "/v1/users/role").status);
    CPPUNIT_ASSERT_EQUAL(200, asking.request("GET", "/v1/users/role").status);
    FloodClient silent(server.process.port());
    silent.open(3); // their handshakes will not end by themselves
    // The body waits: the request is in flight when the signal comes.
    const std::string text = body("late");
    asking.write("POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 "Expect: 100-continue\r\nContent-Length: " +
                 std::to_string(text.size()) + "\r\n\r\n");
    CPPUNIT_ASSERT(asking.read().starts_with("HTTP/1.1 100"));
    const auto begin = steady_clock::now();
    ::kill(server.process.pid(), SIGTERM);
    CPPUNIT_ASSERT(idle.closedWithin(5'000));
    asking.write(text);
    const HttpAnswer answer = asking.receive();
    CPPUNIT_ASSERT_EQUAL_MESSAGE(asking.error() + answer.body + server.process.log(), 200, answer.status);
    CPPUNIT_ASSERT(asking.closedWithin(5'000));
    CPPUNIT_ASSERT_EQUAL(0, server.process.stop());
    CPPUNIT_ASSERT(steady_clock::now() - begin < seconds(10));
    CPPUNIT_ASSERT(eventually([&] { return processesOf(folder) == 0; }));
    CPPUNIT_ASSERT(!std::filesystem::exists(server.process.controlSocket()));
    server.process.start();
    CPPUNIT_ASSERT(server.control().request("GET", "/v1/users").body.find("\"late\"") != std::string::npos);
  }

  void testHangUpChangesTheLogLevelAndKeepsSessions() {
    FaultServer server;
    HttpsClient ada = server.client();
    CPPUNIT_ASSERT_EQUAL(200, ada.request("GET", "/v1/users/role").status);
    configure(server, "level: debug", "level: error");
    ::kill(server.process.pid(), SIGHUP);
    // Seen when an arrival is recorded no more.
    const auto granted = [&] { return server.process.lines("access.granted").size(); };
    CPPUNIT_ASSERT(eventually([&] {
      const std::size_t before = granted();
      server.serves();
      return granted() == before;
    }));
    CPPUNIT_ASSERT_EQUAL(200, ada.request("GET", "/v1/users/role").status);
    configure(server, "level: error", "level: information");
    ::kill(server.process.pid(), SIGHUP);
    CPPUNIT_ASSERT(eventually([&] {
      const std::size_t before = granted();
      server.serves();
      return granted() > before;
    }));
  }

  void testAReloadOfAWrongFileChangesNothing() { // lesson 18, 49
    FaultServer server;
    configure(server, "log: {level: debug", "lgo: {level: debug");
    ::kill(server.process.pid(), SIGHUP);
    CPPUNIT_ASSERT(server.process.logs("configuration.wrong", {"lgo"}));
    server.serves();
    CPPUNIT_ASSERT(server.process.running());
  }

private:
  static std::string body(const std::string& name) {
    return R"({"name":")" + name + R"(","email":")" + name +
           R"(@example.com","auth_method":"certificate","certificate_subject_line":"CN=)" + name +
           R"(, O=Example","role_uids":[2]})";
  }
  static void configure(const FaultServer& server, const std::string& from, const std::string& to) {
    std::string text = readFile(server.process.configFile());
    CPPUNIT_ASSERT(text.find(from) != std::string::npos);
    server.process.folder().write("gatehouse.yaml", text.replace(text.find(from), from.size(), to));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FaultEndTest);
