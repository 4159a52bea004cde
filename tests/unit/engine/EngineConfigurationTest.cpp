// What a redis-server is told at a start and while it runs: nobody is let in but Gatehouse, and data is kept
// as the database says.
#include "engine/EngineConfiguration.h"
#include "engine/Sandbox.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace gatehouse::engine;
using namespace gatehouse::model;

class EngineConfigurationTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineConfigurationTest);
  CPPUNIT_TEST(nobodyIsLetInButTheAdmin);
  CPPUNIT_TEST(dataIsKeptAsTheDatabaseSays);
  CPPUNIT_TEST(whatReachesOutIsSwitchedOff);
  CPPUNIT_TEST(aWeakKernelIsNamed);
  CPPUNIT_TEST_SUITE_END();

  static bool has(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
  }
  static std::string configured(const EngineSpec& spec) {
    return engineConfiguration(spec, std::string(64, 'a'), 10'008);
  }

  void nobodyIsLetInButTheAdmin() {
    const std::string text = configured({});
    CPPUNIT_ASSERT(has(text, "user default off ~* &* +@all"));
    CPPUNIT_ASSERT(has(text, "user gatehouse:admin on #" + std::string(64, 'a') + " ~* &* +@all"));
    CPPUNIT_ASSERT(has(text, "port 0"));
    CPPUNIT_ASSERT(has(text, "unixsocket s"));
    CPPUNIT_ASSERT(has(text, "maxclients 10008"));
    for (const char* word :
         {"\ndir ", "pidfile", "unixsocketperm", "aclfile", "requirepass", "loadmodule", "include"})
      CPPUNIT_ASSERT_MESSAGE(word, text.find(word) == std::string::npos);
  }

  void dataIsKeptAsTheDatabaseSays() {
    EngineSpec spec;
    spec.memorySize = 123456789;
    spec.persistence = Persistence::aof;
    spec.aofPolicy = AofPolicy::always;
    spec.eviction = EvictionPolicy::allkeys_random;
    std::string text = configured(spec);
    for (const char* line : {"appendonly yes", "appendfsync always", "save \"\"", "maxmemory 123456789",
                             "maxmemory-policy allkeys-random"})
      CPPUNIT_ASSERT_MESSAGE(line, has(text, line));
    spec.persistence = Persistence::snapshot;
    text = configured(spec);
    CPPUNIT_ASSERT(has(text, "appendonly no"));
    CPPUNIT_ASSERT(has(text, "save 3600 1 300 100 60 10000"));
    spec.persistence = Persistence::disabled;
    text = configured(spec);
    CPPUNIT_ASSERT(has(text, "appendonly no"));
    CPPUNIT_ASSERT(has(text, "save \"\""));
    spec.aofPolicy = AofPolicy::every_sec;
    CPPUNIT_ASSERT(has(configured(spec), "appendfsync everysec"));
    // By CONFIG SET the same, in redis's own form of "nothing".
    for (const auto& [name, value] : liveSettings(spec))
      CPPUNIT_ASSERT(has(configured(spec), name + ' ' + (value.empty() ? "\"\"" : value)));
  }

  void whatReachesOutIsSwitchedOff() {
    const std::string text = configured({});
    for (const char* line :
         {"enable-debug-command no", "enable-module-command no", "enable-protected-configs no",
          "crash-log-enabled no", "daemonize no", "supervised no", "logfile \"\""})
      CPPUNIT_ASSERT_MESSAGE(line, has(text, line));
  }

  /// R18: `check` and the log name a weaker ABI.
  void aWeakKernelIsNamed() {
    CPPUNIT_ASSERT(!(SandboxSupport{0, true}.enough()));
    CPPUNIT_ASSERT(!(SandboxSupport{1, true}.enough()));
    CPPUNIT_ASSERT(!(SandboxSupport{7, false}.enough()));
    CPPUNIT_ASSERT((SandboxSupport{2, true}.enough()));
    for (const SandboxSupport& support :
         {SandboxSupport{0, true}, SandboxSupport{1, true}, SandboxSupport{7, false}})
      CPPUNIT_ASSERT(support.weakness().find("no engine starts unless") != std::string::npos);
    CPPUNIT_ASSERT((SandboxSupport{2, true}.weakness().find("append-only file") != std::string::npos));
    CPPUNIT_ASSERT((SandboxSupport{4, true}.weakness().find("SIGUSR1") != std::string::npos));
    CPPUNIT_ASSERT_EQUAL(std::string(), (SandboxSupport{7, true}.weakness()));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineConfigurationTest);
