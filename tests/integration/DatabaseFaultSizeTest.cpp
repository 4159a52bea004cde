// Protects: the gateway's memory. Bodies stream through it (R13), whatever their size and whoever does not
// read them; sessions that come and go leave nothing, neither here nor at the engine.
#include "DatabaseFaultHouse.h"

#include <cstring>
#include <iostream>
#include <poll.h>

using namespace gatehouse::test;
using namespace std::chrono;

namespace {

/// A value that is nowhere equal to itself a little further on: a piece that is lost or doubled is seen.
class Pattern {
public:
  explicit Pattern(std::size_t size)
      : size_(size)
      , block_(1'000'003, '\0') { // prime, so that it fits no buffer's size
    std::uint32_t state = 12'345;
    for (char& c : block_) c = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// What stands at `at`, up to the block's end.
  [[nodiscard]] std::string_view from(std::size_t at) const {
    const std::size_t within = at % block_.size();
    return std::string_view(block_).substr(within, std::min(block_.size() - within, size_ - at));
  }
  [[nodiscard]] bool isAt(std::size_t at, std::string_view bytes) const {
    while (!bytes.empty()) {
      if (at >= size_) return false;
      const std::string_view here = from(at).substr(0, bytes.size());
      if (here != bytes.substr(0, here.size())) return false;
      bytes.remove_prefix(here.size());
      at += here.size();
    }
    return true;
  }

private:
  std::size_t size_;
  std::string block_;
};

} // namespace

class DatabaseFaultSizeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseFaultSizeTest);
  CPPUNIT_TEST(testAValueOfTheLargestSizeStreams);
  CPPUNIT_TEST(testASlowSubscriberIsBoundedAndItsPublisherServed);
  CPPUNIT_TEST(testSessionsThatComeAndGoLeaveNothing);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAValueOfTheLargestSizeStreams() {
    FaultHouse house("\"data_persistence\":\"disabled\"");
    house.resize(std::int64_t{2} << 30);
    TaggedLoad bystanders(house.ways(2));
    CPPUNIT_ASSERT(bystanders.allGoOn(50, seconds(60)));
    const Pattern value(longRun() ? std::size_t{512} << 20 : std::size_t{64} << 20);
    const std::size_t before = house.resident();
    std::size_t most = before;
    const auto begin = steady_clock::now();
    const auto peer = house.byCertificate();
    CPPUNIT_ASSERT(peer->write("*3\r\n$3\r\nSET\r\n$4\r\nhuge\r\n$" + std::to_string(value.size()) + "\r\n"));
    for (std::size_t at = 0, turn = 0; at < value.size(); at += value.from(at).size()) {
      CPPUNIT_ASSERT(peer->write(value.from(at)));
      if (++turn % 8 == 0) most = std::max(most, house.resident());
    }
    CPPUNIT_ASSERT(peer->write("\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("OK"), textOf(peer->receive()));
    CPPUNIT_ASSERT(peer->send({"GET", "huge"}));
    const std::string head = "$" + std::to_string(value.size()) + "\r\n";
    std::string pending;
    while (pending.size() < head.size() && peer->fill(RespPeer::patience)) pending += peer->take();
    CPPUNIT_ASSERT(pending.starts_with(head));
    pending.erase(0, head.size());
    for (std::size_t at = 0, turn = 0; at < value.size();) {
      const std::string piece = pending.empty() ? peer->take() : std::exchange(pending, {});
      const std::string_view body = std::string_view(piece).substr(0, value.size() - at);
      CPPUNIT_ASSERT_MESSAGE("not what was written, near " + std::to_string(at), value.isAt(at, body));
      at += body.size();
      if (at == value.size()) pending = piece.substr(body.size());
      if (++turn % 64 == 0) most = std::max(most, house.resident());
      if (at < value.size()) CPPUNIT_ASSERT(peer->fill(RespPeer::patience));
    }
    while (pending.size() < 2 && peer->fill(RespPeer::patience)) pending += peer->take();
    CPPUNIT_ASSERT_EQUAL(std::string("\r\n"), pending);
    const auto took = duration_cast<milliseconds>(steady_clock::now() - begin).count();
    std::cout << (value.size() >> 20) << " MiB there and back in " << took << " ms; gateway " << before
              << " -> " << most << " KiB" << std::endl;
    if (!sanitized) CPPUNIT_ASSERT(most < before + 16 * 1024);
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), peer->say({"PING"}));
    // One byte more than Redis takes is not taken.
    const auto greedy = house.byPassword();
    CPPUNIT_ASSERT(greedy->write("*3\r\n$3\r\nSET\r\n$4\r\nmore\r\n$536870913\r\n"));
    CPPUNIT_ASSERT_EQUAL(std::string(), greedy->rest(10'000));
    CPPUNIT_ASSERT(greedy->ended());
    bystanders.stop();
    house.assertClean(bystanders);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, bystanders.report().ended);
  }

  void testASlowSubscriberIsBoundedAndItsPublisherServed() {
    FaultHouse house;
    house.resize(std::int64_t{2} << 30);
    TaggedLoad bystanders(house.ways(2));
    CPPUNIT_ASSERT(bystanders.allGoOn(10, seconds(60)));
    const auto slow = house.byCertificate(), quick = house.byPassword(), publisher = house.byCertificate();
    const std::string tag = randomName("m");
    for (RespPeer* peer : {slow.get(), quick.get()})
      CPPUNIT_ASSERT_EQUAL("[subscribe, " + tag + ", 1]", peer->say({"SUBSCRIBE", tag}));
    const std::size_t before = house.resident();
    std::size_t most = before;
    const int count = 3'000;
    const std::string filling(32'768, 'm');
    for (int i = 0; i < count; ++i) {
      const std::string message = tag + ':' + std::to_string(i) + ':' + filling;
      const std::string heard = publisher->say({"PUBLISH", tag, message});
      CPPUNIT_ASSERT_MESSAGE(heard, heard == "2" || heard == "1"); // the engine sends a deaf one away
      CPPUNIT_ASSERT(textOf(quick->receive()) == "[message, " + tag + ", " + message + ']');
      if (i % 50 == 0) most = std::max(most, house.resident());
    }
    std::cout << "a subscriber that does not read: " << before << " -> " << most << " KiB" << std::endl;
    if (!sanitized) CPPUNIT_ASSERT(most < before + 8 * 1024);
    // What it reads at last is in order, whole messages, and then the end; or all of it.
    int next = 0;
    while (const auto reply = slow->receive(10'000)) {
      CPPUNIT_ASSERT(textOf(reply) ==
                     "[message, " + tag + ", " + tag + ':' + std::to_string(next) + ':' + filling + ']');
      ++next;
    }
    CPPUNIT_ASSERT(next == count || slow->ended());
    CPPUNIT_ASSERT(next > 0);
    bystanders.stop();
    house.assertClean(bystanders);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, bystanders.report().ended);
  }

  void testSessionsThatComeAndGoLeaveNothing() {
    FaultHouse house;
    const auto witness = house.byCertificate();
    const std::size_t warm = 200, many = sanitized ? 500 : 3'000;
    const auto come = [&](std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) {
        const auto peer = i % 3 == 0   ? house.byPassword()
                          : i % 3 == 1 ? house.byCertificate()
                                       : house.stranger();
        CPPUNIT_ASSERT(peer && peer->connected());
        switch (i % 7) { // ways to go: at once, in the middle, politely, subscribed, in MULTI, half closed
        case 0: break;
        case 1: static_cast<void>(peer->write("*2\r\n$4\r\nECHO\r\n$1000\r\nabc")); break;
        case 2: static_cast<void>(peer->say({"QUIT"})); break;
        case 3: static_cast<void>(peer->say({"SUBSCRIBE", "churn"})); break;
        case 4: static_cast<void>(peer->say({"MULTI"})); break;
        case 5:
          static_cast<void>(peer->send({"PING"}));
          peer->endWriting();
          static_cast<void>(peer->rest());
          break;
        default: static_cast<void>(peer->say({"RESET"})); break;
        }
      }
    };
    const std::uint64_t links = FaultHouse::clientsOf(*witness);
    const auto settled = [&] { return FaultHouse::clientsOf(*witness) == links; };
    come(warm);
    CPPUNIT_ASSERT(eventually(settled, seconds(30)));
    const std::size_t memory = house.resident(), open = house.descriptors();
    come(many);
    CPPUNIT_ASSERT(eventually(settled, seconds(30)));
    CPPUNIT_ASSERT(eventually([&] { return house.descriptors() <= open; }, seconds(30)));
    std::cout << many << " sessions: " << memory << " -> " << house.resident() << " KiB" << std::endl;
    if (!sanitized) CPPUNIT_ASSERT(house.resident() < memory + 4 * 1024);
    CPPUNIT_ASSERT_EQUAL(std::string("0"), witness->say({"PUBLISH", "churn", "x"}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseFaultSizeTest);
