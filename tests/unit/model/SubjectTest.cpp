// Protects: who a certificate is. A subject that compares equal to another person's is a wrong yes (R7;
// lessons 1, 2, 6, 10, 12).
#include "model/Subject.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <random>

using namespace gatehouse;
using namespace gatehouse::model;
using namespace std::string_literals;

namespace {

Subject parsed(std::string_view line) {
  auto subject = Subject::parse(line);
  CPPUNIT_ASSERT_MESSAGE(std::string(line) + ": " + (subject ? "" : subject.error().description),
                         subject.ok());
  return std::move(*subject);
}
std::string refusal(std::string_view line) {
  const auto subject = Subject::parse(line);
  CPPUNIT_ASSERT_MESSAGE("accepted: " + std::string(line), !subject.ok());
  CPPUNIT_ASSERT(subject.error().code == Code::invalid_subject_line);
  return subject.error().description;
}
bool same(std::string_view a, std::string_view b) { return parsed(a).sameAs(parsed(b)); }

} // namespace

class SubjectTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SubjectTest);
  CPPUNIT_TEST(testBlanksAfterCommasDoNotCount);
  CPPUNIT_TEST(testEitherWholeOrderIsOnePerson);
  CPPUNIT_TEST(testAnotherOrderIsAnotherPerson);
  CPPUNIT_TEST(testValuesAreComparedByCodePoints);
  CPPUNIT_TEST(testMultiValuedRdnsAreMultisets);
  CPPUNIT_TEST(testEscapesAreDecoded);
  CPPUNIT_TEST(testTypesByNameAliasAndOid);
  CPPUNIT_TEST(testHexStringsAreDecoded);
  CPPUNIT_TEST(testWhatNoRuleMaySeeIsRefused);
  CPPUNIT_TEST(testErrorsPointAtThePlace);
  CPPUNIT_TEST(testTextCannotBeForgedByValues);
  CPPUNIT_TEST(testTextParsesBackToTheSamePerson);
  CPPUNIT_TEST(testPermutedRdnListsMatchOnlyTheirReverse);
  CPPUNIT_TEST_SUITE_END();

public:
  void testBlanksAfterCommasDoNotCount() {
    CPPUNIT_ASSERT(same("CN=ada, OU=dev, O=Example", "CN=ada,OU=dev,O=Example"));
    CPPUNIT_ASSERT(same(" CN = ada ,  OU= dev", "CN=ada,OU=dev"));
    CPPUNIT_ASSERT(!same("CN=ada\\ ,OU=dev", "CN=ada,OU=dev")); // an escaped blank is meant
    CPPUNIT_ASSERT(!same("CN=a da", "CN=ada"));
  }
  void testEitherWholeOrderIsOnePerson() { // R7
    CPPUNIT_ASSERT(same("CN=a,O=b", "O=b,CN=a"));
    CPPUNIT_ASSERT(same("CN=admin, OU=unit1, O=MyOrg, L=Chicago, ST=Illinois, C=US",
                        "C=US,ST=Illinois,L=Chicago,O=MyOrg,OU=unit1,CN=admin"));
    CPPUNIT_ASSERT(parsed("CN=a,O=b").canonical() == parsed("O=b,CN=a").canonical());
  }
  void testAnotherOrderIsAnotherPerson() {
    CPPUNIT_ASSERT(!same("CN=a,OU=x,OU=y", "CN=a,OU=y,OU=x"));
    CPPUNIT_ASSERT(!same("CN=a,O=b,C=US", "O=b,CN=a,C=US"));
    CPPUNIT_ASSERT(!same("CN=x,OU=a,OU=a", "CN=x,OU=a,OU=b")); // lesson 6: a matched RDN is consumed
  }
  void testValuesAreComparedByCodePoints() { // R7: no folding, no normalisation
    CPPUNIT_ASSERT(!same("CN=Alice", "CN=alice"));
    CPPUNIT_ASSERT(!same("CN=a  b", "CN=a b"));
    CPPUNIT_ASSERT(!same("CN=\xC3\xA9", "CN=e\xCC\x81"));
    CPPUNIT_ASSERT(same("cn=\xC3\xA9", "CN=\\C3\\A9"));
  }
  void testMultiValuedRdnsAreMultisets() {
    CPPUNIT_ASSERT(same("OU=ops+CN=bob,O=x", "CN=bob+OU=ops,O=x"));
    CPPUNIT_ASSERT(!same("OU=ops+CN=bob,O=x", "OU=ops,CN=bob,O=x"));
    CPPUNIT_ASSERT(!same("OU=a+OU=a+CN=b", "OU=a+CN=b"));
  }
  void testEscapesAreDecoded() {
    CPPUNIT_ASSERT_EQUAL("a,b+c=d\"e\\"s,
                         std::string(parsed("CN=a\\,b\\+c\\=d\\\"e\\\\").commonName().value()));
    CPPUNIT_ASSERT_EQUAL("#1"s, std::string(parsed("CN=\\#1").commonName().value()));
    CPPUNIT_ASSERT_EQUAL("a=b"s, std::string(parsed("CN=a=b").commonName().value()));
    CPPUNIT_ASSERT(!same("CN=a\\,OU=b", "CN=a,OU=b")); // lesson 10: a comma in a value is no separator
  }
  void testTypesByNameAliasAndOid() {
    CPPUNIT_ASSERT(same("2.5.4.3=ada,2.5.4.10=x", "cn=ada,o=x"));
    CPPUNIT_ASSERT(same("emailAddress=a@b", "E=a@b"));
    CPPUNIT_ASSERT(same("S=Illinois", "ST=Illinois"));
    CPPUNIT_ASSERT(same("1.3.6.1.4.1.99999.1=v", "1.3.6.1.4.1.99999.1=v"));
    refusal("FOO=bar");
    refusal("1.=x");
    refusal("1.02.3=x");
  }
  void testHexStringsAreDecoded() {
    CPPUNIT_ASSERT(same("CN=#0c03616461", "CN=ada")); // UTF8String
    CPPUNIT_ASSERT(same("CN=#1303616461,O=x", "CN=ada,O=x"));
    refusal("CN=#0c04616461"); // length beyond the end
    refusal("CN=#0c0361646100");
    refusal("CN=#1303c3a961"); // not ASCII
    refusal("CN=#0c");
    refusal("CN=#0cg3");
  }
  void testWhatNoRuleMaySeeIsRefused() { // R7; lessons 1, 2
    refusal("CN=admin\\00evil");
    refusal("CN=admin,CN=attacker");
    refusal("CN=admin+CN=attacker,O=x");
    refusal("CN=\\FF");
    refusal("CN=");
    refusal("CN=a,OU=");
    refusal("");
    refusal("   ");
    refusal("CN=a,");
    refusal(",CN=a");
    refusal("CN=a,,O=b");
    refusal("CN=" + std::string(Subject::maximumValue + 1, 'x'));
    CPPUNIT_ASSERT(Subject::parse("CN=" + std::string(Subject::maximumValue, 'x'))
                       .ok()); // nothing is cut off below that
    refusal(std::string(Subject::maximumLine + 1, ' '));
    std::string many = "CN=a";
    for (std::size_t i = 0; i < Subject::maximumAttributes; ++i) many += ",OU=x";
    refusal(many);
    CPPUNIT_ASSERT(!Subject::fromRdns({}).ok());
    CPPUNIT_ASSERT(!Subject::fromRdns({{{"2.5.4.3", "a\0b"s}}}).ok());
    CPPUNIT_ASSERT(!Subject::fromRdns({{{"2.5.4.3", "\xC3\x28"}}}).ok());
  }
  void testErrorsPointAtThePlace() {
    CPPUNIT_ASSERT_EQUAL("at character 6: an attribute such as CN= or OU= is expected"s, refusal("CN=a,"));
    CPPUNIT_ASSERT(refusal("CN=a,XX=b").starts_with("at character 6: 'XX' is no attribute name"));
    CPPUNIT_ASSERT(refusal("CN=\"a\"").starts_with("at character 4: '\"' must be written as"));
    CPPUNIT_ASSERT(refusal("CN a").starts_with("at character 4: '='"));
  }
  void testTextCannotBeForgedByValues() { // lesson 12
    const auto subject = Subject::fromRdns({{{"2.5.4.10", "x,CN=admin\n"}}, {{"2.5.4.3", " a#"}}});
    CPPUNIT_ASSERT_EQUAL("CN=\\ a#,O=x\\,CN=admin\\0a"s, subject->text());
  }
  void testTextParsesBackToTheSamePerson() {
    for (const char* line : {"CN=ada,OU=dev,O=Example", "OU=a+CN=b,DC=x,DC=y",
                             "CN=\\ \\,\\+\\\"\\\\\\<\\>\\;\\ ", "1.2.3.4=v,CN=\\#x"})
      CPPUNIT_ASSERT_MESSAGE(line, parsed(parsed(line).text()).sameAs(parsed(line)));
  }
  void testPermutedRdnListsMatchOnlyTheirReverse() { // lesson 6, as a property
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
      std::vector<Rdn> a;
      const std::size_t length = 1 + random() % 5;
      for (std::size_t i = 0; i < length; ++i)
        a.push_back({{"2.5.4.11", std::string(1, static_cast<char>('a' + random() % 2))}});
      std::vector<Rdn> b = a;
      std::shuffle(b.begin(), b.end(), random);
      std::vector<Rdn> reverse(a.rbegin(), a.rend());
      const bool expected = b == a || b == reverse;
      CPPUNIT_ASSERT_EQUAL(expected, Subject::fromRdns(a)->sameAs(*Subject::fromRdns(b)));
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SubjectTest);
