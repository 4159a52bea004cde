// Protects: conf/gatehouse.schema.json, which must say what the reader of gatehouse.yaml asks for.
// To write it anew: GATEHOUSE_WRITE_SCHEMAS=1 build/dev/tests/host ConfigSchemaTest
#include "host/ConfigSchema.h"
#include "control/codec/JsonReader.h"
#include "host/Config.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace gatehouse;

class ConfigSchemaTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConfigSchemaTest);
  CPPUNIT_TEST(testTheCheckedInSchemaIsCurrent);
  CPPUNIT_TEST(testTheSchemaKnowsEveryKeyTypeAndLimit);
  CPPUNIT_TEST(testTheExamplesNameTheirSchema);
  CPPUNIT_TEST_SUITE_END();

  static std::filesystem::path conf() {
    return (std::filesystem::path(__FILE__).parent_path() / "../../../conf").lexically_normal();
  }

public:
  void testTheCheckedInSchemaIsCurrent() {
    const std::string path = conf() / "gatehouse.schema.json";
    if (std::getenv("GATEHOUSE_WRITE_SCHEMAS")) std::ofstream(path) << host::configSchema();
    CPPUNIT_ASSERT_MESSAGE(
        path + " is not what the reader asks for; run this test with GATEHOUSE_WRITE_SCHEMAS=1",
        test::readFile(path) == host::configSchema());
  }

  void testTheSchemaKnowsEveryKeyTypeAndLimit() {
    const auto read = control::readJson(host::configSchema());
    CPPUNIT_ASSERT(read.ok());
    const Node& keys = *read->find("properties");
    const auto inside = [&](const char* section, const char* key) {
      return keys.find(section)->find("properties")->find(key);
    };
    CPPUNIT_ASSERT_EQUAL(std::string("false"), read->find("additionalProperties")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("string"), inside("store", "path")->find("type")->text);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, inside("provision", "mode")->find("enum")->items.size());
    CPPUNIT_ASSERT_EQUAL(std::string("1000000"),
                         inside("limits", "connections_per_address")->find("maximum")->text);
    CPPUNIT_ASSERT(inside("limits", "body")->find("oneOf"));
    CPPUNIT_ASSERT_EQUAL(std::string("object"), inside("plugins", "settings")->find("type")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("256"), keys.find("workers")->find("maximum")->text);
    const Node& listener = *keys.find("listeners")->find("items");
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, listener.find("required")->items.size());
    CPPUNIT_ASSERT(listener.find("properties")->find("client_certificate"));
    CPPUNIT_ASSERT(!listener.find("properties")->find("proxy_protocol")); // known, and refused
  }

  void testTheExamplesNameTheirSchema() {
    CPPUNIT_ASSERT(test::readFile(conf() / "gatehouse.yaml")
                       .starts_with("# yaml-language-server: $schema=gatehouse.schema.json\n"));
    for (const auto& file : std::filesystem::directory_iterator(conf() / "provision"))
      if (file.path().extension() == ".yaml")
        CPPUNIT_ASSERT(test::readFile(file.path())
                           .starts_with("# yaml-language-server: $schema=../provision.schema.json\n"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConfigSchemaTest);
