// Protects: a chain that is remembered is the very same chain, under the very same list, within its validity
// (R12); nothing else is answered from memory, and no refusal is remembered.
#include "pki/RememberedChains.h"

#include "support/CertForge.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::pki;
using test::Forge;
using test::Forged;

class RememberedChainsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RememberedChainsTest);
  CPPUNIT_TEST(testTheSameChainIsVerifiedOnce);
  CPPUNIT_TEST(testTheFactsAreThoseOfTheVerification);
  CPPUNIT_TEST(testAnotherListAsksAgain);
  CPPUNIT_TEST(testAnotherPresentedChainAsksAgain);
  CPPUNIT_TEST(testItEndsAtItsNotAfter);
  CPPUNIT_TEST(testAClockSetBackAsksAgain);
  CPPUNIT_TEST(testRefusalsAreNotRemembered);
  CPPUNIT_TEST(testOutdatedAcceptancesAreNotRemembered);
  CPPUNIT_TEST_SUITE_END();

  static std::shared_ptr<const TrustList> listOf(const Forged& ca) {
    auto list = TrustList::build({*Certificate::fromDer(ca.der())});
    CPPUNIT_ASSERT(list.ok());
    return *list;
  }
  bool accepted(const TrustList& list, const Forged& leaf, std::int64_t at, VerifyOptions options = {}) {
    const auto certificate = *Certificate::fromDer(leaf.der());
    return std::holds_alternative<model::ChainFacts>(
        memory.verify(list, certificate.native(), nullptr, at, options));
  }

  const Forged ca = Forge().ca("Example CA").make();
  const Forged other = Forge().ca("Example CA").key("another").make();
  const Forged ada = Forge().subject({{"CN", "ada"}}).client().signedBy(ca).make();
  RememberedChains memory;

public:
  void testTheSameChainIsVerifiedOnce() {
    const auto list = listOf(ca);
    CPPUNIT_ASSERT(accepted(*list, ada, Forge::now));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, memory.found());
    CPPUNIT_ASSERT(accepted(*list, ada, Forge::now + 1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, memory.found());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, memory.size());
  }
  void testTheFactsAreThoseOfTheVerification() {
    const auto list = listOf(ca);
    const auto leaf = *Certificate::fromDer(ada.der());
    const auto first =
        std::get<model::ChainFacts>(memory.verify(*list, leaf.native(), nullptr, Forge::now, {}));
    const auto again =
        std::get<model::ChainFacts>(memory.verify(*list, leaf.native(), nullptr, Forge::now, {}));
    CPPUNIT_ASSERT(first.leaf == leaf.digest() && again.leaf == first.leaf && again.anchor == first.anchor);
    CPPUNIT_ASSERT(again.subjectKey == first.subjectKey && again.notAfter == first.notAfter &&
                   again.path.size() == first.path.size());
  }
  void testAnotherListAsksAgain() { // lesson 33: a chain of the old CA is worth nothing under the new one
    CPPUNIT_ASSERT(accepted(*listOf(ca), ada, Forge::now));
    CPPUNIT_ASSERT(!accepted(*listOf(other), ada, Forge::now));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, memory.found());
    CPPUNIT_ASSERT(
        accepted(*listOf(ca), ada, Forge::now)); // another object with the same certificates is the same list
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, memory.found());
  }
  void testAnotherPresentedChainAsksAgain() {
    const auto list = listOf(ca);
    const auto leaf = *Certificate::fromDer(ada.der());
    const auto extra = *Certificate::fromDer(other.der());
    CPPUNIT_ASSERT(accepted(*list, ada, Forge::now));
    STACK_OF(X509)* presented = sk_X509_new_null();
    sk_X509_push(presented, extra.native());
    CPPUNIT_ASSERT(std::holds_alternative<model::ChainFacts>(
        memory.verify(*list, leaf.native(), presented, Forge::now, {})));
    sk_X509_free(presented);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, memory.found());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, memory.size());
  }
  void testItEndsAtItsNotAfter() { // lesson 37
    const auto list = listOf(ca);
    const Forged brief = Forge()
                             .subject({{"CN", "brief"}})
                             .client()
                             .valid(Forge::now - 10, Forge::now + 10)
                             .signedBy(ca)
                             .make();
    CPPUNIT_ASSERT(accepted(*list, brief, Forge::now));
    CPPUNIT_ASSERT(accepted(*list, brief, Forge::now + 9));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, memory.found());
    CPPUNIT_ASSERT(!accepted(*list, brief, Forge::now + 10));
    CPPUNIT_ASSERT(!accepted(*list, brief, Forge::now + 1000));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, memory.found());
  }
  void testAClockSetBackAsksAgain() {
    const auto list = listOf(ca);
    const Forged later =
        Forge().subject({{"CN", "later"}}).client().valid(Forge::now, Forge::now + 100).signedBy(ca).make();
    CPPUNIT_ASSERT(accepted(*list, later, Forge::now + 1));
    CPPUNIT_ASSERT(!accepted(*list, later, Forge::now - 1));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, memory.found());
  }
  void testRefusalsAreNotRemembered() {
    CPPUNIT_ASSERT(!accepted(*listOf(other), ada, Forge::now));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, memory.size());
  }
  void testOutdatedAcceptancesAreNotRemembered() {
    const Forged old = Forge()
                           .subject({{"CN", "old"}})
                           .client()
                           .valid(Forge::now - 100, Forge::now - 10)
                           .signedBy(ca)
                           .make();
    VerifyOptions options;
    options.allowOutdated = true;
    CPPUNIT_ASSERT(accepted(*listOf(ca), old, Forge::now, options));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, memory.size());
    CPPUNIT_ASSERT(!accepted(*listOf(ca), old, Forge::now));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RememberedChainsTest);
