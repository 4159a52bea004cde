// Protects: who is let in by a certificate: path, purpose, validity, strength, and that the facts are the
// leaf's (design §4; lessons 7, 14-16, 20; facts 8-10, 13).
#include "pki/TrustList.h"
#include "pki/Hash.h"
#include "support/CertForge.h"

#include <openssl/err.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::pki;
using gatehouse::test::Forge;
using gatehouse::test::Forged;
using namespace std::string_literals;

class TrustListTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TrustListTest);
  CPPUNIT_TEST(testAnEmptyListIsAnError);
  CPPUNIT_TEST(testFactsOfAChain);
  CPPUNIT_TEST(testStrangersAreRefused);
  CPPUNIT_TEST(testPresentedIntermediatesHelp);
  CPPUNIT_TEST(testAnIntermediateMayBeTheAnchor);
  CPPUNIT_TEST(testPurposeIsEnforced);
  CPPUNIT_TEST(testACaIsNoClient);
  CPPUNIT_TEST(testValidityOfEveryElement);
  CPPUNIT_TEST(testOutdatedIsAllowedWhereAsked);
  CPPUNIT_TEST(testWeakKeysAndHashesAreRefused);
  CPPUNIT_TEST(testDepthIsLimited);
  CPPUNIT_TEST(testPathLengthAndNameConstraintsCount);
  CPPUNIT_TEST(testAnotherCaOfTheSameNameIsRefused);
  CPPUNIT_TEST(testBothCasOfOneNameServeInEitherOrder);
  CPPUNIT_TEST(testSameNamedIntermediatesServeInEitherOrder);
  CPPUNIT_TEST(testRenewedRootOfTheSameKey);
  CPPUNIT_TEST(testTheOrderOfTheListHasNoMeaning);
  CPPUNIT_TEST(testIdentityIsTheLeafs);
  CPPUNIT_TEST(testAnUndecodableSubjectIsRefused);
  CPPUNIT_TEST(testTooManyPresentedAreRefused);
  CPPUNIT_TEST(testTrustedCaRules);
  CPPUNIT_TEST_SUITE_END();

  using List = std::shared_ptr<const TrustList>;
  const Forged root_ = Forge().ca("Root").make();

  static List listOf(const std::vector<Forged>& certificates) {
    std::vector<Certificate> read;
    for (const Forged& forged : certificates) read.push_back(*Certificate::fromDer(forged.der()));
    Result<List> list = TrustList::build(read);
    CPPUNIT_ASSERT_MESSAGE(list.ok() ? "" : list.error().description, list.ok());
    return *list;
  }
  static Verification verify(const List& list, const Forged& leaf, const std::vector<Forged>& presented = {},
                             std::int64_t at = Forge::now, VerifyOptions options = {}) {
    const X509StackPtr stack(sk_X509_new_null());
    for (const Forged& forged : presented) sk_X509_push(stack.get(), forged.x509());
    Verification verification = list->verify(leaf.x509(), stack.get(), at, options);
    CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    return verification;
  }
  static model::ChainFacts accepted(const Verification& verification) {
    if (const auto* refusal = std::get_if<Refusal>(&verification))
      CPPUNIT_FAIL("refused: " + refusal->sentence);
    return std::get<model::ChainFacts>(verification);
  }
  static int refused(const Verification& verification) {
    CPPUNIT_ASSERT_MESSAGE("was accepted", std::holds_alternative<Refusal>(verification));
    const Refusal& refusal = std::get<Refusal>(verification);
    CPPUNIT_ASSERT(!refusal.sentence.empty() && refusal.verifyError != X509_V_OK);
    return refusal.verifyError;
  }
  static model::Digest digestOf(const Forged& forged) { return sha256(forged.der()); }
  Forge ada() const { return Forge().client("ada").signedBy(root_); }

public:
  // R11.
  void testAnEmptyListIsAnError() {
    CPPUNIT_ASSERT(!TrustList::build({}).ok());
    CPPUNIT_ASSERT(!TrustList::build(std::vector<Certificate>(Certificate::maximumCount + 1,
                                                              *Certificate::fromDer(root_.der())))
                        .ok());
  }
  void testFactsOfAChain() {
    const Forged intermediate =
        Forge().ca("Intermediate").signedBy(root_).valid(Forge::validFrom, Forge::validTo - 5).make();
    const Forged leaf = Forge()
                            .subject({{"O", "Example"}, {"OU", "dev"}, {"CN", "ada"}})
                            .client()
                            .signedBy(intermediate)
                            .serial(77)
                            .dnsNames({"ada.example.com"})
                            .make();
    const List list = listOf({root_});
    const model::ChainFacts facts = accepted(verify(list, leaf, {intermediate}));
    CPPUNIT_ASSERT(facts.trustList == list->identity());
    CPPUNIT_ASSERT(facts.anchor == digestOf(root_));
    CPPUNIT_ASSERT(facts.anchorKey == Certificate::fromDer(root_.der())->keyDigest());
    CPPUNIT_ASSERT(facts.leaf == digestOf(leaf));
    CPPUNIT_ASSERT_EQUAL(Forge::validTo - 5, facts.notAfter);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, facts.path.size());
    CPPUNIT_ASSERT(facts.path[0].serial == sha256("M"));
    CPPUNIT_ASSERT(facts.path[0].issuerKey == Certificate::fromDer(intermediate.der())->keyDigest());
    CPPUNIT_ASSERT(facts.path[1].issuerKey == facts.anchorKey && facts.path[2].issuerKey == facts.anchorKey);
    CPPUNIT_ASSERT(facts.subjectKey == subjectKey(*model::Subject::parse("CN=ada,OU=dev,O=Example")));
    CPPUNIT_ASSERT(facts.commonName == nameDigest("ada"));
    CPPUNIT_ASSERT(facts.dnsNames == std::vector<model::Digest>{nameDigest("ada.example.com")});
    CPPUNIT_ASSERT(facts.subjectTuple == tupleDigest({"ada", {"dev"}, "Example", "", "", ""}));
    CPPUNIT_ASSERT_EQUAL("CN=ada,OU=dev,O=Example"s, facts.subjectText);

    const Forged mail =
        Forge().subject({{"emailAddress", "a@b.c", V_ASN1_IA5STRING}}).client().signedBy(root_).make();
    CPPUNIT_ASSERT(accepted(verify(list, mail)).subjectTuple == model::Digest{});
    CPPUNIT_ASSERT(accepted(verify(list, mail)).commonName == model::Digest{});
  }
  void testStrangersAreRefused() {
    const List list = listOf({root_});
    CPPUNIT_ASSERT_EQUAL(
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        refused(verify(list, Forge().client("ada").signedBy(Forge().ca("Other").make()).make())));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                         refused(verify(list, Forge().client("ada").make())));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_SIGNATURE_FAILURE,
                         refused(verify(list, ada().brokenSignature().make())));
    // Claims to be issued by Root, signed by itself.
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_SIGNATURE_FAILURE,
                         refused(verify(list, Forge().client("ada").issuerName({{"CN", "Root"}}).make())));
    // A stranger brings its own root along.
    const Forged other = Forge().ca("Other").make();
    refused(verify(list, Forge().client("ada").signedBy(other).make(), {other}));
  }
  void testPresentedIntermediatesHelp() {
    const Forged one = Forge().ca("One").signedBy(root_).make(), two = Forge().ca("Two").signedBy(one).make();
    const Forged leaf = Forge().client("ada").signedBy(two).make();
    const List list = listOf({root_});
    accepted(verify(list, leaf, {leaf, two, one})); // as libssl hands it in
    accepted(verify(list, leaf, {one, two, root_, root_}));
    refused(verify(list, leaf, {two}));
    refused(verify(list, leaf));
    accepted(verify(listOf({root_, one, two}), leaf));
  }
  // Fact 13.
  void testAnIntermediateMayBeTheAnchor() {
    const Forged one = Forge().ca("One").signedBy(root_).make();
    const Forged leaf = Forge().client("ada").signedBy(one).make();
    const model::ChainFacts facts = accepted(verify(listOf({one}), leaf));
    CPPUNIT_ASSERT(facts.anchor == digestOf(one));
    CPPUNIT_ASSERT(facts.path.back().issuerKey == model::Digest{}); // nobody knows the key that is not there
    refused(verify(listOf({one}), ada().make()));
  }
  // Lesson 20, fact 8.
  void testPurposeIsEnforced() {
    const List list = listOf({root_});
    for (const char* words : {"serverAuth", "anyExtendedKeyUsage", "emailProtection,codeSigning"})
      CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE,
                           refused(verify(list, ada().extendedKeyUsage(words).make())));
    for (const char* words : {"keyEncipherment", "keyAgreement", "critical,keyEncipherment,keyAgreement"})
      CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE, refused(verify(list, ada().keyUsage(words).make())));
    accepted(verify(list, ada().extendedKeyUsage("").keyUsage("").basicConstraints("").make()));
    accepted(verify(list, ada().extendedKeyUsage("serverAuth,clientAuth").make()));
    // An issuer that may issue, but not for clients.
    const Forged servers = Forge().ca("Servers").signedBy(root_).extendedKeyUsage("serverAuth").make();
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE,
                         refused(verify(list, Forge().client("ada").signedBy(servers).make(), {servers})));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION,
                         refused(verify(list, ada().rawExtension("1.2.3.4", "\x05\0"s, true).make())));
  }
  // Lesson 20: a CA's key signs certificates, and is not in the hands of a client.
  void testACaIsNoClient() {
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE, refused(verify(listOf({root_}), root_)));
    const Forged sub = Forge()
                           .ca("Sub")
                           .keyUsage("keyCertSign,digitalSignature")
                           .extendedKeyUsage("clientAuth")
                           .signedBy(root_)
                           .make();
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE, refused(verify(listOf({root_}), sub)));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_INVALID_PURPOSE, refused(verify(listOf({sub}), sub)));
    // CA:TRUE that cannot issue (R10) is an end-entity with a careless extension: some scripts make them.
    accepted(verify(listOf({root_}), ada().basicConstraints("CA:TRUE").keyUsage("digitalSignature").make()));
  }
  void testValidityOfEveryElement() {
    const Forged old = Forge().ca("Old").signedBy(root_).valid(Forge::validFrom, Forge::now).make();
    const Forged young = Forge().ca("Young").signedBy(root_).valid(Forge::now, Forge::validTo).make();
    const List list = listOf({root_});
    const Forged underOld = Forge().client("ada").signedBy(old).make(),
                 underYoung = Forge().client("ada").signedBy(young).make();
    // The second of notBefore is in, that of notAfter is out.
    accepted(verify(list, underOld, {old}, Forge::now - 1));
    accepted(verify(list, underYoung, {young}, Forge::now));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_HAS_EXPIRED, refused(verify(list, underOld, {old}, Forge::now)));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_NOT_YET_VALID,
                         refused(verify(list, underYoung, {young}, Forge::now - 1)));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_HAS_EXPIRED,
                         refused(verify(list, ada().make(), {}, Forge::validTo)));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_NOT_YET_VALID,
                         refused(verify(list, ada().make(), {}, Forge::validFrom - 1)));
    // A root that has expired vouches for nobody, though it is listed.
    const Forged expiredRoot = Forge().ca("R").valid(1, Forge::now - 1).make();
    CPPUNIT_ASSERT_EQUAL(
        X509_V_ERR_CERT_HAS_EXPIRED,
        refused(verify(listOf({expiredRoot}), Forge().client("a").signedBy(expiredRoot).make())));
  }
  void testOutdatedIsAllowedWhereAsked() {
    const List list = listOf({root_});
    const Forged leaf = ada().valid(Forge::validFrom, Forge::now - 10).make();
    refused(verify(list, leaf));
    CPPUNIT_ASSERT_EQUAL(Forge::now - 10, accepted(verify(list, leaf, {}, Forge::now, {true})).notAfter);
    // Not yet valid is not outdated; nor is anything else forgiven.
    refused(verify(list, ada().valid(Forge::now + 1, Forge::validTo).make(), {}, Forge::now, {true}));
    refused(verify(list, ada().valid(Forge::validFrom, Forge::now - 1).brokenSignature().make(), {},
                   Forge::now, {true}));
    refused(verify(list, ada().valid(Forge::validFrom, Forge::now - 1).extendedKeyUsage("serverAuth").make(),
                   {}, Forge::now, {true}));
    refused(verify(list, Forge().client("x").valid(Forge::validFrom, Forge::now - 1).make(), {}, Forge::now,
                   {true}));
  }
  // R10: security level 2 on the context itself.
  void testWeakKeysAndHashesAreRefused() {
    const List list = listOf({root_});
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CA_MD_TOO_WEAK, refused(verify(list, ada().hash("SHA1").make())));
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_EE_KEY_TOO_SMALL, refused(verify(list, ada().rsaKey(1024).make())));
    accepted(verify(list, ada().rsaKey(2048).make()));
    const Forged weakRoot = Forge().ca("Weak").rsaKey(1024).make();
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CA_KEY_TOO_SMALL,
                         refused(verify(listOf({weakRoot}), Forge().client("a").signedBy(weakRoot).make())));
  }
  void testDepthIsLimited() {
    std::vector<Forged> issuers = {root_};
    for (int i = 1; i < TrustList::maximumDepth; ++i)
      issuers.push_back(Forge().ca("Level " + std::to_string(i)).signedBy(issuers.back()).make());
    const std::vector<Forged> presented(issuers.begin() + 1, issuers.end());
    const List list = listOf({root_});
    CPPUNIT_ASSERT_EQUAL(
        std::size_t{TrustList::maximumDepth + 1},
        accepted(verify(list, Forge().client("ada").signedBy(issuers.back()).make(), presented)).path.size());
    std::vector<Forged> more = presented;
    more.push_back(Forge().ca("One more").signedBy(issuers.back()).make());
    refused(verify(list, Forge().client("ada").signedBy(more.back()).make(), more));
  }
  void testPathLengthAndNameConstraintsCount() {
    const Forged narrow = Forge().ca("Narrow").basicConstraints("critical,CA:TRUE,pathlen:0").make();
    const Forged sub = Forge().ca("Sub").signedBy(narrow).make();
    accepted(verify(listOf({narrow}), Forge().client("ada").signedBy(narrow).make()));
    CPPUNIT_ASSERT_EQUAL(
        X509_V_ERR_PATH_LENGTH_EXCEEDED,
        refused(verify(listOf({narrow}), Forge().client("ada").signedBy(sub).make(), {sub})));
    const Forged dev = Forge()
                           .ca("Dev")
                           .signedBy(root_)
                           .extension("nameConstraints", "critical,permitted;DNS:dev.example.com")
                           .make();
    accepted(verify(listOf({root_}),
                    Forge().client("ada").dnsNames({"a.dev.example.com"}).signedBy(dev).make(), {dev}));
    CPPUNIT_ASSERT_EQUAL(
        X509_V_ERR_PERMITTED_VIOLATION,
        refused(verify(listOf({root_}),
                       Forge().client("ada").dnsNames({"admin.example.com"}).signedBy(dev).make(), {dev})));
  }
  // Lesson 7.
  void testAnotherCaOfTheSameNameIsRefused() {
    const Forged impostor = Forge().ca("Root").key("impostor").make();
    for (Forge forge : {Forge().client("ada").signedBy(impostor),
                        Forge().client("ada").signedBy(impostor).withAuthorityKeyId()}) {
      refused(verify(listOf({root_}), forge.make()));
      refused(verify(listOf({root_}), forge.make(), {impostor}));
      accepted(verify(listOf({impostor}), forge.make()));
    }
  }
  // Fact 9: OpenSSL alone answers by the order of the file, unless the leaf names its issuer's key.
  void testBothCasOfOneNameServeInEitherOrder() {
    const Forged next = Forge().ca("Root").key("next").make();
    for (const Forged& signer : {root_, next}) {
      const Forged leaf = Forge().client("ada").signedBy(signer).make();
      for (const List& list : {listOf({root_, next}), listOf({next, root_})})
        CPPUNIT_ASSERT(accepted(verify(list, leaf)).anchor == digestOf(signer));
      // A lying authority key id makes nobody's certificate another's.
      refused(
          verify(listOf({root_, next}),
                 Forge().client("ada").signedBy(signer).authorityKeyId("a lie").brokenSignature().make()));
    }
  }
  void testSameNamedIntermediatesServeInEitherOrder() {
    const Forged first =
        Forge().ca("Issuing").key("first").signedBy(root_).extension("subjectKeyIdentifier", "hash").make();
    const Forged second =
        Forge().ca("Issuing").key("second").signedBy(root_).extension("subjectKeyIdentifier", "hash").make();
    for (const auto& [signer, other] : {std::pair(first, second), std::pair(second, first)}) {
      const Forged leaf = Forge().client("ada").signedBy(signer).make();
      const Forged named = Forge().client("ada").signedBy(signer).withAuthorityKeyId().make();
      accepted(verify(listOf({root_, other}), leaf, {signer})); // one is listed, the other sent
      accepted(verify(listOf({root_, signer}), leaf, {other}));
      CPPUNIT_ASSERT(accepted(verify(listOf({root_}), leaf, {signer})).anchor == digestOf(root_));
      // Both sent: the leaf has to name its issuer's key, or OpenSSL tries one alone.
      accepted(verify(listOf({root_}), named, {signer, other}));
      accepted(verify(listOf({root_}), named, {other, signer}));
      refused(verify(listOf({root_}), named, {other}));
    }
  }
  // Fact 10.
  void testRenewedRootOfTheSameKey() {
    const Forged old = Forge().ca("Root").valid(Forge::validFrom, Forge::now - 1).make();
    for (const List& list : {listOf({old, root_}), listOf({root_, old})}) {
      CPPUNIT_ASSERT(accepted(verify(list, ada().make())).anchor == digestOf(root_));
      CPPUNIT_ASSERT(accepted(verify(list, ada().make(), {}, Forge::now, {true})).anchor == digestOf(root_));
    }
    refused(verify(listOf({old}), ada().make(), {root_})); // what is sent is no anchor
  }
  void testTheOrderOfTheListHasNoMeaning() {
    const Forged cross =
        Forge().ca("Root").signedBy(Forge().ca("Elder").make()).make(); // Root's key, signed by Elder
    const Forged one = Forge().ca("One").signedBy(root_).make();
    std::vector<Forged> certificates = {root_,
                                        cross,
                                        one,
                                        Forge().ca("Elder").make(),
                                        Forge().ca("Root").key("other").make(),
                                        Forge().client("pinned").make()};
    const Forged leaf = Forge().client("ada").signedBy(one).make();
    std::vector<int> order = {0, 1, 2, 3, 4, 5};
    const List first = listOf(certificates);
    const model::ChainFacts expected = accepted(verify(first, leaf));
    CPPUNIT_ASSERT(expected.anchor == digestOf(one)); // the nearest
    do {
      std::vector<Forged> shuffled;
      for (const int i : order) shuffled.push_back(certificates[static_cast<std::size_t>(i)]);
      shuffled.push_back(shuffled.front()); // a duplicate is one
      const List list = listOf(shuffled);
      CPPUNIT_ASSERT(list->identity() == first->identity() && list->anchors() == first->anchors());
      const model::ChainFacts facts = accepted(verify(list, leaf));
      CPPUNIT_ASSERT(facts.anchor == expected.anchor && facts.path.size() == expected.path.size() &&
                     facts.notAfter == expected.notAfter);
      CPPUNIT_ASSERT_EQUAL(certificates.size(), list->listed().size());
    } while (std::next_permutation(order.begin(), order.end()));
  }
  // Lesson 16.
  void testIdentityIsTheLeafs() {
    const Forged leaf = ada().make(), admin = Forge().client("admin").make(),
                 other = Forge().client("bob").signedBy(root_).make();
    std::vector<Forged> presented = {leaf, admin, other, root_};
    std::vector<int> order = {0, 1, 2, 3};
    do {
      std::vector<Forged> shuffled;
      for (const int i : order) shuffled.push_back(presented[static_cast<std::size_t>(i)]);
      CPPUNIT_ASSERT_EQUAL("CN=ada"s, accepted(verify(listOf({root_}), leaf, shuffled)).subjectText);
      refused(verify(listOf({root_}), admin, shuffled));
    } while (std::next_permutation(order.begin(), order.end()));
  }
  // R7, lessons 1 and 2: before any rule sees them; in the leaf and above it.
  void testAnUndecodableSubjectIsRefused() {
    const List list = listOf({root_});
    CPPUNIT_ASSERT_EQUAL(
        X509_V_ERR_CERT_REJECTED,
        refused(verify(list, Forge().client().subject({{"CN", "admin\0evil"s}}).signedBy(root_).make())));
    CPPUNIT_ASSERT_EQUAL(
        X509_V_ERR_CERT_REJECTED,
        refused(verify(list,
                       Forge().client().subject({{"CN", "admin"}, {"CN", "evil"}}).signedBy(root_).make())));
    const Forged issuer = Forge().ca("x").subject({{"CN", "Issuer\0"s}}).signedBy(root_).make();
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_REJECTED,
                         refused(verify(list, Forge().client("ada").signedBy(issuer).make(), {issuer})));
  }
  void testTooManyPresentedAreRefused() {
    std::vector<Forged> presented(TrustList::maximumPresented + 1, root_);
    accepted(verify(listOf({root_}), ada().make(), presented));
    presented.push_back(root_);
    CPPUNIT_ASSERT_EQUAL(X509_V_ERR_CERT_CHAIN_TOO_LONG,
                         refused(verify(listOf({root_}), ada().make(), presented)));
  }
  // R10, and facts §3.3.
  void testTrustedCaRules() {
    const auto check = [](const std::vector<Forged>& certificates, std::int64_t now) {
      std::vector<Certificate> read;
      for (const Forged& forged : certificates) read.push_back(*Certificate::fromDer(forged.der()));
      return checkTrustedCa(read, now);
    };
    CPPUNIT_ASSERT(check({root_}, Forge::validTo - 1).ok());
    const Status leaf = check({root_, ada().make()}, Forge::now);
    CPPUNIT_ASSERT(leaf.error().code == Code::invalid_certificate);
    CPPUNIT_ASSERT(leaf.error().description.find("certificate 2 (\"CN=ada\")") != std::string::npos);
    CPPUNIT_ASSERT(check({root_}, Forge::validTo).error().code == Code::certificate_expired);
    CPPUNIT_ASSERT(check({}, Forge::now).error().code == Code::invalid_certificate);
    CPPUNIT_ASSERT(
        check({Forge().ca("x").basicConstraints("").keyUsage("").make()}, Forge::now).error().code ==
        Code::invalid_certificate);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TrustListTest);
