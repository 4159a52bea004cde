// Protects what a handshake proves at a database: whose certificates it takes (R9), for what, for how long,
// and that no session of one listener opens anything at another.
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

namespace gatehouse::test {
namespace {

const std::string noCertificate = "-NOPERM the certificate that was shown gives no access to this database";

std::string clientCerts(const std::vector<Forged>& certificates) {
  std::string out;
  for (const Forged& one : certificates)
    out += (out.empty() ? "" : ",") + std::string("{\"client_cert\":") + jsonText(one.pem()) + '}';
  return "{\"authentication_ssl_client_certs\":[" + out + "]}";
}

class DatabaseTlsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseTlsTest);
  CPPUNIT_TEST(aDatabaseTakesItsOwnListOrTheInheritedOne);
  CPPUNIT_TEST(aListedLeafMatchesItselfAlone);
  CPPUNIT_TEST(aCertificateMayHaveToCome);
  CPPUNIT_TEST(withoutACaNobodyComesByCertificate);
  CPPUNIT_TEST(aSubjectIsReadWhole);
  CPPUNIT_TEST(anIdentityIsTheVerifiedLeafs);
  CPPUNIT_TEST(aCertificateOfAnotherPurposeOrTimeEndsTheHandshake);
  CPPUNIT_TEST(noSessionIsEverResumed);
  CPPUNIT_TEST(aCertificateEndsItsSessionWhenItEnds);
  CPPUNIT_TEST(outdatedCertificatesMayBeAllowed);
  CPPUNIT_TEST(theLeastTlsVersionIsKept);
  CPPUNIT_TEST(plaintextIsServedOnlyWhereItIsWritten);
  CPPUNIT_TEST_SUITE_END();

public:
  void aDatabaseTakesItsOwnListOrTheInheritedOne() { // R9
    Cache house;
    const Forged other = TestPki::otherCa(randomName("Other CA "), randomName("key-"));
    const Forged same =
        TestPki::otherCa("Example CA", randomName("key-")); // the inherited CA's name, another key
    const auto both = [&](const std::string& inherited, const std::string& others,
                          const std::string& strangers = "(closed)") {
      expect(inherited, who(house, house.pki.client(house.ada)));
      expect(others, who(house, house.pki.client(house.ada, other)));
      expect(strangers, who(house, house.pki.client(house.ada, same)));
    };
    both(house.ada, "(closed)");
    put(house, clientCerts({other})); // that list alone
    both("(closed)", house.ada);
    put(house, "{\"name\":\"cache\"}"); // not said: not changed
    both("(closed)", house.ada);
    put(house, clientCerts({other, house.pki.ca()}));
    both(house.ada, house.ada);
    put(house, clientCerts({})); // nobody: no certificate is asked for
    both("-NOAUTH...", "-NOAUTH...", "-NOAUTH...");
    RespClient job = house.client(house.cache, house.ada);
    expect("OK", job.say({"AUTH", house.job, house.jobPassword}));
    // Nobody, and somebody must come: that cannot be meant.
    const HttpAnswer nobody =
        house.control("PUT", path(house), "{\"enforce_client_authentication\":\"enabled\"}");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(nobody.body, 406, nobody.status);
    CPPUNIT_ASSERT_EQUAL(std::string("invalid_certificate"), fieldIn(nobody.body, "error_code"));
    both("-NOAUTH...", "-NOAUTH...", "-NOAUTH...");
    put(house, "{\"authentication_ssl_client_certs\":null}"); // inherited again
    both(house.ada, "(closed)");
    house.trust({other}); // the inherited list is the one that stands now
    both("(closed)", house.ada);
    // What is no certificate changes nothing (R11, lesson 17).
    for (const char* wrong :
         {"garbage", "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n", ""}) {
      const HttpAnswer answer =
          house.control("PUT", path(house),
                        "{\"authentication_ssl_client_certs\":[{\"client_cert\":" + jsonText(other.pem()) +
                            "},{\"client_cert\":\"" + wrong + "\"}]}");
      CPPUNIT_ASSERT_MESSAGE(answer.body, answer.status >= 400 && answer.status < 500);
      both("(closed)", house.ada);
    }
  }

  void aListedLeafMatchesItselfAlone() { // R10, lessons 14, 15
    Cache house;
    const std::int64_t now = TestPki::now();
    const Forged leaf = TestPki::leaf(house.ada).signedBy(house.pki.ca()).serial(4711).make();
    put(house, clientCerts({leaf}));
    expect(house.ada, who(house, leaf));
    expect("(closed)", who(house, house.pki.client(house.ada))); // the same name and key, another certificate
    expect("(closed)", who(house, house.pki.client(house.reader))); // the same CA
    expect("(closed)",
           who(house, TestPki::leaf(house.reader).key(house.ada).signedBy(house.pki.ca()).make()));
    expect("(closed)",
           who(house, TestPki::leaf(house.ada).serial(4711).make())); // its serial, signed by itself
    // It issues nothing, whatever it says of itself.
    const Forged issuing =
        TestPki::leaf(house.ada).basicConstraints("CA:TRUE").signedBy(house.pki.ca()).serial(4712).make();
    put(house, clientCerts({issuing}));
    expect("(closed)",
           who(house, TestPki::leaf(house.reader).signedBy(issuing).valid(now - 60, now + 3600).make()));
    // A leaf of the inherited CA's is nobody at a database with its own list, and the other way round.
    put(house, "{\"authentication_ssl_client_certs\":null}");
    const Forged alone = TestPki::leaf(house.reader).make(); // signed by itself
    expect("(closed)", who(house, alone));
    put(house, clientCerts({alone}));
    expect(house.reader, who(house, alone));
    // The list does not switch subject validation off.
    put(house,
        "{\"client_cert_subject_validation_type\":\"san_cn\",\"authorized_subjects\":[{\"CN\":\"else\"}]}");
    expect(noCertificate, who(house, alone));
  }

  void aCertificateMayHaveToCome() {
    Cache house({}, "\"enforce_client_authentication\":\"enabled\",\"default_user\":true");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      ClientOptions options = house.at(house.cache);
      options.maximum = version;
      expect("(closed)", DatabaseHouse::whoIs(options)); // nor is anybody the default user
      RespClient client(options);
      if (client.connected()) expect("(closed)", client.say({"AUTH", house.job, house.jobPassword}));
      options.certificate = house.pki.client(house.ada);
      expect(house.ada, DatabaseHouse::whoIs(options));
      options.certificate = house.pki.client("eve"); // a certificate has come, though it is nobody's
      RespClient eve(options);
      expect("-NOAUTH...", eve.say({"GET", "x"}));
      expect("OK", eve.say({"AUTH", house.job, house.jobPassword}));
    }
    // What REST asks of its own clients is another matter.
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.job, house.jobPassword)}));
  }

  void withoutACaNobodyComesByCertificate() { // R11, lessons 17, 19
    Cache house;
    const auto strict = house.addDatabase("strict", {{house.everything, house.everythingAcl}},
                                          "\"enforce_client_authentication\":\"enabled\"");
    expect(house.ada, DatabaseHouse::whoIs(house.at(strict, house.pki.client(house.ada))));
    // Certificates for REST are another setting.
    house.must("PUT", "/v1/cluster", "{\"mtls_certificate_authentication\":false}");
    expect(house.ada, who(house, house.pki.client(house.ada)));
    RespClient ada = house.client(house.cache, house.ada), atStrict = house.client(strict, house.ada);
    expect(house.ada, ada.say({"ACL", "WHOAMI"}));
    expect(house.ada, atStrict.say({"ACL", "WHOAMI"}));
    const HttpAnswer gone = house.control("DELETE", "/v1/cluster/certificates/mtls_trusted_ca");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(gone.body, 200, gone.status);
    CPPUNIT_ASSERT(ada.closedWithin(1000));
    CPPUNIT_ASSERT(atStrict.closedWithin(1000));
    expect("-NOAUTH...", who(house, house.pki.client(house.ada)));
    expect("(closed)", DatabaseHouse::whoIs(house.at(strict, house.pki.client(house.ada))));
    expect("(closed)", DatabaseHouse::whoIs(house.at(strict)));
    expect("OK", house.client(house.cache).say({"AUTH", house.job, house.jobPassword}));
    house.trust({house.pki.ca()});
    expect(house.ada, DatabaseHouse::whoIs(house.at(strict, house.pki.client(house.ada))));
  }

  void aSubjectIsReadWhole() { // R7, lessons 1, 2
    Cache house;
    const auto named = [&](std::vector<std::string> commonNames) {
      ForgedName name = {{"O", "Example"}, {"OU", "dev"}};
      for (std::string& one : commonNames) name.push_back({"CN", std::move(one)});
      return TestPki::leaf(house.ada).subject(name).signedBy(house.pki.ca()).make();
    };
    expect(house.ada, who(house, named({house.ada})));
    expect("(closed)", who(house, named({house.ada + std::string("\0evil", 5)})));
    expect("(closed)", who(house, named({std::string("\0", 1) + house.ada})));
    expect("(closed)", who(house, named({house.ada + '\0'})));
    expect("(closed)", who(house, named({house.ada, "evil"})));
    expect("(closed)", who(house, named({"evil", house.ada})));
    expect("(closed)", who(house, named({house.ada, house.ada})));
    for (const std::string& other :
         {house.ada + ' ', ' ' + house.ada, house.ada + "*", std::string("ADA-") + house.ada.substr(4),
          house.ada + ",OU=dev", std::string("*")})
      expect("-NOAUTH...", who(house, named({other})));
    expect("-NOAUTH...",
           who(house, TestPki::leaf(house.ada).subject({{"CN", house.ada}}).signedBy(house.pki.ca()).make()));
    CPPUNIT_ASSERT(house.server.lines("access.refused", {"\"reason\":\"handshake\""}).size() >= 6);
  }

  void anIdentityIsTheVerifiedLeafs() { // lesson 16
    const Cache house;
    const Forged ada = house.pki.client(house.ada), eve = house.pki.client(house.reader),
                 forged = TestPki::leaf(house.ada).make(); // her name, signed by itself
    const auto with = [&](const Forged& leaf, std::vector<Forged> extra) {
      ClientOptions options = house.at(house.cache, leaf);
      options.extra = std::move(extra);
      return DatabaseHouse::whoIs(options);
    };
    expect(house.reader, with(eve, {ada}));
    expect(house.reader, with(eve, {forged}));
    expect(house.reader, with(eve, {house.pki.ca(), ada}));
    expect(house.reader, with(eve, {ada, house.pki.ca(), forged}));
    expect(house.ada, with(ada, {eve}));
    expect("(closed)", with(forged, {ada}));
    expect("(closed)", with(forged, {ada, house.pki.ca()}));
    expect("(closed)", with(forged, {house.pki.ca(), ada}));
  }

  void aCertificateOfAnotherPurposeOrTimeEndsTheHandshake() { // lessons 20, 28
    Cache house;
    const Forged& ca = house.pki.ca();
    const std::int64_t now = TestPki::now();
    const auto leaf = [&] { return TestPki::leaf(house.ada).signedBy(ca); };
    const std::vector<Forged> wrong = {leaf().extendedKeyUsage("serverAuth").make(),
                                       leaf().extendedKeyUsage("emailProtection").make(),
                                       leaf().keyUsage("keyEncipherment").make(),
                                       leaf().valid(now - 7200, now - 60).make(),
                                       leaf().valid(now + 3600, now + 7200).make(),
                                       leaf().brokenSignature().make(),
                                       TestPki::leaf(house.ada).make()};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
      for (std::size_t i = 0; i < wrong.size(); ++i) {
        ClientOptions options = house.at(house.cache, wrong[i]);
        options.maximum = version;
        RespClient client(options); // a right password on that connection helps nobody
        const std::string answer =
            client.connected() ? client.say({"AUTH", house.job, house.jobPassword}) : "(closed)";
        CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(i), std::string("(closed)"), answer);
      }
    house.addByCertificate(randomName("ca-"), "CN=Example CA", "everything");
    CPPUNIT_ASSERT(who(house, ca).substr(0, 3) != "ca-"); // a CA is nobody's client
  }

  void noSessionIsEverResumed() { // lessons 32 to 36
    Cache house;
    const auto strict = house.addDatabase("strict", {{house.everything, house.everythingAcl}},
                                          "\"enforce_client_authentication\":\"enabled\"");
    const Forged ada = house.pki.client(house.ada),
                 next = TestPki::otherCa(randomName("Next CA "), randomName("key-"));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      // From REST, a lenient database and a strict one, with a certificate and without one.
      std::vector<std::shared_ptr<SSL_SESSION>> sessions;
      for (ClientOptions from : {house.peer(ada), house.peer()}) {
        from.maximum = version;
        HttpsClient rest(from);
        CPPUNIT_ASSERT(rest.request("GET", whoAmI).status != 0);
        CPPUNIT_ASSERT(!rest.sawTicket());
        sessions.push_back(rest.session());
      }
      for (ClientOptions from : {house.at(house.cache, ada), house.at(house.cache), house.at(strict, ada)}) {
        from.maximum = version;
        RespClient client(from);
        CPPUNIT_ASSERT(client.say({"ACL", "WHOAMI"}) != "(closed)");
        CPPUNIT_ASSERT(!client.connection().sawTicket());
        sessions.push_back(client.connection().session());
      }
      for (const auto& session : sessions) {
        for (const DatabaseHouse::Database& to : {house.cache, strict}) {
          ClientOptions options = house.at(to, ada);
          options.maximum = version;
          options.resume = session.get();
          RespClient with(options);
          expect(house.ada, with.say({"ACL", "WHOAMI"}));
          CPPUNIT_ASSERT(!with.connection().resumed());
          options.certificate.reset(); // the old session must not stand for it
          expect(to.port == strict.port ? "(closed)" : "-NOAUTH...", DatabaseHouse::whoIs(options));
        }
        ClientOptions rest = house.peer();
        rest.maximum = version;
        rest.resume = session.get();
        HttpsClient client(rest);
        CPPUNIT_ASSERT_EQUAL(401, client.request("GET", whoAmI).status);
        CPPUNIT_ASSERT(!client.resumed());
      }
      put(house, clientCerts({next})); // a session from before is worth nothing
      for (const auto& session : sessions) {
        ClientOptions options = house.at(house.cache, ada);
        options.maximum = version;
        options.resume = session.get();
        expect("(closed)", DatabaseHouse::whoIs(options));
        options.certificate.reset();
        expect("-NOAUTH...", DatabaseHouse::whoIs(options));
      }
      put(house, "{\"authentication_ssl_client_certs\":null}");
    }
  }

  void aCertificateEndsItsSessionWhenItEnds() { // lesson 37
    Cache house;
    const auto lenient = house.addDatabase("lenient", {{house.everything, house.everythingAcl}},
                                           "\"mtls_allow_outdated_certs\":true");
    const std::int64_t end = TestPki::now() + 8; // seconds: enough to let five come in on a busy machine
    const auto until = [&](std::string_view name) {
      return TestPki::leaf(name).valid(end - 3600, end).signedBy(house.pki.ca()).make();
    };
    RespClient hers = house.client(house.cache, until(house.ada)),
               blocked = house.client(house.cache, until(house.ada)),
               beside = house.client(house.cache, until("eve")),
               tolerated = house.client(lenient, until(house.ada)),
               other = house.client(house.cache, house.pki.client(house.ada));
    expect(house.ada, hers.say({"ACL", "WHOAMI"}));
    CPPUNIT_ASSERT(blocked.send({"BLPOP", "nothing", "0"}));
    expect("OK",
           beside.say({"AUTH", house.job, house.jobPassword})); // the certificate counts beside a password
    expect(house.ada, tolerated.say({"ACL", "WHOAMI"}));
    std::string last = "PONG";
    while (last == "PONG") { // until it is closed
      const std::int64_t asked = TestPki::now();
      last = hers.say({"PING"});
      if (last == "PONG") CPPUNIT_ASSERT(asked <= end);
    }
    expect("(closed)", last);
    CPPUNIT_ASSERT(TestPki::now() >= end);
    CPPUNIT_ASSERT(blocked.closedWithin(2000));
    CPPUNIT_ASSERT(beside.closedWithin(2000));
    CPPUNIT_ASSERT(TestPki::now() <= end + 5);
    expect("PONG", tolerated.say({"PING"}));
    expect("PONG", other.say({"PING"}));
    expect("(closed)", who(house, until(house.ada)));
    expect(house.ada, DatabaseHouse::whoIs(house.at(lenient, until(house.ada))));
  }

  void outdatedCertificatesMayBeAllowed() {
    Cache house;
    const std::int64_t now = TestPki::now();
    const Forged old = TestPki::leaf(house.ada).valid(now - 7200, now - 60).signedBy(house.pki.ca()).make();
    const Forged early =
        TestPki::leaf(house.ada).valid(now + 3600, now + 7200).signedBy(house.pki.ca()).make();
    expect("(closed)", who(house, old));
    put(house, "{\"mtls_allow_outdated_certs\":true}");
    RespClient hers = house.client(house.cache, old);
    expect(house.ada, hers.say({"ACL", "WHOAMI"}));
    expect("(closed)", who(house, early)); // what is not valid yet never was
    // Its end alone is overlooked.
    expect("(closed)", who(house, TestPki::leaf(house.ada).valid(now - 7200, now - 60).make()));
    expect("(closed)", who(house, TestPki::leaf(house.ada)
                                      .valid(now - 7200, now - 60)
                                      .extendedKeyUsage("serverAuth")
                                      .signedBy(house.pki.ca())
                                      .make()));
    CPPUNIT_ASSERT_EQUAL(0, house.status(old)); // REST has no such setting
    put(house, "{\"mtls_allow_outdated_certs\":false}");
    CPPUNIT_ASSERT(hers.closedWithin(2000));
    expect("(closed)", who(house, old));
  }

  void theLeastTlsVersionIsKept() {
    Cache house;
    ClientOptions old = house.at(house.cache, house.pki.client(house.ada));
    old.maximum = TLS1_2_VERSION;
    RespClient older(old), newer = house.client(house.cache, house.ada);
    expect(house.ada, older.say({"ACL", "WHOAMI"}));
    expect(house.ada, newer.say({"ACL", "WHOAMI"}));
    ClientOptions ancient = old;
    ancient.minimum = ancient.maximum = TLS1_1_VERSION;
    expect("(closed)", DatabaseHouse::whoIs(ancient));
    house.must("PUT", "/v1/cluster", "{\"min_data_TLS_version\":\"1.3\"}");
    CPPUNIT_ASSERT(older.closedWithin(1000));
    CPPUNIT_ASSERT(!HttpsClient(old).connected());
    expect("PONG", newer.say({"PING"}));
    expect(house.ada, who(house, house.pki.client(house.ada)));
    ClientOptions rest = house.peer();
    rest.maximum = TLS1_2_VERSION;
    CPPUNIT_ASSERT_EQUAL(200, house.status(rest, {basic(house.job, house.jobPassword)}));
  }

  void plaintextIsServedOnlyWhereItIsWritten() {
    Cache house;
    const auto open =
        house.addDatabase("open", {{house.everything, house.everythingAcl}}, "\"tls_mode\":\"disabled\"");
    const auto given = house.addDatabase("given", {{house.everything, house.everythingAcl}},
                                         "\"tls_mode\":\"disabled\",\"default_user\":true");
    const auto plain = [&](const DatabaseHouse::Database& to) {
      ClientOptions options = house.at(to);
      options.plain = true;
      return options;
    };
    RespClient job(plain(open));
    expect("-NOAUTH...", job.say({"GET", "x"})); // nobody proves anything by certificate here
    expect("-WRONGPASS...", job.say({"AUTH", house.ada, ""}));
    expect("OK", job.say({"AUTH", house.job, house.jobPassword}));
    expect(house.job, job.say({"ACL", "WHOAMI"}));
    expect("gatehouse:default", RespClient(plain(given)).say({"ACL", "WHOAMI"}));
    ClientOptions tls = house.at(open, house.pki.client(house.ada));
    tls.timeoutMs = 3000;
    CPPUNIT_ASSERT(!HttpsClient(tls).connected());
    // At a port that speaks TLS plain words are nobody's, and are answered by no word of Redis.
    for (const std::string& words : {std::string("*1\r\n$4\r\nPING\r\n"), std::string("PING\r\n"),
                                     "AUTH " + house.job + ' ' + house.jobPassword + "\r\n"}) {
      HttpsClient client(plain(house.cache));
      CPPUNIT_ASSERT(client.write(words));
      std::string came;
      for (std::string more; !(more = client.read()).empty();) came += more;
      CPPUNIT_ASSERT_MESSAGE(came, came.find("PONG") == std::string::npos &&
                                       came.find("OK") == std::string::npos &&
                                       came.find("NOAUTH") == std::string::npos);
      CPPUNIT_ASSERT(client.closedWithin(1000));
    }
    CPPUNIT_ASSERT_EQUAL(406, house.control("PUT", path(house), "{\"tls_mode\":\"replica_ssl\"}").status);
  }

private:
  static std::string who(const Cache& house, const Forged& certificate) {
    return DatabaseHouse::whoIs(house.at(house.cache, certificate));
  }
  static std::string path(const Cache& house) { return "/v1/bdbs/" + std::to_string(house.cache.uid); }
  static void put(Cache& house, const std::string& body) { house.must("PUT", path(house), body); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseTlsTest);

} // namespace
} // namespace gatehouse::test
