// Protects R20: writes that wait share one COMMIT, each with a savepoint and a Revision of its own; nobody is
// told of one before it is durable, and a failed COMMIT fails all in it. And what is kept aside for
// revocations.
#include "StoreFixture.h"
#include "store/Reserve.h"
#include "store/Sqlite.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <sched.h>
#include <semaphore>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;

namespace {

using Step = std::function<void(WriteConnection&)>;

/// Submits all while the writer is held, so that they wait together, and returns when all have been told.
void together(Writer& writer, const std::vector<Step>& steps) {
  std::promise<void> held, go;
  auto released = go.get_future().share();
  CPPUNIT_ASSERT(writer.submit([&](WriteConnection&) {
    held.set_value();
    released.wait();
  }));
  held.get_future().wait();
  for (const Step& step : steps) CPPUNIT_ASSERT(writer.submit(step));
  go.set_value();
  CPPUNIT_ASSERT(writer.run([](WriteConnection&) {})); // it comes after them
}

/// Adds a user; says how that went, and what became of it.
struct Adding {
  std::string name;
  std::optional<Status> made, durable;
  model::Revision revision = 0;

  Step step(std::vector<std::string>* order = nullptr, bool spoil = false) {
    return [this, order, spoil](WriteConnection& w) {
      made = add(w, spoil);
      w.whenDurable([this, order](const Status& status) {
        durable = status;
        if (order) order->push_back(name);
      });
    };
  }

private:
  Status add(WriteConnection& w, bool spoil) {
    auto transaction = w.begin("tester", OpenStore::now);
    if (!transaction.ok()) return transaction.error();
    const auto uid = transaction->insertUser(passwordUser(name));
    if (!uid.ok()) return uid.error();
    if (spoil) { // found at COMMIT, not before
      Status spoiled = w.connection().execute("PRAGMA defer_foreign_keys = ON; INSERT INTO user_roles "
                                              "(user_uid, position, role_uid) VALUES (987654, 0, 1)");
      if (!spoiled.ok()) return spoiled;
    }
    Change change;
    Status committed = transaction->commit(change);
    revision = change.revision;
    return committed;
  }
};

} // namespace

class GroupCommitTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(GroupCommitTest);
  CPPUNIT_TEST(testTwentyThatWaitMakeOneCommit);
  CPPUNIT_TEST(testNobodyIsToldBeforeTheCommitAndAllInOrder);
  CPPUNIT_TEST(testAWriteThatFailsLeavesItsNeighbours);
  CPPUNIT_TEST(testAFailedCommitFailsAllInIt);
  CPPUNIT_TEST(testWhatSqliteUndoesByItselfFailsAllBefore);
  CPPUNIT_TEST(testNothingToKeepIsNoCommit);
  CPPUNIT_TEST(testAJobThatCannotWaitEndsTheGroup);
  CPPUNIT_TEST(testAJobOfRunIsDurableAtOnce);
  CPPUNIT_TEST(testAKilledProcessLeavesEachAcknowledgedWrite);
  CPPUNIT_TEST(testFailedLoginsAreWrittenAndForgotten);
  CPPUNIT_TEST(testSpaceIsKeptAside);
  CPPUNIT_TEST(testAFullDiskStillTakesRevocations);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTwentyThatWaitMakeOneCommit() { // R20
    OpenStore s;
    const model::Revision before = must(s.reader->revision());
    std::vector<Adding> users(20);
    std::vector<Step> steps;
    for (std::size_t i = 0; i < users.size(); ++i) {
      users[i].name = "user" + std::to_string(i);
      steps.push_back(users[i].step());
    }
    const std::uint64_t commits = commitsOf(s);
    together(*s.writer, steps);
    CPPUNIT_ASSERT_EQUAL(commits + 1, commitsOf(s));
    for (std::size_t i = 0; i < users.size(); ++i) { // each has a Revision, made on its predecessor's
      CPPUNIT_ASSERT(users[i].made->ok() && users[i].durable->ok());
      CPPUNIT_ASSERT_EQUAL(before + 1 + static_cast<model::Revision>(i), users[i].revision);
      CPPUNIT_ASSERT_EQUAL(users[i].revision,
                           must(s.reader->userByLogin(users[i].name)).record->judged.revision);
    }
  }

  void testNobodyIsToldBeforeTheCommitAndAllInOrder() { // R20
    OpenStore s;
    auto other = must(s.store->reader());
    std::vector<std::string> order;
    Adding a{"a", {}, {}}, b{"b", {}, {}}, c{"c", {}, {}};
    bool seenEarly = false;
    together(*s.writer, {a.step(&order), b.step(&order),
                         [&](WriteConnection&) {
                           seenEarly = !order.empty() || must(other->userByLogin("a")).record != nullptr;
                         },
                         c.step(&order)});
    CPPUNIT_ASSERT(!seenEarly);
    CPPUNIT_ASSERT((order == std::vector<std::string>{"a", "b", "c"}));
  }

  void testAWriteThatFailsLeavesItsNeighbours() { // R20
    OpenStore s;
    Adding a{"ada", {}, {}}, same{"ada", {}, {}}, b{"job", {}, {}};
    bool droppedRan = false;
    const Step dropped = [&](WriteConnection& w) { // written, and never committed
      auto transaction = must(w.begin("tester", OpenStore::now));
      must(transaction.insertUser(passwordUser("dropped")));
      droppedRan = true;
    };
    together(*s.writer, {a.step(), same.step(), dropped, b.step()});
    CPPUNIT_ASSERT(a.durable->ok() && b.durable->ok() && droppedRan);
    CPPUNIT_ASSERT(!same.made->ok()); // it saw its predecessor
    assertCode(Code::name_already_exists, same.made->error().code);
    CPPUNIT_ASSERT_EQUAL(a.revision + 1, b.revision);
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record);
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("dropped")).record);
  }

  void testAFailedCommitFailsAllInIt() { // R20
    OpenStore s;
    const model::Revision before = must(s.reader->revision());
    Adding a{"a", {}, {}}, spoiler{"spoiler", {}, {}}, b{"b", {}, {}};
    together(*s.writer, {a.step(), spoiler.step(nullptr, true), b.step()});
    for (const Adding* each : {&a, &spoiler, &b}) {
      CPPUNIT_ASSERT_MESSAGE(each->name, each->made->ok());
      CPPUNIT_ASSERT_MESSAGE(each->name, !each->durable->ok());
      CPPUNIT_ASSERT(!must(s.reader->userByLogin(each->name)).record);
    }
    CPPUNIT_ASSERT_EQUAL(before, must(s.reader->revision()));
    Adding later{"later", {}, {}};
    together(*s.writer, {later.step()});
    CPPUNIT_ASSERT(later.durable->ok());
    CPPUNIT_ASSERT_EQUAL(before + 1, later.revision);
  }

  void testWhatSqliteUndoesByItselfFailsAllBefore() { // R20
    OpenStore s;
    Adding a{"a", {}, {}}, b{"b", {}, {}}, after{"after", {}, {}};
    std::vector<std::string> order;
    const Step undone = [&](WriteConnection& w) { // as after a full disk in the middle of a statement
      must(w.connection().execute("ROLLBACK"));
      w.whenDurable([&](const Status& status) { order.push_back(status.ok() ? "durable" : "undone"); });
    };
    together(*s.writer, {a.step(&order), b.step(&order), undone, after.step(&order)});
    CPPUNIT_ASSERT(!a.durable->ok() && !b.durable->ok());
    CPPUNIT_ASSERT(after.durable->ok()); // in a group of its own
    CPPUNIT_ASSERT((order == std::vector<std::string>{"a", "b", "undone", "after"}));
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("b")).record);
    CPPUNIT_ASSERT(must(s.reader->userByLogin("after")).record);
  }

  void testNothingToKeepIsNoCommit() {
    OpenStore s;
    const std::uint64_t commits = commitsOf(s);
    const Step rehearsal = [](WriteConnection& w) {
      auto transaction = must(w.begin("tester", OpenStore::now));
      must(transaction.insertUser(passwordUser("nobody")));
    };
    together(*s.writer, {rehearsal, rehearsal});
    CPPUNIT_ASSERT_EQUAL(commits, commitsOf(s));
    CPPUNIT_ASSERT(!must(s.reader->userByLogin("nobody")).record);
  }

  void testAJobThatCannotWaitEndsTheGroup() {
    OpenStore s;
    Adding a{"a", {}, {}}, b{"b", {}, {}};
    bool toldWithin = false;
    const std::uint64_t commits = commitsOf(s);
    together(*s.writer, {a.step(),
                         [&](WriteConnection& w) {
                           must(w.makeDurable());
                           toldWithin = a.durable && a.durable->ok();
                         },
                         b.step()});
    CPPUNIT_ASSERT(toldWithin && b.durable->ok());
    CPPUNIT_ASSERT_EQUAL(commits + 2, commitsOf(s));
  }

  void testAJobOfRunIsDurableAtOnce() {
    OpenStore s;
    auto other = must(s.store->reader());
    bool seen = false;
    CPPUNIT_ASSERT(s.writer->run([&](WriteConnection& w) {
      auto transaction = must(w.begin("tester", OpenStore::now));
      must(transaction.insertUser(passwordUser("ada")));
      Change change;
      must(transaction.commit(change));
      seen = must(other->userByLogin("ada")).record != nullptr;
    }));
    CPPUNIT_ASSERT(seen);
  }

  void testAKilledProcessLeavesEachAcknowledgedWrite() { // R20
    for (const std::size_t killAfter : {std::size_t{1}, std::size_t{9}, std::size_t{30}}) {
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
        if (acknowledged.size() == killAfter) CPPUNIT_ASSERT_EQUAL(0, ::kill(child, SIGKILL));
      }
      ::close(ends[0]);
      int status = 0;
      CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
      CPPUNIT_ASSERT_MESSAGE("exit " + std::to_string(WEXITSTATUS(status)), WIFSIGNALED(status));
      auto store = must(Store::open(path));
      auto reader = must(store->reader());
      for (const std::int64_t each : acknowledged) CPPUNIT_ASSERT(must(reader->userByUid(each)).record);
      // Each user is of a Revision of its own, and no Revision lacks its user.
      const auto users = must(reader->users(0, 10'000)).users;
      CPPUNIT_ASSERT_EQUAL(static_cast<model::Revision>(users.size()) + 1, must(reader->revision()));
    }
  }

  void testFailedLoginsAreWrittenAndForgotten() {
    OpenStore s;
    const std::int64_t uid = s.addUser(passwordUser("job"));
    s.writer->touchFailures({uid, "192.0.2.0/24", 2, OpenStore::now, 0});
    s.writer->touchFailures({uid, "192.0.2.0/24", 3, OpenStore::now + 1, OpenStore::now + 1800});
    s.writer->touchFailures({uid, "", 1, OpenStore::now, 0});
    s.writer->touchFailures({uid + 1, "", 1, OpenStore::now, 0}); // who is nobody has no row
    s.close();
    s.open();
    auto rows = must(s.reader->loginFailures());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.0/24"), rows[1].network);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, rows[1].failures);
    CPPUNIT_ASSERT_EQUAL(OpenStore::now + 1, rows[1].lastFailure);
    CPPUNIT_ASSERT_EQUAL(OpenStore::now + 1800, rows[1].lockedUntil);
    s.writer->touchFailures({uid, "192.0.2.0/24", 0, 0, 0});
    s.close();
    s.open();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, must(s.reader->loginFailures()).size());
  }

  void testSpaceIsKeptAside() {
    OpenStore s;
    must(s.writer->reserved());
    struct stat file {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat((s.path() + ".reserve").c_str(), &file));
    CPPUNIT_ASSERT_EQUAL(Reserve::wholeSize, static_cast<std::int64_t>(file.st_size));
    CPPUNIT_ASSERT(file.st_blocks * 512 >= Reserve::wholeSize); // not a hole
    CPPUNIT_ASSERT_EQUAL(mode_t{0600}, file.st_mode & 07777);
    s.close();
    std::filesystem::remove(s.path() + ".reserve");
    std::filesystem::create_symlink("/dev/null", s.path() + ".reserve");
    s.open(); // it is no reason not to serve
    CPPUNIT_ASSERT(!s.writer->reserved().ok());
    s.addUser(passwordUser("ada"));
  }

  // On a file system of its own that is really full. Where none may be mounted there is nothing to see.
  void testAFullDiskStillTakesRevocations() { // R20
    const TempFolder folder;
    const pid_t child = ::fork();
    CPPUNIT_ASSERT(child >= 0);
    if (child == 0) ::_exit(onAFullDisk(folder / "disk"));
    int status = 0;
    CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
    CPPUNIT_ASSERT(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) return;
    CPPUNIT_ASSERT_EQUAL_MESSAGE("the step that failed", 0, WEXITSTATUS(status));
  }

private:
  static std::uint64_t commitsOf(OpenStore& s) {
    std::uint64_t commits = 0;
    CPPUNIT_ASSERT(s.writer->run([&](WriteConnection& w) { commits = w.commits(); }));
    return commits;
  }

  /// Ten writes wait at any time; tells each uid once it is durable.
  [[noreturn]] static void writeUntilKilled(const std::string& path, int pipe) {
    auto store = Store::open(path);
    if (!store.ok()) ::_exit(1);
    auto writer = store.value()->writer();
    if (!writer.ok()) ::_exit(2);
    std::counting_semaphore<10> room(10);
    for (int i = 0;; ++i) {
      room.acquire();
      const bool taken = (*writer)->submit([&room, i, pipe](WriteConnection& w) {
        auto t = w.begin("child", OpenStore::now);
        if (!t.ok()) ::_exit(3);
        const auto uid = t->insertUser(passwordUser("user" + std::to_string(i)));
        Change change;
        if (!uid.ok() || !t->commit(change).ok()) ::_exit(4);
        w.whenDurable([&room, pipe, made = uid.value()](const Status& durable) {
          if (!durable.ok()) ::_exit(5);
          if (::write(pipe, &made, sizeof made) != sizeof made) ::_exit(6);
          room.release();
        });
      });
      if (!taken) ::_exit(7);
    }
  }

  static bool fill(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string page(4096, 'x');
    while (::write(fd, page.data(), page.size()) == static_cast<ssize_t>(page.size())) {
    }
    ::close(fd);
    return errno == ENOSPC;
  }

  /// 0, or the number of the step that went wrong; 77 where no file system may be mounted.
  static int onAFullDisk(const std::string& directory) {
    if (::mkdir(directory.c_str(), 0700) != 0) return 1;
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", directory.c_str(), "tmpfs", 0, "size=16m,mode=0700") != 0)
      return 77;
    auto store = Store::open(directory + "/gatehouse.db");
    if (!store.ok()) return 2;
    auto writer = store.value()->writer();
    auto reader = store.value()->reader();
    if (!writer.ok() || !reader.ok() || !(*writer)->reserved().ok()) return 3;
    Adding ada{"ada", {}, {}};
    together(**writer, {ada.step()});
    if (!ada.durable->ok() || !fill(directory + "/filler")) return 4;

    std::vector<Adding> others(200); // what the log has room for is soon used up
    bool full = false;
    for (std::size_t i = 0; i < others.size() && !full; ++i) {
      others[i].name = std::string(200, 'x') + std::to_string(i);
      const Step noting = [&](WriteConnection& w) {
        w.whenDurable([&](const Status& status) { full = !status.ok() && w.full(); });
      };
      together(**writer, {others[i].step(), noting});
      if (!full && !others[i].durable->ok()) return 5;
    }
    if (!full) return 6;
    const auto found = (*reader)->userByLogin("ada"); // reads go on
    if (!found.ok() || !found->record) return 7;

    std::optional<Status> removed;
    bool lean = false;
    const Step revoke = [&](WriteConnection& w) {
      auto transaction = w.begin("tester", OpenStore::now);
      Change change;
      removed = transaction.ok() ? transaction->removeUser(found->record->judged.user.uid)
                                 : Status(transaction.error());
      if (removed->ok()) removed = transaction->commit(change);
      lean = w.lean();
    };
    bool taken = false;
    together(**writer, {[&](WriteConnection&) { taken = (*writer)->submitFromReserve(revoke); }});
    if (!taken) return 8;
    if (!(*writer)->run([](WriteConnection&) {})) return 9;
    if (!removed || !removed->ok()) return 10;
    if (!lean) return 11;
    const auto gone = (*reader)->userByLogin("ada");
    if (!gone.ok() || gone->record) return 12;
    return 0;
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(GroupCommitTest);
