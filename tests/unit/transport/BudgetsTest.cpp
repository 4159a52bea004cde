// Protects: the house from being filled by strangers. They compete with each other, oldest first, never with
// customers.
#include "transport/ConnectionBudgets.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <thread>
#include <vector>

using namespace gatehouse::transport;

namespace {

using Ticket = ConnectionBudgets::Ticket;

struct Stranger final : UnauthenticatedList::Member {
  Ticket ticket;
  bool evicted = false;
  void onEvicted() noexcept override {
    evicted = true;
    ticket.release();
  }
};

Ticket taken(std::variant<Ticket, BudgetRefusal>&& answer) {
  CPPUNIT_ASSERT(std::holds_alternative<Ticket>(answer));
  return std::get<Ticket>(std::move(answer));
}

void refused(BudgetRefusal expected, const std::variant<Ticket, BudgetRefusal>& answer) {
  CPPUNIT_ASSERT(std::holds_alternative<BudgetRefusal>(answer));
  CPPUNIT_ASSERT(std::get<BudgetRefusal>(answer) == expected);
}

AddressKey from(std::uint64_t bits) { return AddressKey{4, bits}; }

} // namespace

class BudgetsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BudgetsTest);
  CPPUNIT_TEST(testEachBudgetRefusesAndRecovers);
  CPPUNIT_TEST(testTheOldestStrangerGoes);
  CPPUNIT_TEST(testAKnownPeerIsNeverEvicted);
  CPPUNIT_TEST(testAnAddressThatIsFullEvictsNobody);
  CPPUNIT_TEST(testLocalPeersHaveNoAddressBudget);
  CPPUNIT_TEST(testTicketsMoveAndCountOnce);
  CPPUNIT_TEST(testMembersLeaveTheListWhenTheyGo);
  CPPUNIT_TEST(testThreadsNeverPassTheLimitAndLeaveNothingBehind);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEachBudgetRefusesAndRecovers() {
    ConnectionBudgets budgets({3, 2, 0});
    UnauthenticatedList list;
    Ticket a = taken(budgets.admit(from(1), list)), b = taken(budgets.admit(from(1), list));
    refused(BudgetRefusal::address, budgets.admit(from(1), list));
    Ticket c = taken(budgets.admit(from(2), list));
    refused(BudgetRefusal::total, budgets.admit(from(3), list));
    a.release();
    const Ticket d = taken(budgets.admit(from(1), list));
    c.release();
    b.release();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, budgets.counts().total);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, budgets.counts().addresses);
  }
  void testTheOldestStrangerGoes() {
    ConnectionBudgets budgets({100, 0, 2});
    UnauthenticatedList mine, others;
    Stranger first, second, third;
    for (Stranger* each : {&first, &second}) {
      each->ticket = taken(budgets.admit(from(1), mine));
      mine.add(*each);
    }
    refused(BudgetRefusal::unauthenticated,
            budgets.admit(from(2), others)); // that worker has nobody to send away
    third.ticket = taken(budgets.admit(from(2), mine));
    mine.add(third);
    CPPUNIT_ASSERT(first.evicted && !second.evicted);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, budgets.counts().unauthenticated);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, budgets.counts().evicted);
  }
  void testAKnownPeerIsNeverEvicted() {
    ConnectionBudgets budgets({100, 0, 1});
    UnauthenticatedList list;
    Stranger customer, stranger;
    customer.ticket = taken(budgets.admit(from(1), list));
    list.add(customer);
    customer.ticket.authenticated();
    customer.ticket.authenticated();
    list.remove(customer);
    stranger.ticket = taken(budgets.admit(from(2), list));
    list.add(stranger);
    const Ticket next = taken(budgets.admit(from(3), list));
    CPPUNIT_ASSERT(!customer.evicted && stranger.evicted);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, budgets.counts().total);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, budgets.counts().unauthenticated);
  }
  void testAnAddressThatIsFullEvictsNobody() {
    ConnectionBudgets budgets({100, 1, 1});
    UnauthenticatedList list;
    Stranger one;
    one.ticket = taken(budgets.admit(from(1), list));
    list.add(one);
    refused(BudgetRefusal::address, budgets.admit(from(1), list));
    CPPUNIT_ASSERT(!one.evicted);
  }
  void testLocalPeersHaveNoAddressBudget() {
    ConnectionBudgets budgets({100, 1, 0});
    UnauthenticatedList list;
    const Ticket a = taken(budgets.admit({}, list)), b = taken(budgets.admit({}, list));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, budgets.counts().addresses);
  }
  void testTicketsMoveAndCountOnce() {
    ConnectionBudgets budgets({100, 0, 0});
    UnauthenticatedList list;
    {
      Ticket a = taken(budgets.admit(from(1), list));
      Ticket b = std::move(a);
      CPPUNIT_ASSERT(!a && b); // NOLINT(bugprone-use-after-move): that it is empty is the point
      a = taken(budgets.admit(from(2), list));
      a = std::move(b);
      CPPUNIT_ASSERT_EQUAL(std::size_t{1}, budgets.counts().total);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, budgets.counts().total);
  }
  void testMembersLeaveTheListWhenTheyGo() {
    auto list = std::make_unique<UnauthenticatedList>();
    Stranger stays;
    {
      Stranger goes;
      list->add(goes);
      list->add(stays);
      list->add(goes); // back behind all others
    }
    CPPUNIT_ASSERT(list->evictOldest());
    CPPUNIT_ASSERT(stays.evicted && list->empty() && !list->evictOldest());
    list->add(stays);
    list.reset(); // a member may outlive it
  }
  void testThreadsNeverPassTheLimitAndLeaveNothingBehind() {
    ConnectionBudgets budgets({20, 10, 5});
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t)
      threads.emplace_back([&budgets, t] {
        UnauthenticatedList list;
        for (std::uint64_t i = 0; i < 2000; ++i) {
          std::vector<std::unique_ptr<Stranger>> open;
          for (std::uint64_t k = 0; k < 4; ++k) {
            auto answer = budgets.admit(from((t + i + k) % 3), list);
            if (!std::holds_alternative<Ticket>(answer)) continue;
            open.push_back(std::make_unique<Stranger>());
            open.back()->ticket = std::get<Ticket>(std::move(answer));
            if (k % 2 == 0)
              list.add(*open.back());
            else
              open.back()->ticket.authenticated();
          }
          const auto counts = budgets.counts();
          if (counts.total > 20 || counts.unauthenticated > 5) std::abort();
        }
      });
    for (auto& thread : threads) thread.join();
    const auto counts = budgets.counts();
    CPPUNIT_ASSERT(counts.total == 0 && counts.unauthenticated == 0 && counts.addresses == 0);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BudgetsTest);
