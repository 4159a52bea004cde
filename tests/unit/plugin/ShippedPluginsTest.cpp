// Protects: echo, certificate and password, as the libraries that are installed. A wrong "yes" is the worst
// that they can do.
#include "support/FakeHost.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse::test;
using namespace std::string_literals;

class ShippedPluginsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ShippedPluginsTest);
  CPPUNIT_TEST(testEchoSendsBackAtEveryChunkSize);
  CPPUNIT_TEST(testCertificateMapsASubjectToItsUser);
  CPPUNIT_TEST(testCertificateServesNobodyElse);
  CPPUNIT_TEST(testADirectoryThatIsAwayIsAFailure);
  CPPUNIT_TEST(testPasswordAcceptsTheRightOneAlone);
  CPPUNIT_TEST(testEveryLoginCostsTheSameWork);
  CPPUNIT_TEST(testAnEmptyPasswordNeverVerifies);
  CPPUNIT_TEST(testEnrollRefusesWhatCannotBeVerified);
  CPPUNIT_TEST(testAMalformedVerifierIsAFailure);
  CPPUNIT_TEST(testAKnownVerifierStillVerifies);
  CPPUNIT_TEST(testEachOfSeveralPasswordsIsRight);
  CPPUNIT_TEST(testSeveralVerifiersAreBoundedAndAllWellFormed);
  CPPUNIT_TEST_SUITE_END();

  static void is(std::uint32_t expected, const FakePlugin::Verified& got) {
    CPPUNIT_ASSERT_EQUAL(expected, got.verdict);
  }

public:
  void testEchoSendsBackAtEveryChunkSize() {
    FakeHost host;
    FakePlugin echo(host, GATEHOUSE_ECHO);
    CPPUNIT_ASSERT(echo.configure() && echo.start());
    const std::string text = "GET / HTTP/1.1\r\n\0\xff and more"s;
    for (const std::size_t chunk : {1U, 2U, 7U, 64U}) {
      FakeSession session(echo);
      session.client(text, chunk);
      session.clientEnds();
      CPPUNIT_ASSERT(session.sent() == text && !session.open());
    }
    CPPUNIT_ASSERT(host.faults.empty());
  }
  void testCertificateMapsASubjectToItsUser() {
    FakeHost host;
    FakePlugin certificate(host, GATEHOUSE_CERTIFICATE);
    CPPUNIT_ASSERT(certificate.configure() && certificate.start());
    host.users = {{"bob", "key of bob", "certificate", ""}, {"ada", "key of ada", "certificate", ""}};
    const auto found = certificate.verifyCertificate("key of ada");
    is(GH_VERDICT_ACCEPT, found);
    CPPUNIT_ASSERT_EQUAL("ada"s, found.login);
    is(GH_VERDICT_UNKNOWN, certificate.verifyCertificate("key of nobody"));
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_RUNS_ON_LOOP}, certificate.descriptor().authenticator->runs_on);
  }
  void testCertificateServesNobodyElse() {
    FakeHost host;
    FakePlugin certificate(host, GATEHOUSE_CERTIFICATE);
    CPPUNIT_ASSERT(certificate.configure());
    host.users = {{"ada", "key of ada", "regular", ""}};
    is(GH_VERDICT_NEXT, certificate.verifyCertificate("key of ada"));
    is(GH_VERDICT_FAILURE, certificate.verifyCertificate(""));
    is(GH_VERDICT_NEXT, certificate.verifyPassword("ada", "x"));
  }
  void testADirectoryThatIsAwayIsAFailure() { // R2: never "no such user", which would ask a weaker one
    FakeHost host;
    FakePlugin certificate(host, GATEHOUSE_CERTIFICATE), password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(certificate.configure() && password.configure());
    for (const std::uint32_t status : {GH_UNAVAILABLE + 0U, GH_UNSUPPORTED + 0U, GH_GONE + 0U, 77U}) {
      host.lookupStatus = status;
      is(GH_VERDICT_FAILURE, certificate.verifyCertificate("key"));
      is(GH_VERDICT_FAILURE, password.verifyPassword("ada", "x"));
    }
  }
  void testPasswordAcceptsTheRightOneAlone() {
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure() && password.start());
    const auto first = password.enroll("regular", "correct horse"),
               again = password.enroll("regular", "correct horse");
    CPPUNIT_ASSERT(first.first == GH_OK && again.first == GH_OK && first.second != again.second); // salted
    CPPUNIT_ASSERT(first.second.starts_with("$scrypt$ln=15,r=8,p=1$"));
    host.users = {{"ada", "", "regular", first.second}};
    const auto right = password.verifyPassword("ada", "correct horse");
    is(GH_VERDICT_ACCEPT, right);
    CPPUNIT_ASSERT_EQUAL("ada"s, right.login);
    for (const char* wrong : {"correct hors", "correct horse ", "Correct horse", first.second.c_str()})
      is(GH_VERDICT_MISMATCH, password.verifyPassword("ada", wrong));
    is(GH_VERDICT_MISMATCH, password.verifyPassword("ada", "correct horse\0"s)); // the same HMAC key
    is(GH_VERDICT_NEXT, password.verifyCertificate("key"));
  }
  void testEveryLoginCostsTheSameWork() { // lesson 46: counted, not timed
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    host.users = {{"ada", "", "regular", password.enroll("regular", "right").second},
                  {"eve", "key", "certificate", ""}, // R4: there is nothing that she could type
                  {"new", "", "regular", ""},
                  {"odd", "", "regular", "garbage"}};
    const struct {
      const char *login, *secret;
      std::uint32_t verdict;
    } cases[] = {{"ada", "right", GH_VERDICT_ACCEPT},     {"ada", "wrong", GH_VERDICT_MISMATCH},
                 {"nobody", "right", GH_VERDICT_UNKNOWN}, {"eve", "right", GH_VERDICT_NEXT},
                 {"new", "right", GH_VERDICT_MISMATCH},   {"odd", "right", GH_VERDICT_FAILURE}};
    for (const auto& one : cases) {
      host.counts.clear();
      is(one.verdict, password.verifyPassword(one.login, one.secret));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(one.login, std::uint64_t{1}, host.counts["scrypt"]);
    }
  }
  void testAnEmptyPasswordNeverVerifies() { // lesson 42
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    // scrypt("", 16 zero bytes) at ln=10: a verifier that somebody might plant
    host.users = {
        {"ada", "", "regular",
         "$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$lrd0igpMynkXOL9BlIHRZKygK91xRfvgNuhjjuLJLR8"},
        {"eve", "key", "certificate", ""},
        {"new", "", "regular", ""}};
    for (const char* login : {"ada", "eve", "new", "nobody"}) {
      host.counts.clear();
      is(GH_VERDICT_MISMATCH, password.verifyPassword(login, ""));
      is(GH_VERDICT_MISMATCH, password.verifyPassword(login, std::string(1025, 'x')));
      CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, host.counts["scrypt"]); // for every login alike
    }
  }
  void testEnrollRefusesWhatCannotBeVerified() {
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_INVALID}, password.enroll("regular", "").first);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_INVALID}, password.enroll("regular", "x\0"s).first);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_LIMIT}, password.enroll("regular", std::string(1025, 'x')).first);
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_UNSUPPORTED}, password.enroll("certificate", "x").first); // R4
    const auto longest = password.enroll("regular", std::string(1024, 'x'));
    host.users = {{"ada", "", "regular", longest.second}};
    is(GH_VERDICT_ACCEPT, password.verifyPassword("ada", std::string(1024, 'x')));
  }
  void testAMalformedVerifierIsAFailure() {
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    const std::string salt = "AAAAAAAAAAAAAAAAAAAAAA", hash(43, 'A');
    const std::string cases[] = {
        "x",
        "$",
        "$scrypt$",
        "scrypt$ln=10,r=8,p=1$" + salt + "$" + hash,
        "$argon2id$ln=10,r=8,p=1$" + salt + "$" + hash,
        "$scrypt$ln=10,r=8,p=1$" + salt + "$" + hash + "$",
        "$scrypt$ln=10,r=8,p=1$" + salt + "$" + hash + "\n",
        "$scrypt$ln=10,r=8,p=1$" + salt + "$" + hash + "=",
        "$scrypt$ln=10,r=8,p=1$" + salt + "$",
        "$scrypt$ln=10,r=8,p=1$" + salt,
        "$scrypt$ln=10,r=8,p=1$$" + hash,
        "$scrypt$ln=10,r=8,p=1$AAAA$" + hash,                    // a short salt
        "$scrypt$ln=10,r=8,p=1$" + salt + "B$" + hash,           // no number of bytes has so many letters
        "$scrypt$ln=10,r=8,p=1$" + salt.substr(1) + "B$" + hash, // stray bits
        "$scrypt$ln=10,r=8,p=1$" + salt + "$" + hash.substr(1),
        "$scrypt$ln=10,r=8,p=1$" + salt + "$-" + hash.substr(1),
        "$scrypt$ln=9,r=8,p=1$" + salt + "$" + hash,
        "$scrypt$ln=21,r=1,p=1$" + salt + "$" + hash,
        "$scrypt$ln=010,r=8,p=1$" + salt + "$" + hash,
        "$scrypt$ln=+10,r=8,p=1$" + salt + "$" + hash,
        "$scrypt$ln=99999999999999999999,r=8,p=1$" + salt + "$" + hash,
        "$scrypt$ln=20,r=8,p=1$" + salt + "$" + hash, // a gibibyte
        "$scrypt$ln=16,r=8,p=1$" + salt + "$" + hash, // 64 MiB and a little
        "$scrypt$ln=10,r=0,p=1$" + salt + "$" + hash,
        "$scrypt$ln=10,r=33,p=1$" + salt + "$" + hash,
        "$scrypt$ln=10,r=8,p=5$" + salt + "$" + hash,
        "$scrypt$ln=10,p=1,r=8$" + salt + "$" + hash,
        "$scrypt$ln=10,r=8,p=1$" + std::string(300, 'A') + "$" + hash,
        "$scrypt$ln=10,r=8,p=1$"s + '\0' + salt + "$" + hash,
    };
    for (const auto& bad : cases) {
      host.users = {{"ada", "", "regular", bad}};
      const auto got = password.verifyPassword("ada", "right");
      CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::uint32_t{GH_VERDICT_FAILURE}, got.verdict);
    }
    CPPUNIT_ASSERT_EQUAL(std::size(cases), host.log.size());
    for (const auto& line : host.log) CPPUNIT_ASSERT(line.find("AAAA") == std::string::npos);
  }
  void testAKnownVerifierStillVerifies() { // made by another scrypt (Python's hashlib)
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    host.users = {
        {"ada", "", "regular",
         "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGUsIA$NEy7sz6piHJQQL1zQgSxuqE8ySfVZT2t+Tv03r7gqlw"}};
    is(GH_VERDICT_ACCEPT, password.verifyPassword("ada", "pleaseletmein"));
    is(GH_VERDICT_MISMATCH, password.verifyPassword("ada", "pleaseletmeout"));
  }
  void testEachOfSeveralPasswordsIsRight() {
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    const std::string first = password.enroll("regular", "first").second,
                      second = password.enroll("regular", "second").second;
    host.users = {{"ada", "", "regular", first + "\n" + second}};
    const struct {
      const char* secret;
      std::uint32_t verdict;
      std::uint64_t scrypts;
    } cases[] = {{"first", GH_VERDICT_ACCEPT, 1},
                 {"second", GH_VERDICT_ACCEPT, 2},
                 {"third", GH_VERDICT_MISMATCH, 2},
                 {"first\nsecond", GH_VERDICT_MISMATCH, 2}};
    for (const auto& one : cases) {
      host.counts.clear();
      is(one.verdict, password.verifyPassword("ada", one.secret));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(one.secret, one.scrypts, host.counts["scrypt"]);
    }
    host.users = {{"ada", "", "regular", second}}; // the first was taken away
    is(GH_VERDICT_MISMATCH, password.verifyPassword("ada", "first"));
    host.counts.clear();
    is(GH_VERDICT_UNKNOWN, password.verifyPassword("nobody", "first"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, host.counts["scrypt"]);
  }
  void testSeveralVerifiersAreBoundedAndAllWellFormed() { // what one login may cost is bounded
    FakeHost host;
    FakePlugin password(host, GATEHOUSE_PASSWORD);
    CPPUNIT_ASSERT(password.configure());
    const std::string right = password.enroll("regular", "right").second;
    const std::string other = "$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + std::string(43, 'A');
    const auto verdictOf = [&](const std::string& verifiers) {
      host.users = {{"ada", "", "regular", verifiers}};
      return password.verifyPassword("ada", "right").verdict;
    };
    const std::string four = other + "\n" + other + "\n" + other + "\n" + other + "\n";
    CPPUNIT_ASSERT_EQUAL(std::uint32_t{GH_VERDICT_ACCEPT}, verdictOf(four + right));
    for (const std::string& bad : {four + other + "\n" + right, right + "\n", "\n" + right,
                                   right + "\n\n" + other, right + "\r\n" + other, right + "\nx"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::uint32_t{GH_VERDICT_FAILURE}, verdictOf(bad));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ShippedPluginsTest);
