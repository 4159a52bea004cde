// R14: denials are written for the redis-server that is installed, as it describes itself.
#include "EngineHarness.h"

#include "engine/CommandTableReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::test;

class EngineCommandTableTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineCommandTableTest);
  CPPUNIT_TEST(readsCommandsCategoriesAndVersion);
  CPPUNIT_TEST(saysWhatIsNoRedisServer);
  CPPUNIT_TEST_SUITE_END();

  void readsCommandsCategoriesAndVersion() {
    EngineHarness harness;
    const auto table = engine::readCommandTable(std::string(redisServer), harness.folders(),
                                                engine::SandboxSupport::probe());
    CPPUNIT_ASSERT_MESSAGE(table.ok() ? "" : table.error().description, table.ok());
    for (const char* command : {"get", "config|get", "acl|setuser", "function|load", "shutdown", "migrate"})
      CPPUNIT_ASSERT_MESSAGE(command, table.value().commands.contains(command));
    for (const char* category : {"read", "dangerous", "pubsub", "scripting"})
      CPPUNIT_ASSERT_MESSAGE(category, table.value().categories.contains(category));
    CPPUNIT_ASSERT(table.value().commands.size() > 300);
    CPPUNIT_ASSERT(table.value().version.find('.') != std::string::npos);
    CPPUNIT_ASSERT(harness.folders().list().empty());
    for (const auto& entry : std::filesystem::directory_iterator(harness.directory())) {
      const std::string name = entry.path().filename().string();
      CPPUNIT_ASSERT_MESSAGE(name, name == "processes" || name == "aside");
    }
  }

  void saysWhatIsNoRedisServer() {
    EngineHarness harness;
    const auto table =
        engine::readCommandTable("/usr/bin/true", harness.folders(), engine::SandboxSupport::probe());
    CPPUNIT_ASSERT(!table.ok());
    CPPUNIT_ASSERT(table.error().description.find("/usr/bin/true does not answer as a redis-server does") ==
                   0);
    CPPUNIT_ASSERT(!engine::readCommandTable("/nowhere", harness.folders(), {}).ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineCommandTableTest);
