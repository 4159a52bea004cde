// Protects: the way of a write: judged again (R6), built before it is kept (R11), durable, in force and acted
// upon before anybody hears of it (R16, R20), laid onto what is there and not onto what was seen; and the
// start.
#include "ManagementFixture.h"

#include <array>

using namespace gatehouse;
using namespace gatehouse::control;

class ManagementTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(ManagementTest);
  CPPUNIT_TEST(testAWriteIsAnsweredAfterItsSweep);
  CPPUNIT_TEST(testWhatCannotBeBuiltChangesNothing);
  CPPUNIT_TEST(testAUsersWriteBuildsNothing);
  CPPUNIT_TEST(testACallerThatWasRevokedMeanwhileIsRefused);
  CPPUNIT_TEST(testACertificateCallerIsJudgedByThePolicyOfTheWriter);
  CPPUNIT_TEST(testACallerThatIsRevokedWhileItsPasswordIsHashedIsRefused);
  CPPUNIT_TEST(testTwoChangesMeetInTheRow);
  CPPUNIT_TEST(testADryRunDoesAllButCommit);
  CPPUNIT_TEST(testPasswordsWaitForThePool);
  CPPUNIT_TEST(testAFailedEnrolmentChangesNothing);
  CPPUNIT_TEST(testASessionThatGoesLeavesTheChange);
  CPPUNIT_TEST(testAStoppedWriterIsNoSuccess);
  CPPUNIT_TEST(testCommittedChangesAreRecorded);
  CPPUNIT_TEST(testTheStartMakesWhatIsMissing);
  CPPUNIT_TEST(testAStartThatCannotBeBuiltFails);
  CPPUNIT_TEST(testASeedIsOneChange);
  CPPUNIT_TEST(testASeedThatCannotBeBuiltIsTriedAgain);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAWriteIsAnsweredAfterItsSweep() { // R16, R20
    serving_->holdSwept = true;
    bool answered = false;
    begin(root(), {"POST", "/v1/roles", R"({"name":"x"})"})->finish(*reader_, [&](Answer answer) {
      CPPUNIT_ASSERT_EQUAL(200, answer.status);
      answered = true;
    });
    settle();
    CPPUNIT_ASSERT(!answered);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->waiting.size());
    CPPUNIT_ASSERT_EQUAL(revision(), serving_->published.back().revision); // durable before it is published
    serving_->waiting.front()();
    CPPUNIT_ASSERT(answered);
  }
  void testWhatCannotBeBuiltChangesNothing() { // R11
    serving_->prepareFails = Error{Code::invalid_param, "control_cipher_suites: no such cipher"};
    const model::Revision before = revision();
    const std::size_t published = serving_->published.size();
    expect(400, "invalid_param", root("PUT", "/v1/cluster", R"({"control_cipher_suites":"NONSENSE"})"),
           "control_cipher_suites");
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(published, serving_->published.size());
    serving_->prepareFails.reset();
    expectOk(root("GET", "/v1/cluster"), "DEFAULT:!3DES");
    expectOk(root("PUT", "/v1/cluster", R"({"slave_ha":true})"), "DEFAULT:!3DES");
  }
  void testAUsersWriteBuildsNothing() {
    const int before = serving_->prepared;
    const auto prepared = serving_->inForce.prepared;
    make("ada", "5");
    CPPUNIT_ASSERT_EQUAL(before, serving_->prepared);
    CPPUNIT_ASSERT(serving_->inForce.prepared == prepared);
    CPPUNIT_ASSERT_EQUAL(revision(), serving_->inForce.snapshot->revision);
  }
  void testACallerThatWasRevokedMeanwhileIsRefused() { // R6
    const std::int64_t boss = make("boss", "1");
    make("other", "1");
    struct Case {
      std::string body;
      int status;
    };
    for (const Case& take : {Case{R"({"role_uids":[5]})", 401}, Case{R"({"password":"new"})", 401}}) {
      auto held = begin(user(boss), {"POST", "/v1/roles", R"({"name":"x"})"});
      expectOk(root("PUT", path("users", boss), take.body));
      CPPUNIT_ASSERT_EQUAL(take.status, finish(std::move(held)).status);
      expectOk(root("PUT", path("users", boss), R"({"role_uids":[1]})"));
    }
    auto held = begin(user(boss), {"POST", "/v1/roles", R"({"name":"x"})"});
    expectOk(root("DELETE", path("users", boss)));
    const Answer answer = finish(std::move(held));
    expect(401, "unauthenticated", answer);
    CPPUNIT_ASSERT(!holds(answer, "no_user"));
    CPPUNIT_ASSERT(events_.count({"access.refused", "no_user", "boss"}) == 1);
    CPPUNIT_ASSERT(!holds(root("GET", "/v1/roles"), "\"x\""));
  }
  void testACertificateCallerIsJudgedByThePolicyOfTheWriter() { // R6
    trust(test::Forge().ca("Example CA").make());
    expectOk(root("PUT", "/v1/cluster", R"({"mtls_certificate_authentication":true})"));
    const std::int64_t uid =
        uidIn(root("POST", "/v1/users",
                   R"({"auth_method":"certificate","certificate_subject_line":"CN=ada","role_uids":[1]})"));
    make("other", "1");
    model::Admission admission;
    admission.kind = model::EvidenceKind::certificate;
    admission.tlsVersion = 0x0304;
    admission.userUid = uid;
    admission.chain.anchor = *serving_->inForce.snapshot->anchors.begin();
    admission.chain.subjectKey = row(uid).judged.subjectKey;
    admission.chain.notAfter = clock_.wallSeconds() + 60;
    Caller ada;
    ada.admission = std::make_shared<const model::Admission>(admission);
    ada.user = std::make_shared<const store::UserRecord>(row(uid));
    const Ask create{"POST", "/v1/roles", R"({"name":"x"})"};

    auto revoked = begin(ada, create);
    expectOk(root("PUT", path("users", uid), R"({"certificate_subject_line":"CN=eve"})"));
    expect(401, "unauthenticated", finish(std::move(revoked)));
    expectOk(root("PUT", path("users", uid), R"({"certificate_subject_line":"CN=ada"})"));
    auto off = begin(ada, create);
    expectOk(root("PUT", "/v1/cluster", R"({"mtls_certificate_authentication":false})"));
    expect(401, "unauthenticated", finish(std::move(off)));
    expectOk(root("PUT", "/v1/cluster", R"({"mtls_certificate_authentication":true})"));
    auto expired = begin(ada, create);
    clock_.advance(61'000);
    expect(401, "unauthenticated", finish(std::move(expired)));
    clock_.wall -= 61;
    expectOk(ask(ada, create));
  }
  void testACallerThatIsRevokedWhileItsPasswordIsHashedIsRefused() { // R6
    const std::int64_t boss = make("boss", "1");
    make("other", "1");
    serving_->beforeEnroll = [&] { // on the writer's thread here: queued behind it
      serving_->beforeEnroll = nullptr;
      begin(root(), {"DELETE", path("users", boss), ""})->finish(*reader_, [](Answer answer) {
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
      });
    };
    expect(401, "unauthenticated",
           ask(user(boss), {"POST", "/v1/users", R"({"name":"spy","password":"x","role":"admin"})"}));
    CPPUNIT_ASSERT(!reader_->userByLogin("spy")->record);
  }
  // Lesson 49 (a change built from an old state overwrote a newer one) and RS196954.
  void testTwoChangesMeetInTheRow() {
    const std::int64_t uid = make("ada", "5");
    auto first = begin(root(), {"PUT", path("users", uid), R"({"email":"a@b.c"})"});
    auto second = begin(root(), {"PUT", path("users", uid), R"({"role_uids":[4]})"});
    auto third = begin(root(), {"PUT", "/v1/cluster", R"({"slave_ha":true})"});
    auto fourth = begin(root(), {"PUT", "/v1/cluster", R"({"upgrade_mode":true})"});
    std::array<std::promise<int>, 4> answers;
    std::size_t next = 0;
    for (auto* operation : {&first, &second, &third, &fourth})
      (*operation)->finish(*reader_, [&answers, i = next++](Answer answer) {
        answers[i].set_value(answer.status);
      });
    for (auto& answer : answers) CPPUNIT_ASSERT_EQUAL(200, answer.get_future().get());
    settle();
    const Answer user = root("GET", path("users", uid));
    CPPUNIT_ASSERT(holds(user, "a@b.c") && holds(user, R"("role_uids":[4])"));
    const Answer cluster = root("GET", "/v1/cluster");
    CPPUNIT_ASSERT(holds(cluster, R"("slave_ha":true)") && holds(cluster, R"("upgrade_mode":true)"));
  }
  void testADryRunDoesAllButCommit() {
    const model::Revision before = revision();
    const std::size_t published = serving_->published.size();
    Ask what{"POST", "/v1/users", R"({"name":"ada","password":"x","role_uids":[5]})"};
    what.query = "dry_run";
    const Answer answer = ask(root(), what);
    expectOk(answer, R"("name":"ada")");
    CPPUNIT_ASSERT(field(answer, "ETag").empty());
    what.body = R"({"name":"ada","password":"x","role_uids":[99]})";
    expect(400, "invalid_param", ask(root(), what), "99");
    what = {"PUT", "/v1/cluster", R"({"slave_ha":true})"};
    what.query = "dry_run=true";
    const int prepared = serving_->prepared;
    expectOk(ask(root(), what), R"("slave_ha":true)");
    CPPUNIT_ASSERT_EQUAL(prepared + 1, serving_->prepared);
    CPPUNIT_ASSERT_EQUAL(before, revision());
    CPPUNIT_ASSERT_EQUAL(published, serving_->published.size());
    CPPUNIT_ASSERT_EQUAL(0, serving_->enrolled);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, events_.count({"change.committed", "\"ada\""}));
    what.query = "dry_run=false";
    expectOk(ask(root(), what));
    CPPUNIT_ASSERT_EQUAL(before + 1, revision());
  }
  void testPasswordsWaitForThePool() {
    serving_->cpuFull = true;
    const model::Revision before = revision();
    expect(503, "overloaded", root("POST", "/v1/users", R"({"name":"ada","password":"x"})"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
    expectOk(root("POST", "/v1/users", R"({"auth_method":"certificate","certificate_subject_line":"CN=a"})"));
    // What can be said without hashing is said first.
    expect(409, "name_already_exists", root("POST", "/v1/users", R"({"name":"a","password":"x"})"));
  }
  void testAFailedEnrolmentChangesNothing() {
    serving_->emptyVerifiers = true;
    const model::Revision before = revision();
    expect(500, "internal_error", root("POST", "/v1/users", R"({"name":"ada","password":"x"})"));
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testASessionThatGoesLeavesTheChange() {
    auto operation = begin(root(), {"POST", "/v1/roles", R"({"name":"x"})"});
    std::promise<int> answered;
    operation->finish(*reader_, [&](Answer answer) { answered.set_value(answer.status); });
    operation.reset();
    CPPUNIT_ASSERT_EQUAL(200, answered.get_future().get());
    begin(root(), {"POST", "/v1/roles", R"({"name":"y"})"}).reset(); // before finish: nothing
    settle();
    const Answer roles = root("GET", "/v1/roles");
    CPPUNIT_ASSERT(holds(roles, "\"x\"") && !holds(roles, "\"y\""));
  }
  void testAStoppedWriterIsNoSuccess() {
    writer_->stop();
    int status = 0;
    begin(root(), {"POST", "/v1/roles", R"({"name":"x"})"})->finish(*reader_, [&](Answer answer) {
      status = answer.status;
    });
    CPPUNIT_ASSERT_EQUAL(503, status);
  }
  void testCommittedChangesAreRecorded() {
    const std::int64_t uid = make("ada", "1");
    expectOk(ask(user(uid), {"PUT", path("users", uid), R"({"email":"a@b.c"})"}));
    CPPUNIT_ASSERT_EQUAL(
        std::size_t{1}, events_.count({"change.committed", R"("who":"ada")", R"("verb":"updated")",
                                       R"("fields":"email")", "\"revision\":" + std::to_string(revision())}));
    CPPUNIT_ASSERT_EQUAL(std::string("ada"), serving_->published.back().who);
  }

  void testTheStartMakesWhatIsMissing() {
    const auto& certificates = serving_->inForce.snapshot->certificates;
    CPPUNIT_ASSERT(certificates.contains("api") && certificates.contains("proxy"));
    CPPUNIT_ASSERT(serving_->inForce.prepared != nullptr);
    CPPUNIT_ASSERT(reader_->empty().value()); // they are nobody's wish
    CPPUNIT_ASSERT(!management_->hasAdministrator());
    const std::string api = certificates.at("api").certificate;
    const model::Revision before = revision();
    start({});
    CPPUNIT_ASSERT_EQUAL(api, serving_->inForce.snapshot->certificates.at("api").certificate); // kept
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testAStartThatCannotBeBuiltFails() { // R11
    serving_->prepareFails = Error{Code::invalid_certificate, "api: broken"};
    auto policy = management_->start({});
    CPPUNIT_ASSERT(!policy.ok() && policy.error().description.find("broken") != std::string::npos);
  }
  void testASeedIsOneChange() {
    const test::Forged ca = test::Forge().ca("Example CA").make();
    folder_->write("ca.pem", ca.pem());
    folder_->write("password", "hunter2\n");
    const std::string manifest = folder_->write("10.yaml", R"(
cluster: {mtls_certificate_authentication: true}
certificates: [{name: mtls_trusted_ca, certificate: {file: ca.pem}}]
roles: [{name: operator, management: admin}]
users:
  - {name: ada, auth_method: certificate, certificate_subject_line: "CN=ada", roles: [operator]}
  - {name: job, password: {file: password}, roles: [operator]}
)");
    const model::Revision before = revision();
    start({manifest});
    CPPUNIT_ASSERT_EQUAL(before + 1, revision());
    CPPUNIT_ASSERT(management_->hasAdministrator());
    CPPUNIT_ASSERT(!reader_->empty().value());
    CPPUNIT_ASSERT(serving_->inForce.snapshot->settings.mtls_certificate_authentication);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, serving_->inForce.snapshot->anchors.size());
    CPPUNIT_ASSERT_EQUAL("$fake$" + hex("hunter2"), reader_->userByLogin("job")->record->verifier);
    // Later it changes nothing, and a bad manifest keeps nobody out.
    folder_->write("10.yaml", "roles: [{name: operator, management: none}]\nnonsense: 1\n");
    start({manifest});
    CPPUNIT_ASSERT_EQUAL(before + 1, revision());
    CPPUNIT_ASSERT(events_.count({"provision.mistake", "nonsense"}) == 1);
  }
  void testASeedThatCannotBeBuiltIsTriedAgain() { // R11, R21
    const std::string manifest = folder_->write("10.yaml", R"(
cluster: {control_cipher_suites: "NONSENSE"}
)");
    serving_->prepareFails = Error{Code::invalid_param, "control_cipher_suites: no such cipher"};
    CPPUNIT_ASSERT(!management_->start({control::Provisioning::Mode::seed, {manifest}, false}).ok());
    CPPUNIT_ASSERT(reader_->empty().value());
    serving_->prepareFails.reset();
    CPPUNIT_ASSERT(
        !management_->start({control::Provisioning::Mode::seed, {*folder_ / "nothing-*.yaml"}, false})
             .ok()); // R21
    folder_->write("10.yaml", "roles: [{name: x}]\n");
    start({manifest});
    CPPUNIT_ASSERT(events_.count({"provision.no_administrator"}) == 1);
    CPPUNIT_ASSERT(!reader_->empty().value());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ManagementTest);
