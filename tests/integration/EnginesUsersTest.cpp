// Who is known to an engine, and who is no more: rules, secrets, revocation through a busy script, names that
// change hands, many at once (R14, R16, R17), and the links that log in there.
#include "EnginesHarness.h"
#include "engine/Dial.h"
#include "model/AclRules.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>

using namespace gatehouse;
using namespace gatehouse::test;
using engine::EngineStatus;

class EnginesUsersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EnginesUsersTest);
  CPPUNIT_TEST(aLinkIsItsUser);
  CPPUNIT_TEST(rulesBindAndTheSameOnesAreGivenAtOnce);
  CPPUNIT_TEST(newerRulesTakeHoldOnOpenLinks);
  CPPUNIT_TEST(rulesThatBreakOutAreRefused);
  CPPUNIT_TEST(theRulesOfRolesAreProven);
  CPPUNIT_TEST(revocationClosesLinks);
  CPPUNIT_TEST(revocationGoesThroughABusyScript);
  CPPUNIT_TEST(aNameThatIsTakenWaitsForItsDeletion);
  CPPUNIT_TEST(whomNobodyHoldsIsDeleted);
  CPPUNIT_TEST(aThousandUsersAtOnce);
  CPPUNIT_TEST(anAnswerBeforeTheEndIsDelivered);
  CPPUNIT_TEST(aLinkToNobodyEndsAndSaysWhy);
  CPPUNIT_TEST(aFullBacklogIsWaitedFor);
  CPPUNIT_TEST(moreLinksThanAnEngineTakesAreToldSo);
  CPPUNIT_TEST(whatWasProjectedMayOutliveTheEngines);
  CPPUNIT_TEST_SUITE_END();

  static engine::Projected copyOf(const engine::Projected& user) {
    engine::Projected copy;
    copy.name = user.name;
    copy.socket = user.socket;
    copy.secret = user.secret.copy();
    copy.deleted = user.deleted;
    return copy;
  }

  void aLinkIsItsUser() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const auto user = harness.user(1, 7, "ada.lovelace@example.com");
    CPPUNIT_ASSERT_EQUAL(std::size_t{64}, user->secret.reveal().size());
    LinkOfTest link(user);
    CPPUNIT_ASSERT_MESSAGE(link.why(), link.opens());
    CPPUNIT_ASSERT_EQUAL(std::string("ada.lovelace@example.com"), link.ask({"ACL", "WHOAMI"}));
    CPPUNIT_ASSERT_EQUAL(std::to_string(link.clientId()), link.ask({"CLIENT", "ID"}));
    link.link().close();
    CPPUNIT_ASSERT(link.ends());
    CPPUNIT_ASSERT(link.link().send("PING\r\n")); // goes nowhere
  }

  void rulesBindAndTheSameOnesAreGivenAtOnce() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const std::vector<std::string> rules{"~app:*", "+@read", "-@admin"};
    const auto first = harness.project({1, 7, "ada", rules, 1});
    const auto second = harness.project({1, 7, "ada", rules, 2});
    CPPUNIT_ASSERT(first.ok() && second.ok());
    CPPUNIT_ASSERT(*first == *second);
    LinkOfTest link(*first);
    CPPUNIT_ASSERT(link.opens());
    CPPUNIT_ASSERT_EQUAL(std::string(), link.ask({"GET", "app:1"}));
    CPPUNIT_ASSERT_EQUAL(std::string("-NOPERM"), link.ask({"GET", "other"}).substr(0, 7));
    CPPUNIT_ASSERT_EQUAL(std::string("-NOPERM"), link.ask({"SET", "app:1", "x"}).substr(0, 7));
    CPPUNIT_ASSERT_EQUAL(std::string("-NOPERM"), link.ask({"CONFIG", "GET", "*"}).substr(0, 7));
    CPPUNIT_ASSERT_EQUAL(std::string("-NOPERM"), link.ask({"ACL", "LIST"}).substr(0, 7));
  }

  void newerRulesTakeHoldOnOpenLinks() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const auto user = harness.user(1, 7, "ada");
    LinkOfTest link(user);
    CPPUNIT_ASSERT(link.opens());
    CPPUNIT_ASSERT_EQUAL(std::string("OK"), link.ask({"SET", "a", "1"}));
    const auto narrower = harness.project({1, 7, "ada", {"~*", "+get"}, 2});
    CPPUNIT_ASSERT(narrower.ok());
    CPPUNIT_ASSERT(*narrower == user); // the same secret
    CPPUNIT_ASSERT_EQUAL(std::string("-NOPERM"), link.ask({"SET", "a", "2"}).substr(0, 7));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), link.ask({"GET", "a"})); // and it lives
    // A request of an older revision changes nothing.
    CPPUNIT_ASSERT(harness.project({1, 7, "ada", fullRules(), 1}).ok());
    CPPUNIT_ASSERT_EQUAL(std::string("-NOPERM"), link.ask({"SET", "a", "2"}).substr(0, 7));
  }

  void rulesThatBreakOutAreRefused() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const std::vector<std::vector<std::string>> wide{
        {"~*", "+@all"},
        {"~*", "+@all", "-@admin"},           // MIGRATE
        {"~*", "+get", "+config|get"},        //
        {"-config", "-@admin", "(~* +@all)"}, // a selector is not touched by the root
        {"~*", "+get", "+shutdown"},          //
        {"~*", "+get", "+debug"},             //
        {"~*", "+get", "+acl|setuser"},       //
        {"~*", "+get", "nopass"},             // opens the account: no DRYRUN shows it
        {"~*", "+get", ">password"},          //
        {"~*", "+get", "on"},                 //
        {"~*", "+no-such-command"},           // voids the whole
        {"+get", ""}};
    for (const auto& rules : wide) {
      const auto result = harness.project({1, 7, "ada", rules, 1});
      std::string text;
      for (const auto& each : rules) text += each + ' ';
      CPPUNIT_ASSERT_MESSAGE(text, !result.ok());
      CPPUNIT_ASSERT_MESSAGE(text, result.error().code == Code::internal_error);
    }
    CPPUNIT_ASSERT_EQUAL(wide.size(), harness.events().count("engine.rules_refused"));
    // Rules that were too wide for somebody who is in: he is put out.
    LinkOfTest link(harness.user(1, 7, "ada"));
    CPPUNIT_ASSERT(link.opens());
    CPPUNIT_ASSERT(!harness.project({1, 7, "ada", {"~*", "+@all"}, 2}).ok());
    CPPUNIT_ASSERT(link.ends());
  }

  void theRulesOfRolesAreProven() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const auto table = harness.engines().commands();
    CPPUNIT_ASSERT(table);
    for (const char* text : {"+@all ~*", "+@read ~cache:*", "allcommands allkeys &*",
                             "~* +@all (+@all ~b:* +config) +config|get", ""}) {
      const auto rules = model::parseAcl(text);
      CPPUNIT_ASSERT_MESSAGE(text, rules.ok());
      const auto result = harness.project({1, 7, "ada", model::projectedRules({*rules, *rules}, *table), 1});
      CPPUNIT_ASSERT_MESSAGE(std::string(text) + (result.ok() ? "" : ": " + result.error().description) +
                                 '\n' + harness.events().text(),
                             result.ok());
      harness.engines().revoke(1, 7);
    }
  }

  void revocationClosesLinks() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    LinkOfTest plain(harness.user(1, 7, "ada")), waiting(harness.user(1, 7, "ada")),
        subscribed(harness.user(1, 7, "ada")), other(harness.user(1, 8, "eve"));
    CPPUNIT_ASSERT(plain.opens() && waiting.opens() && subscribed.opens() && other.opens());
    waiting.tell({"BLPOP", "list", "0"});
    CPPUNIT_ASSERT_EQUAL(std::string(), subscribed.ask({"SUBSCRIBE", "news"}));
    waiting.turn(20);
    harness.engines().revoke(1, 7);
    CPPUNIT_ASSERT(plain.ends() && waiting.ends() && subscribed.ends());
    CPPUNIT_ASSERT_EQUAL(std::string("PONG"), other.ask({"PING"})); // does not notice
    CPPUNIT_ASSERT(eventually([&] { return harness.engines().behind().empty(); }));
    LinkOfTest again(harness.user(1, 7, "ada"));
    CPPUNIT_ASSERT(again.opens());
  }

  void revocationGoesThroughABusyScript() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    LinkOfTest victim(harness.user(1, 7, "ada")), script(harness.user(1, 8, "eve")),
        killer(harness.user(1, 9, "bob"));
    CPPUNIT_ASSERT(victim.opens() && script.opens() && killer.opens());
    script.tell({"EVAL", "while true do end", "0"});
    script.turn(1'500); // the threshold of BUSY is a second
    harness.engines().revoke(1, 7);
    CPPUNIT_ASSERT(harness.engines().behind() == std::vector<std::string>{"base-1"});
    // The engine would let her in: AUTH passes a busy script.
    CPPUNIT_ASSERT(eventually([&] { return victim.link().user().deleted->load(); }));
    LinkOfTest back(std::make_shared<const engine::Projected>(copyOf(victim.link().user())));
    CPPUNIT_ASSERT(!back.opens());
    const auto refused = harness.project({1, 17, "ada", fullRules(), 2});
    CPPUNIT_ASSERT(!refused.ok());
    CPPUNIT_ASSERT(refused.error().code == Code::unavailable);
    CPPUNIT_ASSERT(harness.engines().behind() == std::vector<std::string>{"base-1"});
    CPPUNIT_ASSERT(harness.engines().state(1).status == EngineStatus::ready);                 // busy is alive
    CPPUNIT_ASSERT(eventually([&] { return harness.events().count("engine.behind") == 1; })); // R16
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, harness.events().count("engine.caught_up"));
    killer.tell({"SCRIPT", "KILL"});
    killer.turn(20);
    CPPUNIT_ASSERT(victim.ends());
    CPPUNIT_ASSERT(eventually([&] { return harness.engines().behind().empty(); }));
    CPPUNIT_ASSERT(eventually([&] { return harness.events().count("engine.caught_up") == 1; }));
    CPPUNIT_ASSERT(harness.project({1, 17, "ada", fullRules(), 2}).ok());
  }

  void aNameThatIsTakenWaitsForItsDeletion() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const auto before = harness.user(1, 7, "ada");
    LinkOfTest link(before);
    CPPUNIT_ASSERT(link.opens());
    // Of an older or the same revision: whoever asks is wrong, or early.
    const auto early = harness.project({1, 8, "ada", fullRules(), 1});
    CPPUNIT_ASSERT(!early.ok());
    CPPUNIT_ASSERT(early.error().code == Code::unavailable);
    CPPUNIT_ASSERT(!link.ended());
    const auto after = harness.project({1, 8, "ada", fullRules(), 2});
    CPPUNIT_ASSERT(after.ok());
    CPPUNIT_ASSERT(link.ends());
    CPPUNIT_ASSERT(before->secret.reveal() != (*after)->secret.reveal());
    LinkOfTest old(before);
    CPPUNIT_ASSERT(!old.opens());
    LinkOfTest fresh(*after);
    CPPUNIT_ASSERT(fresh.opens());
  }

  void whomNobodyHoldsIsDeleted() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    auto held = harness.user(1, 7, "ada");
    const std::string secret(held->secret.reveal());
    engine::Projected copy = copyOf(*held);
    copy.deleted.reset();
    const auto same = std::make_shared<const engine::Projected>(std::move(copy));
    held.reset();
    CPPUNIT_ASSERT(eventually(
        [&] {
          LinkOfTest link(same);
          return !link.opens();
        },
        std::chrono::seconds(20)));
    CPPUNIT_ASSERT(secret != harness.user(1, 7, "ada")->secret.reveal()); // another generation
  }

  void aThousandUsersAtOnce() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    std::vector<std::future<Projection>> asked;
    for (int i = 0; i < 1'000; ++i)
      asked.push_back(harness.asksFor({1, 100 + i, "user-" + std::to_string(i), fullRules(), 1}));
    std::vector<std::shared_ptr<const engine::Projected>> users;
    for (auto& each : asked) {
      CPPUNIT_ASSERT(each.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
      auto result = each.get();
      CPPUNIT_ASSERT_MESSAGE(result.ok() ? "" : result.error().description, result.ok());
      users.push_back(*result);
    }
    for (const std::size_t which : {0, 500, 999}) {
      LinkOfTest link(users[which]);
      CPPUNIT_ASSERT(link.opens());
      CPPUNIT_ASSERT_EQUAL(users[which]->name, link.ask({"ACL", "WHOAMI"}));
    }
    for (int i = 0; i < 1'000; ++i) harness.engines().revoke(1, 100 + i);
    CPPUNIT_ASSERT(eventually([&] { return harness.engines().behind().empty(); }));
  }

  void anAnswerBeforeTheEndIsDelivered() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    for (int round = 0; round < 50; ++round) {
      LinkOfTest link(harness.user(1, 7, "ada"));
      CPPUNIT_ASSERT(link.opens());
      link.tell({"QUIT"});
      if (round % 2 == 1) { // the engine closes with this unread, which breaks the socket
        link.turn(0);
        link.tell({"PING"});
        if (round % 4 == 3) link.link().pauseInput();
      }
      CPPUNIT_ASSERT(link.ends());
      CPPUNIT_ASSERT_EQUAL(std::string("+OK\r\n"), link.received());
    }
  }

  void aLinkToNobodyEndsAndSaysWhy() {
    EnginesHarness harness;
    engine::Projected nobody;
    nobody.name = "nobody";
    nobody.secret = Secret("x");
    nobody.socket = harness.directory() + "/nowhere/s";
    LinkOfTest link(std::make_shared<const engine::Projected>(std::move(nobody)));
    CPPUNIT_ASSERT(!link.ended()); // never inside start
    CPPUNIT_ASSERT(link.ends());
    CPPUNIT_ASSERT_MESSAGE(link.why(), link.why().find("does not listen") != std::string::npos);
    LinkOfTest closed(std::make_shared<const engine::Projected>());
    closed.link().close();
    closed.link().close();
    CPPUNIT_ASSERT(closed.ends());
  }

  /// As many plain connections as the engine's side takes.
  static std::vector<UniqueFd> crowd(const std::string& socket, std::size_t most) {
    std::vector<UniqueFd> taken;
    while (taken.size() < most) {
      auto fd = engine::dial(socket);
      if (!fd) break;
      taken.push_back(std::move(fd).value());
    }
    return taken;
  }

  void aFullBacklogIsWaitedFor() {
    EnginesHarness harness;
    harness.run({EnginesHarness::spec(1)});
    const auto user = harness.user(1, 7, "ada");
    ::kill(harness.pid(1), SIGSTOP);
    std::vector<UniqueFd> taken = crowd(user->socket, 900);
    CPPUNIT_ASSERT(taken.size() < 900); // it neither takes nor refuses any more
    LinkOfTest late(user);
    CPPUNIT_ASSERT(!late.opens(std::chrono::seconds(10)));
    CPPUNIT_ASSERT_MESSAGE(late.why(), late.ended());
    LinkOfTest patient(user);
    patient.turn(200);
    CPPUNIT_ASSERT(!patient.ended());
    taken.clear();
    ::kill(harness.pid(1), SIGCONT);
    CPPUNIT_ASSERT_MESSAGE(patient.why(), patient.opens());
  }

  void moreLinksThanAnEngineTakesAreToldSo() {
    EnginesHarness harness(300);
    harness.run({EnginesHarness::spec(1)});
    const auto user = harness.user(1, 7, "ada");
    std::vector<UniqueFd> taken = crowd(user->socket, 400);
    LinkOfTest link(user);
    CPPUNIT_ASSERT(!link.opens());
    CPPUNIT_ASSERT_MESSAGE(link.why(), link.why().find("max number of clients") != std::string::npos);
    CPPUNIT_ASSERT(harness.user(1, 8, "eve")); // our own link is there already
  }

  void whatWasProjectedMayOutliveTheEngines() {
    std::shared_ptr<const engine::Projected> user;
    {
      EnginesHarness harness;
      harness.run({EnginesHarness::spec(1)});
      user = harness.user(1, 7, "ada");
    }
    LinkOfTest link(user);
    CPPUNIT_ASSERT(!link.opens());
    user.reset();
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnginesUsersTest);
