// Protects: what an operator may write about TLS, and that what was written is what serves.
#include "TlsPair.h"
#include "transport/TlsCiphers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <set>
#include <string>

using namespace gatehouse;
using namespace gatehouse::transport;
using namespace gatehouse::test;

class TlsContextTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TlsContextTest);
  CPPUNIT_TEST(testABadCipherWordIsNamed);
  CPPUNIT_TEST(testNothingIsBuiltWithoutWhatItNeeds);
  CPPUNIT_TEST(testTheMinimumVersionHolds);
  CPPUNIT_TEST(testEachPolicyHasItsOwnSessionContext);
  CPPUNIT_TEST(testClientsAreToldWhoseCertificatesCount);
  CPPUNIT_TEST(testTheOptionsThatMatterAreSet);
  CPPUNIT_TEST_SUITE_END();

  TlsCast cast_;

  /// As libssl holds it: read from a session of a handshake.
  std::string sessionContextOf(TlsPolicy policy) {
    TlsClientPolicy client;
    const bool other = policy.trustList->identity() != TlsCast::trust(cast_.clientCa)->identity();
    TlsCast::present(client, other ? Forge().client("ada").signedBy(cast_.serverCa).make() : cast_.ada);
    TlsPair pair(cast_.serverContext(std::move(policy)), TlsContext::buildClient(std::move(client)).value());
    pair.shakeHands();
    CPPUNIT_ASSERT_MESSAGE(pair.server().failure(), pair.serverStep == TlsEngine::Step::done);
    unsigned length = 0;
    const unsigned char* id = SSL_SESSION_get0_id_context(SSL_get_session(pair.server().native()), &length);
    return {reinterpret_cast<const char*>(id), length};
  }

public:
  void testABadCipherWordIsNamed() {
    for (const char* good : {"ECDHE+AESGCM", "HIGH:!aNULL:!MD5:!RC4",
                             "ECDHE-RSA-AES128-GCM-SHA256,ECDHE-ECDSA-AES128-GCM-SHA256",
                             "HIGH:!aNULL:@STRENGTH", "HIGH:!aNULL:!eNULL:-SHA1"})
      CPPUNIT_ASSERT_MESSAGE(good, checkCipherList(good).ok());
    for (const char* bad : {"", "ECDHE+AESGCM:", "ECDHE-RSA-AES256-GCM-SHA385", "HIGH:!aNUL", "@SECLEVEL=0",
                            "HIGH:@SECLEVEL=0:!aNULL", "aNULL", "eNULL", "ALL:eNULL", "HIGH",
                            "COMPLEMENTOFALL", "DEFAULT:!ALL", "TLS_AES_128_GCM_SHA256 HIGH:!aNULL", "!"}) {
      const Status status = checkCipherList(bad);
      // HIGH alone holds anonymous ciphers; libssl would hide them by its security level, we don't rely on
      // it.
      CPPUNIT_ASSERT_MESSAGE(bad, !status.ok());
      CPPUNIT_ASSERT(status.error().code == Code::invalid_param);
    }
    CPPUNIT_ASSERT(checkCipherList("HIGH:!aNULL:TYPO").error().description.find("'TYPO'") !=
                   std::string::npos);
    CPPUNIT_ASSERT(checkCipherSuites(intermediateCipherSuites).ok() &&
                   checkCipherList(intermediateCipherList).ok());
    for (const char* bad : {"", "TLS_AES_128_GCM_SHA257",
                            "TLS_AES_128_GCM_SHA256:", "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384"})
      CPPUNIT_ASSERT(!checkCipherSuites(bad).ok());
    TlsPolicy policy = cast_.policy();
    policy.cipherList = "TYPO";
    CPPUNIT_ASSERT(!TlsContext::build(std::move(policy), cast_.clock).ok());
    CPPUNIT_ASSERT_EQUAL(0ul, ERR_peek_error());
  }
  // R11: no trust list is an error, never a default one.
  void testNothingIsBuiltWithoutWhatItNeeds() {
    TlsPolicy noKey = cast_.policy();
    noKey.keyPair.reset();
    CPPUNIT_ASSERT(TlsContext::build(std::move(noKey), cast_.clock).error().code ==
                   Code::missing_certificate);
    for (const ClientCertificate wanted : {ClientCertificate::request, ClientCertificate::require}) {
      TlsPolicy noTrust = cast_.policy(wanted);
      noTrust.trustList.reset();
      CPPUNIT_ASSERT(TlsContext::build(std::move(noTrust), cast_.clock).error().code ==
                     Code::missing_certificate);
    }
    TlsPolicy badName = cast_.policy();
    badName.alpn = {""};
    CPPUNIT_ASSERT(!TlsContext::build(std::move(badName), cast_.clock).ok());
  }
  void testTheMinimumVersionHolds() {
    TlsPolicy policy = cast_.policy(ClientCertificate::none);
    policy.minimum = TlsVersion::tls13;
    TlsClientPolicy old;
    old.maximum = TlsVersion::tls12;
    TlsPair pair(cast_.serverContext(std::move(policy)), TlsContext::buildClient(std::move(old)).value());
    pair.shakeHands();
    CPPUNIT_ASSERT(pair.serverStep == TlsEngine::Step::failed);
    CPPUNIT_ASSERT(pair.client().failure().find("protocol version") != std::string::npos);
  }
  // Lessons 34 and 35: change any field of the policy and no session fits.
  void testEachPolicyHasItsOwnSessionContext() {
    std::vector<TlsPolicy> policies(8, cast_.policy());
    policies[1].minimum = TlsVersion::tls13;
    policies[2].cipherList = "ECDHE+AESGCM";
    policies[3].cipherSuites = "TLS_AES_256_GCM_SHA384";
    policies[4].clientCertificate = ClientCertificate::request;
    policies[5].trustList = TlsCast::trust(cast_.serverCa);
    policies[6].verifyOptions.allowOutdated = true;
    policies[7].trustRevision = 8;
    std::set<std::string> ids;
    for (TlsPolicy& policy : policies) {
      ids.insert(sessionContextOf(policy));
    }
    CPPUNIT_ASSERT_EQUAL(policies.size(), ids.size());
    CPPUNIT_ASSERT_EQUAL(sessionContextOf(cast_.policy()), sessionContextOf(cast_.policy()));
  }
  void testClientsAreToldWhoseCertificatesCount() {
    const auto context = cast_.serverContext(cast_.policy());
    const STACK_OF(X509_NAME)* names = SSL_CTX_get0_CA_list(context->native());
    CPPUNIT_ASSERT_EQUAL(1, sk_X509_NAME_num(names));
    CPPUNIT_ASSERT_EQUAL(
        0, X509_NAME_cmp(sk_X509_NAME_value(names, 0), X509_get_subject_name(cast_.clientCa.x509())));
    std::vector<pki::Certificate> many;
    for (int i = 0; i < 250; ++i)
      many.push_back(TlsCast::certificates(
                         Forge().ca(std::string(58, 'x') + std::to_string(i)).key("one of many").make())
                         .front());
    TlsPolicy policy = cast_.policy();
    policy.trustList = pki::TrustList::build(many).value();
    const auto silent = cast_.serverContext(std::move(policy));
    CPPUNIT_ASSERT_EQUAL(0, sk_X509_NAME_num(SSL_CTX_get0_CA_list(silent->native())));
  }
  void testTheOptionsThatMatterAreSet() {
    const auto built = cast_.serverContext(cast_.policy());
    SSL_CTX* context = built->native();
    const auto options = SSL_CTX_get_options(context);
    for (const auto option : {SSL_OP_NO_TICKET, SSL_OP_NO_RENEGOTIATION, SSL_OP_NO_COMPRESSION})
      CPPUNIT_ASSERT((options & option) != 0);
    for (const auto option : {SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, SSL_OP_LEGACY_SERVER_CONNECT})
      CPPUNIT_ASSERT((options & option) == 0);
    CPPUNIT_ASSERT_EQUAL(2, SSL_CTX_get_security_level(context));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, SSL_CTX_get_num_tickets(context));
    CPPUNIT_ASSERT_EQUAL(static_cast<long>(SSL_SESS_CACHE_OFF), SSL_CTX_get_session_cache_mode(context));
    CPPUNIT_ASSERT_EQUAL(0u, SSL_CTX_get_max_early_data(context));
    CPPUNIT_ASSERT((SSL_CTX_get_mode(context) & SSL_MODE_RELEASE_BUFFERS) != 0);
    CPPUNIT_ASSERT_EQUAL(SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, SSL_CTX_get_verify_mode(context));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TlsContextTest);
