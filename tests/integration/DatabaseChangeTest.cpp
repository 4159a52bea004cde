// Protects what a change of a user or of rights does to connections that are open at databases (design 4.5,
// R15, R16): those that it concerns close within a second of its answer, whatever they are doing; all others
// are served on.
#include "DatabaseChangeFixture.h"

#include <string>

namespace gatehouse::test {
namespace {

const std::string noUser = "-NOPERM this user may not use this database";
const std::string noCertificate = "-NOPERM the certificate that was shown gives no access to this database";
const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.";

class DatabaseChangeTest : public ChangedDatabases {
  CPPUNIT_TEST_SUITE(DatabaseChangeTest);
  CPPUNIT_TEST(aDeletedUserIsOut);
  CPPUNIT_TEST(aUserDeletedAndMadeAgainIsSomebodyElse);
  CPPUNIT_TEST(aRoleThatIsTakenAwayEndsWhatItOpened);
  CPPUNIT_TEST(anAclThatIsNarrowedEndsWhatItAllowed);
  CPPUNIT_TEST(aRoleThatLeavesTheDatabaseIsOut);
  CPPUNIT_TEST(moreRightsKeepTheSessionAndTakeEffect);
  CPPUNIT_TEST(aNewPasswordEndsWhatTheOldOneOpened);
  CPPUNIT_TEST(anotherMethodOrSubjectEndsTheOldOne);
  CPPUNIT_TEST(aRenamedUserComesAgainUnderTheNewName);
  CPPUNIT_TEST(aSessionAnswersForAllItHasBeen);
  CPPUNIT_TEST_SUITE_END();

public:
  void aDeletedUserIsOut() {
    auto hers = live(house_->ada), his = liveByPassword(), elsewhere = live(house_->ada, other_);
    keepOthers();
    house_->must("DELETE", user(house_->adaUid));
    closed(hers);
    closed(elsewhere);
    unmoved();
    expect("-NOAUTH...", who(house_->ada));
    CPPUNIT_ASSERT(house_->server.logs("access.ended", {house_->ada, "no_user"}));
    for (RespClient& client : his) CPPUNIT_ASSERT(client.connected() && !client.closedWithin(0));
    house_->must("DELETE", user(house_->jobUid));
    closed(his);
    unmoved();
    expect(wrong, house_->client(house_->cache).say({"AUTH", house_->job, house_->jobPassword}));
  }

  void aUserDeletedAndMadeAgainIsSomebodyElse() { // R16
    auto hers = live(house_->ada), his = liveByPassword();
    keepOthers();
    for (int i = 0; i < 3; ++i) { // at once, and again: whatever the engine still holds of the old one
      const std::string role = i % 2 == 0 ? "readers" : "everything";
      house_->must("DELETE", user(house_->adaUid));
      house_->must("DELETE", user(house_->jobUid));
      house_->adaUid = house_->addByCertificate(house_->ada, TestPki::subjectLine(house_->ada), role);
      house_->jobUid = house_->addByPassword(house_->job, "another password", role);
      if (i == 0) {
        closed(hers);
        closed(his);
      }
      // Not at all while the engine is behind, and never with the rights of the one before.
      const std::string allowed = role == "readers" ? "-NOPERM" : "OK";
      RespClient ada = house_->client(house_->cache, house_->ada), job = house_->client(house_->cache);
      expect(wrong, job.say({"AUTH", house_->job, house_->jobPassword}));
      std::string said;
      CPPUNIT_ASSERT(eventually([&] {
        return (said = job.say({"AUTH", house_->job, "another password"})) == "OK";
      }));
      CPPUNIT_ASSERT(eventually([&] { return (said = ada.say({"ACL", "WHOAMI"})) == house_->ada; }));
      for (RespClient* client : {&ada, &job}) expect(allowed + "...", client->say({"SET", "cache:1", "x"}));
    }
    unmoved();
  }

  void aRoleThatIsTakenAwayEndsWhatItOpened() {
    auto hers = live(house_->ada), his = liveByPassword();
    keepOthers();
    house_->must("PUT", user(house_->adaUid), "{\"role_uids\":" + uids({house_->readers}) + '}');
    closed(hers);
    house_->must("PUT", user(house_->jobUid), "{\"role_uids\":[]}");
    closed(his);
    unmoved();
    RespClient ada = house_->client(house_->cache, house_->ada); // with what is left
    expect(house_->ada, ada.say({"ACL", "WHOAMI"}));
    expect("-NOPERM...", ada.say({"SET", "cache:1", "x"}));
    expect("-NOPERM...", ada.say({"GET", "other:1"}));
    expect("(nil)", ada.say({"GET", "cache:nothing"}));
    expect(noUser, house_->client(house_->cache).say({"AUTH", house_->job, house_->jobPassword}));
    auto lesser = live(house_->reader);
    house_->must("PUT", user(house_->readerUid), "{\"role_uids\":[]}");
    closed(lesser);
    expect(noCertificate, who(house_->reader));
    unmoved();
  }

  void anAclThatIsNarrowedEndsWhatItAllowed() {
    auto hers = live(house_->ada), his = liveByPassword(), elsewhere = live(house_->ada, other_);
    keepOthers();
    house_->must("PUT", "/v1/redis_acls/" + std::to_string(house_->everythingAcl),
                 "{\"acl\":\"+@all -@write ~cache:*\"}");
    closed(hers);
    closed(his);
    closed(elsewhere);
    unmoved();
    RespClient ada = house_->client(house_->cache, house_->ada), job = house_->client(house_->cache);
    expect("OK", job.say({"AUTH", house_->job, house_->jobPassword}));
    for (RespClient* client : {&ada, &job}) {
      expect("(nil)", client->say({"GET", "cache:1"}));
      expect("-NOPERM...", client->say({"GET", "n"}));
      expect("-NOPERM...", client->say({"SET", "cache:1", "x"}));
      expect("-NOPERM...", client->say({"SUBSCRIBE", "news"}));
    }
  }

  void aRoleThatLeavesTheDatabaseIsOut() {
    auto hers = live(house_->ada), his = liveByPassword();
    auto elsewhere = house_->client(other_, house_->ada);
    expect("PONG", elsewhere.say({"PING"}));
    keepOthers();
    permit({{house_->everything, house_->readersAcl},
            {house_->readers, house_->readersAcl},
            {staff_, staffAcl_}});
    closed(hers);
    closed(his);
    unmoved();
    RespClient ada = house_->client(house_->cache, house_->ada); // another ACL
    expect(house_->ada, ada.say({"ACL", "WHOAMI"}));
    expect("-NOPERM...", ada.say({"SET", "cache:1", "x"}));
    permit({{house_->readers, house_->readersAcl}, {staff_, staffAcl_}}); // and none
    CPPUNIT_ASSERT(ada.closedWithin(aSecond));
    unmoved();
    expect(noCertificate, who(house_->ada));
    expect(noUser, house_->client(house_->cache).say({"AUTH", house_->job, house_->jobPassword}));
    expect("PONG", elsewhere.say({"PING"}));
  }

  void moreRightsKeepTheSessionAndTakeEffect() {
    RespClient reader = house_->client(house_->cache, house_->reader);
    expect("-NOPERM...", reader.say({"SET", "cache:1", "x"}));
    const std::int64_t writers = house_->addRole("writers"), publishers = house_->addRole("publishers"),
                       writersAcl = house_->addAcl("writers", "+set ~cache:*");
    const auto soon = [&](std::initializer_list<std::string_view> words, std::string_view wanted) {
      std::string said;
      CPPUNIT_ASSERT_MESSAGE(
          said + reader.error(),
          eventually([&] { return (said = reader.say(words)) == wanted; }, std::chrono::seconds(2)));
    };
    house_->must("PUT", user(house_->readerUid),
                 "{\"role_uids\":" + uids({house_->readers, writers, publishers}) + '}');
    expect("-NOPERM...", reader.say({"SET", "cache:1", "x"})); // these roles are nobody's here yet
    permit({{house_->everything, house_->everythingAcl},
            {house_->readers, house_->readersAcl},
            {staff_, staffAcl_},
            {writers, writersAcl}});
    soon({"SET", "cache:1", "x"}, "OK");
    expect("x", reader.say({"GET", "cache:1"}));
    house_->must("PUT", "/v1/redis_acls/" + std::to_string(writersAcl),
                 "{\"acl\":\"+set ~cache:* (+incr ~n:*)\"}");
    soon({"INCR", "n:1"}, "1");
    expect("-NOPERM...", reader.say({"INCR", "cache:1"}));
    expect("-NOPERM...", reader.say({"CONFIG", "GET", "dir"}));
    expect(house_->reader, reader.say({"ACL", "WHOAMI"}));
    // What was given may be taken: it ends with that.
    house_->must("PUT", user(house_->readerUid), "{\"role_uids\":" + uids({house_->readers}) + '}');
    CPPUNIT_ASSERT(reader.closedWithin(aSecond));
    RespClient again = house_->client(house_->cache, house_->reader);
    expect("-NOPERM...", again.say({"SET", "cache:1", "x"}));
    expect("-NOPERM...", again.say({"INCR", "n:1"}));
  }

  void aNewPasswordEndsWhatTheOldOneOpened() {
    auto his = liveByPassword();
    keepOthers();
    house_->must("PUT", user(house_->jobUid), "{\"password\":\"the new one\"}");
    closed(his);
    unmoved();
    for (int i = 0; i < 4; ++i)
      expect(wrong, house_->client(house_->cache).say({"AUTH", house_->job, house_->jobPassword}));
    expect("OK", house_->client(house_->cache).say({"AUTH", house_->job, "the new one"}));
  }

  void anotherMethodOrSubjectEndsTheOldOne() {
    auto hers = live(house_->ada);
    keepOthers();
    const std::string next = randomName("ada-");
    house_->must("PUT", user(house_->adaUid),
                 "{\"certificate_subject_line\":" + jsonText(TestPki::subjectLine(next)) + '}');
    closed(hers);
    expect("-NOAUTH...", who(house_->ada));
    auto again = live(next);
    house_->must("PUT", user(house_->adaUid),
                 "{\"auth_method\":\"regular\",\"password\":\"her new password\"}");
    closed(again);
    unmoved();
    expect("-NOAUTH...", who(next));
    expect("OK", house_->client(house_->cache).say({"AUTH", house_->ada, "her new password"}));
  }

  void aRenamedUserComesAgainUnderTheNewName() {
    auto hers = live(house_->ada), his = liveByPassword();
    keepOthers();
    const std::string ada = randomName("ada-"), job = randomName("job-");
    house_->must("PUT", user(house_->adaUid), "{\"name\":" + jsonText(ada) + '}');
    house_->must("PUT", user(house_->jobUid), "{\"name\":" + jsonText(job) + '}');
    closed(hers);
    closed(his);
    unmoved();
    expect(ada, who(house_->ada));
    expect(wrong, house_->client(house_->cache).say({"AUTH", house_->job, house_->jobPassword}));
    RespClient client = house_->client(house_->cache);
    expect("OK", client.say({"AUTH", job, house_->jobPassword}));
    expect(job, client.say({"ACL", "WHOAMI"}));
    // Her old name is another's now, who has nothing of hers.
    house_->addByCertificate(house_->ada, TestPki::subjectLine("somebody new"), "readers");
    RespClient newer = house_->client(house_->cache, "somebody new");
    std::string said;
    CPPUNIT_ASSERT(eventually([&] { return (said = newer.say({"ACL", "WHOAMI"})) == house_->ada; }));
    expect("-NOPERM...", newer.say({"SET", "cache:1", "x"}));
  }

  void aSessionAnswersForAllItHasBeen() { // R15
    const std::string first = randomName("first-");
    const std::int64_t uid = house_->addByPassword(first, "a password", "everything");
    keepOthers();
    Sessions both;
    for (int i = 0; i < 4; ++i) {
      both.push_back(house_->client(house_->cache));
      expect("OK", both.back().say({"AUTH", first, "a password"}));
      if (i % 2 == 1) expect("[subscribe, news, 1]", both.back().say({"SUBSCRIBE", "news"}));
      if (i % 2 == 1) continue;
      expect("OK", both.back().say({"AUTH", house_->job, house_->jobPassword}));
      expect(house_->job, both.back().say({"ACL", "WHOAMI"}));
    }
    house_->must("DELETE", user(uid));
    closed(both);
    unmoved();
    RespClient later = house_->client(house_->cache);
    expect("OK", later.say({"AUTH", house_->job, house_->jobPassword}));
    unmoved();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseChangeTest);

} // namespace
} // namespace gatehouse::test
