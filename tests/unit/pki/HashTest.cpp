// Protects: digests that decide who matches whom: equal exactly when they should be, for `san_cn`,
// `full_subject` and users' rows (R7).
#include "pki/Hash.h"
#include "base/Text.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::pki;
using namespace std::string_literals;

class HashTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(HashTest);
  CPPUNIT_TEST(testKnownAnswers);
  CPPUNIT_TEST(testRandomBytesDiffer);
  CPPUNIT_TEST(testDomainsAreSeparate);
  CPPUNIT_TEST(testTuplesAreLengthPrefixed);
  CPPUNIT_TEST(testUnitsAreAMultiset);
  CPPUNIT_TEST(testEmptyMembersAreAbsent);
  CPPUNIT_TEST(testASubjectOutsideTheTupleMatchesNothing);
  CPPUNIT_TEST_SUITE_END();

  static std::optional<model::Digest> tupleOf(std::string_view line) {
    return subjectTupleDigest(*model::Subject::parse(line));
  }

public:
  void testKnownAnswers() {
    const std::string abc =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2 B.1
    CPPUNIT_ASSERT_EQUAL(abc, hex(view(sha256("abc"))));
    CPPUNIT_ASSERT_EQUAL(abc, hex(view(sha256({"a", "", "bc"}))));
    CPPUNIT_ASSERT_EQUAL("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"s, // RFC 4231 §4.3
                         hex(view(hmacSha256("Jefe", "what do ya want for nothing?"))));
  }
  void testRandomBytesDiffer() {
    CPPUNIT_ASSERT_EQUAL(std::size_t{32}, randomBytes(32)->size());
    CPPUNIT_ASSERT(*randomBytes(32) != *randomBytes(32));
    CPPUNIT_ASSERT(randomBytes(0)->empty());
  }
  void testDomainsAreSeparate() {
    CPPUNIT_ASSERT(nameDigest("ada") != sha256("ada"));
    CPPUNIT_ASSERT(nameDigest("ada") != tupleDigest({"ada", {}, "", "", "", ""}));
    CPPUNIT_ASSERT(subjectKey(*model::Subject::parse("CN=ada")) != *tupleOf("CN=ada"));
    CPPUNIT_ASSERT(nameDigest("Ada") != nameDigest("ada"));
  }
  void testTuplesAreLengthPrefixed() {
    CPPUNIT_ASSERT(tupleDigest({"ab", {}, "c", "", "", ""}) != tupleDigest({"a", {}, "bc", "", "", ""}));
    CPPUNIT_ASSERT(tupleDigest({"a", {}, "b", "", "", ""}) != tupleDigest({"a", {}, "", "b", "", ""}));
    CPPUNIT_ASSERT(tupleDigest({"a", {"b"}, "", "", "", ""}) != tupleDigest({"a", {}, "", "", "", "b"}));
    CPPUNIT_ASSERT(tupleDigest({"a", {"bc"}, "", "", "", ""}) !=
                   tupleDigest({"a", {"b", "c"}, "", "", "", ""}));
  }
  // Lesson 6: repeats count.
  void testUnitsAreAMultiset() {
    CPPUNIT_ASSERT(tupleOf("CN=x,OU=a,OU=b") == tupleDigest({"x", {"b", "a"}, "", "", "", ""}));
    CPPUNIT_ASSERT(tupleOf("CN=x,OU=a,OU=a") != tupleDigest({"x", {"a", "b"}, "", "", "", ""}));
    CPPUNIT_ASSERT(tupleOf("CN=x,OU=a,OU=a") != tupleDigest({"x", {"a"}, "", "", "", ""}));
    CPPUNIT_ASSERT(tupleOf("OU=b+CN=x,OU=a") == tupleOf("CN=x,OU=a,OU=b"));
  }
  // Facts §2.3: clients send "O": "" and "OU": [].
  void testEmptyMembersAreAbsent() {
    CPPUNIT_ASSERT(tupleOf("CN=x") == tupleDigest({"x", {}, "", "", "", ""}));
    CPPUNIT_ASSERT(tupleOf("CN=x") == tupleDigest({"x", {""}, "", "", "", ""}));
    CPPUNIT_ASSERT(tupleOf("CN=x,O=y,L=l,ST=s,C=US") == tupleDigest({"x", {}, "y", "l", "s", "US"}));
    CPPUNIT_ASSERT(tupleOf("CN=x,O=y") != tupleDigest({"x", {}, "", "", "", ""})); // absent is no wildcard
    CPPUNIT_ASSERT(tupleOf("CN=x") != tupleDigest({"x", {}, "y", "", "", ""}));
  }
  void testASubjectOutsideTheTupleMatchesNothing() {
    CPPUNIT_ASSERT(!tupleOf("CN=x,emailAddress=x@example.com"));
    CPPUNIT_ASSERT(!tupleOf("CN=x,DC=example"));
    CPPUNIT_ASSERT(!tupleOf("O=x"));
    CPPUNIT_ASSERT(!tupleOf("CN=x,O=a,O=b"));
    CPPUNIT_ASSERT(!tupleOf("CN=x,O=a,O=a"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HashTest);
