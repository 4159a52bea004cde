// Protects the moments inside a login (R6): whatever changes while an authenticator is still thinking counts
// when it has thought. Nobody gets in by a state that is over.
#include "HouseFixture.h"

#include <filesystem>
#include <functional>

namespace gatehouse::test {
namespace {

/// Where the login stands while the change is made.
enum class Point {
  before, // nobody was looked up yet
  after,  // the user was looked up, and is proposed afterwards
};

struct Held {
  House& house;
  const std::string& name; // of the user whose login is held
  std::int64_t uid;
};
using Change = std::function<void(Held&)>;

class ChangeHeldLoginTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChangeHeldLoginTest);
  CPPUNIT_TEST(nothingChangedLetsHerIn);
  CPPUNIT_TEST(theUserIsDeleted);
  CPPUNIT_TEST(theUserIsDeletedAndAnotherTakesTheName);
  CPPUNIT_TEST(thePasswordChanges);
  CPPUNIT_TEST(theMethodChanges);
  CPPUNIT_TEST(theSubjectLineChanges);
  CPPUNIT_TEST(theRoleIsTakenAway);
  CPPUNIT_TEST(theRoleLosesItsRights);
  CPPUNIT_TEST(theCaIsReplaced);
  CPPUNIT_TEST(certificatesAreSwitchedOff);
  CPPUNIT_TEST(subjectValidationIsSwitchedOn);
  CPPUNIT_TEST(theLeastTlsVersionIsRaised);
  CPPUNIT_TEST(theCertificateExpires);
  CPPUNIT_TEST(aCertificateOfNobodyUnderACaThatIsGoneLetsNoPasswordIn);
  CPPUNIT_TEST(aSubjectThatIsNoLongerAuthorizedLetsNoPasswordIn);
  CPPUNIT_TEST(aClientThatGoesAwayLeavesNothingBehind);
  CPPUNIT_TEST_SUITE_END();

public:
  void nothingChangedLetsHerIn() {
    const Change none = [](Held&) {};
    expectBoth(none, 200, 200);
  }
  void theUserIsDeleted() {
    expectBoth([](Held& held) { held.house.must("DELETE", user(held)); }, 401, 401);
  }
  void theUserIsDeletedAndAnotherTakesTheName() {
    expect(
        byCertificate,
        [](Held& held) {
          held.house.must("DELETE", user(held));
          held.house.addByCertificate(held.name, "CN=somebody else");
        },
        401);
    expect(
        byPassword,
        [](Held& held) {
          held.house.must("DELETE", user(held));
          held.house.addByPassword(held.name, "another password");
        },
        401);
  }
  void thePasswordChanges() {
    expect(
        byPassword,
        [](Held& held) { held.house.must("PUT", user(held), "{\"password\":\"a later password\"}"); }, 401);
  }
  void theMethodChanges() {
    expect(
        byCertificate,
        [](Held& held) {
          held.house.must("PUT", user(held), "{\"auth_method\":\"regular\",\"password\":\"a password\"}");
        },
        401);
    expect(
        byPassword,
        [](Held& held) {
          held.house.must("PUT", user(held),
                          "{\"auth_method\":\"certificate\",\"certificate_subject_line\":" +
                              jsonText(TestPki::subjectLine(held.name)) + '}');
        },
        401);
  }
  void theSubjectLineChanges() {
    expect(
        byCertificate,
        [](Held& held) {
          held.house.must("PUT", user(held), "{\"certificate_subject_line\":\"CN=somebody else\"}");
        },
        401);
  }
  void theRoleIsTakenAway() {
    const Change take = [](Held& held) { held.house.must("PUT", user(held), "{\"role_uids\":[]}"); };
    expect(byCertificate, take, 403, "/v1/users");
    // A proof by password counts for the row that it was made with; it is asked for once more.
    for (const Point point : {Point::before, Point::after}) {
      const int status = outcome(byPassword, point, take, "/v1/users");
      CPPUNIT_ASSERT_MESSAGE(std::to_string(status), status == 401 || status == 403);
    }
  }
  void theRoleLosesItsRights() {
    const Change less = [](Held& held) {
      held.house.must("PUT", "/v1/roles/" + std::to_string(held.house.roleUid("viewer")),
                      "{\"management\":\"none\"}");
    };
    expectBoth(less, 403, 403, "/v1/cluster");
  }
  void theCaIsReplaced() {
    expect(
        byCertificate,
        [](Held& held) { held.house.trust({TestPki::otherCa("Example CA", randomName("key-"))}); }, 401);
  }
  void certificatesAreSwitchedOff() {
    expect(
        byCertificate,
        [](Held& held) {
          held.house.must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":false}");
          held.house.must("DELETE", "/v1/cluster/certificates/mtls_trusted_ca");
        },
        401);
  }
  void subjectValidationIsSwitchedOn() { expect(byCertificate, authorizeAnother, 401); }
  void theLeastTlsVersionIsRaised() {
    const Change raise = [](Held& held) {
      held.house.must("PUT", "/v1/cluster", "{\"min_control_TLS_version\":\"1.3\"}");
    };
    tls_ = TLS1_2_VERSION;
    expectBoth(raise, 401, 401);
    tls_ = TLS1_3_VERSION;
    expectBoth(raise, 200, 200);
  }
  void theCertificateExpires() {
    lifetime_ = 3; // seconds
    expect(
        byCertificate,
        [this](Held&) { CPPUNIT_ASSERT(eventually([this] { return TestPki::now() >= end_; })); }, 401);
    lifetime_ = 0;
  }

  // Her certificate would not get through a handshake any more: nothing that is said on its connection
  // counts.
  void aCertificateOfNobodyUnderACaThatIsGoneLetsNoPasswordIn() {
    strangersCertificate_ = true;
    expect(
        byPassword,
        [](Held& held) { held.house.trust({TestPki::otherCa("Example CA", randomName("key-"))}); }, 401);
    strangersCertificate_ = false;
  }
  void aSubjectThatIsNoLongerAuthorizedLetsNoPasswordIn() {
    strangersCertificate_ = true;
    expect(byPassword, authorizeAnother, 401);
    strangersCertificate_ = false;
  }

  void aClientThatGoesAwayLeavesNothingBehind() {
    for (const bool certificate : {true, false}) {
      Stage stage(certificate, Point::after, *this);
      stage.client.reset();
      stage.house.must("DELETE", user(stage.held));
      stage.release();
      CPPUNIT_ASSERT_EQUAL(200, stage.house.status({basic(stage.house.keeper, stage.house.keeperPassword)}));
      CPPUNIT_ASSERT(stage.house.server.lines("access.granted", {stage.name}).empty());
      CPPUNIT_ASSERT_EQUAL(0, stage.house.server.stop());
    }
  }

private:
  static constexpr bool byCertificate = true, byPassword = false;
  static constexpr const char* password = "her password";

  /// A server, and one login that is held inside it.
  struct Stage {
    Stage(bool certificate, Point point, ChangeHeldLoginTest& test, std::string_view path = whoAmI)
        : house(options(point, gate / "open"))
        , held{house, name, 0} {
      held.uid = certificate ? house.addByCertificate(name, TestPki::subjectLine(name), "viewer")
                             : house.addByPassword(name, password, "viewer");
      ClientOptions peer = house.peer();
      peer.maximum = test.tls_;
      if (certificate) {
        Forge leaf = TestPki::leaf(name);
        if (test.lifetime_ > 0) {
          test.end_ = TestPki::now() + test.lifetime_;
          leaf.valid(test.end_ - 3600, test.end_);
        }
        peer.certificate = leaf.signedBy(house.pki.ca()).make();
      } else if (test.strangersCertificate_) {
        peer.certificate = house.pki.client(randomName("eve-"));
      }
      HttpFields fields;
      if (!certificate) fields.push_back(basic(name, password));
      client = std::make_unique<HttpsClient>(peer);
      CPPUNIT_ASSERT_MESSAGE(client->error(), client->connected());
      CPPUNIT_ASSERT(client->send("GET", path, {}, fields));
      CPPUNIT_ASSERT_MESSAGE(house.server.log(),
                             eventually([this] { return std::filesystem::exists(gate / "open.held"); }));
    }
    void release() { gate.write("open", ""); }

    static ServerOptions options(Point point, const std::string& gate) {
      ServerOptions out;
      out.extraPlugins = {GATEHOUSE_SCRIPTED_AUTHENTICATOR};
      out.load = "[certificate, password, http_rest, scripted]";
      out.settings = "{scripted: {hold: " + gate + (point == Point::after ? ", accepts: \"*\"" : "") + "}}";
      out.authenticate = "[scripted, certificate, password]";
      out.workers = 4; // two on the cpu pool: one is held, the other enrols
      return out;
    }

    TempFolder gate;
    std::string name = randomName("ada-");
    House house;
    Held held;
    std::unique_ptr<HttpsClient> client;
  };

  static std::string user(const Held& held) { return "/v1/users/" + std::to_string(held.uid); }
  static void authorizeAnother(Held& held) {
    held.house.must("PUT", "/v1/cluster",
                    "{\"mtls_client_cert_subject_validation_type\":\"san_cn\",\"mtls_authorized_subjects\":[{"
                    "\"CN\":\"somebody else\"}]}");
  }

  /// The status that the held login gets once it is let go; 401 too where its connection is closed instead.
  int outcome(bool certificate, Point point, const Change& change, std::string_view path) {
    Stage stage(certificate, point, *this, path);
    change(stage.held);
    stage.release();
    const int status = stage.client->receive().status;
    if (status != 0) return status;
    CPPUNIT_ASSERT(stage.client->closedWithin(1000));
    return 401;
  }
  void expect(bool certificate, const Change& change, int status, std::string_view path = whoAmI) {
    for (const Point point : {Point::before, Point::after})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(
          std::string(certificate ? "certificate" : "password") +
              (point == Point::before ? ", before the look-up" : ", after the look-up"),
          status, outcome(certificate, point, change, path));
  }
  void expectBoth(const Change& change, int withCertificate, int withPassword,
                  std::string_view path = whoAmI) {
    expect(byCertificate, change, withCertificate, path);
    expect(byPassword, change, withPassword, path);
  }

  int tls_ = TLS1_3_VERSION;
  int lifetime_ = 0; // seconds of her certificate; 0: long
  std::int64_t end_ = 0;
  bool strangersCertificate_ = false; // a password comes over a connection with somebody's certificate
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChangeHeldLoginTest);

} // namespace
} // namespace gatehouse::test
