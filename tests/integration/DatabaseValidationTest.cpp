// Protects what a database asks of a subject beside its CA, which is its own setting, and that no
// authenticator lets anybody in by silence, nonsense or crash (R2, lesson 51).
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace gatehouse::test {
namespace {

const std::string noCertificate = "-NOPERM the certificate that was shown gives no access to this database";

class DatabaseValidationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseValidationTest);
  CPPUNIT_TEST(sanCnTakesACommonNameOrADnsName);
  CPPUNIT_TEST(fullSubjectComparesEveryPart);
  CPPUNIT_TEST(eachDatabaseAndRestAsksForItself);
  CPPUNIT_TEST(anAcceptIsAProposalThatTheHostJudges);
  CPPUNIT_TEST(whoOnlyAbstainsLetsNobodyIn);
  CPPUNIT_TEST(onlyNextAndUnknownGoOn);
  CPPUNIT_TEST_SUITE_END();

public:
  void sanCnTakesACommonNameOrADnsName() {
    Cache house;
    validate(house, "san_cn", "[{\"CN\":" + jsonText(house.reader) + "},{\"CN\":\"svc.example.com\"}]");
    const auto leaf = [&] { return TestPki::leaf(house.ada).signedBy(house.pki.ca()); };
    expect(house.reader, who(house, house.pki.client(house.reader)));
    expect(noCertificate, who(house, house.pki.client(house.ada)));
    expect(house.ada, who(house, leaf().dnsNames({"a.example.com", "svc.example.com"}).make()));
    expect(noCertificate, who(house, leaf().dnsNames({"svc.example.com.evil.org"}).make()));
    expect(noCertificate, who(house, leaf().dnsNames({"*.example.com"}).make()));
    for (const char* san : {"email:svc.example.com", "URI:svc.example.com", "RID:1.2.3.4"}) // lessons 3, 9
      expect(noCertificate, who(house, leaf().extension("subjectAltName", san).make()));
    const std::string nul =
        who(house, leaf().dnsNames({std::string("svc.example.com\0.evil.org", 25)}).make());
    CPPUNIT_ASSERT_MESSAGE(nul, nul == noCertificate || nul == "(closed)");
    // Nobody's certificate may be here, and is still nobody's.
    expect("-NOAUTH...",
           who(house, TestPki::leaf("eve").signedBy(house.pki.ca()).dnsNames({"svc.example.com"}).make()));
    // One that may not be here lets no password in beside it.
    RespClient refused = house.client(house.cache, house.ada);
    expect(noCertificate, refused.say({"AUTH", house.job, house.jobPassword}));
    CPPUNIT_ASSERT(refused.closedWithin(1000));
    RespClient nobodys = house.client(house.cache, "eve");
    expect(noCertificate, nobodys.say({"HELLO", "3", "AUTH", house.job, house.jobPassword}));
    expect("OK", house.client(house.cache).say({"AUTH", house.job, house.jobPassword}));
    CPPUNIT_ASSERT(house.server.logs("access.refused", {house.ada, "subject_not_authorized"}));
    validate(house, "san_cn", "[]"); // an empty list authorizes nobody
    expect(noCertificate, who(house, house.pki.client(house.reader)));
  }

  void fullSubjectComparesEveryPart() {
    Cache house;
    validate(house, "full_subject",
             "[{\"CN\":" + jsonText(house.ada) + ",\"OU\":[\"dev\"],\"O\":\"Example\"}]");
    expect(house.ada, who(house, house.pki.client(house.ada)));
    expect(noCertificate, who(house, house.pki.client(house.reader)));
    const ForgedName full = {{"O", "Example"}, {"OU", "dev"}, {"CN", house.ada}};
    for (std::size_t i = 0; i < full.size(); ++i) {
      ForgedName other = full;
      other[i].value = "other";
      const std::string answer =
          who(house, TestPki::leaf(house.ada).subject(other).signedBy(house.pki.ca()).make());
      CPPUNIT_ASSERT_EQUAL_MESSAGE(full[i].type, noCertificate, answer);
    }
    for (const char* entry :
         {"{\"CN\":NAME,\"O\":\"Example\"}", "{\"CN\":NAME,\"OU\":[\"dev\",\"dev\"],\"O\":\"Example\"}",
          "{\"CN\":NAME,\"OU\":[\"dev\"],\"O\":\"Example\",\"L\":\"Zeist\"}", "{\"CN\":NAME}"}) {
      std::string list = entry;
      list.replace(list.find("NAME"), 4, jsonText(house.ada));
      validate(house, "full_subject", '[' + list + ']');
      expect(noCertificate, who(house, house.pki.client(house.ada)));
    }
  }

  void eachDatabaseAndRestAsksForItself() {
    Cache house;
    const auto other = house.addDatabase("other", {{house.everything, house.everythingAcl}});
    validate(house, "san_cn", "[{\"CN\":\"somebody else\"}]");
    expect(noCertificate, who(house, house.pki.client(house.ada)));
    expect(house.ada, DatabaseHouse::whoIs(house.at(other, house.pki.client(house.ada))));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client(house.ada)));
    validate(house, "disabled", "[]");
    house.must(
        "PUT", "/v1/cluster",
        "{\"mtls_client_cert_subject_validation_type\":\"san_cn\",\"mtls_authorized_subjects\":[{\"CN\":"
        "\"somebody else\"}]}");
    expect(house.ada, who(house, house.pki.client(house.ada)));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client(house.ada)));
  }

  void anAcceptIsAProposalThatTheHostJudges() { // R1
    const std::string settings = "{accepts: \"*\"}";
    Cache house(scripted(settings, "[scripted, certificate, password]"));
    // The plugin says yes to everybody. For those whose passwords it may judge that is its word; a user of
    // certificates is not let in by a password, nor anybody who is not here.
    expect("OK", house.client(house.cache).say({"AUTH", house.job, "not it"}));
    expect("-WRONGPASS...", house.client(house.cache).say({"AUTH", house.ada, "x"}));
    expect("-WRONGPASS...", house.client(house.cache).say({"AUTH", "nobody-at-all", "x"}));
    expect("-WRONGPASS...", house.client(house.cache).say({"AUTH", "default", "x"}));
    expect("-NOPERM...", house.client(house.cache).say({"AUTH", house.keeper, "x"})); // has no role here
    expect("-NOAUTH...", who(house, house.pki.client("eve")));
    expect(house.ada, who(house, house.pki.client(house.ada)));
  }

  void whoOnlyAbstainsLetsNobodyIn() {               // R2, lesson 51
    for (const int verdict : {2, 3, 0, 1, 99, -1}) { // 1: ACCEPT, of nobody
      Cache house(scripted("{verdict: " + std::to_string(verdict) + '}', "[scripted]"));
      refusesAll(house, verdict);
      CPPUNIT_ASSERT(house.server.running());
    }
  }

  void onlyNextAndUnknownGoOn() { // R2
    for (const int verdict : {2, 3, 0, 4, 7, 99, -1}) {
      Cache house(
          scripted("{verdict: " + std::to_string(verdict) + '}', "[scripted, certificate, password]"));
      if (verdict != 2 && verdict != 3) {
        refusesAll(house, verdict);
        continue;
      }
      expect(house.ada, who(house, house.pki.client(house.ada)));
      expect("OK", house.client(house.cache).say({"AUTH", house.job, house.jobPassword}));
    }
  }

private:
  static ServerOptions scripted(const std::string& settings, const std::string& authenticate) {
    ServerOptions options;
    options.extraPlugins = {GATEHOUSE_SCRIPTED_AUTHENTICATOR};
    options.load = "[certificate, password, http_rest, resp, scripted]";
    options.settings = "{scripted: " + settings + '}';
    options.authenticate = authenticate;
    return options;
  }
  static void refusesAll(Cache& house, int verdict) {
    const std::string which = "verdict " + std::to_string(verdict);
    const auto refused = [&](const std::string& answer) {
      CPPUNIT_ASSERT_MESSAGE(which + ": " + answer, answer.starts_with('-'));
    };
    refused(house.client(house.cache).say({"AUTH", house.job, house.jobPassword}));
    refused(house.client(house.cache).say({"AUTH", "nobody-at-all", "x"}));
    refused(house.client(house.cache).say({"AUTH", "default", ""}));
    refused(who(house, house.pki.client(house.ada)));
    refused(who(house, house.pki.client("eve")));
    CPPUNIT_ASSERT_MESSAGE(which, house.server.lines("access.linked").empty());
  }
  static std::string who(const Cache& house, const Forged& certificate) {
    return DatabaseHouse::whoIs(house.at(house.cache, certificate));
  }
  static void validate(Cache& house, std::string_view type, const std::string& subjects) {
    house.must("PUT", "/v1/bdbs/" + std::to_string(house.cache.uid),
               "{\"client_cert_subject_validation_type\":" + jsonText(type) +
                   ",\"authorized_subjects\":" + subjects + '}');
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseValidationTest);

} // namespace
} // namespace gatehouse::test
