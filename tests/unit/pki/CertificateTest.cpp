// Protects: what a certificate says is read with lengths, whole, or not at all (R7; lessons 1, 2, 3, 5, 9,
// 10).
#include "pki/Certificate.h"
#include "base/Text.h"
#include "pki/Hash.h"
#include "support/CertForge.h"

#include <openssl/err.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::pki;
using gatehouse::test::Forge;
using gatehouse::test::Forged;
using gatehouse::test::utf16be;
using namespace std::string_literals;

class CertificateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CertificateTest);
  CPPUNIT_TEST(testFieldsAreRead);
  CPPUNIT_TEST(testStringTypesOfOneTextAreOneSubject);
  CPPUNIT_TEST(testNonAsciiIsTheSameInEveryWideType);
  CPPUNIT_TEST(testNothingIsFoldedOrNormalised);
  CPPUNIT_TEST(testANulAnywhereIsRefused);
  CPPUNIT_TEST(testTwoCommonNamesAreRefused);
  CPPUNIT_TEST(testWhatCannotBeDecodedIsRefused);
  CPPUNIT_TEST(testOverLongValuesAreRefusedAndLongOnesKeptWhole);
  CPPUNIT_TEST(testMultiValuedRdnsHaveNoOrder);
  CPPUNIT_TEST(testWholeOrderReversedIsTheSameSubjectAndNoOtherOrder);
  CPPUNIT_TEST(testOnlyDnsNamesAreDnsNames);
  CPPUNIT_TEST(testPurposes);
  CPPUNIT_TEST(testWhoMayIssue);
  CPPUNIT_TEST(testOnlyDerAndNothingBehindIt);
  CPPUNIT_TEST(testMalformedExtensionsAreRefused);
  CPPUNIT_TEST(testSerialsKeepTheirBytes);
  CPPUNIT_TEST(testNoErrorStaysOnTheQueue);
  CPPUNIT_TEST_SUITE_END();

  static Certificate read(const Forged& forged) {
    Result<Certificate> certificate = Certificate::fromDer(forged.der());
    CPPUNIT_ASSERT_MESSAGE(certificate.ok() ? "" : certificate.error().description, certificate.ok());
    return *certificate;
  }
  static std::string refusal(const Forge& forge) {
    const Result<Certificate> certificate = Certificate::fromDer(forge.make().der());
    CPPUNIT_ASSERT_MESSAGE("was accepted", !certificate.ok());
    CPPUNIT_ASSERT(certificate.error().code == Code::invalid_certificate);
    CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    return certificate.error().description;
  }
  static bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  static model::Digest keyOf(const test::ForgedName& name) {
    return subjectKey(read(Forge().subject(name).make()).subject());
  }

public:
  void testFieldsAreRead() {
    const Forged ca = Forge().ca("Example CA").make();
    const Forged forged = Forge()
                              .subject({{"C", "US"}, {"O", "Example"}, {"OU", "dev"}, {"CN", "ada"}})
                              .client()
                              .signedBy(ca)
                              .serial(0x1234)
                              .dnsNames({"ada.example.com", "*.example.com"})
                              .make();
    const Certificate certificate = read(forged);
    CPPUNIT_ASSERT(certificate.der() == forged.der());
    CPPUNIT_ASSERT(certificate.digest() == sha256(forged.der()));
    CPPUNIT_ASSERT_EQUAL("CN=ada,OU=dev,O=Example,C=US"s, certificate.subjectText());
    CPPUNIT_ASSERT_EQUAL("CN=Example CA"s, certificate.issuerText());
    CPPUNIT_ASSERT(certificate.subject().commonName() == "ada");
    CPPUNIT_ASSERT(certificate.serial() == "\x12\x34");
    CPPUNIT_ASSERT_EQUAL(Forge::validFrom, certificate.notBefore());
    CPPUNIT_ASSERT_EQUAL(Forge::validTo, certificate.notAfter());
    CPPUNIT_ASSERT((certificate.dnsNames() == std::vector<std::string>{"ada.example.com", "*.example.com"}));
    CPPUNIT_ASSERT(!certificate.isSelfIssued() && read(ca).isSelfIssued());
    CPPUNIT_ASSERT(read(ca).keyDigest() != certificate.keyDigest());
    CPPUNIT_ASSERT(*Certificate::fromX509(forged.x509()) == certificate);
    CPPUNIT_ASSERT_EQUAL(forged.pem(), certificate.pem());
    // RFC 5280 §4.1.2.5: years from 2050 on are GeneralizedTime.
    CPPUNIT_ASSERT_EQUAL(std::int64_t{253402300799}, read(Forge().valid(0, 253402300799).make()).notAfter());
  }

  // R7, facts §8.2: the type of the string has no meaning.
  void testStringTypesOfOneTextAreOneSubject() {
    const model::Digest utf8 = keyOf({{"O", "Example"}, {"CN", "ada"}});
    for (const int type : {V_ASN1_PRINTABLESTRING, V_ASN1_IA5STRING, V_ASN1_T61STRING})
      CPPUNIT_ASSERT(utf8 == keyOf({{"O", "Example", type}, {"CN", "ada", type}}));
    CPPUNIT_ASSERT(utf8 == keyOf({{"O", utf16be("Example"), V_ASN1_BMPSTRING},
                                  {"CN", utf16be("ada"), V_ASN1_BMPSTRING}}));
    CPPUNIT_ASSERT(utf8 ==
                   keyOf({{"O", "Example"}, {"CN", "\0\0\0a\0\0\0d\0\0\0a"s, V_ASN1_UNIVERSALSTRING}}));
    CPPUNIT_ASSERT(utf8 == subjectKey(*model::Subject::parse("CN=ada,O=Example")));
  }
  void testNonAsciiIsTheSameInEveryWideType() {
    const model::Digest utf8 = keyOf({{"CN", "Jos\xC3\xA9 \xE2\x82\xAC"}});
    CPPUNIT_ASSERT(utf8 == keyOf({{"CN", "\0J\0o\0s\0\xE9\0 \x20\xAC"s, V_ASN1_BMPSTRING}}));
    CPPUNIT_ASSERT(utf8 == keyOf({{"CN", "\0\0\0J\0\0\0o\0\0\0s\0\0\0\xE9\0\0\0 \0\0\x20\xAC"s,
                                   V_ASN1_UNIVERSALSTRING}}));
    CPPUNIT_ASSERT(keyOf({{"CN", "\xF0\x9F\x98\x80"}}) ==
                   keyOf({{"CN", "\0\x01\xF6\x00"s, V_ASN1_UNIVERSALSTRING}}));
  }
  // R7; fact 5: OpenSSL's own comparison says yes to the first two.
  void testNothingIsFoldedOrNormalised() {
    const model::Digest ada = keyOf({{"CN", "ada"}});
    for (const char* other : {"Ada", "ada ", " ada", "ad a",
                              "\xD0\xB0"
                              "da"})
      CPPUNIT_ASSERT(ada != keyOf({{"CN", other}}));
    CPPUNIT_ASSERT(keyOf({{"CN", "\xC3\xA9"}}) != keyOf({{"CN", "e\xCC\x81"}})); // composed and decomposed
  }

  // Lessons 1, 2, 3, 5: in each string type, in each attribute, and in the kinds of SAN that are text.
  void testANulAnywhereIsRefused() {
    for (const int type : {V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING, V_ASN1_IA5STRING, V_ASN1_T61STRING})
      CPPUNIT_ASSERT(says(refusal(Forge().subject({{"CN", "admin\0evil"s, type}})), "NUL"));
    CPPUNIT_ASSERT(says(refusal(Forge().subject({{"CN", "ada"}, {"OU", "dev\0"s}})), "NUL"));
    CPPUNIT_ASSERT(
        says(refusal(Forge().subject({{"CN", utf16be("admin\0evil"s), V_ASN1_BMPSTRING}})), "NUL"));
    CPPUNIT_ASSERT(says(refusal(Forge().client("ada").dnsNames({"admin\0.example.com"s})), "NUL"));
    for (const char tag : {'\x81', '\x86'}) // rfc822Name, uniformResourceIdentifier
      CPPUNIT_ASSERT(
          says(refusal(Forge().client("ada").rawExtension("2.5.29.17", "\x30\x05"s + tag + "\x03" + "a\0b"s)),
               "NUL"));
  }
  // Lessons 2 and 10.
  void testTwoCommonNamesAreRefused() {
    CPPUNIT_ASSERT(says(refusal(Forge().subject({{"CN", "admin"}, {"CN", "attacker"}})), "CN"));
    CPPUNIT_ASSERT(
        says(refusal(Forge().subject({{"CN", "admin"}, {"CN", "attacker", V_ASN1_UTF8STRING, true}})), "CN"));
    CPPUNIT_ASSERT(says(refusal(Forge().subject({{"CN", "admin"}, {"O", "x"}, {"2.5.4.3", "admin"}})), "CN"));
  }
  // What libcrypto would not encode is patched into the bytes: nothing here looks at the signature.
  void testWhatCannotBeDecodedIsRefused() {
    const std::vector<std::pair<std::string, int>> values = {
        {"\xC0\xAF..", V_ASN1_UTF8STRING},    // over-long form
        {"\xED\xA0\x80.", V_ASN1_UTF8STRING}, // a surrogate
        {"Jos\xE9", V_ASN1_UTF8STRING},       // Latin-1
        {"Jos\xE9", V_ASN1_T61STRING},        // Latin-1 to some, T.61 to others
        {"Jos\xE9", V_ASN1_PRINTABLESTRING},
        {"Jos\xE9", V_ASN1_IA5STRING},
        {"\xD8\x3D\xDE\x00"s, V_ASN1_BMPSTRING}, // surrogates: UCS-2 has none
        {"\0\x11\0\0"s, V_ASN1_UNIVERSALSTRING}, // above U+10FFFF
        {"\0\0\xD8\0"s, V_ASN1_UNIVERSALSTRING},
        {"\0\0\0\0"s, V_ASN1_UNIVERSALSTRING},
        {"abcd", V_ASN1_OCTET_STRING}, // not a string
        {"abcd", V_ASN1_BIT_STRING},
    };
    const std::string der = Forge().subject({{"CN", "XYZW"}}).make().der();
    for (const auto& [value, type] : values) {
      std::string patched = der;
      for (std::size_t at = patched.find("XYZW"); at != std::string::npos; at = patched.find("XYZW")) {
        patched[at - 2] = static_cast<char>(type);
        patched.replace(at, 4, value);
      }
      CPPUNIT_ASSERT_MESSAGE(value, !Certificate::fromDer(patched).ok());
      CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    }
    CPPUNIT_ASSERT(!refusal(Forge().subject({{"CN", "", V_ASN1_UTF8STRING}}).key("any")).empty());
    CPPUNIT_ASSERT(
        says(refusal(Forge().subject({{"1.3.6.1." + std::string(140, '1'), "x"}})), "attribute type"));
  }
  // Lesson 2: a CN beyond 255 bytes was compared by its first 255 elsewhere.
  void testOverLongValuesAreRefusedAndLongOnesKeptWhole() {
    const std::string longest(model::Subject::maximumValue, 'a');
    CPPUNIT_ASSERT(keyOf({{"CN", longest}}) != keyOf({{"CN", longest.substr(1) + "b"}}));
    CPPUNIT_ASSERT(!refusal(Forge().subject({{"CN", longest + "a"}}).key("any")).empty());
    CPPUNIT_ASSERT(!refusal(Forge().subject({{"CN", std::string(40000, 'a')}}).key("any")).empty());
    CPPUNIT_ASSERT(
        !refusal(Forge().subject(test::ForgedName(model::Subject::maximumAttributes + 1, {"OU", "x"})))
             .empty());
    CPPUNIT_ASSERT(!refusal(Forge().client("ada").dnsNames({std::string(254, 'a')})).empty());
    CPPUNIT_ASSERT(!refusal(Forge().client("ada").dnsNames(
                                std::vector<std::string>(Certificate::maximumDnsNames + 1, "a.b")))
                        .empty());
  }

  void testMultiValuedRdnsHaveNoOrder() {
    const model::Digest one = keyOf({{"O", "x"}, {"CN", "bob"}, {"OU", "ops", V_ASN1_UTF8STRING, true}});
    CPPUNIT_ASSERT(one == keyOf({{"O", "x"}, {"OU", "ops"}, {"CN", "bob", V_ASN1_UTF8STRING, true}}));
    CPPUNIT_ASSERT(one != keyOf({{"O", "x"}, {"OU", "ops"}, {"CN", "bob"}}));
    CPPUNIT_ASSERT(keyOf({{"CN", "b+OU=ops"}}) !=
                   keyOf({{"CN", "b"}, {"OU", "ops", V_ASN1_UTF8STRING, true}}));
  }
  void testWholeOrderReversedIsTheSameSubjectAndNoOtherOrder() {
    const model::Digest one = keyOf({{"C", "US"}, {"O", "Example"}, {"CN", "ada"}});
    CPPUNIT_ASSERT(one == keyOf({{"CN", "ada"}, {"O", "Example"}, {"C", "US"}}));
    CPPUNIT_ASSERT(one != keyOf({{"O", "Example"}, {"C", "US"}, {"CN", "ada"}}));
  }
  // Lesson 9: an e-mail or a URI whose text is a host name is none.
  void testOnlyDnsNamesAreDnsNames() {
    const Certificate certificate =
        read(Forge()
                 .client("ada")
                 .extension("subjectAltName",
                            "email:a@example.com,URI:admin.example.com,IP:127.0.0.1,RID:1.2.3,DNS:ada")
                 .make());
    CPPUNIT_ASSERT((certificate.dnsNames() == std::vector<std::string>{"ada"}));
    CPPUNIT_ASSERT(read(Forge().client("ada").make()).dnsNames().empty());
    CPPUNIT_ASSERT(!refusal(Forge().client("ada").dnsNames({""})).empty());
    CPPUNIT_ASSERT(!refusal(Forge().client("ada").dnsNames({"b\xC3\xBC"})).empty());
  }

  // Lesson 20, fact 8.
  void testPurposes() {
    const Certificate none = read(Forge().subject({{"CN", "ada"}}).make());
    CPPUNIT_ASSERT(none.allowsClientAuth() && none.allowsServerAuth() && none.allowsSignature() &&
                   !none.hasExtendedKeyUsage());
    const auto usage = [](const char* words) {
      return read(Forge().client("ada").extendedKeyUsage(words).make());
    };
    CPPUNIT_ASSERT(usage("clientAuth").allowsClientAuth() && !usage("clientAuth").allowsServerAuth());
    CPPUNIT_ASSERT(usage("serverAuth").allowsServerAuth() && !usage("serverAuth").allowsClientAuth());
    CPPUNIT_ASSERT(!usage("anyExtendedKeyUsage").allowsClientAuth() &&
                   !usage("emailProtection").allowsClientAuth());
    CPPUNIT_ASSERT(usage("anyExtendedKeyUsage,clientAuth").allowsClientAuth());
    CPPUNIT_ASSERT(!read(Forge().client("ada").keyUsage("keyAgreement").make()).allowsSignature());
    CPPUNIT_ASSERT(
        !read(Forge().client("ada").keyUsage("critical,keyEncipherment").make()).allowsSignature());
  }
  // R10, each row.
  void testWhoMayIssue() {
    const auto issues = [](const char* constraints, const char* usage, const char* extended) {
      const Forged forged =
          Forge().ca("x").basicConstraints(constraints).keyUsage(usage).extendedKeyUsage(extended).make();
      CPPUNIT_ASSERT_EQUAL(read(forged).mayIssue(), mayIssue(forged.x509()));
      return read(forged).mayIssue();
    };
    CPPUNIT_ASSERT(issues("critical,CA:TRUE", "keyCertSign", ""));
    CPPUNIT_ASSERT(issues("CA:TRUE", "keyCertSign,digitalSignature", "clientAuth"));
    CPPUNIT_ASSERT(issues("CA:TRUE", "", ""));
    CPPUNIT_ASSERT(!issues("CA:TRUE", "", "clientAuth"));
    CPPUNIT_ASSERT(!issues("CA:TRUE", "digitalSignature", ""));
    CPPUNIT_ASSERT(!issues("CA:TRUE", "digitalSignature", "clientAuth"));
    CPPUNIT_ASSERT(!issues("CA:FALSE", "keyCertSign", ""));
    CPPUNIT_ASSERT(!issues("", "keyCertSign", ""));
    CPPUNIT_ASSERT(!issues("", "", ""));
  }

  void testOnlyDerAndNothingBehindIt() {
    const std::string der = Forge().client("ada").make().der();
    for (const std::string& bad :
         {""s, "x"s, der + "\0"s, der + der, der.substr(0, der.size() - 1), std::string(100000, '0')}) {
      CPPUNIT_ASSERT(!Certificate::fromDer(bad).ok());
      CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    }
    // The outer length in five bytes instead of three: BER, the same certificate to OpenSSL, other bytes to
    // everyone who hashes them.
    CPPUNIT_ASSERT(der.substr(0, 2) == "\x30\x82"s);
    CPPUNIT_ASSERT(!Certificate::fromDer("\x30\x84\0\0"s + der.substr(2)).ok());
  }
  void testMalformedExtensionsAreRefused() {
    CPPUNIT_ASSERT(
        !refusal(Forge().client("ada").basicConstraints("").rawExtension("2.5.29.19", "garbage")).empty());
    CPPUNIT_ASSERT(!refusal(Forge().client("ada").rawExtension("2.5.29.17", "\x30\x03\x82\x05x")).empty());
    CPPUNIT_ASSERT(
        !refusal(Forge().client("ada").dnsNames({"a"}).rawExtension("2.5.29.17", "\x30\x03\x82\x01z"))
             .empty()); // two SANs
    CPPUNIT_ASSERT(
        !refusal(Forge().client("ada").extendedKeyUsage("").rawExtension("2.5.29.37", "\x04\x01x")).empty());
    CPPUNIT_ASSERT(!refusal(Forge().client("ada").rawExtension("2.5.29.15", "\x03\x02\x07\x80"))
                        .empty()); // two keyUsages
  }
  void testSerialsKeepTheirBytes() {
    CPPUNIT_ASSERT(read(Forge().client("a").serial(128).make()).serial() == "\0\x80"s);
    CPPUNIT_ASSERT(read(Forge().client("a").serial(-128).make()).serial() == "\x80"s);
    CPPUNIT_ASSERT(read(Forge().client("a").serial(0).make()).serial() == "\0"s);
  }
  void testNoErrorStaysOnTheQueue() {
    ERR_clear_error();
    (void)Certificate::fromDer("not a certificate");
    CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    (void)read(Forge().client("ada").make());
    CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    CPPUNIT_ASSERT_EQUAL(""s, drainErrors());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CertificateTest);
