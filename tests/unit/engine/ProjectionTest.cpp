// Who is known to an engine, decided over a scripted one: no user before the proof, names that wait for a
// deletion, deletions that are asked for until confirmed, nobody left waiting (R14, R16, R17).
#include "ScriptedAdmin.h"

#include "base/Text.h"
#include "engine/Projection.h"
#include "pki/Hash.h"
#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::engine;
using gatehouse::test::KeptLines;
using gatehouse::test::ManualClock;
using gatehouse::test::ScriptedAdmin;

class ProjectionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ProjectionTest);
  CPPUNIT_TEST(isProvenBeforeItIsMadeAndOncePerText);
  CPPUNIT_TEST(sendsOnlyTheHashOfASecret);
  CPPUNIT_TEST(answersAtOnceWhereNothingIsReady);
  CPPUNIT_TEST(aProofThatFailsMakesNobody);
  CPPUNIT_TEST(aBusyEngineIsNoProof);
  CPPUNIT_TEST(newerRulesReplaceOlderOnesInPlace);
  CPPUNIT_TEST(olderRulesNeverReplaceNewerOnes);
  CPPUNIT_TEST(rulesThatDidNotArriveEndTheUser);
  CPPUNIT_TEST(aRevokedUserIsDeletedAndNameWaits);
  CPPUNIT_TEST(aDeletionIsAskedForUntilConfirmed);
  CPPUNIT_TEST(manyRefusedDeletionsAreAskedForByOne);
  CPPUNIT_TEST(anEngineThatIsBehindIsNamedOnce);
  CPPUNIT_TEST(behindTellsWhatTheEngineSays);
  CPPUNIT_TEST(anEndOfTheProcessCatchesUp);
  CPPUNIT_TEST(revokedOnTheWayIsNotGivenOut);
  CPPUNIT_TEST(anotherRunKnowsNobody);
  CPPUNIT_TEST(aLostLinkLeavesUsersAndAsksDeletionsAgain);
  CPPUNIT_TEST(anotherRunsSecretIsAnother);
  CPPUNIT_TEST(namesThatNobodyMayHaveAreRefused);
  CPPUNIT_TEST(waitingIsBounded);
  CPPUNIT_TEST(whomNobodyHoldsIsDeletedAfterAWhile);
  CPPUNIT_TEST(aDoneMayAskAgain);
  CPPUNIT_TEST_SUITE_END();

  ManualClock clock_;
  std::unique_ptr<transport::EventLoop> loop_ = transport::EventLoop::create(clock_).value();
  ScriptedAdmin admin_;
  KeptLines events_;
  Secret key_{std::string(32, 'k')};
  std::unique_ptr<Projection> users_;

  struct Answer {
    int times = 0;
    std::shared_ptr<const Projected> user = nullptr;
    Code code = Code::internal_error;
    [[nodiscard]] bool failed(Code wanted) const { return times == 1 && !user && code == wanted; }
  };

public:
  void setUp() override {
    users_ = std::make_unique<Projection>(*loop_, admin_, key_, ProjectionPlace{1, "e1", "cache", "/x/s"},
                                          events_, [] {});
    loop_->turn(0);
    users_->linked(1);
  }

private:
  std::shared_ptr<Answer> ask(std::int64_t uid, const std::string& name, std::int64_t revision = 1,
                              const std::vector<std::string>& rules = {"+get", "~*"}) {
    auto answer = std::make_shared<Answer>();
    users_->project({1, uid, name, rules, revision}, [answer](const auto& result) {
      ++answer->times;
      if (result.ok())
        answer->user = *result;
      else
        answer->code = result.error().code;
    });
    return answer;
  }

  std::shared_ptr<const Projected> known(std::int64_t uid, const std::string& name) {
    const auto answer = ask(uid, name);
    if (admin_.first().rfind("ACL SETUSER gatehouse:proof", 0) == 0) admin_.denyAll();
    if (!admin_.sent.empty()) admin_.ok();
    CPPUNIT_ASSERT(answer->user);
    return answer->user;
  }

  void pass(std::uint64_t ms) {
    for (std::uint64_t passed = 0; passed < ms; passed += 50) {
      clock_.advance(50);
      loop_->turn(0);
    }
  }

  void isProvenBeforeItIsMadeAndOncePerText() {
    const auto answer = ask(7, "ada");
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, admin_.sent.size());
    CPPUNIT_ASSERT_EQUAL(std::string("ACL SETUSER gatehouse:proof reset +get ~*"), admin_.first());
    admin_.ok();
    for (const char* command :
         {"CONFIG GET x", "ACL SETUSER x", "SHUTDOWN", "MIGRATE h 1 k 0 1", "DEBUG SLEEP 0"}) {
      CPPUNIT_ASSERT_EQUAL(std::string("ACL DRYRUN gatehouse:proof ") + command, admin_.first());
      admin_.bulk("This user has no permissions to run the 'x' command");
    }
    CPPUNIT_ASSERT_EQUAL(std::string("ACL DELUSER gatehouse:proof"), admin_.first());
    CPPUNIT_ASSERT_EQUAL(0, answer->times);
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::string("ACL SETUSER ada reset on #"), admin_.first().substr(0, 26));
    CPPUNIT_ASSERT_EQUAL(0, answer->times);
    admin_.ok();
    CPPUNIT_ASSERT(answer->user);
    static_cast<void>(ask(8, "eve")); // the same text
    CPPUNIT_ASSERT_EQUAL(std::string("ACL SETUSER eve reset on #"), admin_.first().substr(0, 26));
    admin_.ok();
    CPPUNIT_ASSERT(ask(7, "ada")->user == answer->user); // at once, without a command
    CPPUNIT_ASSERT(admin_.sent.empty());
  }

  void sendsOnlyTheHashOfASecret() {
    const auto answer = ask(7, "ada");
    admin_.denyAll();
    const std::string line = admin_.first();
    admin_.ok();
    const std::string secret(answer->user->secret.reveal());
    CPPUNIT_ASSERT_EQUAL("ACL SETUSER ada reset on #" + hex(pki::view(pki::sha256(secret))) + " +get ~*",
                         line);
    CPPUNIT_ASSERT(line.find(secret) == std::string::npos);
  }

  void answersAtOnceWhereNothingIsReady() {
    const auto waits = ask(7, "ada");
    users_->unlinked();
    CPPUNIT_ASSERT(waits->failed(Code::unavailable));
    CPPUNIT_ASSERT(ask(8, "eve")->failed(Code::unavailable));
    admin_.lose();
    CPPUNIT_ASSERT_EQUAL(1, waits->times);
  }

  void aProofThatFailsMakesNobody() {
    for (int wide = 0; wide < 5; ++wide) {
      const auto answer = ask(7, "ada");
      admin_.ok();
      for (int i = 0; i < 5; ++i) {
        if (i == wide)
          admin_.ok();
        else
          admin_.bulk("This user has no permissions to run the 'x' command");
      }
      admin_.number(1);
      CPPUNIT_ASSERT(answer->failed(Code::internal_error));
      CPPUNIT_ASSERT(admin_.sent.empty());
    }
    // What is no denial in so many words is none: of a key, of the engine's own, an empty one.
    for (const char* text : {"This user has no permissions to access the 'k' key", "OK", ""}) {
      const auto answer = ask(7, "ada");
      admin_.ok();
      for (int i = 0; i < 5; ++i) admin_.bulk(text);
      admin_.number(1);
      CPPUNIT_ASSERT(answer->failed(Code::internal_error));
    }
    const auto voided = ask(7, "ada"); // the rules were not taken: the denials are of others
    admin_.error("ERR Error in ACL SETUSER modifier");
    for (int i = 0; i < 5; ++i) admin_.bulk("This user has no permissions to run the 'x' command");
    admin_.number(1);
    CPPUNIT_ASSERT(voided->failed(Code::internal_error));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->known());
  }

  void aBusyEngineIsNoProof() {
    const auto answer = ask(7, "ada");
    admin_.error("BUSY Redis is busy running a script.");
    for (int i = 0; i < 5; ++i) admin_.bulk("This user has no permissions to run the 'x' command");
    admin_.number(1);
    CPPUNIT_ASSERT(answer->failed(Code::unavailable));
    CPPUNIT_ASSERT(admin_.sent.empty());
  }

  void newerRulesReplaceOlderOnesInPlace() {
    const auto user = known(7, "ada");
    const auto answer = ask(7, "ada", 2, {"+get"});
    admin_.denyAll();
    CPPUNIT_ASSERT(admin_.first().find("ACL SETUSER ada reset on #") == 0);
    CPPUNIT_ASSERT_EQUAL(0, answer->times);
    admin_.ok();
    CPPUNIT_ASSERT(answer->user == user);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->unconfirmed());
  }

  void olderRulesNeverReplaceNewerOnes() {
    const auto first = ask(7, "ada", 5);
    admin_.denyAll();
    admin_.ok();
    CPPUNIT_ASSERT(ask(7, "ada", 4, {"+set", "+get"})->user == first->user);
    CPPUNIT_ASSERT(admin_.sent.empty());
  }

  void rulesThatDidNotArriveEndTheUser() {
    const auto user = known(7, "ada");
    const auto answer = ask(7, "ada", 2, {"+get"});
    admin_.denyAll();
    admin_.error("BUSY Redis is busy running a script.");
    CPPUNIT_ASSERT(answer->failed(Code::unavailable));
    CPPUNIT_ASSERT_EQUAL(std::string("ACL DELUSER ada"), admin_.first()); // it has rules that are no more
  }

  void aRevokedUserIsDeletedAndNameWaits() {
    const auto user = known(7, "ada");
    CPPUNIT_ASSERT(!*user->deleted);
    users_->revoke(7);
    CPPUNIT_ASSERT(*user->deleted);
    CPPUNIT_ASSERT_EQUAL(std::string("ACL DELUSER ada"), admin_.first());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, users_->unconfirmed());
    const auto other = ask(8, "ada", 2);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, admin_.sent.size());
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->unconfirmed());
    CPPUNIT_ASSERT(admin_.first().find("ACL SETUSER ada reset on #") == 0);
    admin_.ok();
    CPPUNIT_ASSERT(other->user);
    CPPUNIT_ASSERT(other->user->secret.reveal() != user->secret.reveal());
    users_->revoke(7); // is not there
    CPPUNIT_ASSERT(admin_.sent.empty());
  }

  void aDeletionIsAskedForUntilConfirmed() {
    const auto user = known(7, "ada");
    users_->revoke(7);
    const auto late = ask(8, "ada", 2);
    for (int i = 0; i < 40; ++i) {
      CPPUNIT_ASSERT_EQUAL(std::string("ACL DELUSER ada"), admin_.first());
      admin_.error("BUSY Redis is busy running a script.");
      CPPUNIT_ASSERT(admin_.sent.empty()); // not at once
      pass(100);
    }
    CPPUNIT_ASSERT(late->failed(Code::unavailable)); // 3 s were over
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, users_->unconfirmed());
    admin_.number(0); // not there any more: as good
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->unconfirmed());
    CPPUNIT_ASSERT(known(8, "ada"));
  }

  void manyRefusedDeletionsAreAskedForByOne() {
    std::vector<std::shared_ptr<const Projected>> users;
    for (int i = 0; i < 100; ++i) users.push_back(known(100 + i, "u" + std::to_string(i)));
    for (int i = 0; i < 100; ++i) users_->revoke(100 + i);
    CPPUNIT_ASSERT_EQUAL(std::size_t{100}, admin_.sent.size());
    for (int i = 0; i < 100; ++i) admin_.error("BUSY");
    pass(100);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, admin_.sent.size());
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{99}, admin_.sent.size());
    while (!admin_.sent.empty()) admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->unconfirmed());
  }

  void anEngineThatIsBehindIsNamedOnce() { // R16
    const auto ada = known(7, "ada"), eve = known(8, "eve");
    users_->revoke(7);
    pass(900);
    users_->revoke(8);
    CPPUNIT_ASSERT(events_.lines.empty());
    pass(100);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.lines.size());
    CPPUNIT_ASSERT_EQUAL(
        std::string("engine.behind: the engine has not yet deleted users who were revoked, and "
                    "may still serve them: it does not answer database=cache users=2"),
        events_.lines[0]);
    for (int i = 0; i < 20; ++i) pass(100);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.lines.size()); // once
    users_->rename("store");
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.lines.size()); // eve is there still
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.lines.size());
    CPPUNIT_ASSERT_EQUAL(std::string("engine.caught_up: the engine has deleted whom it was to delete "
                                     "database=store after_ms=3000"),
                         events_.lines[1]);
    const auto again = known(7, "ada"); // another episode is said again
    users_->revoke(7);
    pass(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, events_.lines.size());
  }

  void behindTellsWhatTheEngineSays() {
    const auto ada = known(7, "ada");
    users_->revoke(7);
    for (int i = 0; i < 11; ++i) {
      admin_.error("BUSY Redis is busy");
      pass(100);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.lines.size());
    CPPUNIT_ASSERT_MESSAGE(events_.lines[0],
                           events_.lines[0].find("it says: BUSY Redis is busy") != std::string::npos);
  }

  void anEndOfTheProcessCatchesUp() {
    const auto ada = known(7, "ada");
    users_->revoke(7);
    users_->unlinked();
    pass(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.lines.size());
    CPPUNIT_ASSERT(events_.lines[0].find("it is not reached") != std::string::npos);
    users_->ended();
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events_.lines.size());
  }

  void revokedOnTheWayIsNotGivenOut() {
    const auto proving = ask(7, "ada");
    users_->revoke(7);
    CPPUNIT_ASSERT(proving->failed(Code::unavailable));
    admin_.denyAll();
    CPPUNIT_ASSERT(admin_.sent.empty()); // nobody was made
    const auto setting = ask(7, "ada");
    CPPUNIT_ASSERT(admin_.first().find("ACL SETUSER ada") == 0);
    users_->revoke(7);
    CPPUNIT_ASSERT(setting->failed(Code::unavailable));
    admin_.ok(); // of the user that is to be deleted
    CPPUNIT_ASSERT_EQUAL(std::string("ACL DELUSER ada"), admin_.first());
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(1, setting->times);
  }

  void anotherRunKnowsNobody() {
    const auto user = known(7, "ada");
    users_->revoke(7);
    admin_.lose();
    users_->ended();
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->unconfirmed()); // memory only: gone with the process
    users_->linked(2);
    CPPUNIT_ASSERT(admin_.sent.empty());
    static_cast<void>(ask(7, "ada"));
    CPPUNIT_ASSERT(admin_.first().find("ACL SETUSER gatehouse:proof") == 0); // another run, another proof
  }

  void aLostLinkLeavesUsersAndAsksDeletionsAgain() {
    const auto stays = known(7, "ada"), goes = known(8, "eve");
    users_->revoke(8);
    admin_.lose();
    users_->unlinked();
    users_->revoke(7); // without a link
    CPPUNIT_ASSERT(admin_.sent.empty());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, users_->unconfirmed());
    users_->linked(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, admin_.sent.size());
    admin_.number(1);
    admin_.number(1);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users_->unconfirmed());
  }

  void anotherRunsSecretIsAnother() {
    const auto before = known(7, "ada");
    users_->ended();
    users_->linked(2);
    const auto after = known(7, "ada");
    CPPUNIT_ASSERT(before->secret.reveal() != after->secret.reveal());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, after->run);
  }

  void namesThatNobodyMayHaveAreRefused() {
    for (const char* name :
         {"", "default", "-", "a b", "gatehouse:admin", "gatehouse:proof", "gatehouse:default", "x\n"})
      CPPUNIT_ASSERT(ask(7, name)->failed(Code::invalid_param));
    // A database's default user has one name, which is nobody else's.
    for (const char* name : {"", "default", "ada", "gatehouse:admin", "gatehouse:proof"})
      CPPUNIT_ASSERT(ask(0, name)->failed(Code::invalid_param));
    CPPUNIT_ASSERT(admin_.sent.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("gatehouse:default"), known(0, "gatehouse:default")->name);
  }

  void waitingIsBounded() {
    static_cast<void>(ask(7, "ada"));
    for (std::size_t i = 1; i < Projection::mostWaiting; ++i) static_cast<void>(ask(7, "ada"));
    CPPUNIT_ASSERT(ask(7, "ada")->failed(Code::unavailable));
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, admin_.sent.size());
    pass(3'200);
    CPPUNIT_ASSERT_EQUAL(0, ask(7, "ada")->times); // there is room again
  }

  void whomNobodyHoldsIsDeletedAfterAWhile() {
    auto user = known(7, "ada");
    pass(20'000);
    CPPUNIT_ASSERT(admin_.sent.empty()); // held
    const std::string secret(user->secret.reveal());
    user.reset();
    pass(4'000);
    CPPUNIT_ASSERT(admin_.sent.empty());
    user = known(7, "ada"); // back in time: the same one
    CPPUNIT_ASSERT_EQUAL(secret, std::string(user->secret.reveal()));
    pass(20'000);
    user.reset();
    pass(11'000);
    CPPUNIT_ASSERT_EQUAL(std::string("ACL DELUSER ada"), admin_.first());
    admin_.number(1);
    CPPUNIT_ASSERT(secret != known(7, "ada")->secret.reveal()); // another generation
  }

  void aDoneMayAskAgain() {
    auto second = std::make_shared<Answer>();
    users_->project({1, 7, "ada", {"+get"}, 1}, [this, &second](const auto&) { second = ask(7, "ada", 2); });
    admin_.ok();
    for (int i = 0; i < 5; ++i) admin_.ok(); // too wide
    admin_.number(1);
    CPPUNIT_ASSERT(admin_.first().find("ACL SETUSER gatehouse:proof") == 0);
    admin_.denyAll();
    admin_.ok();
    CPPUNIT_ASSERT(second->user);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ProjectionTest);
