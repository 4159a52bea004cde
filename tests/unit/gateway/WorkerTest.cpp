// Protects R6 and lesson 49: what was read newer than the policy waits for that policy, and an older build
// never overwrites a newer one.
#include "gateway/Worker.h"

#include "store/Store.h"
#include "store/Writer.h"
#include "support/ManualClock.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>

using namespace gatehouse;
using gateway::Worker;

namespace {

class Silence final : public EventSink {
public:
  void record(const Event&) noexcept override {}
  [[nodiscard]] bool wants(Level) const noexcept override { return false; }
};

class NoServing final : public control::Serving {
public:
  Result<std::shared_ptr<const control::Prepared>> prepare(const model::Snapshot&,
                                                           const control::StoredCertificates&) override {
    return Error{Code::internal_error, "not asked for here"};
  }
  void publish(control::Policy, store::Change, std::function<void()> swept) override { swept(); }
  Result<std::string> enroll(model::AuthMethod, const Secret&) override {
    return Error{Code::internal_error, "not asked for here"};
  }
  Result<std::vector<bool>> fits(model::AuthMethod, const Secret&, const std::vector<std::string>&) override {
    return Error{Code::internal_error, "not asked for here"};
  }
  bool loginLocked(std::int64_t, std::int64_t) override { return false; }
  void unlock(std::int64_t) override {}
  void liveSessions(std::function<void(std::vector<control::LiveSession>)> done) override { done({}); }
  void runCommand(std::int64_t, std::shared_ptr<const model::Admission>, std::vector<std::string>,
                  std::function<void(Result<std::string>)> done) override {
    done(Error{Code::internal_error, "not asked for here"});
  }
  [[nodiscard]] bool onCpu(std::function<void()>) override { return false; }
  std::shared_ptr<const model::CommandTable> commands() override { return nullptr; }
  bool portIsFree(std::int64_t) override { return false; }
  control::DatabaseState databaseState(std::int64_t) override { return {}; }
  void whenSettled(std::int64_t, std::uint64_t, std::function<void()> done) override { done(); }
};

control::Policy policyOf(model::Revision revision) {
  auto snapshot = std::make_shared<model::Snapshot>();
  snapshot->revision = revision;
  return {std::move(snapshot), nullptr};
}
store::Change changeOf(model::Revision revision) {
  store::Change change;
  change.revision = revision;
  return change;
}

} // namespace

class WorkerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WorkerTest);
  CPPUNIT_TEST(testWhatIsNewerThanThePolicyWaitsForIt);
  CPPUNIT_TEST(testAnOlderPolicyIsNotTakenUp);
  CPPUNIT_TEST_SUITE_END();

  test::TempFolder folder;
  test::ManualClock clock;
  Silence events;
  NoServing serving;
  gateway::Counters counters;
  gateway::Lockouts lockouts;
  transport::ConnectionBudgets budgets{{}}, controlBudgets{{}};
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<control::Management> management;
  std::unique_ptr<Worker> worker;

public:
  void setUp() override {
    store = std::move(store::Store::open(folder / "gatehouse.db")).value();
    writer = std::move(store->writer()).value();
    management =
        std::make_unique<control::Management>(*store, *writer, serving, clock, events, control::NodeFacts{});
    const gateway::Shared shared{clock,
                                 events,
                                 counters,
                                 *management,
                                 budgets,
                                 controlBudgets,
                                 transport::defaultDeadlines,
                                 transport::defaultDeadlines,
                                 nullptr,
                                 1024,
                                 [](std::function<void(store::Reader*)>) { return false; },
                                 [](std::int64_t, std::int64_t) {},
                                 std::string(32, 'k'),
                                 lockouts};
    worker = std::move(Worker::create(shared, std::move(store->reader()).value(), policyOf(5))).value();
    worker->start();
  }
  void tearDown() override {
    worker.reset();
    management.reset();
    writer.reset();
    store.reset();
  }
  /// On the worker, and waits until it has run.
  void there(const std::function<void()>& work) {
    std::promise<void> done;
    worker->post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void adopt(model::Revision revision) {
    std::promise<void> swept;
    worker->adopt(policyOf(revision), changeOf(revision), [&] { swept.set_value(); });
    swept.get_future().wait();
  }

  void testWhatIsNewerThanThePolicyWaitsForIt() { // R6
    std::vector<model::Revision> ran;             // the policy's revision at each return
    there([&] {
      worker->park(5, [&] { ran.push_back(worker->snapshot().revision); }); // not newer: at once
      worker->park(6, [&] { ran.push_back(worker->snapshot().revision); });
      worker->park(8, [&] { ran.push_back(worker->snapshot().revision); });
    });
    CPPUNIT_ASSERT(ran == std::vector<model::Revision>{5});
    adopt(6);
    CPPUNIT_ASSERT(ran == (std::vector<model::Revision>{5, 6}));
    adopt(7);
    CPPUNIT_ASSERT(ran == (std::vector<model::Revision>{5, 6}));
    adopt(9); // revisions may be published together: what waits for 8 is served by 9
    CPPUNIT_ASSERT(ran == (std::vector<model::Revision>{5, 6, 9}));
  }
  void testAnOlderPolicyIsNotTakenUp() { // lesson 49
    adopt(7);
    adopt(6);
    model::Revision now = 0;
    there([&] { now = worker->snapshot().revision; });
    CPPUNIT_ASSERT_EQUAL(model::Revision{7}, now);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(WorkerTest);
