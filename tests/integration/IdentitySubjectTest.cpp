// Protects whose a certificate is: its subject, decoded and compared by code points in either order (R7), and
// nothing else that a peer sends beside it.
#include "HouseFixture.h"

namespace gatehouse::test {
namespace {

class IdentitySubjectTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentitySubjectTest);
  CPPUNIT_TEST(aNulInTheNameEndsTheHandshake);
  CPPUNIT_TEST(twoCommonNamesEndTheHandshake);
  CPPUNIT_TEST(longNamesAreComparedToTheirEnd);
  CPPUNIT_TEST(aCaOfTheSameNameAndAnotherKeyIsNotTrusted);
  CPPUNIT_TEST(eitherOrderOfTheLineIsTheSamePerson);
  CPPUNIT_TEST(theStringTypeMakesNoDifferenceAndCaseDoes);
  CPPUNIT_TEST(stuffedCertificatesChangeNothing);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    house_ = std::make_unique<House>();
    ada_ = randomName("ada");
  }
  void tearDown() override { house_.reset(); }

  void aNulInTheNameEndsTheHandshake() { // R7, lesson 1
    house_->addByCertificate(ada_, "CN=" + ada_);
    const std::string name = ada_ + std::string("\0evil", 5);
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf({{"CN", name}})));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf({{"CN", name}}), keeper()));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf({{"O", std::string("a\0b", 3)}, {"CN", ada_}})));
    CPPUNIT_ASSERT(house_->server.logs("access.refused", {"\"reason\":\"handshake\""}));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf({{"CN", ada_}})));
  }

  void twoCommonNamesEndTheHandshake() { // R7, lesson 2
    house_->addByCertificate(ada_, "CN=" + ada_);
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf({{"CN", ada_}, {"CN", "attacker"}})));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf({{"CN", "attacker"}, {"CN", ada_}})));
    CPPUNIT_ASSERT_EQUAL(0,
                         house_->status(leaf({{"CN", "attacker"}, {"CN", ada_, V_ASN1_UTF8STRING, true}})));
  }

  void longNamesAreComparedToTheirEnd() { // lesson 2
    const std::string common(300, 'x');
    house_->addByCertificate(ada_, "CN=" + common + "a");
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf({{"CN", common + "a"}})));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf({{"CN", common + "b"}})));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf({{"CN", common}})));
  }

  void aCaOfTheSameNameAndAnotherKeyIsNotTrusted() { // lesson 7
    house_->addByCertificate(ada_);
    const Forged impostor = TestPki::otherCa("Example CA", randomName("key-"));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(house_->pki.client(ada_, impostor)));
    CPPUNIT_ASSERT_EQUAL(0, house_->status(house_->pki.client(ada_, impostor), keeper()));
    ClientOptions withBoth = house_->peer(house_->pki.client(ada_, impostor));
    withBoth.extra = {impostor, house_->pki.ca()};
    CPPUNIT_ASSERT_EQUAL(0, house_->status(withBoth));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
  }

  void eitherOrderOfTheLineIsTheSamePerson() { // R7
    house_->addByCertificate(ada_, "O=Example,OU=dev,CN=" + ada_);
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf({{"CN", ada_}, {"OU", "dev"}, {"O", "Example"}})));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf({{"OU", "dev"}, {"CN", ada_}, {"O", "Example"}})));
    const HttpAnswer again =
        house_->control("POST", "/v1/users",
                        "{\"name\":\"second\",\"auth_method\":\"certificate\",\"certificate_subject_line\":" +
                            jsonText(TestPki::subjectLine(ada_)) + ",\"role_uids\":[1]}");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(again.body, 409, again.status);
  }

  void theStringTypeMakesNoDifferenceAndCaseDoes() { // R7, lesson 9's relatives
    house_->addByCertificate(ada_, "CN=" + ada_);
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf({{"CN", utf16be(ada_), V_ASN1_BMPSTRING}})));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf({{"CN", ada_, V_ASN1_PRINTABLESTRING}})));
    std::string upper = ada_;
    upper[0] = 'A';
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf({{"CN", upper}})));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf({{"CN", ada_ + ' '}})));
    // The bytes of an UTF-16 name, called UTF-8, hold NULs.
    CPPUNIT_ASSERT_EQUAL(0, house_->status(leaf({{"CN", utf16be(ada_)}})));
  }

  void stuffedCertificatesChangeNothing() { // lesson 16
    const std::string eve = randomName("eve-");
    house_->addByCertificate(ada_);
    house_->addByCertificate(eve, TestPki::subjectLine(eve), "viewer");
    const Forged selfSigned = TestPki::leaf(ada_).key(randomName("key-")).make();
    const std::vector<std::vector<Forged>> stuffings = {{house_->pki.client(ada_)},
                                                        {selfSigned},
                                                        {house_->pki.ca(), house_->pki.client(ada_)},
                                                        {selfSigned, house_->pki.ca()}};
    for (const auto& stuffing : stuffings) {
      ClientOptions options = house_->peer(house_->pki.client(eve));
      options.extra = stuffing;
      const HttpAnswer answer = HttpsClient(options).request("GET", whoAmI);
      CPPUNIT_ASSERT_EQUAL(200, answer.status);
      CPPUNIT_ASSERT_MESSAGE(answer.body, answer.body.find("cluster_viewer") != std::string::npos);
      options.certificate = house_->pki.client(randomName("nobody-"));
      CPPUNIT_ASSERT_EQUAL(401, house_->status(options));
      options.certificate = selfSigned; // not hers, with hers behind it
      CPPUNIT_ASSERT_EQUAL(0, house_->status(options));
    }
  }

private:
  [[nodiscard]] Forged leaf(ForgedName name) const {
    return TestPki::leaf(ada_).subject(std::move(name)).signedBy(house_->pki.ca()).make();
  }
  [[nodiscard]] HttpFields keeper() const { return {basic(house_->keeper, house_->keeperPassword)}; }

  std::unique_ptr<House> house_;
  std::string ada_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentitySubjectTest);

} // namespace
} // namespace gatehouse::test
