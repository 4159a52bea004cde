// Protects: how logins are limited, as an object of its own: whole, bounded, held where a manifest owns it
// (R22), and back to its defaults in one step.
#include "ManagementFixture.h"

using namespace gatehouse;
using namespace gatehouse::control;

class ClusterPolicyTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(ClusterPolicyTest);
  CPPUNIT_TEST(testTheDefaultsAreTheDocumentedOnes);
  CPPUNIT_TEST(testAChangeIsInForce);
  CPPUNIT_TEST(testWhatIsNotOfferedIsRefused);
  CPPUNIT_TEST(testRestoringTheDefaults);
  CPPUNIT_TEST(testOthersRevisionIsRefused);
  CPPUNIT_TEST(testHoldsOfAManifestsPolicy);
  CPPUNIT_TEST_SUITE_END();

  Answer get() { return root("GET", "/v1/cluster/policy"); }
  Answer put(const std::string& body) { return root("PUT", "/v1/cluster/policy", body); }

public:
  void testTheDefaultsAreTheDocumentedOnes() {
    const Answer answer = get();
    expectOk(answer, R"("login_lockout_threshold":5)");
    CPPUNIT_ASSERT(holds(answer, R"("login_lockout_counter_reset_after":900)"));
    CPPUNIT_ASSERT(holds(answer, R"("login_lockout_duration":1800)"));
    CPPUNIT_ASSERT(!field(answer, "ETag").empty());
  }
  void testAChangeIsInForce() {
    const std::string before = field(get(), "ETag");
    const Answer answer = put(R"({"login_lockout_threshold":3,"default_shards_placement":"sparse"})");
    expectOk(answer);
    CPPUNIT_ASSERT(answer.body.empty()); // as documented
    CPPUNIT_ASSERT(field(answer, "ETag") != before);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, serving_->inForce.snapshot->clusterPolicy.login_lockout_threshold);
    CPPUNIT_ASSERT(serving_->published.back().settings);
    const Answer now = get();
    expectOk(now, R"("login_lockout_threshold":3)");
    CPPUNIT_ASSERT(holds(now, R"("default_shards_placement":"sparse")"));
    CPPUNIT_ASSERT_EQUAL(field(answer, "ETag"), field(now, "ETag"));
    CPPUNIT_ASSERT(events_.count({"change.committed", "cluster_policy", "login_lockout_threshold"}) == 1);
  }
  void testWhatIsNotOfferedIsRefused() {
    const model::Revision before = revision();
    expect(406, "unsupported_value", put(R"({"acl_pubsub_default":"allchannels"})"), "acl_pubsub_default");
    expect(406, "unsupported_value", put(R"({"db_conns_auditing":true})"), "db_conns_auditing");
    expect(400, "invalid_param", put(R"({"login_lockout_threshold":-1})"), "login_lockout_threshold");
    expect(400, "invalid_schema", put(R"({"login_lockout_threshold":"5"})"));
    expect(400, "invalid_schema", put(R"({"lockout":1})"), "lockout");
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }
  void testRestoringTheDefaults() {
    const std::string path = "/v1/cluster/policy/restore_default";
    const model::Revision before = revision();
    expectOk(root("PUT", path));
    CPPUNIT_ASSERT_EQUAL(before, revision()); // they are what there is
    expectOk(put(R"({"login_lockout_threshold":0,"show_internals":true})"));
    expectOk(root("PUT", path, "{}"));
    const Answer now = get();
    expectOk(now, R"("login_lockout_threshold":5)");
    CPPUNIT_ASSERT(holds(now, R"("show_internals":false)"));
  }
  void testOthersRevisionIsRefused() {
    const std::string tag = field(get(), "ETag");
    expectOk(put(R"({"login_lockout_threshold":4})"));
    Ask late{"PUT", "/v1/cluster/policy", R"({"login_lockout_threshold":6})"};
    late.ifMatch = tag;
    expect(412, "precondition_failed", ask(root(), late));
    late.ifMatch = field(get(), "ETag");
    expectOk(ask(root(), late));
  }
  // R22
  void testHoldsOfAManifestsPolicy() {
    asManifest([&](store::Transaction& transaction) {
      model::ClusterPolicy policy;
      policy.login_lockout_counter_reset_after = 60;
      CPPUNIT_ASSERT(transaction.putClusterPolicy(policy, store::Origin::manifest).ok());
    });
    expectOk(put(R"({"login_lockout_counter_reset_after":30})")); // narrows nothing
    CPPUNIT_ASSERT(reader_->holds()->empty());
    expectOk(put(R"({"login_lockout_counter_reset_after":3600})"));
    const auto held = reader_->holds().value();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, held.size());
    CPPUNIT_ASSERT(held[0].kind == "cluster_policy" && held[0].field == "login_lockout_counter_reset_after");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ClusterPolicyTest);
