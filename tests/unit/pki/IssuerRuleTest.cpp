// Protects: R10, whole: what may not issue never does, listed or presented; listed, it matches its own bytes
// and nothing else (lessons 14, 15; the leaves of Redis Labs' own scripts, which OpenSSL alone would let mint
// CN=admin).
#include "pki/Hash.h"
#include "pki/TrustList.h"
#include "support/CertForge.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::pki;
using gatehouse::test::Forge;
using gatehouse::test::Forged;
using namespace std::string_literals;

class IssuerRuleTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IssuerRuleTest);
  CPPUNIT_TEST(testALeafThatSaysCaTrueMintsNobody);
  CPPUNIT_TEST(testOpenSslAloneWouldLetItMint);
  CPPUNIT_TEST(testAnIssuerWithoutCaTrueIsRefused);
  CPPUNIT_TEST(testAListedEndEntityMatchesItsOwnBytes);
  CPPUNIT_TEST(testAListedEndEntityMintsNobody);
  CPPUNIT_TEST(testAListedEndEntityIsStillChecked);
  CPPUNIT_TEST(testWhichIsWhichIsSaid);
  CPPUNIT_TEST_SUITE_END();

  const Forged root_ = Forge().ca("Root").make();
  /// CA:TRUE, no keyUsage, EKU clientAuth: what the scripts make.
  const Forged careless_ =
      Forge().client("app").basicConstraints("CA:TRUE").keyUsage("").signedBy(root_).make();
  const Forged minted_ = Forge().client("admin").signedBy(careless_).make();

  static Verification verify(const std::vector<Forged>& listed, const Forged& leaf,
                             const std::vector<Forged>& presented = {}, std::int64_t at = Forge::now) {
    std::vector<Certificate> read;
    for (const Forged& forged : listed) read.push_back(*Certificate::fromDer(forged.der()));
    const X509StackPtr stack(sk_X509_new_null());
    for (const Forged& forged : presented) sk_X509_push(stack.get(), forged.x509());
    return (*TrustList::build(read))->verify(leaf.x509(), stack.get(), at);
  }
  static void assertAccepted(const Verification& verification) {
    if (const auto* refusal = std::get_if<Refusal>(&verification))
      CPPUNIT_FAIL("refused: " + refusal->sentence);
  }
  static Refusal refused(const Verification& verification) {
    CPPUNIT_ASSERT_MESSAGE("was accepted", std::holds_alternative<Refusal>(verification));
    return std::get<Refusal>(verification);
  }

public:
  void testALeafThatSaysCaTrueMintsNobody() {
    assertAccepted(verify({root_}, careless_));
    const Refusal refusal = refused(verify({root_}, minted_, {careless_}));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_CA, refusal.verifyError);
    CPPUNIT_ASSERT_MESSAGE(refusal.sentence, refusal.sentence.find("CN=app") != std::string::npos);
    refused(verify({careless_}, minted_));
    refused(verify({careless_, root_}, minted_, {careless_, root_}));
  }
  // If this ever fails, R10 costs nothing any more; until then it is what stands between a client and
  // CN=admin.
  void testOpenSslAloneWouldLetItMint() {
    const X509StorePtr store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), root_.x509());
    const X509StackPtr untrusted(sk_X509_new_null());
    sk_X509_push(untrusted.get(), careless_.x509());
    const X509StoreCtxPtr context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), minted_.x509(), untrusted.get());
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), Forge::now);
    CPPUNIT_ASSERT_EQUAL(1, X509_verify_cert(context.get()));
  }
  void testAnIssuerWithoutCaTrueIsRefused() {
    // An old self-signed root without extensions, which OpenSSL takes for a CA; and a keyCertSign without
    // CA:TRUE.
    for (const Forged& issuer :
         {Forge().subject({{"CN", "Plain"}}).make(), Forge().ca("Plain").basicConstraints("").make(),
          Forge().ca("Plain").basicConstraints("CA:FALSE").make(),
          Forge().ca("Plain").keyUsage("digitalSignature").make()}) {
      const Refusal refusal = refused(verify({issuer}, Forge().client("ada").signedBy(issuer).make()));
      CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_CA, refusal.verifyError);
    }
  }
  // Lessons 14 and 15.
  void testAListedEndEntityMatchesItsOwnBytes() {
    const Forged pinned = Forge().client("app").serial(5).authorityKeyId("id").make();
    assertAccepted(verify({pinned}, pinned));
    assertAccepted(verify({root_, pinned}, pinned));
    const model::ChainFacts facts = std::get<model::ChainFacts>(verify({pinned}, pinned));
    CPPUNIT_ASSERT(facts.anchor == sha256(pinned.der()) && facts.leaf == facts.anchor);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, facts.path.size());
    refused(verify(
        {pinned},
        Forge().client("admin").key("app").serial(5).authorityKeyId("id").make())); // its key, another name
    refused(
        verify({pinned},
               Forge().client("app").key("thief").serial(5).authorityKeyId("id").make())); // all but its key
    refused(verify({pinned}, Forge().client("app").serial(6).authorityKeyId("id").make()));
    refused(verify({pinned}, Forge().client("bob").make(), {pinned}));
    // Signed by a CA that is not listed: the bytes are, and that is enough.
    assertAccepted(verify({careless_}, careless_));
    refused(verify({Forge().client("ada").signedBy(root_).make()}, careless_));
  }
  void testAListedEndEntityMintsNobody() {
    const Forged pinned = Forge().client("app").make();
    refused(verify({pinned}, Forge().client("admin").signedBy(pinned).make()));
    refused(verify({pinned, root_}, Forge().client("admin").signedBy(pinned).make(), {pinned}));
  }
  void testAListedEndEntityIsStillChecked() {
    const auto error = [](const Forge& forge, std::int64_t at = Forge::now) {
      const Forged pinned = forge.make();
      return refused(verify({pinned}, pinned, {}, at)).verifyError;
    };
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_HAS_EXPIRED, error(Forge().client("app"), Forge::validTo + 1));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_NOT_YET_VALID, error(Forge().client("app"), Forge::validFrom - 1));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_HAS_EXPIRED,
                         error(Forge().client("app").signedBy(root_), Forge::validTo + 1));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE,
                         error(Forge().client("app").extendedKeyUsage("serverAuth")));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_EE_KEY_TOO_SMALL, error(Forge().client("app").rsaKey(1024)));
  }
  void testWhichIsWhichIsSaid() {
    const auto list =
        *TrustList::build({*Certificate::fromDer(careless_.der()), *Certificate::fromDer(root_.der()),
                           *Certificate::fromDer(root_.der())});
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list->listed().size());
    CPPUNIT_ASSERT(!list->listed()[0].issuer && list->listed()[1].issuer);
    CPPUNIT_ASSERT_EQUAL("CN=app"s, list->listed()[0].subject);
    CPPUNIT_ASSERT_EQUAL(Forge::validTo, list->listed()[1].notAfter);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, list->issuers().size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list->anchors().size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(IssuerRuleTest);
