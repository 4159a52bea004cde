// Protects: a server never starts with a certificate and a key that do not belong together, and reads what
// scripts write (facts §3.3, §14).
#include "pki/KeyPair.h"
#include "pki/SelfSigned.h"
#include "support/CertForge.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::pki;
using gatehouse::test::Forge;
using gatehouse::test::Forged;
using gatehouse::test::pemOf;
using namespace std::string_literals;

class KeyPairTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(KeyPairTest);
  CPPUNIT_TEST(testTheChainIsPutInOrder);
  CPPUNIT_TEST(testOtherCertificatesAreDropped);
  CPPUNIT_TEST(testAKeyOfAnotherIsRefused);
  CPPUNIT_TEST(testOfTwoThatFitTheOneThatIsNoCaServes);
  CPPUNIT_TEST(testEncryptedKeysAreRefusedWithoutAQuestion);
  CPPUNIT_TEST(testUnreadableKeysAreRefused);
  CPPUNIT_TEST(testKeyKindsAndForms);
  CPPUNIT_TEST(testPurpose);
  CPPUNIT_TEST(testValidityIsAskedSeparately);
  CPPUNIT_TEST(testWeakSignaturesAreRefused);
  CPPUNIT_TEST(testSelfSignedIsServed);
  CPPUNIT_TEST(testSelfSignedNames);
  CPPUNIT_TEST(testSelfSignedRefusesNamesThatAreNone);
  CPPUNIT_TEST_SUITE_END();

  const Forged root_ = Forge().ca("Root").make(), one_ = Forge().ca("One").signedBy(root_).make();
  const Forged server_ = Forge().server("gw1.example.com").signedBy(one_).make();

  static Result<KeyPair> read(const std::string& chain, const std::string& key) {
    Result<KeyPair> pair = KeyPair::fromPem(chain, Secret(key));
    CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    return pair;
  }
  static KeyPair accepted(const std::string& chain, const std::string& key) {
    Result<KeyPair> pair = read(chain, key);
    CPPUNIT_ASSERT_MESSAGE(pair.ok() ? "" : pair.error().description, pair.ok());
    return *pair;
  }
  static std::string refusal(const std::string& chain, const std::string& key) {
    const Result<KeyPair> pair = read(chain, key);
    CPPUNIT_ASSERT_MESSAGE("was accepted", !pair.ok());
    CPPUNIT_ASSERT(pair.error().code == Code::invalid_certificate);
    return pair.error().description;
  }
  static bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

public:
  // Facts §14: some scripts write the root first.
  void testTheChainIsPutInOrder() {
    std::vector<Forged> certificates = {root_, one_, server_};
    std::vector<int> order = {0, 1, 2};
    do {
      std::vector<Forged> shuffled;
      for (const int i : order) shuffled.push_back(certificates[static_cast<std::size_t>(i)]);
      const KeyPair pair = accepted(pemOf(shuffled), server_.keyPem());
      CPPUNIT_ASSERT_EQUAL("CN=gw1.example.com"s, pair.certificate().subjectText());
      CPPUNIT_ASSERT_EQUAL(std::size_t{2}, pair.issuers().size());
      CPPUNIT_ASSERT_EQUAL("CN=One"s, pair.issuers()[0].subjectText());
      CPPUNIT_ASSERT_EQUAL("CN=Root"s, pair.issuers()[1].subjectText());
      CPPUNIT_ASSERT_EQUAL(1, X509_check_private_key(pair.certificate().native(), pair.key()));
    } while (std::next_permutation(order.begin(), order.end()));
    CPPUNIT_ASSERT(accepted(server_.pem(), server_.keyPem()).issuers().empty());
  }
  void testOtherCertificatesAreDropped() {
    const Forged impostor =
        Forge().ca("One").key("impostor").signedBy(root_).make(); // the issuer's name, another key
    const KeyPair pair = accepted(pemOf({impostor, Forge().client("ada").make(), server_}), server_.keyPem());
    CPPUNIT_ASSERT(pair.issuers().empty());
  }
  void testAKeyOfAnotherIsRefused() {
    CPPUNIT_ASSERT(says(refusal(server_.pem(), root_.keyPem()), "does not fit the certificate"));
    CPPUNIT_ASSERT(says(refusal(pemOf({server_, one_}), root_.keyPem()), "any of the 2"));
    CPPUNIT_ASSERT(says(refusal("", server_.keyPem()), "no certificate"));
    CPPUNIT_ASSERT(says(refusal(server_.pem() + server_.keyPem(), server_.keyPem()), "private key"));
  }
  void testOfTwoThatFitTheOneThatIsNoCaServes() {
    const Forged ca = Forge().ca("CA").key("shared").make();
    const Forged server = Forge().server("gw").key("shared").signedBy(ca).make();
    CPPUNIT_ASSERT_EQUAL("CN=gw"s,
                         accepted(pemOf({ca, server}), server.keyPem()).certificate().subjectText());
    CPPUNIT_ASSERT_EQUAL("CN=CA"s,
                         accepted(pemOf({Forge().ca("CA").key("shared").keyUsage("").make()}), ca.keyPem())
                             .certificate()
                             .subjectText());
  }
  void testEncryptedKeysAreRefusedWithoutAQuestion() {
    for (const bool pkcs8 : {true, false}) {
      const BioPtr out(BIO_new(BIO_s_mem()));
      auto* word = const_cast<char*>("secret");
      const auto* bytes = reinterpret_cast<const unsigned char*>("secret");
      const int written =
          pkcs8 ? PEM_write_bio_PKCS8PrivateKey(out.get(), server_.key(), EVP_aes_128_cbc(), word, 6, nullptr,
                                                nullptr)
                : PEM_write_bio_PrivateKey_traditional(out.get(), server_.key(), EVP_aes_128_cbc(), bytes, 6,
                                                       nullptr, nullptr);
      CPPUNIT_ASSERT_EQUAL(1, written);
      char* text = nullptr;
      const long length = BIO_get_mem_data(out.get(), &text);
      CPPUNIT_ASSERT(
          says(refusal(server_.pem(), std::string(text, static_cast<std::size_t>(length))), "encrypted"));
    }
  }
  void testUnreadableKeysAreRefused() {
    const std::string key = server_.keyPem();
    for (const std::string& bad : {""s, "x"s, server_.pem(), key.substr(0, key.size() / 2), key.substr(30),
                                   "\0"s, std::string(70000, 'A')})
      CPPUNIT_ASSERT(!refusal(server_.pem(), bad).empty());
    for (const std::string& bad :
         {key.substr(0, key.size() / 2), key.substr(30)}) // what a key file holds is repeated nowhere
      CPPUNIT_ASSERT(!says(refusal(server_.pem(), bad), key.substr(40, 16)));
  }
  void testKeyKindsAndForms() {
    for (const char* curve : {"P-256", "P-384", "P-521"}) {
      const Forged server = Forge().server("gw").curveKey(curve).make();
      accepted(server.pem(), server.keyPem());
    }
    const Forged rsa = Forge().server("gw").rsaKey(2048).make(),
                 weak = Forge().server("gw").rsaKey(1024).make();
    accepted(rsa.pem(), rsa.keyPem());
    CPPUNIT_ASSERT(says(refusal(weak.pem(), weak.keyPem()), "weak"));
    // `openssl ecparam -genkey` writes the curve in front, and SEC 1 behind it.
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey_traditional(out.get(), server_.key(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    const std::string sec1(text, static_cast<std::size_t>(length));
    CPPUNIT_ASSERT(says(sec1, "BEGIN EC PRIVATE KEY"));
    accepted(server_.pem(), sec1);
    accepted(server_.pem(),
             "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + sec1);
    accepted(server_.pem(), server_.keyPem().substr(0, server_.keyPem().size() - 1));
  }
  void testPurpose() {
    const auto chain = [&](Forge forge) { return forge.make(); };
    const Forged client = chain(Forge().server("gw").extendedKeyUsage("clientAuth"));
    CPPUNIT_ASSERT(says(refusal(client.pem(), client.keyPem()), "serverAuth"));
    const Forged encipher = chain(Forge().server("gw").keyUsage("keyEncipherment"));
    CPPUNIT_ASSERT(says(refusal(encipher.pem(), encipher.keyPem()), "digitalSignature"));
    const Forged plain = chain(Forge().subject({{"CN", "gw"}}));
    accepted(plain.pem(), plain.keyPem());
  }
  void testValidityIsAskedSeparately() {
    const Forged shortRoot = Forge().ca("Short").valid(Forge::validFrom, Forge::now).make();
    const Forged server = Forge().server("gw").signedBy(shortRoot).make();
    const KeyPair pair = accepted(pemOf({server, shortRoot}), server.keyPem());
    CPPUNIT_ASSERT(pair.checkValidity(Forge::now - 1).ok());
    CPPUNIT_ASSERT_EQUAL(Forge::now, pair.notAfter());
    CPPUNIT_ASSERT(pair.checkValidity(Forge::now).error().code == Code::certificate_expired);
    CPPUNIT_ASSERT(says(pair.checkValidity(Forge::now).error().description, "CN=Short"));
    CPPUNIT_ASSERT(pair.checkValidity(Forge::validFrom - 1).error().code == Code::certificate_expired);
  }
  void testWeakSignaturesAreRefused() {
    const Forged server = Forge().server("gw").signedBy(root_).hash("SHA1").make();
    CPPUNIT_ASSERT(says(refusal(server.pem(), server.keyPem()), "weak hash"));
    const Forged weakIssuer = Forge().ca("Weak").signedBy(root_).hash("SHA1").make();
    const Forged under = Forge().server("gw").signedBy(weakIssuer).make();
    CPPUNIT_ASSERT(says(refusal(pemOf({under, weakIssuer}), under.keyPem()), "CN=Weak"));
  }

  void testSelfSignedIsServed() {
    const Result<GeneratedPair> generated = generateSelfSigned("gw1.example.com", Forge::now);
    CPPUNIT_ASSERT(generated.ok());
    const KeyPair pair = accepted(generated->certificatePem, std::string(generated->keyPem.reveal()));
    const Certificate& certificate = pair.certificate();
    CPPUNIT_ASSERT(says(std::string(generated->keyPem.reveal()), "-----BEGIN PRIVATE KEY-----")); // PKCS#8
    CPPUNIT_ASSERT_EQUAL("CN=gw1.example.com"s, certificate.subjectText());
    CPPUNIT_ASSERT(certificate.hasExtendedKeyUsage() && certificate.allowsServerAuth() &&
                   certificate.allowsClientAuth());
    CPPUNIT_ASSERT(certificate.allowsSignature() && !certificate.mayIssue() && certificate.isSelfIssued());
    CPPUNIT_ASSERT_EQUAL(std::size_t{16}, certificate.serial().size());
    CPPUNIT_ASSERT(pair.checkValidity(Forge::now - 3600).ok() &&
                   pair.checkValidity(Forge::now + selfSignedDays * 86400LL - 1).ok());
    CPPUNIT_ASSERT(!pair.checkValidity(Forge::now + selfSignedDays * 86400LL).ok());
    CPPUNIT_ASSERT_EQUAL(1, X509_verify(certificate.native(), pair.key()));
    const Result<GeneratedPair> another = generateSelfSigned("gw1.example.com", Forge::now);
    CPPUNIT_ASSERT(another->certificatePem != generated->certificatePem);
    CPPUNIT_ASSERT(another->keyPem.reveal() != generated->keyPem.reveal());
  }
  void testSelfSignedNames() {
    const auto made = [](std::string_view name) {
      return Certificate::fromPem(generateSelfSigned(name, Forge::now)->certificatePem)->front();
    };
    const auto hasAddress = [](const Certificate& c, const char* text) {
      return X509_check_ip_asc(c.native(), text, 0) == 1;
    };
    const Certificate named = made("gw1");
    CPPUNIT_ASSERT((named.dnsNames() == std::vector<std::string>{"gw1", "localhost"}));
    CPPUNIT_ASSERT(hasAddress(named, "127.0.0.1") && hasAddress(named, "::1") &&
                   !hasAddress(named, "10.0.0.1"));
    CPPUNIT_ASSERT((made("localhost").dnsNames() == std::vector<std::string>{"localhost"}));
    for (const char* address : {"10.0.0.1", "2001:db8::1", "127.0.0.1"}) {
      CPPUNIT_ASSERT((made(address).dnsNames() == std::vector<std::string>{"localhost"}));
      CPPUNIT_ASSERT(hasAddress(made(address), address) && hasAddress(made(address), "::1"));
    }
  }
  void testSelfSignedRefusesNamesThatAreNone() {
    for (const std::string& name : {""s, std::string(65, 'a'), "a b"s, "b\xC3\xBC"s, "a\0b"s, "a\n"s})
      CPPUNIT_ASSERT(generateSelfSigned(name, Forge::now).error().code == Code::invalid_param);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(KeyPairTest);
