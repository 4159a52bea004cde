// Protects: a list that is missing, empty or half readable is an error, never a shorter list (R11; lessons
// 17, 18).
#include "pki/Certificate.h"
#include "support/CertForge.h"

#include <openssl/err.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::pki;
using gatehouse::test::Forge;
using gatehouse::test::Forged;
using namespace std::string_literals;

class PemTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PemTest);
  CPPUNIT_TEST(testCertificatesComeInOrder);
  CPPUNIT_TEST(testWhatToolsWriteIsRead);
  CPPUNIT_TEST(testEmptyTextsAreErrors);
  CPPUNIT_TEST(testEveryTruncationIsAnErrorOrWhole);
  CPPUNIT_TEST(testTheBrokenCertificateIsNamed);
  CPPUNIT_TEST(testAPrivateKeyIsRefused);
  CPPUNIT_TEST(testHalfABoundaryIsRefused);
  CPPUNIT_TEST(testLimits);
  CPPUNIT_TEST_SUITE_END();

  const Forged one_ = Forge().ca("one").make(), two_ = Forge().ca("two").make();

  static std::size_t count(const std::string& text) {
    const Result<std::vector<Certificate>> read = Certificate::fromPem(text);
    CPPUNIT_ASSERT_MESSAGE(read.ok() ? "" : read.error().description, read.ok());
    return read->size();
  }
  static std::string refusal(const std::string& text) {
    const Result<std::vector<Certificate>> read = Certificate::fromPem(text);
    CPPUNIT_ASSERT_MESSAGE("was accepted:\n" + text, !read.ok());
    CPPUNIT_ASSERT(read.error().code == Code::invalid_certificate);
    CPPUNIT_ASSERT_EQUAL(0UL, ERR_peek_error());
    return read.error().description;
  }
  static bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    return text;
  }

public:
  void testCertificatesComeInOrder() {
    const Result<std::vector<Certificate>> read = Certificate::fromPem(one_.pem() + two_.pem() + one_.pem());
    CPPUNIT_ASSERT(read.ok() && read->size() == 3);
    CPPUNIT_ASSERT_EQUAL("CN=one"s, (*read)[0].subjectText());
    CPPUNIT_ASSERT_EQUAL("CN=two"s, (*read)[1].subjectText());
    CPPUNIT_ASSERT((*read)[0] == (*read)[2]);
  }
  void testWhatToolsWriteIsRead() {
    const std::string both = one_.pem() + two_.pem();
    CPPUNIT_ASSERT_EQUAL(std::size_t{2},
                         count(both.substr(0, both.size() - 1))); // bash's $(<file) drops the newline
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, count(replaced(both, "\n", "\r\n")));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2},
                         count("# our CAs\n\nsubject=CN = one\nissuer=CN = one\n" + one_.pem() +
                               "\nCertificate:\n    Data:\n        Version: 3 (0x2)\n=====\n----------\n" +
                               two_.pem() + "the end"));
  }
  void testEmptyTextsAreErrors() {
    for (const std::string& text : {""s, "\n"s, "  \r\n"s, "# no certificate yet\n"s})
      CPPUNIT_ASSERT(says(refusal(text), "no certificate"));
    refusal("\0"s);
    refusal(one_.pem() + "\0"s);
    refusal(one_.der());
  }
  // Lesson 17: OpenSSL's own reader answers one certificate for most of these.
  void testEveryTruncationIsAnErrorOrWhole() {
    const std::string first = one_.pem(), both = first + two_.pem();
    for (std::size_t length = first.size(); length < both.size(); ++length) {
      const Result<std::vector<Certificate>> read = Certificate::fromPem(both.substr(0, length));
      const bool insideTheFirstDashes = length <= first.size() + 5; // a line of dashes alone is decoration
      if (read.ok())
        CPPUNIT_ASSERT_MESSAGE(std::to_string(length), (insideTheFirstDashes || length == both.size() - 1));
    }
    for (std::size_t length = 0; length + 1 < first.size(); ++length) refusal(first.substr(0, length));
  }
  void testTheBrokenCertificateIsNamed() {
    const std::string good = one_.pem(), bad = replaced(two_.pem(), "MII", "MI!");
    CPPUNIT_ASSERT(says(refusal(good + bad), "certificate 2"));
    CPPUNIT_ASSERT(says(refusal(bad + good), "certificate 1"));
    std::string flipped = two_.pem(); // still base64, no longer DER
    flipped[flipped.find("MII") + 8] ^= 1;
    CPPUNIT_ASSERT(says(refusal(good + good + flipped), "certificate 3"));
    CPPUNIT_ASSERT(
        says(refusal(good + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), "certificate 2"));
    CPPUNIT_ASSERT(says(refusal(good + "-----BEGIN CERTIFICATE-----\n" + good), "certificate 2"));
    const Forged nul = Forge().subject({{"CN", "admin\0evil"s}}).make();
    CPPUNIT_ASSERT(says(refusal(good + nul.pem()), "certificate 2"));
    CPPUNIT_ASSERT(says(refusal(good + nul.pem()), "NUL"));
  }
  void testAPrivateKeyIsRefused() {
    CPPUNIT_ASSERT(says(refusal(one_.pem() + one_.keyPem()), "private key"));
    CPPUNIT_ASSERT(says(refusal(one_.keyPem()), "private key"));
    CPPUNIT_ASSERT(!says(refusal(one_.keyPem() + one_.pem()), one_.keyPem().substr(40, 20)));
  }
  void testHalfABoundaryIsRefused() {
    const std::string pem = one_.pem();
    refusal(pem + replaced(two_.pem(), "-----BEGIN", "----BEGIN"));
    refusal(pem + replaced(two_.pem(), "-----BEGIN", "  -----BEGIN"));
    refusal(pem + replaced(two_.pem(), "-----END", "----END"));
    refusal(pem + two_.pem().substr(two_.pem().find('\n') + 1));
    refusal(pem + two_.pem().substr(two_.pem().find('\n') + 1, 65)); // body without any boundary
    refusal(replaced(pem, "\n", "\\n"));                             // a JSON string that was escaped twice
    refusal(replaced(pem, "\n", " "));
    refusal(replaced(pem, "CERTIFICATE", "TRUSTED CERTIFICATE"));
    refusal(replaced(pem, "CERTIFICATE", "X509 CRL"));
  }
  void testLimits() {
    std::string many;
    for (std::size_t i = 0; i < Certificate::maximumCount; ++i) many += one_.pem();
    CPPUNIT_ASSERT_EQUAL(Certificate::maximumCount, count(many));
    CPPUNIT_ASSERT(says(refusal(many + one_.pem()), "more than"));
    CPPUNIT_ASSERT(says(refusal(one_.pem() + std::string(Certificate::maximumPem, '\n')), "longer"));
    CPPUNIT_ASSERT(says(
        refusal("-----BEGIN CERTIFICATE-----\n" + std::string(100000, 'A') + "\n-----END CERTIFICATE-----\n"),
        "longer"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PemTest);
