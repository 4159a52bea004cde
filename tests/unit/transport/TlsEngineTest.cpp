// Protects: the handshake. Whoever comes through presented what the policy asks for, verified anew each time;
// whoever does not is told why by the right alert.
#include "TlsPair.h"

#include <cppunit/extensions/HelperMacros.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <string>

using namespace gatehouse;
using namespace gatehouse::transport;
using namespace gatehouse::test;
using namespace std::string_literals;
using Step = TlsEngine::Step;

namespace {

std::shared_ptr<const TlsContext> clientContext(const std::optional<Forged>& who,
                                                TlsVersion maximum = TlsVersion::tls13) {
  TlsClientPolicy policy;
  if (who) TlsCast::present(policy, *who);
  policy.maximum = maximum;
  return TlsContext::buildClient(std::move(policy)).value();
}

constexpr std::array bothVersions = {TlsVersion::tls12, TlsVersion::tls13};

/// A client of OpenSSL's own making, that does what our clients would not: keep sessions, present what no
/// KeyPair admits.
class RawClient {
public:
  explicit RawClient(int version, const Forged* who = nullptr)
      : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT);
    if (who != nullptr) {
      CPPUNIT_ASSERT_EQUAL(1, SSL_CTX_use_certificate(context_, who->x509()));
      CPPUNIT_ASSERT_EQUAL(1, SSL_CTX_use_PrivateKey(context_, who->key()));
    }
  }
  ~RawClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// Shakes hands with a new engine of `context`; `session` may be null. The engine's last step.
  Step connect(const std::shared_ptr<const TlsContext>& context, SSL_SESSION* session = nullptr) {
    SSL_free(ssl_);
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
    if (session != nullptr) CPPUNIT_ASSERT_EQUAL(1, SSL_set_session(ssl_, session));
    engine_.reset();
    in_.clear();
    out_.clear();
    engine_ = TlsEngine::create(context, in_, out_).value();
    Step step = Step::wants;
    for (int i = 0; i < 20 && step == Step::wants; ++i) {
      pump();
      step = engine_->handshake();
    }
    pump();
    CPPUNIT_ASSERT_EQUAL(0ul, ERR_peek_error());
    return step;
  }
  /// Lets the client act on what it got, and the engine have what it says.
  void pump() {
    char buffer[4096];
    BIO_write(SSL_get_rbio(ssl_), out_.view().data(), static_cast<int>(out_.size()));
    out_.clear();
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_) == 0)
      SSL_do_handshake(ssl_);
    else
      SSL_read(ssl_, buffer, sizeof buffer);
    if (const auto error = ERR_peek_error(); error != 0 && alert_.empty())
      alert_ = ERR_reason_error_string(error);
    ERR_clear_error();
    for (int got; (got = BIO_read(SSL_get_wbio(ssl_), buffer, sizeof buffer)) > 0;)
      CPPUNIT_ASSERT(in_.append({buffer, static_cast<std::size_t>(got)}));
  }
  [[nodiscard]] SSL* ssl() const { return ssl_; }
  [[nodiscard]] TlsEngine& engine() { return *engine_; }
  [[nodiscard]] const std::string& alert() const { return alert_; }

private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  ByteQueue in_{1 << 20}, out_{1 << 20};
  std::unique_ptr<TlsEngine> engine_;
  std::string alert_;
};

} // namespace

class TlsEngineTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TlsEngineTest);
  CPPUNIT_TEST(testMutualHandshakeAtEveryChunkSize);
  CPPUNIT_TEST(testBytesCrossInBothDirections);
  CPPUNIT_TEST(testDecryptKeepsToTheRoomThereIs);
  CPPUNIT_TEST(testCloseNotifyEndsOneDirection);
  CPPUNIT_TEST(testWithoutACertificateWhereItIsRequired);
  CPPUNIT_TEST(testWithoutACertificateWhereItIsRequested);
  CPPUNIT_TEST(testABadCertificateEndsTheHandshakeAlsoWhereNoneIsRequired);
  CPPUNIT_TEST(testTheClockHandedInDecidesValidity);
  CPPUNIT_TEST(testNoSessionIsResumed);
  CPPUNIT_TEST(testATruncatedOrForeignHelloFailsWithASentence);
  CPPUNIT_TEST(testNothingLeaksFromBadHandshakes);
  CPPUNIT_TEST(testAClientVerifiesItsServer);
  CPPUNIT_TEST(testNamesOfTheHandshake);
  CPPUNIT_TEST_SUITE_END();

  TlsCast cast_;

public:
  void testMutualHandshakeAtEveryChunkSize() {
    const auto server = cast_.serverContext(cast_.policy());
    for (const TlsVersion version : bothVersions) {
      const auto client = clientContext(cast_.ada, version);
      for (std::size_t chunk = 1; chunk < 1200; chunk += chunk < 24 ? 1 : 131) {
        TlsPair pair(server, client, chunk);
        pair.shakeHands();
        CPPUNIT_ASSERT(pair.serverStep == Step::done && pair.clientStep == Step::done);
        CPPUNIT_ASSERT(pair.server().established());
        CPPUNIT_ASSERT_EQUAL(static_cast<int>(version), static_cast<int>(pair.server().version()));
        const model::ChainFacts* chain = pair.server().clientChain();
        CPPUNIT_ASSERT(chain != nullptr);
        CPPUNIT_ASSERT(chain->leaf == TlsCast::certificates(cast_.ada).front().digest());
        CPPUNIT_ASSERT_EQUAL(0ul, ERR_peek_error());
      }
    }
  }
  void testBytesCrossInBothDirections() {
    TlsPair pair(cast_.serverContext(cast_.policy()), clientContext(cast_.ada), 777);
    pair.shakeHands();
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += static_cast<char>(i * 31);
    CPPUNIT_ASSERT(pair.client().encrypt(text) == Step::done);
    CPPUNIT_ASSERT(pair.server().encrypt(text) == Step::done);
    ByteQueue atServer(1 << 20), atClient(1 << 20);
    while (pair.move()) {
      CPPUNIT_ASSERT(pair.server().decrypt(atServer, 1 << 20) == Step::wants);
      CPPUNIT_ASSERT(pair.client().decrypt(atClient, 1 << 20) == Step::wants);
    }
    CPPUNIT_ASSERT(atServer.view() == text && atClient.view() == text);
  }
  void testDecryptKeepsToTheRoomThereIs() {
    TlsPair pair(cast_.serverContext(cast_.policy()), clientContext(cast_.ada), 1 << 20);
    pair.shakeHands();
    CPPUNIT_ASSERT(pair.client().encrypt(std::string(40'000, 'x')) == Step::done);
    pair.move();
    ByteQueue plain(100);
    CPPUNIT_ASSERT(pair.server().decrypt(plain, 30) == Step::done);
    CPPUNIT_ASSERT_EQUAL(std::size_t{30}, plain.size());
    CPPUNIT_ASSERT(pair.server().decrypt(plain, 1000) == Step::done);
    CPPUNIT_ASSERT_EQUAL(std::size_t{100}, plain.size());
    CPPUNIT_ASSERT(pair.server().pending() > 0);
    std::size_t total = 100;
    for (plain.clear(); pair.server().decrypt(plain, 1000) == Step::done; plain.clear())
      total += plain.size();
    CPPUNIT_ASSERT_EQUAL(std::size_t{40'000}, total + plain.size());
  }
  void testCloseNotifyEndsOneDirection() {
    TlsPair pair(cast_.serverContext(cast_.policy()), clientContext(cast_.ada));
    pair.shakeHands();
    CPPUNIT_ASSERT(pair.client().encrypt("last") == Step::done);
    pair.client().closeNotify();
    pair.client().closeNotify();
    pair.move();
    ByteQueue plain(100);
    CPPUNIT_ASSERT(pair.server().decrypt(plain, 100) == Step::ended);
    CPPUNIT_ASSERT(plain.view() == "last");
    CPPUNIT_ASSERT(pair.server().encrypt("answer") == Step::done); // the other direction is open
    pair.move();
    ByteQueue answer(100);
    CPPUNIT_ASSERT(pair.client().decrypt(answer, 100) == Step::wants);
    CPPUNIT_ASSERT(answer.view() == "answer");
    CPPUNIT_ASSERT(pair.client().encrypt("more") == Step::failed);
  }
  void testWithoutACertificateWhereItIsRequired() {
    const auto server = cast_.serverContext(cast_.policy());
    for (const TlsVersion version : bothVersions) {
      TlsPair pair(server, clientContext({}, version));
      pair.shakeHands();
      CPPUNIT_ASSERT(pair.serverStep == Step::failed);
      CPPUNIT_ASSERT(pair.server().failure().find("did not return a certificate") != std::string::npos);
      CPPUNIT_ASSERT(pair.clientStep == Step::failed);
      CPPUNIT_ASSERT(!pair.server().established() && pair.server().clientChain() == nullptr);
      const char* alert = version == TlsVersion::tls13 ? "certificate required" : "handshake failure";
      CPPUNIT_ASSERT_MESSAGE(pair.client().failure(),
                             pair.client().failure().find(alert) != std::string::npos);
      ByteQueue plain(10);
      CPPUNIT_ASSERT(pair.server().decrypt(plain, 10) == Step::failed); // for good
      CPPUNIT_ASSERT(pair.server().handshake() == Step::failed);
    }
  }
  void testWithoutACertificateWhereItIsRequested() {
    for (const ClientCertificate wanted : {ClientCertificate::request, ClientCertificate::none})
      for (const TlsVersion version : bothVersions) {
        TlsPair pair(cast_.serverContext(cast_.policy(wanted)), clientContext({}, version));
        pair.shakeHands();
        CPPUNIT_ASSERT(pair.serverStep == Step::done && pair.clientStep == Step::done);
        CPPUNIT_ASSERT(!pair.server().hasPeerCertificate() && pair.server().clientChain() == nullptr);
      }
    // Where none is asked for, one that is there is not sent.
    TlsPair pair(cast_.serverContext(cast_.policy(ClientCertificate::none)), clientContext(cast_.ada));
    pair.shakeHands();
    CPPUNIT_ASSERT(pair.serverStep == Step::done && !pair.server().hasPeerCertificate());
  }
  void testABadCertificateEndsTheHandshakeAlsoWhereNoneIsRequired() {
    const Forged otherCa = Forge().ca("Client CA").key("another key").make(); // same name, lesson 7
    struct Row {
      const char* what;
      Forged who;
      const char* alert;
    };
    const std::array rows = {
        Row{"untrusted", Forge().client("ada").signedBy(otherCa).make(), "unknown ca|decrypt error"},
        Row{"self-signed", Forge().client("ada").make(), "unknown ca"},
        Row{"serverAuth only, lesson 20",
            Forge().client("ada").extendedKeyUsage("serverAuth").signedBy(cast_.clientCa).make(),
            "unsupported certificate"},
        Row{"expired",
            Forge().client("ada").valid(Forge::validFrom, Forge::now - 1).signedBy(cast_.clientCa).make(),
            "certificate expired"},
        Row{"not valid yet",
            Forge().client("ada").valid(Forge::now + 60, Forge::validTo).signedBy(cast_.clientCa).make(),
            "bad certificate"},
        Row{"two CNs, lesson 2",
            Forge()
                .subject({{"CN", "admin"}, {"CN", "ada"}})
                .extendedKeyUsage("clientAuth")
                .signedBy(cast_.clientCa)
                .make(),
            "bad certificate|certificate unknown"},
        Row{"NUL in the CN, lesson 1", Forge().client("admin\0evil"s).signedBy(cast_.clientCa).make(),
            "bad certificate|certificate unknown"},
    };
    for (const Row& row : rows)
      for (const ClientCertificate wanted : {ClientCertificate::request, ClientCertificate::require}) {
        const auto server = cast_.serverContext(cast_.policy(wanted));
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
          RawClient client(version, &row.who);
          CPPUNIT_ASSERT_MESSAGE(row.what, client.connect(server) == Step::failed);
          CPPUNIT_ASSERT(!client.engine().established() && client.engine().clientChain() == nullptr);
          CPPUNIT_ASSERT_MESSAGE(row.what, !client.engine().failure().empty());
          bool fits = false;
          for (std::string_view alerts = row.alert; !alerts.empty();) {
            const auto end = std::min(alerts.find('|'), alerts.size());
            fits = fits || client.alert().find(alerts.substr(0, end)) != std::string::npos;
            alerts.remove_prefix(std::min(end + 1, alerts.size()));
          }
          CPPUNIT_ASSERT_MESSAGE(
              std::string(row.what) + ": " + client.alert() + " / " + client.engine().failure(), fits);
        }
      }
  }
  void testTheClockHandedInDecidesValidity() {
    const auto server = cast_.serverContext(cast_.policy());
    const auto client = clientContext(
        Forge().client("ada").valid(Forge::validFrom, Forge::now + 100).signedBy(cast_.clientCa).make());
    TlsPair before(server, client);
    before.shakeHands();
    CPPUNIT_ASSERT(before.serverStep == Step::done);
    cast_.clock.wall += 101;
    TlsPair after(server, client);
    after.shakeHands();
    CPPUNIT_ASSERT(after.serverStep == Step::failed);
  }
  // Lessons 32 and 33, facts 1 to 4: a session offered again is a full handshake, in which pki is asked
  // again.
  void testNoSessionIsResumed() {
    const auto server = cast_.serverContext(cast_.policy());
    TlsPolicy strict = cast_.policy();
    strict.trustList = TlsCast::trust(Forge().ca("Another CA").make());
    const auto afterRemoval = cast_.serverContext(std::move(strict));
    const Forged ada =
        Forge().client("ada").valid(Forge::validFrom, Forge::now + 100).signedBy(cast_.clientCa).make();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      cast_.clock.wall = Forge::now;
      RawClient client(version, &ada);
      CPPUNIT_ASSERT(client.connect(server) == Step::done);
      SSL_SESSION* session = SSL_get1_session(client.ssl());
      CPPUNIT_ASSERT_EQUAL(0, SSL_SESSION_has_ticket(session));
      CPPUNIT_ASSERT_EQUAL(0, SSL_SESSION_is_resumable(session));
      // Whatever the client makes of it, here it is offered by force.
      CPPUNIT_ASSERT(client.connect(server, session) == Step::done);
      CPPUNIT_ASSERT_EQUAL(0, SSL_session_reused(client.ssl()));
      CPPUNIT_ASSERT(client.engine().clientChain() != nullptr);
      CPPUNIT_ASSERT(client.connect(afterRemoval, session) == Step::failed);
      cast_.clock.wall = Forge::now + 101;
      CPPUNIT_ASSERT(client.connect(server, session) == Step::failed);
      SSL_SESSION_free(session);
    }
  }
  void testATruncatedOrForeignHelloFailsWithASentence() {
    const auto context = cast_.serverContext(cast_.policy());
    for (const std::string& hello :
         {"GET / HTTP/1.1\r\n\r\n"s, "*1\r\n$4\r\nPING\r\n"s, std::string(64, '\0'),
          "\x16\x03\x01\xff\xff"s + std::string(100, 'x'), "\x15\x03\x01\x00\x02\x02\x28"s,
          "\x80\x2e\x01\x00\x02"s + std::string(60, '\1')}) {
      ByteQueue in(1 << 16), out(1 << 16);
      const auto engine = TlsEngine::create(context, in, out).value();
      CPPUNIT_ASSERT(in.append(hello));
      CPPUNIT_ASSERT(engine->handshake() == Step::failed);
      CPPUNIT_ASSERT(!engine->failure().empty() && engine->failure().size() <= 410);
      CPPUNIT_ASSERT_EQUAL(0ul, ERR_peek_error());
    }
    // TLS 1.1 is refused.
    ByteQueue in(1 << 16), out(1 << 16);
    RawClient old(TLS1_1_VERSION);
    CPPUNIT_ASSERT(old.connect(context) != Step::done);
  }
  // Lesson 41: an attacker's bad chains cost no memory. AddressSanitizer counts the bytes.
  void testNothingLeaksFromBadHandshakes() {
    const auto server = cast_.serverContext(cast_.policy(ClientCertificate::request));
    const Forged otherCa = Forge().ca("Other CA").make();
    const auto bad = clientContext(Forge().client("mallory").signedBy(otherCa).make());
    for (int i = 0; i < 2000; ++i) {
      TlsPair pair(server, bad);
      pair.shakeHands();
      CPPUNIT_ASSERT(pair.serverStep == Step::failed);
      CPPUNIT_ASSERT_EQUAL(0ul,
                           ERR_peek_error()); // the next connection of this thread finds no stranger's error
    }
  }
  void testAClientVerifiesItsServer() {
    const auto server = cast_.serverContext(cast_.policy(ClientCertificate::none));
    const auto verifying = [](const Forged& authority, const char* name) {
      TlsClientPolicy policy;
      policy.authorities = TlsCast::certificates(authority);
      policy.serverName = name;
      return TlsContext::buildClient(std::move(policy)).value();
    };
    TlsPair good(server, verifying(cast_.serverCa, "gw1.example.com"));
    good.shakeHands();
    CPPUNIT_ASSERT_MESSAGE(good.client().failure(),
                           good.clientStep == Step::done && good.serverStep == Step::done);
    CPPUNIT_ASSERT_EQUAL("gw1.example.com"s, good.server().serverName());
    TlsPair wrongName(server, verifying(cast_.serverCa, "gw2.example.com"));
    wrongName.shakeHands();
    CPPUNIT_ASSERT(wrongName.clientStep == Step::failed);
    TlsPair wrongCa(server, verifying(cast_.clientCa, "gw1.example.com"));
    wrongCa.shakeHands();
    CPPUNIT_ASSERT(wrongCa.clientStep == Step::failed);
  }
  void testNamesOfTheHandshake() {
    TlsPolicy policy = cast_.policy();
    policy.alpn = {"http/1.1"};
    const auto server = cast_.serverContext(std::move(policy));
    for (const auto& [offer, chosen] : {std::pair("http/1.1", "http/1.1"), std::pair("h2", "")}) {
      TlsClientPolicy client;
      TlsCast::present(client, cast_.ada);
      client.alpn = {offer};
      TlsPair pair(server, TlsContext::buildClient(std::move(client)).value());
      pair.shakeHands();
      CPPUNIT_ASSERT(pair.serverStep == Step::done);
      CPPUNIT_ASSERT_EQUAL(std::string(chosen), pair.server().alpn());
      CPPUNIT_ASSERT_EQUAL(""s, pair.server().serverName());
      CPPUNIT_ASSERT(pair.server().versionName() == "TLSv1.3");
      CPPUNIT_ASSERT(pair.server().cipher().substr(0, 4) == "TLS_");
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TlsEngineTest);
