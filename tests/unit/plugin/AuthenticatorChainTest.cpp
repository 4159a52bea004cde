// Protects: R2, that only next and unknown ask the next authenticator and that the end of a chain refuses.
#include "plugin/AuthenticatorChain.h"
#include "RoomHost.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::plugin;
using model::EvidenceKind;
using model::Verdict;

namespace {

std::uint32_t verdict = 0;
std::uint64_t proposed = 0;
bool strayLookup = false;
const gh_directory* directory = nullptr;

gh_instance* configure(const gh_host* host, gh_self self, const gh_value*, std::uint32_t,
                       std::uint32_t) noexcept {
  directory = static_cast<const gh_directory*>(host->service(self, GH_DIRECTORY, 1));
  return reinterpret_cast<gh_instance*>(&verdict);
}
void stop(gh_instance*) noexcept {}
std::uint32_t verify(const gh_instance*, gh_view view, const gh_evidence*, gh_proposal* out) noexcept {
  gh_user user{};
  user.size = sizeof user;
  (void)directory->lookup(strayLookup ? view + 1 : view, GH_KEY_LOGIN, {"a", 1}, &user);
  out->user = proposed;
  return verdict;
}

ListedAuthenticator listed(const char* name, bool password, bool certificate) {
  ListedAuthenticator one;
  one.name = name;
  one.password = password;
  one.certificate = certificate;
  return one;
}

} // namespace

class AuthenticatorChainTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AuthenticatorChainTest);
  CPPUNIT_TEST(testEveryVerdictMeansOneThing);
  CPPUNIT_TEST(testWhoAllAbstainLetNobodyIn);
  CPPUNIT_TEST(testNobodyToAskRefuses);
  CPPUNIT_TEST(testOthersEvidenceIsSkipped);
  CPPUNIT_TEST(testALateAnswerChangesNothing);
  CPPUNIT_TEST(testNoAnswerEndsTheChain);
  CPPUNIT_TEST(testCallVerifyGuardsAgainstAPluginThatLies);
  CPPUNIT_TEST_SUITE_END();

  const std::vector<ListedAuthenticator> two_ = {listed("first", true, false), listed("second", true, false)};

public:
  void testEveryVerdictMeansOneThing() { // R2, lesson 51
    const struct {
      std::uint32_t raw;
      bool asksOn;
      Verdict ends;
    } table[] = {
        {0, false, Verdict::failure},
        {GH_VERDICT_ACCEPT, false, Verdict::accept},
        {GH_VERDICT_NEXT, true, Verdict::unknown},
        {GH_VERDICT_UNKNOWN, true, Verdict::unknown},
        {GH_VERDICT_MISMATCH, false, Verdict::mismatch},
        {GH_VERDICT_DISABLED, false, Verdict::disabled},
        {GH_VERDICT_EXPIRED, false, Verdict::expired},
        {GH_VERDICT_FAILURE, false, Verdict::failure},
        {8, false, Verdict::failure},
        {99, false, Verdict::failure},
        {0xFFFFFFFF, false, Verdict::failure},
    };
    for (const auto& row : table) {
      AuthenticatorChain chain(two_, EvidenceKind::password);
      CPPUNIT_ASSERT(!chain.ended() && !chain.outcome().accepted());
      CPPUNIT_ASSERT_EQUAL(std::string("first"), chain.asked()->name);
      chain.answer(VerifyAnswer::from(row.raw, 5));
      const std::string which = std::to_string(row.raw);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, row.asksOn, !chain.ended());
      if (row.asksOn)
        CPPUNIT_ASSERT_EQUAL(std::string("second"), chain.asked()->name);
      else
        CPPUNIT_ASSERT_EQUAL(std::string("first"), chain.outcome().by->name);
      CPPUNIT_ASSERT_MESSAGE(which, chain.outcome().verdict == row.ends);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, row.raw == GH_VERDICT_ACCEPT, chain.outcome().accepted());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(which, std::uint64_t{row.raw == GH_VERDICT_ACCEPT ? 5U : 0U},
                                   chain.outcome().user);
    }
  }
  void testWhoAllAbstainLetNobodyIn() { // lesson 51
    for (const auto raw : {GH_VERDICT_NEXT, GH_VERDICT_UNKNOWN}) {
      AuthenticatorChain chain(two_, EvidenceKind::password);
      chain.answer(VerifyAnswer::from(raw, 5));
      chain.answer(VerifyAnswer::from(raw, 5));
      CPPUNIT_ASSERT(chain.ended() && !chain.outcome().accepted());
      CPPUNIT_ASSERT(chain.outcome().by == nullptr && chain.outcome().verdict == Verdict::unknown);
    }
  }
  void testNobodyToAskRefuses() {
    AuthenticatorChain none({}, EvidenceKind::password);
    CPPUNIT_ASSERT(none.ended() && !none.outcome().accepted());
    AuthenticatorChain others(two_, EvidenceKind::certificate);
    CPPUNIT_ASSERT(others.ended() && !others.outcome().accepted());
    others.answer({Verdict::accept, 5});
    CPPUNIT_ASSERT(!others.outcome().accepted());
  }
  void testOthersEvidenceIsSkipped() {
    const std::vector<ListedAuthenticator> mixed = {
        listed("certificate", false, true), listed("password", true, false), listed("both", true, true)};
    AuthenticatorChain chain(mixed, EvidenceKind::password);
    CPPUNIT_ASSERT_EQUAL(std::string("password"), chain.asked()->name);
    chain.answer({Verdict::unknown, 0});
    CPPUNIT_ASSERT_EQUAL(std::string("both"), chain.asked()->name);
    AuthenticatorChain local(mixed, EvidenceKind::local);
    CPPUNIT_ASSERT(local.ended() && !local.outcome().accepted());
  }
  void testALateAnswerChangesNothing() {
    AuthenticatorChain chain(two_, EvidenceKind::password);
    chain.answer({Verdict::mismatch, 0});
    chain.answer({Verdict::accept, 5});
    CPPUNIT_ASSERT(!chain.outcome().accepted() && chain.outcome().verdict == Verdict::mismatch);
  }
  void testNoAnswerEndsTheChain() {
    AuthenticatorChain chain(two_, EvidenceKind::password);
    chain.unanswered();
    CPPUNIT_ASSERT(chain.ended() && chain.outcome().verdict == Verdict::failure);
  }
  void testCallVerifyGuardsAgainstAPluginThatLies() { // R1, R2
    test::RoomHost host;
    Descriptor descriptor;
    descriptor.name = "liar";
    descriptor.functions.configure = &configure;
    descriptor.functions.stop = &stop;
    descriptor.needs = {{GH_DIRECTORY, 1, false}};
    descriptor.kinds = {GH_EVIDENCE_PASSWORD};
    descriptor.authenticator = gh_authenticator{};
    descriptor.authenticator->verify = &verify;
    descriptor.authenticator->runs_on = GH_RUNS_ON_CPU;
    PluginInstance instance(descriptor, 1, host.surroundings);
    test::Owner owner;
    const gh_evidence evidence{};
    const auto ask = [&](std::uint32_t answers, std::uint64_t user) {
      verdict = answers;
      proposed = user;
      return callVerify(instance, 42, owner, evidence);
    };
    CPPUNIT_ASSERT(ask(GH_VERDICT_ACCEPT, 7).verdict == Verdict::failure); // it does not run yet
    std::vector<Mistake> mistakes;
    CPPUNIT_ASSERT(instance.configure(nullptr, "", mistakes) && instance.start());

    CPPUNIT_ASSERT(ask(GH_VERDICT_ACCEPT, 7).verdict == Verdict::accept && instance.faults() == 0);
    CPPUNIT_ASSERT(ask(GH_VERDICT_MISMATCH, 7).user == 0 && instance.faults() == 0);
    CPPUNIT_ASSERT(ask(GH_VERDICT_ACCEPT, 0).verdict == Verdict::failure && instance.faults() == 1);
    CPPUNIT_ASSERT(ask(0, 7).verdict == Verdict::failure && instance.faults() == 2);
    CPPUNIT_ASSERT(ask(99, 7).verdict == Verdict::failure && instance.faults() == 3);
    strayLookup = true; // into another view: what is accepted after that does not count
    CPPUNIT_ASSERT(ask(GH_VERDICT_ACCEPT, 7).verdict == Verdict::failure && instance.faults() == 4);
    strayLookup = false;
    CPPUNIT_ASSERT(host.events.has("plugin=liar") || host.events.has("plugin=\"liar\""));
    CPPUNIT_ASSERT(!callEnroll(instance, "regular", "secret"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuthenticatorChainTest);
