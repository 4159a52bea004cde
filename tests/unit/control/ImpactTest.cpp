// Protects: what-if. What a plan says about people and connections must be what judge will say when it is
// done: who gains, who loses, which connections close and why, and which listed certificate nobody leans on.
#include "control/manifest/Impact.h"
#include "control/codec/JsonReader.h"
#include "pki/Certificate.h"
#include "pki/Hash.h"
#include "support/TestPki.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <string>

using namespace gatehouse;
using namespace gatehouse::control;
using namespace std::string_literals;

namespace {

constexpr std::int64_t now = 1'800'000'000;

/// One state: a Snapshot, and its users.
struct State {
  model::Snapshot snapshot;
  std::map<std::int64_t, store::UserRecord> users;

  void role(std::int64_t uid, model::Management word) {
    snapshot.roles[uid].uid = uid;
    snapshot.roles[uid].management = word;
  }
  void acl(std::int64_t uid, std::string text) {
    snapshot.redisAcls[uid].uid = uid;
    snapshot.redisAcls[uid].acl = std::move(text);
  }
  void database(std::int64_t uid, std::string name, std::int64_t role, std::int64_t acl) {
    model::Database& database = snapshot.databases[uid].database;
    database.uid = uid;
    database.name = std::move(name);
    database.roles_permissions = {{role, acl, {}}};
    snapshot.databases[uid].anchors = snapshot.anchors;
  }
  store::UserRecord& user(std::int64_t uid, std::string name, std::vector<std::int64_t> roles) {
    store::UserRecord& record = users[uid];
    record.judged.user.uid = uid;
    record.judged.user.name = std::move(name);
    record.judged.user.role_uids = std::move(roles);
    record.judged.hasVerifier = true;
    record.judged.revision = 5;
    return record;
  }
  store::UserRecord& certificateUser(std::int64_t uid, std::string name, std::vector<std::int64_t> roles) {
    store::UserRecord& record = user(uid, std::move(name), std::move(roles));
    record.judged.hasVerifier = false;
    record.judged.user.auth_method = model::AuthMethod::certificate;
    record.judged.user.certificate_subject_line = "CN=" + record.judged.user.name;
    record.judged.subjectKey =
        pki::subjectKey(*model::Subject::parse(record.judged.user.certificate_subject_line));
    return record;
  }
};

LiveSession session(std::uint64_t id, const store::UserRecord& record, std::int64_t database = 0) {
  auto admission = std::make_shared<model::Admission>();
  admission->kind = model::EvidenceKind::password;
  admission->tlsVersion = 0x0304;
  admission->database = database;
  admission->userUid = record.judged.user.uid;
  admission->userRevision = record.judged.revision;
  return {id, "192.0.2.1:5000", "api", std::move(admission)};
}

} // namespace

class ImpactTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ImpactTest);
  CPPUNIT_TEST(testNothingChangesNothing);
  CPPUNIT_TEST(testARoleGivesAndTakesPermissionsAndDatabases);
  CPPUNIT_TEST(testADeletedUserLosesAllAndItsConnectionCloses);
  CPPUNIT_TEST(testAnotherSubjectIsAnotherProof);
  CPPUNIT_TEST(testFewerRightsAtADatabaseCloseAndMoreDoNot);
  CPPUNIT_TEST(testCertificatesOffTakesWhatCertificatesGave);
  CPPUNIT_TEST(testTheLocalAdministratorStays);
  CPPUNIT_TEST(testACaThatNobodyLeansOnIsNamed);
  CPPUNIT_TEST(testALookupThatFailsIsAnErrorAndNoAnswer);
  CPPUNIT_TEST_SUITE_END();

  State before_, after_;
  std::vector<LiveSession> sessions_;

  static ImpactQuestion::UserAt lookup(const State& state) {
    return [&state](std::int64_t uid) -> Result<std::optional<store::UserRecord>> {
      const auto found = state.users.find(uid);
      if (found == state.users.end()) return std::optional<store::UserRecord>();
      store::UserRecord copy;
      copy.judged = found->second.judged;
      return std::optional<store::UserRecord>(std::move(copy));
    };
  }
  std::string answer(const std::set<std::int64_t>& users) {
    auto out =
        impactOf({before_.snapshot, after_.snapshot, lookup(before_), lookup(after_), users, sessions_, now});
    CPPUNIT_ASSERT(out.ok());
    CPPUNIT_ASSERT(readJson(*out).ok());
    return *out;
  }
  static void holds(const std::string& answer, const std::string& part) {
    CPPUNIT_ASSERT_MESSAGE(answer + "\nlacks " + part, answer.find(part) != std::string::npos);
  }

public:
  void setUp() override {
    before_ = {};
    sessions_.clear();
    before_.role(1, model::Management::admin);
    before_.role(2, model::Management::none);
    before_.acl(1, "+@read ~*");
    before_.database(3, "cache", 2, 1);
    before_.user(7, "job", {2});
    after_ = before_;
  }

  void testAnotherSubjectIsAnotherProof() {
    for (State* state : {&before_, &after_}) {
      model::User& user = state->users[7].judged.user;
      user.auth_method = model::AuthMethod::certificate;
      user.certificate_subject_line = state == &before_ ? "CN=old" : "CN=new";
      state->users[7].judged.subjectKey.fill(state == &before_ ? 1 : 2);
    }
    const std::string text = answer({7});
    holds(text, R"("gains":[{"user":"job","what":"logging in with the certificate of `CN=new`"}])");
    holds(text, R"("loses":[{"user":"job","what":"logging in with the certificate of `CN=old`"}])");
  }

  void testNothingChangesNothing() {
    sessions_.push_back(session(1, before_.users[7], 3));
    CPPUNIT_ASSERT_EQUAL("{\"gains\":[],\"loses\":[],\"closes\":[],\"stays\":1,\"unused_certificates\":[]}"s,
                         answer({7}));
  }

  void testARoleGivesAndTakesPermissionsAndDatabases() {
    after_.users[7].judged.user.role_uids = {1};
    const std::string text = answer({7});
    holds(text, R"("gains":[{"user":"job","what":")");
    holds(text, "permissions of the REST API, as admin");
    holds(text, R"("loses":[{"user":"job","what":"database cache: +@read ~*"}])");
    // A user who is not active gains nothing by a role.
    after_.users[7].judged.user.status = model::UserStatus::locked;
    holds(answer({7}), "\"gains\":[]");
  }

  void testADeletedUserLosesAllAndItsConnectionCloses() {
    sessions_.push_back(session(4, before_.users[7], 3));
    after_.users.erase(7);
    const std::string text = answer({7});
    holds(text, R"("loses":[{"user":"job","what":"database cache: +@read ~*"}])");
    holds(
        text,
        R"("closes":[{"session":4,"peer":"192.0.2.1:5000","listener":"api","user":"job","reason":"no_user"}])");
    holds(text, "\"stays\":0");
    // One that does not stand today is no news.
    before_.users.erase(7);
    holds(answer({}), "\"closes\":[],\"stays\":0");
  }

  void testFewerRightsAtADatabaseCloseAndMoreDoNot() {
    sessions_.push_back(session(4, before_.users[7], 3));
    after_.acl(2, "+set ~*");
    after_.snapshot.databases[3].database.roles_permissions.push_back({2, 2, {}});
    const std::string more = answer({7});
    holds(more, R"("gains":[{"user":"job","what":"database cache: +set ~*"}])");
    holds(more, "\"closes\":[],\"stays\":1");
    after_.snapshot.databases[3].database.roles_permissions = {{2, 2, {}}};
    const std::string fewer = answer({7});
    holds(fewer, "\"reason\":\"fewer_rights\"");
    holds(fewer, R"("loses":[{"user":"job","what":"database cache: +@read ~*"}])");
    after_.snapshot.databases[3].database.roles_permissions.clear();
    holds(answer({7}), "\"reason\":\"no_role\"");
  }

  void testCertificatesOffTakesWhatCertificatesGave() {
    for (State* state : {&before_, &after_}) {
      state->snapshot.settings.mtls_certificate_authentication = true;
      state->snapshot.anchors = {pki::sha256({"a ca"})};
      state->certificateUser(8, "ada", {1});
    }
    CPPUNIT_ASSERT(answer({8}).starts_with("{\"gains\":[],\"loses\":[],"));
    after_.snapshot.settings.mtls_certificate_authentication = false;
    const std::string off = answer({8});
    holds(off, "\"gains\":[],\"loses\":[{\"user\":\"ada\",");
    holds(off, "permissions of the REST API, as admin");
    after_.snapshot.settings.mtls_certificate_authentication = true;
    after_.snapshot.anchors.clear(); // nobody is trusted any more
    holds(answer({8}), "\"loses\":[{\"user\":\"ada\",");
    after_.snapshot.anchors = before_.snapshot.anchors;
    after_.snapshot.settings.mtls_client_cert_subject_validation_type = model::SubjectValidation::san_cn;
    holds(answer({8}), "\"loses\":[{\"user\":\"ada\","); // her CN is not listed
    after_.snapshot.authorizedNames = {pki::nameDigest("ada")};
    CPPUNIT_ASSERT(answer({8}).starts_with("{\"gains\":[],\"loses\":[],"));
  }

  void testTheLocalAdministratorStays() {
    auto admission = std::make_shared<model::Admission>();
    admission->kind = model::EvidenceKind::local;
    admission->control = true;
    sessions_.push_back({9, "local", "control", std::move(admission)});
    sessions_.push_back({10, "nobody", "api", nullptr});
    after_.users.clear();
    holds(answer({}), "\"closes\":[],\"stays\":1");
  }

  void testACaThatNobodyLeansOnIsNamed() {
    const test::Forged used = test::TestPki::otherCa("used", "one"),
                       idle = test::TestPki::otherCa("idle", "two");
    const model::Digest anchor = pki::Certificate::fromPem(used.pem())->at(0).digest();
    const model::Digest other = pki::Certificate::fromPem(idle.pem())->at(0).digest();
    for (State* state : {&before_, &after_}) {
      state->snapshot.settings.mtls_certificate_authentication = true;
      state->snapshot.anchors = {anchor, other};
      state->snapshot.certificates["mtls_trusted_ca"].certificate = used.pem() + idle.pem();
      state->certificateUser(8, "ada", {1});
    }
    LiveSession live = session(1, before_.users[8]);
    auto admission = std::make_shared<model::Admission>(*live.admission);
    admission->kind = model::EvidenceKind::certificate;
    admission->chain.anchor = anchor;
    admission->chain.notAfter = now + 100;
    admission->chain.subjectKey = before_.users[8].judged.subjectKey;
    live.admission = std::move(admission);
    sessions_.push_back(std::move(live));
    const std::string text = answer({});
    holds(text, R"("unused_certificates":[{"list":"mtls_trusted_ca","subject":"CN=idle)");
    CPPUNIT_ASSERT(text.find("CN=used") == std::string::npos);
    after_.users.erase(8); // nobody is left on the other either
    holds(answer({}), "CN=used");
  }

  void testALookupThatFailsIsAnErrorAndNoAnswer() {
    const auto fails = [](std::int64_t) -> Result<std::optional<store::UserRecord>> {
      return Error{Code::unavailable, "the store cannot be read"};
    };
    const auto out =
        impactOf({before_.snapshot, after_.snapshot, fails, lookup(after_), {7}, sessions_, now});
    CPPUNIT_ASSERT(!out.ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ImpactTest);
