// Protects what a change of trust, or of a database itself, does to connections that are open there (R9,
// lessons 33, 40): those that no longer stand close within a second, those at other databases do not notice.
#include "DatabaseChangeFixture.h"

#include <string>

namespace gatehouse::test {
namespace {

const std::string noCertificate = "-NOPERM the certificate that was shown gives no access to this database";
const std::string wrong = "-WRONGPASS invalid username-password pair or user is disabled.";

class DatabaseTrustChangeTest : public ChangedDatabases {
  CPPUNIT_TEST_SUITE(DatabaseTrustChangeTest);
  CPPUNIT_TEST(aCaThatIsReplacedTakesItsSessionsWithIt);
  CPPUNIT_TEST(aDatabasesOwnListIsItsOwn);
  CPPUNIT_TEST(subjectValidationIsAskedOfOpenSessions);
  CPPUNIT_TEST(aCertificateMayHaveToComeFromNowOn);
  CPPUNIT_TEST(aCertificateThatBecomesSomebodysComesAgain);
  CPPUNIT_TEST(tlsSwitchedOnEndsPlaintext);
  CPPUNIT_TEST(aDeletedDatabaseClosesItsOwnSessions);
  CPPUNIT_TEST(theDefaultUserSwitchedOffIsOut);
  CPPUNIT_TEST_SUITE_END();

public:
  void aCaThatIsReplacedTakesItsSessionsWithIt() {                          // lesson 33
    const Forged next = TestPki::otherCa("Example CA", randomName("key-")); // of the same name
    auto hers = live(house_->ada), nobodys = nobodysSessions();
    house_->must("PUT", bdb(other_), clientCerts({house_->pki.ca()})); // its own list, and the same CA in it
    keepOthers(Others::byPassword);
    RespClient elsewhere = house_->client(other_, house_->ada);
    expect("PONG", elsewhere.say({"PING"}));
    house_->trust({next});
    closed(hers);
    closed(nobodys);
    unmoved();
    expect("PONG", elsewhere.say({"PING"}));
    expect("(closed)", who(house_->ada));
    expect(house_->ada,
           DatabaseHouse::whoIs(house_->at(house_->cache, house_->pki.client(house_->ada, next))));
  }

  void aDatabasesOwnListIsItsOwn() { // R9, lesson 40
    const Forged second = TestPki::otherCa(randomName("Second CA "), randomName("key-"));
    house_->must("PUT", bdb(house_->cache), clientCerts({house_->pki.ca(), second}));
    auto hers = live(house_->at(house_->cache, house_->pki.client(house_->ada, second)));
    keepOthers();
    house_->must("PUT", bdb(house_->cache), clientCerts({house_->pki.ca()}));
    closed(hers);
    unmoved();
    auto first = live(house_->ada), nobodys = nobodysSessions();
    house_->must("PUT", bdb(house_->cache),
                 "{\"authentication_ssl_client_certs\":null}"); // and the CA stays the same
    unmoved();
    house_->must("PUT", bdb(house_->cache), clientCerts({}));
    closed(first);
    closed(nobodys);
    expect("-NOAUTH...", who(house_->ada));
    RespClient elsewhere = house_->client(other_, house_->ada);
    expect(house_->ada, elsewhere.say({"ACL", "WHOAMI"}));
  }

  void subjectValidationIsAskedOfOpenSessions() {
    auto hers = live(house_->ada), elsewhere = live(house_->ada, other_);
    keepOthers();
    house_->must("PUT", bdb(house_->cache),
                 "{\"client_cert_subject_validation_type\":\"san_cn\",\"authorized_subjects\":[{\"CN\":" +
                     jsonText(bob_) + "}]}");
    closed(hers);
    unmoved();
    expect(noCertificate, who(house_->ada));
    expect("PONG", elsewhere.front().say({"PING"}));
    house_->must("PUT", bdb(house_->cache),
                 "{\"authorized_subjects\":[{\"CN\":" + jsonText(house_->ada) + "}]}");
    for (std::size_t i = 0; i < certificatesAtCache; ++i) CPPUNIT_ASSERT(others_[i].closedWithin(aSecond));
    expect(house_->ada, who(house_->ada));
    expect(noCertificate, who(bob_));
  }

  void aCertificateMayHaveToComeFromNowOn() {
    auto his = liveByPassword();
    Sessions strangers;
    for (int i = 0; i < 4; ++i) {
      strangers.push_back(house_->client(house_->cache));
      expect("-NOAUTH...", strangers.back().say({"PING"}));
    }
    keepOthers(Others::byCertificate);
    house_->must("PUT", bdb(house_->cache), "{\"enforce_client_authentication\":\"enabled\"}");
    closed(his);
    unmoved();
    // Whoever stood at the door has not come in by it: a login now is refused as one without a certificate
    // is.
    for (RespClient& client : strangers) {
      const std::string said = client.say({"AUTH", house_->job, house_->jobPassword});
      CPPUNIT_ASSERT_MESSAGE(said, said != "OK");
      CPPUNIT_ASSERT(client.say({"GET", "x"}) != "(nil)");
    }
  }

  void aCertificateThatBecomesSomebodysComesAgain() {
    const std::string eve = randomName("eve-");
    Sessions hers;
    for (int i = 0; i < 4; ++i) {
      hers.push_back(house_->client(house_->cache, eve));
      expect("-NOAUTH...", hers.back().say({"GET", "x"}));
    }
    keepOthers();
    house_->addByCertificate(eve, TestPki::subjectLine(eve), "readers");
    closed(hers);
    unmoved();
    expect(eve, who(eve));
  }

  void tlsSwitchedOnEndsPlaintext() {
    house_->must("PUT", bdb(other_), "{\"tls_mode\":\"disabled\",\"default_user\":true}");
    ClientOptions plain = house_->at(other_);
    plain.plain = true;
    auto defaults = live(plain), his = live(plain, house_->job, house_->jobPassword);
    RespClient stranger(plain);
    expect(wrong, stranger.say({"AUTH", house_->job, "not it"}));
    keepOthers(Others::atCache);
    house_->must("PUT", bdb(other_), "{\"tls_mode\":\"enabled\"}");
    closed(defaults);
    closed(his);
    unmoved();
    const std::string said = stranger.say({"AUTH", house_->job, house_->jobPassword});
    CPPUNIT_ASSERT_MESSAGE(said, said != "OK");
    HttpsClient words(plain);
    static_cast<void>(words.write("PING\r\n"));
    CPPUNIT_ASSERT(words.read().find("PONG") == std::string::npos);
    expect(house_->ada, DatabaseHouse::whoIs(house_->at(other_, house_->pki.client(house_->ada))));
  }

  void aDeletedDatabaseClosesItsOwnSessions() { // R21
    auto hers = live(house_->ada, other_), his = liveByPassword();
    RespClient stranger = house_->client(other_);
    expect("-NOAUTH...", stranger.say({"GET", "x"}));
    keepOthers(Others::atCache);
    house_->must("DELETE", bdb(other_));
    closed(hers);
    CPPUNIT_ASSERT(stranger.closedWithin(aSecond));
    unmoved();
    CPPUNIT_ASSERT_EQUAL(404, house_->control("GET", bdb(other_)).status);
  }

  void theDefaultUserSwitchedOffIsOut() { // R3
    house_->must("PUT", bdb(house_->cache), "{\"default_user\":true}");
    auto defaults = live(house_->at(house_->cache));
    RespClient moved = house_->client(house_->cache); // was default, is job
    expect("OK", moved.say({"SET", "x", "1"}));
    expect("OK", moved.say({"AUTH", house_->job, house_->jobPassword}));
    keepOthers();
    house_->must("PUT", bdb(house_->cache), "{\"default_user\":false}");
    closed(defaults);
    CPPUNIT_ASSERT(moved.closedWithin(aSecond)); // R15
    unmoved();
    expect("-NOAUTH...", house_->client(house_->cache).say({"GET", "x"}));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseTrustChangeTest);

} // namespace
} // namespace gatehouse::test
