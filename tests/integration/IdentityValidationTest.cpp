// Protects subject validation: what the cluster asks of a certificate beside its CA (design 4.2), compared
// kind by kind and without anybody falling back on a password.
#include "HouseFixture.h"

namespace gatehouse::test {
namespace {

class IdentityValidationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IdentityValidationTest);
  CPPUNIT_TEST(sanCnTakesACommonNameOrADnsName);
  CPPUNIT_TEST(anotherKindOfNameNeverMatches);
  CPPUNIT_TEST(aRefusedSubjectIsRefusedWithAuthorizationToo);
  CPPUNIT_TEST(anEmptyListAuthorizesNobody);
  CPPUNIT_TEST(fullSubjectComparesEveryPart);
  CPPUNIT_TEST(unitsAreAMultiset);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override {
    house_ = std::make_unique<House>();
    ada_ = randomName("ada-");
    house_->addByCertificate(ada_);
  }
  void tearDown() override { house_.reset(); }

  void sanCnTakesACommonNameOrADnsName() {
    validate("san_cn", "[{\"CN\":" + jsonText(ada_) + "},{\"CN\":\"svc.example.com\"}]");
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client(ada_)));
    const std::string bob = randomName("bob-");
    house_->addByCertificate(bob);
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client(bob)));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf(bob).dnsNames({"svc.example.com"}).make()));
    CPPUNIT_ASSERT_EQUAL(200,
                         house_->status(leaf(bob).dnsNames({"a.example.com", "svc.example.com"}).make()));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf(bob).dnsNames({"svc.example.com.evil.org"}).make()));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf(bob).dnsNames({"*.example.com"}).make()));
    // Nobody's certificate may be here, and is still nobody's.
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf("eve").dnsNames({"svc.example.com"}).make()));
  }

  void anotherKindOfNameNeverMatches() { // lessons 3, 9
    validate("san_cn", "[{\"CN\":\"svc.example.com\"}]");
    for (const char* san :
         {"email:svc.example.com", "URI:svc.example.com", "URI:spiffe://svc.example.com/svc.example.com",
          "otherName:1.2.3.4;UTF8:svc.example.com", "RID:1.2.3.4"})
      CPPUNIT_ASSERT_MESSAGE(san, house_->status(leaf(ada_).extension("subjectAltName", san).make()) != 200);
    CPPUNIT_ASSERT(
        house_->status(leaf(ada_).dnsNames({std::string("svc.example.com\0.evil.org", 25)}).make()) != 200);
    CPPUNIT_ASSERT_EQUAL(
        200, house_->status(leaf(ada_).extension("subjectAltName", "DNS:svc.example.com").make()));
  }

  void aRefusedSubjectIsRefusedWithAuthorizationToo() {
    const HttpFields keeper = {basic(house_->keeper, house_->keeperPassword)};
    for (const char* kind : {"san_cn", "full_subject"}) {
      validate(kind, "[{\"CN\":\"somebody else\"}]");
      HttpsClient client = house_->connect(house_->pki.client(ada_));
      CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI).status);
      CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI, {}, keeper).status);
      CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client("nobody"), keeper));
      CPPUNIT_ASSERT(house_->server.logs("access.refused", {ada_, "subject_not_authorized"}));
      CPPUNIT_ASSERT_EQUAL(200, house_->status(keeper)); // who shows no certificate
    }
  }

  void anEmptyListAuthorizesNobody() {
    for (const char* kind : {"san_cn", "full_subject"}) {
      const HttpAnswer answer =
          house_->control("PUT", "/v1/cluster",
                          "{\"mtls_client_cert_subject_validation_type\":" + jsonText(kind) +
                              ",\"mtls_authorized_subjects\":[]}");
      const bool taken = answer.status == 200; // refused, it must have changed nothing
      CPPUNIT_ASSERT_EQUAL(taken ? 401 : 200, house_->status(house_->pki.client(ada_)));
      const Forged nameless =
          TestPki::leaf(ada_).subject({{"O", "Example"}}).signedBy(house_->pki.ca()).make();
      CPPUNIT_ASSERT_EQUAL(401, house_->status(nameless));
    }
  }

  void fullSubjectComparesEveryPart() {
    const ForgedName full = {{"C", "NL", V_ASN1_PRINTABLESTRING},
                             {"ST", "Utrecht"},
                             {"L", "Zeist"},
                             {"O", "Example"},
                             {"OU", "dev"},
                             {"CN", ada_}};
    const std::string bob = randomName("bob-");
    house_->addByCertificate(bob, "CN=" + ada_ + ",OU=dev,O=Example,L=Zeist,ST=Utrecht,C=NL");
    validate("full_subject",
             "[{\"CN\":" + jsonText(ada_) +
                 ",\"OU\":[\"dev\"],\"O\":\"Example\",\"L\":\"Zeist\",\"ST\":\"Utrecht\",\"C\":\"NL\"}]");
    CPPUNIT_ASSERT_EQUAL(200, house_->status(leaf(ada_).subject(full).make()));
    for (std::size_t i = 0; i < full.size(); ++i) { // any part missing, or other
      ForgedName less = full, other = full;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      other[i].value = other[i].type == "C" ? "BE" : "other";
      CPPUNIT_ASSERT_EQUAL_MESSAGE(full[i].type, 401, house_->status(leaf(ada_).subject(less).make()));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(full[i].type, 401, house_->status(leaf(ada_).subject(other).make()));
    }
    ForgedName more = full; // a part that no entry can name
    more.push_back({"emailAddress", "ada@example.com", V_ASN1_IA5STRING});
    CPPUNIT_ASSERT_EQUAL(401, house_->status(leaf(ada_).subject(more).make()));
  }

  void unitsAreAMultiset() { // lesson 6
    const std::string bob = randomName("bob-"), line = "CN=" + bob + ",OU=a,OU=a,O=Example";
    const auto withUnits = [&](const std::vector<std::string>& units) {
      ForgedName name = {{"O", "Example"}};
      for (const std::string& unit : units) name.push_back({"OU", unit});
      name.push_back({"CN", bob});
      return leaf(bob).subject(name).make();
    };
    const auto authorize = [&](const std::string& units) {
      validate("full_subject", "[{\"CN\":" + jsonText(bob) + ",\"OU\":" + units + ",\"O\":\"Example\"}]");
    };
    house_->addByCertificate(bob + "1", line);
    house_->addByCertificate(bob + "2", "CN=" + bob + ",OU=b,OU=a,O=Example");
    authorize("[\"a\",\"b\"]");
    CPPUNIT_ASSERT_EQUAL(401, house_->status(withUnits({"a", "a"})));
    CPPUNIT_ASSERT_EQUAL(200, house_->status(withUnits({"a", "b"})));
    authorize("[\"b\",\"a\"]"); // order has no meaning
    CPPUNIT_ASSERT_EQUAL(200, house_->status(withUnits({"a", "b"})));
    authorize("[\"a\",\"a\"]");
    CPPUNIT_ASSERT_EQUAL(200, house_->status(withUnits({"a", "a"})));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(withUnits({"a", "b"})));
    authorize("[\"a\"]");
    CPPUNIT_ASSERT_EQUAL(401, house_->status(withUnits({"a", "a"})));
  }

private:
  [[nodiscard]] Forge leaf(std::string_view name) const {
    return TestPki::leaf(name).signedBy(house_->pki.ca());
  }
  void validate(std::string_view type, const std::string& subjects) {
    house_->must("PUT", "/v1/cluster",
                 "{\"mtls_client_cert_subject_validation_type\":" + jsonText(type) +
                     ",\"mtls_authorized_subjects\":" + subjects + '}');
  }

  std::unique_ptr<House> house_;
  std::string ada_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(IdentityValidationTest);

} // namespace
} // namespace gatehouse::test
