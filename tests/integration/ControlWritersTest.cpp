// Protects: many who write at once. Each is answered 200, 409 or 412, what remains is what some order of the
// acknowledged writes gives, and a kill -9 at any moment leaves each of those whole and half of no other
// (R20).
#include "DatabaseFixture.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace gatehouse::test {
namespace {

constexpr int writers = 20;

class ControlWritersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ControlWritersTest);
  CPPUNIT_TEST(writesOfOneObjectFollowEachOther);
  CPPUNIT_TEST(writesOfManyObjectsAllCount);
  CPPUNIT_TEST(aStateIdThatIsOldWritesNothing);
  CPPUNIT_TEST(aKillLeavesEachAcknowledgedWriteWholeAndHalfOfNone);
  CPPUNIT_TEST_SUITE_END();

  static std::int64_t revisionIn(const std::string& tag) {
    CPPUNIT_ASSERT_MESSAGE("no ETag: " + tag, tag.size() > 2 && tag.front() == '"' && tag.back() == '"');
    return std::stoll(tag.substr(1));
  }
  static std::string pathOf(std::string_view kind, std::int64_t uid) {
    return "/v1/" + std::string(kind) + '/' + std::to_string(uid);
  }
  /// Runs a writer a thread, and ends the test with what any of them found wrong.
  static void together(const std::function<std::string(int)>& work) {
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::string wrong;
    for (int i = 0; i < writers; ++i)
      threads.emplace_back([&, i] {
        const std::string found = work(i);
        const std::lock_guard lock(mutex);
        if (!found.empty()) wrong += found + '\n';
      });
    for (std::thread& thread : threads) thread.join();
    CPPUNIT_ASSERT_MESSAGE(wrong, wrong.empty());
  }
  static ClientOptions local(const House& house) {
    ClientOptions options;
    options.unixSocket = house.server.controlSocket();
    return options;
  }

public:
  /// Each reads, and changes what it has read: of two that read the same, one comes through. The acknowledged
  /// ones form one chain from the first revision to the last.
  void writesOfOneObjectFollowEachOther() {
    House house;
    const std::int64_t uid = house.addByPassword(randomName("ada-"), "a-long-secret");
    const std::string path = pathOf("users", uid);
    const std::int64_t first = revisionIn(house.control("GET", path).field("ETag"));
    std::mutex mutex;
    std::map<std::int64_t, std::pair<std::int64_t, std::string>> chain; // from -> to, and what it wrote
    std::atomic<int> refused = 0;
    together([&](int writer) -> std::string {
      HttpsClient client(house.peer());
      const HttpFields who = {basic(house.keeper, house.keeperPassword)};
      for (int i = 0; i < 5; ++i) {
        const HttpAnswer read = client.request("GET", path, "", who);
        if (read.status != 200) return "GET " + std::to_string(read.status) + client.error();
        const std::string email = "w" + std::to_string(writer) + "-" + std::to_string(i) + "@example.com";
        HttpFields fields = who;
        fields.emplace_back("If-Match", read.field("ETag"));
        const HttpAnswer answer = client.request("PUT", path, "{\"email\":" + jsonText(email) + '}', fields);
        if (answer.status == 412 || answer.status == 409) {
          ++refused;
          continue;
        }
        if (answer.status != 200)
          return "PUT " + std::to_string(answer.status) + answer.body + client.error();
        if (fieldIn(answer.body, "email") != email) return "another's answer: " + answer.body;
        const std::lock_guard lock(mutex);
        if (!chain.emplace(revisionIn(read.field("ETag")), std::pair(revisionIn(answer.field("ETag")), email))
                 .second)
          return "two writes came through on " + read.field("ETag");
      }
      return {};
    });
    CPPUNIT_ASSERT(!chain.empty());
    std::int64_t at = first;
    std::string email;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const auto next = chain.find(at);
      CPPUNIT_ASSERT_MESSAGE("the chain ends at " + std::to_string(at), next != chain.end());
      CPPUNIT_ASSERT(next->second.first > at);
      std::tie(at, email) = next->second;
    }
    const HttpAnswer last = house.control("GET", path);
    CPPUNIT_ASSERT_EQUAL(at, revisionIn(last.field("ETag")));
    CPPUNIT_ASSERT_EQUAL(email, fieldIn(last.body, "email"));
    CPPUNIT_ASSERT_EQUAL(writers * 5, static_cast<int>(chain.size()) + refused.load());
  }

  /// Objects of their own, and one name that all of them want.
  void writesOfManyObjectsAllCount() {
    House house;
    std::mutex mutex;
    std::set<std::string> made;
    std::atomic<int> wanted = 0;
    together([&](int writer) -> std::string {
      HttpsClient client(local(house));
      for (int i = 0; i < 5; ++i) {
        const std::string name = "role " + std::to_string(writer) + "-" + std::to_string(i);
        const HttpAnswer answer = client.request(
            "POST", "/v1/roles", "{\"name\":" + jsonText(name) + R"(,"management":"db_viewer"})");
        if (answer.status != 200) return name + ": " + std::to_string(answer.status) + answer.body;
        {
          const std::lock_guard lock(mutex);
          made.insert(name);
        }
        if (i % 2 == 0) continue;
        const HttpAnswer gone = client.request("DELETE", pathOf("roles", uidIn(answer.body)));
        if (gone.status != 200) return "DELETE " + name + ": " + gone.body;
        const std::lock_guard lock(mutex);
        made.erase(name);
      }
      const HttpAnswer same =
          client.request("POST", "/v1/roles", R"({"name":"wanted by all","management":"none"})");
      if (same.status == 200)
        ++wanted;
      else if (same.status != 409)
        return "the same name: " + std::to_string(same.status) + same.body;
      return {};
    });
    CPPUNIT_ASSERT_EQUAL(1, wanted.load());
    const std::string roles = house.must("GET", "/v1/roles");
    for (int writer = 0; writer < writers; ++writer)
      for (int i = 0; i < 5; ++i) {
        const std::string name = "role " + std::to_string(writer) + "-" + std::to_string(i);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(name, made.contains(name), roles.find(jsonText(name)) != roles.npos);
      }
  }

  void aStateIdThatIsOldWritesNothing() {
    House house;
    HttpsClient client(local(house));
    const std::string before = client.request("GET", "/v1/cluster").field("CLUSTER-STATE-ID");
    CPPUNIT_ASSERT(!before.empty());
    std::atomic<int> through = 0;
    together([&](int writer) -> std::string {
      HttpsClient own(local(house));
      const HttpAnswer answer = own.request(
          "POST", "/v1/roles", "{\"name\":\"role " + std::to_string(writer) + R"(","management":"none"})",
          {{"CLUSTER-STATE-ID", before}});
      if (answer.status == 200)
        ++through;
      else if (answer.status != 409 || answer.body.find("wrong_cluster_state_id") == std::string::npos)
        return std::to_string(answer.status) + answer.body;
      return {};
    });
    CPPUNIT_ASSERT_EQUAL(1, through.load());
    CPPUNIT_ASSERT(client.request("GET", "/v1/cluster").field("CLUSTER-STATE-ID") != before);
  }

  /// Each writer changes two fields of its own user together, over and over, until the server is killed.
  void aKillLeavesEachAcknowledgedWriteWholeAndHalfOfNone() {
    House house;
    for (int round = 0; round < 3; ++round) {
      const std::string word = randomName("w");
      std::array<std::int64_t, writers> uids{};
      std::array<std::atomic<int>, writers> acknowledged{};
      for (int i = 0; i < writers; ++i)
        uids[static_cast<std::size_t>(i)] =
            house.addByCertificate(word + '-' + std::to_string(i), "CN=" + word + std::to_string(i));
      std::atomic<int> all = 0;
      std::thread killer([&] {
        (void)eventually([&] { return all.load() > 100 + 37 * round; }, std::chrono::seconds(30));
        house.server.kill9();
      });
      together([&](int writer) -> std::string {
        const auto at = static_cast<std::size_t>(writer);
        HttpsClient client(local(house));
        for (int i = 1;; ++i) {
          const std::string text = word + '-' + std::to_string(writer) + '-' + std::to_string(i);
          const HttpAnswer answer = client.request("PUT", pathOf("users", uids[at]),
                                                   "{\"name\":" + jsonText(text) +
                                                       ",\"email\":" + jsonText(text + "@example.com") + '}');
          if (answer.status == 0) return {}; // killed: nobody knows of this one
          if (answer.status != 200) return std::to_string(answer.status) + answer.body;
          acknowledged[at] = i;
          ++all;
        }
      });
      killer.join();
      house.server.start();
      CPPUNIT_ASSERT(all.load() > 100);
      for (int i = 0; i < writers; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const std::string user = house.must("GET", pathOf("users", uids[at]));
        const std::string name = fieldIn(user, "name");
        const int known = acknowledged[at].load();
        const std::string said = user + " after " + std::to_string(known) + " acknowledged writes";
        const auto nameOf = [&](int number) {
          return word + '-' + std::to_string(i) + (number > 0 ? '-' + std::to_string(number) : "");
        };
        CPPUNIT_ASSERT_MESSAGE(said, name == nameOf(known) || name == nameOf(known + 1));
        const bool named = name != nameOf(0);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(said, named ? name + "@example.com" : std::string(),
                                     fieldIn(user, "email"));
      }
      expectSound(house);
    }
  }

private:
  static void expectSound(const House& house) {
    const std::string command = "sqlite3 'file:" + (house.server.folder() / "state/gatehouse.db") +
                                "?mode=ro' 'PRAGMA integrity_check; PRAGMA foreign_key_check;' 2>&1";
    FILE* pipe = ::popen(command.c_str(), "re");
    CPPUNIT_ASSERT(pipe != nullptr);
    std::string out;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
    ::pclose(pipe);
    CPPUNIT_ASSERT_EQUAL(std::string("ok\n"), out);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlWritersTest);

} // namespace
} // namespace gatehouse::test
