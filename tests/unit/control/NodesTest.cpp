// Protects: what clients of a cluster ask about its nodes and its objects' form.
#include "ManagementFixture.h"

#include "control/codec/JsonReader.h"
#include "control/codec/ObjectSchema.h"
#include "control/rest/Nodes.h"

#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::control;

class NodesTest : public test::ManagementFixture {
  CPPUNIT_TEST_SUITE(NodesTest);
  CPPUNIT_TEST(testThereIsOneNode);
  CPPUNIT_TEST(testItTellsTheMachineAsItIs);
  CPPUNIT_TEST(testOneSchema);
  CPPUNIT_TEST(testAllSchemas);
  CPPUNIT_TEST_SUITE_END();

  Answer schema(const std::string& query) { return ask(root(), {"GET", "/v1/jsonschema", "", "", query}); }

public:
  void testThereIsOneNode() {
    const Answer one = root("GET", "/v1/nodes/1");
    expectOk(one, R"({"uid":1,"addr":")");
    for (const char* part : {R"("status":"active")", R"("accept_servers":true)", R"("external_addr":[])",
                             R"("rack_id":"")", R"("shard_count":0)"})
      CPPUNIT_ASSERT_MESSAGE(part + one.body, holds(one, part));
    CPPUNIT_ASSERT_EQUAL('[' + one.body + ']', root("GET", "/v1/nodes").body);
    expect(404, "node_not_found", root("GET", "/v1/nodes/2"));
    makeDatabase("cache");
    expectOk(root("GET", "/v1/nodes"), R"("shard_count":1)");
    const Answer some = ask(root(), {"GET", "/v1/nodes", "", "", "fields=uid,status"});
    CPPUNIT_ASSERT_EQUAL(std::string(R"([{"uid":1,"status":"active"}])"), some.body);
  }
  void testItTellsTheMachineAsItIs() {
    const ClusterNode node = nodes::thisNode(*serving_->inForce.snapshot);
    CPPUNIT_ASSERT(node.cores >= 1 && node.cores <= sysconf(_SC_NPROCESSORS_CONF));
    const auto pages = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    CPPUNIT_ASSERT_EQUAL(pages, node.total_memory);
    CPPUNIT_ASSERT(node.os_version.starts_with("Linux "));
    CPPUNIT_ASSERT(!node.architecture.empty() && !node.software_version.empty() && !node.addr.empty());
  }
  void testOneSchema() {
    const Answer answer = schema("object=bdb");
    expectOk(answer, R"("type":"object")");
    auto read = readJson(answer.body);
    CPPUNIT_ASSERT_MESSAGE(answer.body, read.ok());
    const Node* properties = read->find("properties");
    CPPUNIT_ASSERT(properties != nullptr);
    for (const model::Field& field : model::table<model::Database>().fields)
      CPPUNIT_ASSERT_MESSAGE(std::string(field.name), properties->find(field.name) != nullptr);
    CPPUNIT_ASSERT_EQUAL(std::string("integer"), properties->find("port")->find("type")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("65535"), properties->find("port")->find("maximum")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("true"), properties->find("uid")->find("readOnly")->text);
    const Node* entry = properties->find("roles_permissions")->find("items");
    CPPUNIT_ASSERT(entry->find("properties")->find("role_uid") != nullptr);
    CPPUNIT_ASSERT_EQUAL(std::string("name"), read->find("required")->items.front().text);
    CPPUNIT_ASSERT(holds(schema("object=user"), R"("writeOnly":true)"));
    expect(406, "not_acceptable", schema("object=shard"), "there are bdb");
  }
  void testAllSchemas() {
    const Answer answer = schema("");
    expectOk(answer);
    auto read = readJson(answer.body);
    CPPUNIT_ASSERT_MESSAGE(answer.body, read.ok());
    for (const char* word :
         {"bdb", "certificate", "cluster", "cluster_settings", "node", "redis_acl", "role", "user"})
      CPPUNIT_ASSERT_MESSAGE(word, read->find(word) && read->find(word)->find("properties"));
    CPPUNIT_ASSERT_EQUAL(std::size_t{8}, read->members.size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NodesTest);
