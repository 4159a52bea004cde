// Protects what a change does to connections that are open (design 4.5): those that it concerns close within
// a second of its answer, all others are served on (lessons 33, 37, 40).
#include "HouseFixture.h"

#include <chrono>

namespace gatehouse::test {
namespace {

constexpr int aSecond = 1000;

class ChangeSessionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChangeSessionsTest);
  CPPUNIT_TEST(aDeletedUserIsOut);
  CPPUNIT_TEST(anotherSubjectLineIsAnotherCertificate);
  CPPUNIT_TEST(anotherMethodOfAuthenticationEndsTheOldOne);
  CPPUNIT_TEST(aRoleThatIsTakenAwayChangesRightsAtOnceAndKeepsTheSession);
  CPPUNIT_TEST(aRoleThatChangesItsManagementChangesRightsAtOnce);
  CPPUNIT_TEST(aCaThatIsReplacedTakesItsSessionsWithIt);
  CPPUNIT_TEST(oneOfTwoCasGoesAndTheOthersSessionsStay);
  CPPUNIT_TEST(certificatesSwitchedOffEndTheirSessionsAndTheCaMayGo);
  CPPUNIT_TEST(subjectValidationIsAskedOfOpenSessions);
  CPPUNIT_TEST(aNewPasswordEndsWhatTheOldOneOpened);
  CPPUNIT_TEST(aRememberedPasswordIsForgottenWithItsUser);
  CPPUNIT_TEST(aRaisedTlsVersionEndsOlderSessions);
  CPPUNIT_TEST(aCertificateEndsItsSessionWhenItEnds);
  CPPUNIT_TEST(whoDeletesHerselfIsAnsweredFirst);
  CPPUNIT_TEST(whoSwitchesCertificatesOffByCertificateIsAnsweredFirst);
  CPPUNIT_TEST(aCertificateThatBecomesSomebodysComesAgain);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    house_ = std::make_unique<House>();
    ada_ = randomName("ada-");
    bob_ = randomName("bob-");
    adaUid_ = house_->addByCertificate(ada_);
    bobUid_ = house_->addByCertificate(bob_);
    others_.clear();
  }
  void tearDown() override {
    others_.clear();
    house_.reset();
  }

  void aDeletedUserIsOut() {
    auto hers = several(ada_);
    keepOthers();
    house_->must("DELETE", user(adaUid_));
    closed(hers);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(ada_)));
    CPPUNIT_ASSERT(house_->server.logs("access.ended", {ada_, "no_user"}));
  }

  void anotherSubjectLineIsAnotherCertificate() {
    auto hers = several(ada_);
    keepOthers();
    const std::string next = randomName("ada-");
    house_->must("PUT", user(adaUid_),
                 "{\"certificate_subject_line\":" + jsonText(TestPki::subjectLine(next)) + '}');
    closed(hers);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(ada_)));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(next)));
  }

  void anotherMethodOfAuthenticationEndsTheOldOne() {
    auto hers = several(ada_);
    keepOthers();
    house_->must("PUT", user(adaUid_), "{\"auth_method\":\"regular\",\"password\":\"her new password\"}");
    closed(hers);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(ada_)));
    CPPUNIT_ASSERT_EQUAL(200, house_->status({basic(ada_, "her new password")}));

    HttpsClient back = house_->connect();
    CPPUNIT_ASSERT_EQUAL(200, ask(back, {basic(ada_, "her new password")}));
    house_->must("PUT", user(adaUid_),
                 "{\"auth_method\":\"certificate\",\"certificate_subject_line\":" +
                     jsonText(TestPki::subjectLine(ada_)) + '}');
    CPPUNIT_ASSERT(back.closedWithin(aSecond));
    CPPUNIT_ASSERT_EQUAL(401, house_->status({basic(ada_, "her new password")}));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
  }

  void aRoleThatIsTakenAwayChangesRightsAtOnceAndKeepsTheSession() {
    auto hers = several(ada_);
    keepOthers();
    for (HttpsClient& client : hers) CPPUNIT_ASSERT_EQUAL(200, client.request("GET", "/v1/users").status);
    house_->must("PUT", user(adaUid_), "{\"role_uids\":[]}");
    for (HttpsClient& client : hers) CPPUNIT_ASSERT_EQUAL(403, client.request("GET", "/v1/users").status);
    house_->must("PUT", user(adaUid_), "{\"role_uids\":[" + std::to_string(house_->roleUid("viewer")) + "]}");
    for (HttpsClient& client : hers) {
      CPPUNIT_ASSERT_EQUAL(200, client.request("GET", "/v1/cluster").status);
      CPPUNIT_ASSERT_EQUAL(403, client.request("DELETE", user(bobUid_)).status);
    }
    unmoved();
  }

  void aRoleThatChangesItsManagementChangesRightsAtOnce() {
    auto hers = several(ada_);
    keepOthers();
    house_->must("PUT", user(bobUid_), "{\"role_uids\":[1]}"); // the others keep another role
    house_->must("PUT", "/v1/roles/" + std::to_string(house_->roleUid("operator")),
                 "{\"management\":\"none\"}");
    for (HttpsClient& client : hers) CPPUNIT_ASSERT_EQUAL(403, client.request("GET", "/v1/users").status);
    unmoved();
  }

  void aCaThatIsReplacedTakesItsSessionsWithIt() { // lesson 33
    auto hers = several(ada_), nobodys = several(randomName("eve-"), 401);
    keepOthers(Others::byPassword);
    const Forged next = TestPki::otherCa("Example CA", randomName("key-")); // of the same name
    house_->trust({next});
    closed(hers);
    closed(nobodys);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(0, house_->status(house_->pki.client(ada_)));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_, next)));
  }

  void oneOfTwoCasGoesAndTheOthersSessionsStay() { // lesson 40
    const Forged second = TestPki::otherCa(randomName("Second CA "), randomName("key-"));
    house_->trust({house_->pki.ca(), second});
    auto hers = several(house_->pki.client(ada_, second), 200);
    keepOthers();
    house_->trust({house_->pki.ca()});
    closed(hers);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(0, house_->status(house_->pki.client(ada_, second)));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
  }

  void certificatesSwitchedOffEndTheirSessionsAndTheCaMayGo() {
    auto hers = several(ada_), nobodys = several(randomName("eve-"), 401);
    keepOthers(Others::byPassword);
    CPPUNIT_ASSERT(house_->control("DELETE", "/v1/cluster/certificates/mtls_trusted_ca").status != 200);
    unmoved();
    house_->must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":false}");
    closed(hers);
    closed(nobodys);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(ada_)));
    house_->must("DELETE", "/v1/cluster/certificates/mtls_trusted_ca");
    unmoved();
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(ada_)));
    CPPUNIT_ASSERT(
        house_->control("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":true}").status != 200);
  }

  void subjectValidationIsAskedOfOpenSessions() {
    auto hers = several(ada_);
    keepOthers();
    house_->must(
        "PUT", "/v1/cluster",
        "{\"mtls_client_cert_subject_validation_type\":\"san_cn\",\"mtls_authorized_subjects\":[{\"CN\":" +
            jsonText(bob_) + "}]}");
    closed(hers);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(ada_)));
    house_->must("PUT", "/v1/cluster", "{\"mtls_authorized_subjects\":[{\"CN\":" + jsonText(ada_) + "}]}");
    for (HttpsClient& client : others_) CPPUNIT_ASSERT(client.closedWithin(aSecond));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
  }

  void aNewPasswordEndsWhatTheOldOneOpened() {
    const std::string eve = randomName("eve-");
    const std::int64_t uid = house_->addByPassword(eve, "the old one");
    std::vector<HttpsClient> hers;
    for (int i = 0; i < 6; ++i) {
      hers.push_back(house_->connect());
      CPPUNIT_ASSERT_EQUAL(200, ask(hers.back(), {basic(eve, "the old one")})); // remembered by both workers
    }
    keepOthers();
    house_->must("PUT", user(uid), "{\"password\":\"the new one\"}");
    closed(hers);
    unmoved();
    for (int i = 0; i < 4; ++i) // a fifth would lock her out
      CPPUNIT_ASSERT_EQUAL(401, house_->status({basic(eve, "the old one")}));
    CPPUNIT_ASSERT_EQUAL(200, house_->status({basic(eve, "the new one")}));
  }

  void aRememberedPasswordIsForgottenWithItsUser() {
    const std::string eve = randomName("eve-");
    const std::int64_t uid = house_->addByPassword(eve, "a password");
    for (int i = 0; i < 6; ++i) CPPUNIT_ASSERT_EQUAL(200, house_->status({basic(eve, "a password")}));
    house_->must("DELETE", user(uid));
    for (int i = 0; i < 6; ++i) CPPUNIT_ASSERT_EQUAL(401, house_->status({basic(eve, "a password")}));
    house_->addByPassword(eve, "another"); // of the same name, and somebody else
    for (int i = 0; i < 6; ++i) CPPUNIT_ASSERT_EQUAL(401, house_->status({basic(eve, "a password")}));
  }

  void aRaisedTlsVersionEndsOlderSessions() {
    ClientOptions old = house_->peer(house_->pki.client(ada_)), oldKeeper = house_->peer();
    old.maximum = oldKeeper.maximum = TLS1_2_VERSION;
    auto hers = several(old, 200);
    hers.emplace_back(oldKeeper);
    CPPUNIT_ASSERT_EQUAL(200, ask(hers.back(), {basic(house_->keeper, house_->keeperPassword)}));
    auto newer = several(ada_);
    keepOthers();
    house_->must("PUT", "/v1/cluster", "{\"min_control_TLS_version\":\"1.3\"}");
    closed(hers);
    for (HttpsClient& client : newer) CPPUNIT_ASSERT_EQUAL(200, ask(client));
    unmoved();
  }

  void aCertificateEndsItsSessionWhenItEnds() { // lesson 37
    using namespace std::chrono;
    keepOthers();
    const std::int64_t end = TestPki::now() + 4; // seconds
    const auto until = [&](const Forged& issuer, std::string_view name) {
      return TestPki::leaf(name).valid(end - 3600, end).signedBy(issuer).make();
    };
    HttpsClient hers = house_->connect(until(house_->pki.ca(), ada_));
    HttpsClient nobodys = house_->connect(until(house_->pki.ca(), "eve"));
    CPPUNIT_ASSERT_EQUAL(200, ask(hers));
    CPPUNIT_ASSERT_EQUAL(401, ask(nobodys));
    CPPUNIT_ASSERT_EQUAL(200, ask(nobodys, {basic(house_->keeper, house_->keeperPassword)}));
    int last = 200;
    while (last == 200) { // until it is refused, or closed
      const std::int64_t asked = TestPki::now();
      last = ask(hers);
      if (last == 200) CPPUNIT_ASSERT(asked < end);
    }
    CPPUNIT_ASSERT(last == 401 || last == 0);
    CPPUNIT_ASSERT(TestPki::now() >= end);
    CPPUNIT_ASSERT(hers.closedWithin(2 * aSecond));
    CPPUNIT_ASSERT(nobodys.closedWithin(2 * aSecond));
    const auto now = system_clock::now().time_since_epoch();
    CPPUNIT_ASSERT(duration_cast<milliseconds>(now).count() < (end + 2) * 1000);
    unmoved();
  }

  void whoDeletesHerselfIsAnsweredFirst() {
    auto hers = several(ada_);
    keepOthers();
    const HttpAnswer answer = hers.front().request("DELETE", user(adaUid_) + "?force");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body + house_->server.log(), 200, answer.status);
    closed(hers);
    unmoved();
  }

  void whoSwitchesCertificatesOffByCertificateIsAnsweredFirst() {
    auto hers = several(ada_);
    keepOthers(Others::byPassword);
    CPPUNIT_ASSERT_EQUAL(
        200, hers.front()
                 .request("PUT", "/v1/cluster?force", "{\"mtls_certificate_authentication\":false}")
                 .status);
    closed(hers);
    unmoved();
  }

  void aCertificateThatBecomesSomebodysComesAgain() {
    const std::string eve = randomName("eve-");
    auto hers = several(eve, 401);
    keepOthers();
    house_->addByCertificate(eve);
    closed(hers);
    unmoved();
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(eve)));
  }

private:
  enum class Others { byCertificate, byPassword };

  static std::string user(std::int64_t uid) { return "/v1/users/" + std::to_string(uid); }
  static int ask(HttpsClient& client, const HttpFields& fields = {}) {
    return client.request("GET", whoAmI, {}, fields).status;
  }

  /// Connections of one peer that have each been answered once: enough that both workers have some.
  std::vector<HttpsClient> several(const ClientOptions& options, int status) {
    std::vector<HttpsClient> out;
    for (int i = 0; i < 6; ++i) {
      out.emplace_back(options);
      CPPUNIT_ASSERT_EQUAL(status, ask(out.back()));
    }
    return out;
  }
  std::vector<HttpsClient> several(const Forged& who, int status) {
    return several(house_->peer(who), status);
  }
  std::vector<HttpsClient> several(const std::string& name, int status = 200) {
    return several(house_->pki.client(name), status);
  }

  void keepOthers(Others how = Others::byCertificate) {
    othersAre_ = how;
    for (int i = 0; i < 20; ++i) {
      others_.push_back(how == Others::byCertificate ? house_->connect(house_->pki.client(bob_))
                                                     : house_->connect());
      CPPUNIT_ASSERT_EQUAL(200, ask(others_.back(), othersProof()));
    }
  }
  [[nodiscard]] HttpFields othersProof() const {
    if (othersAre_ == Others::byCertificate) return {};
    return {basic(house_->keeper, house_->keeperPassword)};
  }
  /// The others have not noticed: the same connections go on.
  void unmoved() {
    CPPUNIT_ASSERT(!others_.empty());
    for (HttpsClient& client : others_) {
      const int status = ask(client, othersProof());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(client.error() + house_->server.log(), 200, status);
    }
  }
  static void closed(std::vector<HttpsClient>& clients) {
    for (HttpsClient& client : clients) CPPUNIT_ASSERT(client.closedWithin(aSecond));
  }

  std::unique_ptr<House> house_;
  std::string ada_, bob_;
  std::int64_t adaUid_ = 0, bobUid_ = 0;
  std::vector<HttpsClient> others_;
  Others othersAre_ = Others::byCertificate;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChangeSessionsTest);

} // namespace
} // namespace gatehouse::test
