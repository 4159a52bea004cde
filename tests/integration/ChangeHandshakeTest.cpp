// Protects handshakes that began under one policy and end under another (R6): a connection is what it is
// worth when it is asked, never when it was accepted.
#include "HouseFixture.h"

#include <functional>

namespace gatehouse::test {
namespace {

class ChangeHandshakeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ChangeHandshakeTest);
  CPPUNIT_TEST(nothingChangedLetsHerIn);
  CPPUNIT_TEST(aCaThatWasReplacedMeanwhileProvesNobody);
  CPPUNIT_TEST(aUserThatWasDeletedMeanwhileIsNobody);
  CPPUNIT_TEST(certificatesThatWereSwitchedOffMeanwhileProveNobody);
  CPPUNIT_TEST(aSubjectThatIsNoLongerAuthorizedIsRefused);
  CPPUNIT_TEST(anOlderTlsVersionIsNotLetInByTheBackDoor);
  CPPUNIT_TEST(aCertificateThatNobodyAskedForYetProvesNobody);
  CPPUNIT_TEST_SUITE_END();

public:
  void tearDown() override { house_.reset(); }

  void nothingChangedLetsHerIn() {
    during([] {}, 200);
  }

  void aCaThatWasReplacedMeanwhileProvesNobody() {
    const auto replace = [this] { house_->trust({TestPki::otherCa("Example CA", randomName("key-"))}); };
    during(replace, 401);
    during(replace, 401, true); // what would end a new handshake is not saved by a password
  }

  void aUserThatWasDeletedMeanwhileIsNobody() {
    during([this] { house_->must("DELETE", "/v1/users/" + std::to_string(uid_)); }, 401);
  }

  void certificatesThatWereSwitchedOffMeanwhileProveNobody() {
    during([this] { house_->must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":false}"); },
           401);
  }

  void aSubjectThatIsNoLongerAuthorizedIsRefused() {
    const auto authorizeAnother = [this] {
      house_->must(
          "PUT", "/v1/cluster",
          "{\"mtls_client_cert_subject_validation_type\":\"full_subject\",\"mtls_authorized_subjects\":"
          "[{\"CN\":\"somebody else\"}]}");
    };
    during(authorizeAnother, 401);
    during(authorizeAnother, 401, true);
  }

  void anOlderTlsVersionIsNotLetInByTheBackDoor() {
    for (const bool byCertificate : {true, false}) {
      furnish();
      ClientOptions options = house_->peer();
      if (byCertificate) options.certificate = house_->pki.client(ada_);
      options.maximum = TLS1_2_VERSION;
      options.inHandshake = [this] {
        house_->must("PUT", "/v1/cluster", "{\"min_control_TLS_version\":\"1.3\"}");
      };
      const int status = house_->status(options, byCertificate ? HttpFields{} : keeper());
      CPPUNIT_ASSERT_MESSAGE(std::to_string(status), status == 401 || status == 0);
    }
  }

  void aCertificateThatNobodyAskedForYetProvesNobody() {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      furnish();
      house_->must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":false}");
      ClientOptions options = house_->peer(house_->pki.client(ada_));
      options.maximum = version;
      options.inHandshake = [this] {
        house_->must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":true}");
      };
      CPPUNIT_ASSERT_EQUAL(401, house_->status(options));
      CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
    }
  }

private:
  void furnish() {
    house_ = std::make_unique<House>();
    ada_ = randomName("ada-");
    uid_ = house_->addByCertificate(ada_);
  }
  [[nodiscard]] HttpFields keeper() const { return {basic(house_->keeper, house_->keeperPassword)}; }

  /// What her request is answered when `change` falls into her handshake; 401 or a connection that ends where
  /// 401 is expected.
  void during(const std::function<void()>& change, int expected, bool withPassword = false) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      furnish();
      ClientOptions options = house_->peer(house_->pki.client(ada_));
      options.maximum = version;
      bool changed = false;
      options.inHandshake = [&] {
        change();
        changed = true;
      };
      const int status = house_->status(options, withPassword ? keeper() : HttpFields{});
      CPPUNIT_ASSERT(changed);
      CPPUNIT_ASSERT_MESSAGE(std::to_string(status) + '\n' + house_->server.log(),
                             status == expected || (expected == 401 && status == 0));
    }
  }

  std::unique_ptr<House> house_;
  std::string ada_;
  std::int64_t uid_ = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChangeHandshakeTest);

} // namespace
} // namespace gatehouse::test
