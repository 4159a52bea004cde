// Protects: conf/provision.schema.json, which must say what the field tables say.
// To write it anew: GATEHOUSE_WRITE_SCHEMAS=1 build/dev/tests/control SchemaTest
#include "control/codec/Schema.h"
#include "control/codec/JsonReader.h"
#include "model/ClusterSettings.h"
#include "model/User.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace gatehouse;

class SchemaTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SchemaTest);
  CPPUNIT_TEST(testTheCheckedInSchemaIsCurrent);
  CPPUNIT_TEST(testTheSchemaFollowsTheTables);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTheCheckedInSchemaIsCurrent() {
    const std::string path =
        (std::filesystem::path(__FILE__).parent_path() / "../../../conf/provision.schema.json")
            .lexically_normal()
            .string();
    if (std::getenv("GATEHOUSE_WRITE_SCHEMAS")) std::ofstream(path) << control::provisionSchema();
    CPPUNIT_ASSERT_MESSAGE(
        path + " is not what the field tables say; run this test with GATEHOUSE_WRITE_SCHEMAS=1",
        test::readFile(path) == control::provisionSchema());
  }

  void testTheSchemaFollowsTheTables() {
    const auto read = control::readJson(control::provisionSchema());
    CPPUNIT_ASSERT_MESSAGE(read.ok() ? "" : read.error().description, read.ok());
    const Node& definitions = *read->find("definitions");
    const auto property = [&](const char* object, const char* field) {
      return definitions.find(object)->find("properties")->find(field);
    };
    CPPUNIT_ASSERT(property("user", "roles") && !property("user", "role_uids") && !property("user", "uid"));
    CPPUNIT_ASSERT_EQUAL(std::string("#/definitions/source"),
                         property("user", "password")->find("$ref")->text);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, property("certificate", "certificate")->find("oneOf")->items.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{4},
                         property("cluster", "min_control_TLS_version")->find("enum")->items.size());
    CPPUNIT_ASSERT_EQUAL(std::string("true"),
                         property("cluster", "ccs_internode_encryption")->find("const")->text);
    CPPUNIT_ASSERT(property("cluster_policy", "login_lockout_threshold"));
    CPPUNIT_ASSERT(read->find("properties")->find("cluster_policy"));
    CPPUNIT_ASSERT(property("bdb", "renamed_from") && !property("certificate", "renamed_from"));
    CPPUNIT_ASSERT_EQUAL(std::string("name"), definitions.find("user")->find("required")->items[0].text);
    CPPUNIT_ASSERT(property("cluster", "mtls_authorized_subjects")->find("items")->find("$ref"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SchemaTest);
