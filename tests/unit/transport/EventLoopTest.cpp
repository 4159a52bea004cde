// Protects: the turn. Nothing is told to a watcher that has gone, nothing is told twice, no timer is early,
// no work is lost.
#include "transport/EventLoop.h"
#include "support/ManualClock.h"
#include "transport/Deferred.h"
#include "transport/Timer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::transport;

namespace {

struct Watching final : Watcher {
  std::function<void(std::uint32_t)> then;
  int calls = 0;
  std::uint32_t last = 0;
  void onReady(std::uint32_t events) override {
    ++calls;
    last = events;
    if (then) then(events);
  }
};

struct Pair {
  UniqueFd a, b;
  Pair() {
    int fds[2];
    CPPUNIT_ASSERT_EQUAL(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
    a.reset(fds[0]);
    b.reset(fds[1]);
  }
  void tellA() const { CPPUNIT_ASSERT_EQUAL(ssize_t{1}, ::write(b.get(), "x", 1)); }
};

} // namespace

class EventLoopTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EventLoopTest);
  CPPUNIT_TEST(testAWatcherHearsOfInputAndHangUp);
  CPPUNIT_TEST(testAWatcherThatWasRemovedInTheSameTurnHearsNothing);
  CPPUNIT_TEST(testStaleEventsDoNotReachTheNextOwnerOfADescriptor);
  CPPUNIT_TEST(testAWatcherMayDestroyItself);
  CPPUNIT_TEST(testPostedWorkRunsInOrderFromAnyThread);
  CPPUNIT_TEST(testStopEndsARunThatWaits);
  CPPUNIT_TEST(testTimersFireInOrderAndNeverEarly);
  CPPUNIT_TEST(testTimersAgreeWithASortedList);
  CPPUNIT_TEST(testATimerMayDestroyItselfAndCancelOthers);
  CPPUNIT_TEST(testATimerThatArmsItselfForThePastDoesNotKeepTheTurn);
  CPPUNIT_TEST(testARepeatingTimerRepeatsAndStops);
  CPPUNIT_TEST(testDeferredWorkRunsOnceATurn);
  CPPUNIT_TEST(testDeferredWorkMayDestroyItself);
  CPPUNIT_TEST_SUITE_END();

  test::ManualClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::create(clock_).value();

public:
  void testAWatcherHearsOfInputAndHangUp() {
    Pair pair;
    Watching watcher;
    CPPUNIT_ASSERT(loop_->watch(pair.a.get(), EPOLLIN | EPOLLRDHUP, watcher).ok());
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(0, watcher.calls);
    pair.tellA();
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(1, watcher.calls);
    loop_->turn(0); // level-triggered
    CPPUNIT_ASSERT_EQUAL(2, watcher.calls);
    loop_->rewatch(pair.a.get(), 0);
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(2, watcher.calls);
    pair.b.reset();
    loop_->turn(0);
    CPPUNIT_ASSERT((watcher.last & EPOLLHUP) != 0); // reported whatever is asked for
    loop_->unwatch(pair.a.get());
    loop_->unwatch(pair.a.get());
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(3, watcher.calls);
    CPPUNIT_ASSERT(!loop_->watch(-1, EPOLLIN, watcher).ok());
  }
  void testAWatcherThatWasRemovedInTheSameTurnHearsNothing() {
    Pair one, two;
    Watching first, second;
    CPPUNIT_ASSERT(loop_->watch(one.a.get(), EPOLLIN, first).ok() &&
                   loop_->watch(two.a.get(), EPOLLIN, second).ok());
    first.then = [&](std::uint32_t) { loop_->unwatch(two.a.get()); };
    second.then = [&](std::uint32_t) { loop_->unwatch(one.a.get()); };
    one.tellA();
    two.tellA();
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(1, first.calls + second.calls);
  }
  void testStaleEventsDoNotReachTheNextOwnerOfADescriptor() {
    Pair one, two;
    Watching first, second, heir;
    CPPUNIT_ASSERT(loop_->watch(one.a.get(), EPOLLIN, first).ok() &&
                   loop_->watch(two.a.get(), EPOLLIN, second).ok());
    std::optional<Pair> reused;
    // Whoever is told first closes the other's descriptor, whose number the next socket gets, and watches
    // that.
    const auto replace = [&](Pair& other) {
      if (reused) return;
      const int number = other.a.get();
      loop_->unwatch(number);
      other.a.reset();
      reused.emplace();
      CPPUNIT_ASSERT_EQUAL(number, std::min(reused->a.get(), reused->b.get()));
      CPPUNIT_ASSERT(loop_->watch(number, EPOLLIN, heir).ok());
    };
    first.then = [&](std::uint32_t) { replace(two); };
    second.then = [&](std::uint32_t) { replace(one); };
    one.tellA();
    two.tellA();
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(1, first.calls + second.calls);
    CPPUNIT_ASSERT_EQUAL(0, heir.calls);
  }
  void testAWatcherMayDestroyItself() {
    Pair pair;
    auto watcher = std::make_unique<Watching>();
    CPPUNIT_ASSERT(loop_->watch(pair.a.get(), EPOLLIN, *watcher).ok());
    watcher->then = [&](std::uint32_t) {
      loop_->unwatch(pair.a.get());
      pair.a.reset();
      // The closure goes with its owner: nothing of it is touched afterwards.
      auto& owner = watcher;
      std::function<void(std::uint32_t)> keep;
      keep.swap(owner->then);
      owner.reset();
    };
    pair.tellA();
    loop_->turn(0);
    CPPUNIT_ASSERT(!watcher);
  }
  void testPostedWorkRunsInOrderFromAnyThread() {
    std::vector<int> order;
    std::thread other([&] {
      for (int i = 0; i < 1000; ++i) loop_->post([&order, i] { order.push_back(i); });
      loop_->post([this] { loop_->stop(); });
    });
    loop_->run();
    other.join();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, order.size());
    CPPUNIT_ASSERT(std::is_sorted(order.begin(), order.end()));
  }
  void testStopEndsARunThatWaits() {
    bool ran = false;
    std::thread other([&] {
      loop_->post([&ran] { ran = true; });
      loop_->stop();
    });
    loop_->run();
    other.join();
    CPPUNIT_ASSERT(ran);
  }
  void testTimersFireInOrderAndNeverEarly() {
    std::vector<int> fired;
    Timer one(*loop_, [&] { fired.push_back(1); }), two(*loop_, [&] { fired.push_back(2); }),
        three(*loop_, [&] { fired.push_back(3); });
    const auto now = clock_.steadyMs();
    one.arm(now + 30);
    two.arm(now + 10);
    three.arm(now + 20);
    one.arm(now + 15); // earlier than it was
    three.arm(now + 40);
    clock_.advance(9);
    loop_->turn(0);
    CPPUNIT_ASSERT(fired.empty());
    clock_.advance(1);
    loop_->turn(0);
    CPPUNIT_ASSERT((fired == std::vector<int>{2}));
    CPPUNIT_ASSERT(!two.armed());
    clock_.advance(30);
    loop_->turn(0);
    CPPUNIT_ASSERT((fired == std::vector<int>{2, 1, 3}));
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, fired.size());
  }
  void testTimersAgreeWithASortedList() {
    std::mt19937 random(7); // fixed: a failure can be repeated
    std::vector<std::unique_ptr<Timer>> timers;
    std::vector<std::uint64_t> fired;
    for (std::size_t i = 0; i < 300; ++i)
      timers.push_back(std::make_unique<Timer>(*loop_, [&, i] { fired.push_back(timers[i]->deadlineMs()); }));
    const auto start = clock_.steadyMs();
    for (int round = 0; round < 3000; ++round) {
      Timer& timer = *timers[random() % timers.size()];
      if (random() % 4 == 0)
        timer.cancel();
      else
        timer.arm(start + 1 + random() % 1000);
    }
    std::vector<std::uint64_t> expected;
    for (const auto& timer : timers)
      if (timer->armed()) expected.push_back(timer->deadlineMs());
    std::sort(expected.begin(), expected.end());
    for (int i = 0; i < 1000; ++i) {
      clock_.advance(1);
      loop_->turn(0);
      CPPUNIT_ASSERT(fired.empty() || fired.back() <= clock_.steadyMs());
    }
    CPPUNIT_ASSERT(expected == fired);
  }
  void testATimerMayDestroyItselfAndCancelOthers() {
    int fired = 0;
    std::unique_ptr<Timer> self;
    Timer other(*loop_, [&] { ++fired; });
    self = std::make_unique<Timer>(*loop_, [&] {
      ++fired;
      other.cancel();
      self.reset();
    });
    self->arm(clock_.steadyMs() + 1);
    other.arm(clock_.steadyMs() + 2);
    clock_.advance(5);
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(1, fired);
    CPPUNIT_ASSERT(!self);
  }
  void testATimerThatArmsItselfForThePastDoesNotKeepTheTurn() {
    int fired = 0;
    std::optional<Timer> timer;
    timer.emplace(*loop_, [&] {
      ++fired;
      timer->arm(0);
    });
    timer->arm(0);
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(1, fired);
    loop_->turn(1'000'000); // does not wait: it is due
    CPPUNIT_ASSERT_EQUAL(2, fired);
  }
  void testARepeatingTimerRepeatsAndStops() {
    int fired = 0;
    RepeatingTimer timer(*loop_, 1000, [&] {
      if (++fired == 3) timer.stop();
    });
    timer.start();
    for (int i = 0; i < 10; ++i) {
      clock_.advance(1000);
      loop_->turn(0);
    }
    CPPUNIT_ASSERT_EQUAL(3, fired);
  }
  void testDeferredWorkRunsOnceATurn() {
    int a = 0, b = 0;
    std::optional<Deferred> again;
    again.emplace(*loop_, [&] {
      ++a;
      again->ask();
    });
    Deferred once(*loop_, [&] { ++b; });
    again->ask();
    again->ask();
    once.ask();
    loop_->turn(0);
    CPPUNIT_ASSERT(a == 1 && b == 1);
    loop_->turn(1'000'000); // does not wait: work is left
    CPPUNIT_ASSERT(a == 2 && b == 1);
    again->cancel();
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(2, a);
    // Asked for by other deferred work it still runs in the same turn.
    Deferred first(*loop_, [&] { once.ask(); });
    first.ask();
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(2, b);
  }
  void testDeferredWorkMayDestroyItself() {
    std::unique_ptr<Deferred> self, neighbour;
    int ran = 0;
    neighbour = std::make_unique<Deferred>(*loop_, [&] { ++ran; });
    self = std::make_unique<Deferred>(*loop_, [&] {
      ++ran;
      neighbour.reset();
      self.reset();
    });
    self->ask();
    neighbour->ask();
    loop_->turn(0);
    CPPUNIT_ASSERT_EQUAL(1, ran);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EventLoopTest);
