// Protects: what was acknowledged is there, whole, whatever ends the process; a full disk; readers beside the
// writer.
#include "StoreFixture.h"
#include "store/Sqlite.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <csignal>
#include <future>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

class DurabilityTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DurabilityTest);
  CPPUNIT_TEST(testAKilledProcessLeavesEachAcknowledgedWriteWhole);
  CPPUNIT_TEST(testAFullDiskStopsWritesAndNotReads);
  CPPUNIT_TEST(testATransactionIsOverWhenCommittedAndOneAtATime);
  CPPUNIT_TEST(testAReaderSeesWholeRevisionsOnly);
  CPPUNIT_TEST(testJobsRunInOrderAndAFullQueueRefuses);
  CPPUNIT_TEST(testStopRunsWhatWaits);
  CPPUNIT_TEST_SUITE_END();

  /// Writes users until it is killed; tells each uid once its write is acknowledged.
  [[noreturn]] static void writeUntilKilled(const std::string& path, int pipe) {
    auto store = Store::open(path);
    if (!store.ok()) ::_exit(1);
    auto writer = store.value()->writer();
    if (!writer.ok()) ::_exit(2);
    for (int i = 0;; ++i) {
      const bool ran = writer.value()->run([&](WriteConnection& w) {
        auto t = w.begin("child", OpenStore::now);
        if (!t.ok()) ::_exit(3);
        UserRecord user =
            passwordUser("user" + std::to_string(i), "user" + std::to_string(i) + "@example.com");
        user.judged.user.role_uids = {1, 2, 3};
        const auto uid = t->insertUser(user);
        Change change;
        if (!uid.ok() || !t->commit(change).ok()) ::_exit(4);
        if (::write(pipe, &uid.value(), sizeof uid.value()) != sizeof uid.value()) ::_exit(5);
      });
      if (!ran) ::_exit(6);
    }
  }

public:
  // R20
  void testAKilledProcessLeavesEachAcknowledgedWriteWhole() {
    for (const int killAfter : {1, 2, 7, 20}) {
      const TempFolder folder;
      const std::string path = folder / "gatehouse.db";
      int ends[2];
      CPPUNIT_ASSERT_EQUAL(0, ::pipe(ends));
      const pid_t child = ::fork();
      CPPUNIT_ASSERT(child >= 0);
      if (child == 0) {
        ::close(ends[0]);
        writeUntilKilled(path, ends[1]);
      }
      ::close(ends[1]);
      std::vector<std::int64_t> acknowledged;
      std::int64_t uid = 0;
      while (::read(ends[0], &uid, sizeof uid) == sizeof uid) {
        acknowledged.push_back(uid);
        if (acknowledged.size() == static_cast<std::size_t>(killAfter))
          CPPUNIT_ASSERT_EQUAL(0, ::kill(child, SIGKILL));
      }
      ::close(ends[0]);
      int status = 0;
      CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
      CPPUNIT_ASSERT_MESSAGE("exit " + std::to_string(WEXITSTATUS(status)), WIFSIGNALED(status));

      auto store = must(Store::open(path)); // the lock went with the child
      auto reader = must(store->reader());
      for (const std::int64_t each : acknowledged) CPPUNIT_ASSERT(must(reader->userByUid(each)).record);
      const std::vector<UserRecord> users = must(reader->users(0, 100000)).users;
      for (const UserRecord& user : users) {
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, user.judged.user.role_uids.size());
        CPPUNIT_ASSERT(must(reader->userByLogin(user.judged.user.name)).record &&
                       must(reader->userByLogin(user.judged.user.email)).record);
      }
      // One revision for each user, and at most one write that was whole when nobody could be told any more.
      CPPUNIT_ASSERT_EQUAL(static_cast<model::Revision>(users.size()) + 1, must(reader->revision()));
      CPPUNIT_ASSERT(users.back().judged.user.uid <= acknowledged.back() + 1);
    }
  }

  // R20
  void testAFullDiskStopsWritesAndNotReads() {
    OpenStore s;
    s.addUser(passwordUser("job"));
    const model::Revision before = must(s.reader->revision());
    CPPUNIT_ASSERT(s.writer->run([](WriteConnection& w) {
      must(w.connection().execute("PRAGMA max_page_count = 1"));
    })); // no more than it has
    bool full = false;
    for (int i = 0; i < 1000 && !full; ++i) {
      s.in([&](Transaction& t) {
        UserRecord big = passwordUser("big" + std::to_string(i));
        big.judged.user.inert.json = std::string(100'000, 'x');
        const Result<std::int64_t> uid = t.insertUser(big);
        if (uid.ok()) return;
        full = true;
        assertCode(Code::unavailable, uid.error().code);
        assertSays(uid.error().description, "full");
        assertSays(uid.error().description, "reads go on");
        CPPUNIT_ASSERT(!t.insertUser(passwordUser("after")).ok()); // nothing of it may slip in by itself
        Change change;
        CPPUNIT_ASSERT(!t.commit(change).ok());
      });
    }
    CPPUNIT_ASSERT(full);
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record);
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("after")).record);
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
    CPPUNIT_ASSERT(s.writer->run(
        [](WriteConnection& w) { must(w.connection().execute("PRAGMA max_page_count = 1000000")); }));
    s.addUser(passwordUser("room again"));
  }

  void testATransactionIsOverWhenCommittedAndOneAtATime() {
    OpenStore s;
    s.in([&](Transaction& t) {
      must(t.insertUser(passwordUser("half")));
      const UserRecord late = passwordUser("late");
      Change change;
      must(t.commit(change));
      assertCode(Code::internal_error, codeOf(t.commit(change))); // it is over
      assertCode(Code::internal_error, codeOf(t.insertUser(late)));
    });
    CPPUNIT_ASSERT(must(s.reader->userByLogin("half")).record);
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("late")).record);
    CPPUNIT_ASSERT(s.writer->run([](WriteConnection& w) {
      Transaction first = must(w.begin("tester", OpenStore::now));
      CPPUNIT_ASSERT(!w.begin("tester", OpenStore::now).ok());
    }));
  }

  // R6: two members that each write sets alike are never seen apart, and a row is never newer than its
  // revision
  void testAReaderSeesWholeRevisionsOnly() {
    OpenStore s;
    UserRecord user = passwordUser("user");
    user.judged.user.uid = s.addUser(user);
    std::atomic<bool> over{false};
    auto other = must(s.store->reader());
    auto reading = std::async(std::launch::async, [&]() -> std::string {
      model::Revision seen = 0;
      while (!over) {
        const auto found = other->userByUid(user.judged.user.uid);
        if (!found.ok()) return found.error().description;
        const model::User& now = found.value().record->judged.user;
        if (found.value().record->judged.revision != found.value().revision)
          return "a row and its store at different revisions";
        if (now.role_uids.size() != now.email.size()) return "half a write";
        if (found.value().revision < seen) return "backwards";
        seen = found.value().revision;
      }
      return {};
    });
    for (int i = 1; i <= 60; ++i) {
      s.change([&](Transaction& t) {
        user.judged.user.email = std::string(static_cast<std::size_t>(i % 7), 'e');
        user.judged.user.role_uids.clear();
        for (std::int64_t uid = 1; uid <= i % 7; ++uid) user.judged.user.role_uids.push_back(uid);
        must(t.updateUser(user));
      });
    }
    over = true;
    CPPUNIT_ASSERT_EQUAL(std::string(), reading.get());
  }

  void testJobsRunInOrderAndAFullQueueRefuses() {
    const TempFolder folder;
    auto store = must(Store::open(folder / "gatehouse.db"));
    auto writer = must(store->writer(2));
    std::promise<void> begun, go;
    std::string order;
    CPPUNIT_ASSERT(writer->submit([&](WriteConnection&) {
      begun.set_value();
      go.get_future().wait();
      order += 'a';
    }));
    begun.get_future().wait();
    CPPUNIT_ASSERT(writer->submit([&](WriteConnection&) { order += 'b'; }));
    CPPUNIT_ASSERT(writer->submit([&](WriteConnection&) { order += 'c'; }));
    CPPUNIT_ASSERT(!writer->submit([&](WriteConnection&) { order += 'd'; }));
    go.set_value();
    writer->stop();
    CPPUNIT_ASSERT_EQUAL(std::string("abc"), order);
    CPPUNIT_ASSERT(!writer->submit([&](WriteConnection&) { order += 'e'; }));
    CPPUNIT_ASSERT(!writer->run([&](WriteConnection&) { order += 'f'; }));
  }

  void testStopRunsWhatWaits() {
    const TempFolder folder;
    auto store = must(Store::open(folder / "gatehouse.db"));
    std::atomic<int> ran{0};
    {
      auto writer = must(store->writer());
      for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(writer->submit([&](WriteConnection&) { ++ran; }));
    }
    CPPUNIT_ASSERT_EQUAL(10, ran.load());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DurabilityTest);
