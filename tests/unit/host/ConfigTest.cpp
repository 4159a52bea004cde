// Protects: gatehouse.yaml. A setting that has no effect is a hole that looks closed (lesson 50): each key is
// shown to change what is read, every other key refuses, and all mistakes come at once.
#include "host/Config.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

using namespace gatehouse;
using namespace gatehouse::host;
using namespace std::string_literals;

namespace {

std::filesystem::path projectFile(std::string_view name) {
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path() / name;
}

struct Effect {
  const char* key;      // as conf/README.md names it
  const char* yaml;     // a text that sets it
  const char* expected; // what configJson then holds
};

const Effect kEffects[] = {
    {"node.name", "node: {name: gw1.example.com}", R"("node":{"name":"gw1.example.com"})"},
    {"store.path", "store: {path: data/g.db}", R"("store":{"path":"/etc/gh/data/g.db"})"},
    {"plugins.directory", "plugins: {directory: /p}", R"("directory":"/p")"},
    {"plugins.load", "plugins: {load: [http_rest, certificate]}", R"("load":["http_rest","certificate"])"},
    {"plugins.settings", "plugins: {settings: {password: {cost: 15}}}",
     R"("settings":{"password":{"cost":"15"}})"},
    {"listeners[].name", "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1'}]",
     R"("name":"x")"},
    {"listeners[].protocol",
     "{plugins: {load: [certificate, resp]}, listeners: [{name: x, protocol: resp, address: '0.0.0.0:1'}]}",
     R"("protocol":"resp")"},
    {"listeners[].address", "listeners: [{name: x, protocol: http_rest, address: '[::1]:65535'}]",
     R"("address":"[::1]:65535")"},
    {"listeners[].certificate",
     "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', certificate: proxy}]",
     R"("address":"0.0.0.0:1","certificate":"proxy")"},
    {"listeners[].client_certificate",
     "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', client_certificate: require}]",
     R"("client_certificate":"require")"},
    {"listeners[].authenticate",
     "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', authenticate: [password]}]",
     R"("authenticate":["password"]}])"},
    {"database_listeners.address", "database_listeners: {address: '::'}",
     R"("database_listeners":{"address":"::")"},
    {"database_listeners.certificate", "database_listeners: {certificate: api}",
     R"("address":"0.0.0.0","certificate":"api"},"engines")"},
    {"engines.directory", "engines: {directory: ../e}", R"("engines":{"directory":"/etc/e")"},
    {"engines.redis_server", "engines: {redis_server: /opt/redis-server}",
     R"("redis_server":"/opt/redis-server")"},
    {"engines.user", "engines: {user: data}", R"("user":"data")"},
    {"engines.sandbox", "engines: {sandbox: off}", R"("sandbox":"off")"},
    {"control.socket", "control: {socket: c.sock}", R"("control":{"socket":"/etc/gh/c.sock"})"},
    {"authenticate", "authenticate: [certificate]", R"("authenticate":["certificate"],"provision")"},
    {"provision.mode", "provision: {mode: reconcile}", R"("mode":"reconcile")"},
    {"provision.prune", "provision: {prune: owned}", R"("prune":"owned")"},
    {"provision.files", "provision: {files: ['provision/*.yaml', /x.yaml]}",
     R"("files":["/etc/gh/provision/*.yaml","/x.yaml"])"},
    {"log.level", "log: {level: debug}", R"("level":"debug")"},
    {"log.format", "log: {format: json}", R"("format":"json")"},
    {"workers", "workers: 7", R"("workers":7)"},
    {"limits.connections", "limits: {connections: 64}",
     R"("connections":64,"connections_per_address":64,"unauthenticated_connections":32)"},
    {"limits.connections_per_address", "limits: {connections_per_address: 5}",
     R"("connections_per_address":5)"},
    {"limits.unauthenticated_connections", "limits: {unauthenticated_connections: 6}",
     R"("unauthenticated_connections":6)"},
    {"limits.body", "limits: {body: 64 KiB}", R"("body":65536)"},
};

const char* const kRefused[] = {
    "node: {name: 'a b'}",
    "node: {name: [a]}",
    "node: {name: ''}",
    "node: x",
    "node: {}\nnode: {}",
    "node:",
    "store: {path: {}}",
    "plugins: {load: [../evil]}",
    "plugins: {load: [http_rest, http_rest]}",
    "plugins: {load: http_rest}",
    "plugins: {load: [http_rest, [x]]}",
    "plugins: {settings: {echo: {}}}", // not loaded
    "plugins: {settings: {password: 3}}",
    "plugins: {settings: []}",
    "plugins: {load: [password]}",
    "listeners: {}",
    "listeners: [x]",
    "listeners: [{}]",
    "listeners: [{name: x, protocol: http_rest}]",
    "listeners: [{name: x, protocol: htp_rest, address: '0.0.0.0:1'}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1'}, {name: x, protocol: http_rest, "
    "address: '0.0.0.0:2'}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1'}, {name: y, protocol: http_rest, "
    "address: '0.0.0.0:1'}]",
    "listeners: [{name: x, protocol: http_rest, address: localhost:1}]",
    "listeners: [{name: x, protocol: http_rest, address: 0.0.0.0}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:65536'}]",
    "listeners: [{name: x, protocol: http_rest, address: '::1:80'}]",
    "listeners: [{name: x, protocol: http_rest, address: '[0.0.0.0]:80'}]",
    "listeners: [{name: x, protocol: http_rest, address: '010.0.0.1:80'}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:080'}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', client_certificate: yes}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', authenticate: [certificat]}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', authenticate: [password, password]}]",
    "listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', proxy_protocol: ['10.0.0.0/8']}]",
    "database_listeners: {address: '0.0.0.0:1'}",
    "engines: {sandbox: maybe}",
    "engines: {user: 'a b'}",
    "authenticate: [ldap]",
    "authenticate: certificate",
    "provision: {prune: true}",
    "provision: {mode: true}",
    "provision: {files: x.yaml}",
    "log: {level: info}",
    "log: {format: xml}",
    "workers: '4'",
    "workers: 1.5",
    "workers: -1",
    "workers: 257",
    "workers: 0x4",
    "limits: {connections: 15}",
    "limits: {connections: 100, connections_per_address: 101}",
    "limits: {unauthenticated_connections: 0}",
    "limits: {body: 1 GB}",
    "limits: {body: 1000000 MiB}",
    "limits: {body: 12}",
    "limits: {body: -1}",
    "limits: []",
};

} // namespace

class ConfigTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ConfigTest);
  CPPUNIT_TEST(testEachKeyHasAnEffect);
  CPPUNIT_TEST(testUnknownKeysRefuseInEverySection);
  CPPUNIT_TEST(testWrongValuesRefuse);
  CPPUNIT_TEST(testAllMistakesComeAtOnceInTheirOrder);
  CPPUNIT_TEST(testAKeyWithoutAValueIsToldOnce);
  CPPUNIT_TEST(testNobodyAuthenticatesByAPluginThatIsNotLoaded);
  CPPUNIT_TEST(testListenersMayBeNone);
  CPPUNIT_TEST(testWorkersAreAtLeastTwo);
  CPPUNIT_TEST(testASocketsPathFits);
  CPPUNIT_TEST(testAMissingFileNamesTheOption);
  CPPUNIT_TEST(testTheShippedFileSaysTheDefaults);
  CPPUNIT_TEST(testTheManualNamesEveryKey);
  CPPUNIT_TEST_SUITE_END();

  static ConfigReading read(const std::string& text) { return readConfig("/etc/gh/gatehouse.yaml", text); }

public:
  void testEachKeyHasAnEffect() { // lesson 50
    const std::string plain = configJson(read("node: {name: plain}").config);
    for (const Effect& effect : kEffects) {
      const ConfigReading reading = read(effect.yaml);
      CPPUNIT_ASSERT_MESSAGE(effect.yaml + (reading.ok() ? ""s : reading.mistakes[0].line()), reading.ok());
      CPPUNIT_ASSERT_MESSAGE(effect.key + ": "s + configJson(reading.config),
                             configJson(reading.config).find(effect.expected) != std::string::npos);
      CPPUNIT_ASSERT_MESSAGE(effect.key, plain.find(effect.expected) == std::string::npos);
    }
  }
  void testUnknownKeysRefuseInEverySection() { // lesson 50
    for (const char* section : {"node", "store", "plugins", "database_listeners", "engines", "control",
                                "provision", "log", "limits"}) {
      const ConfigReading reading = read(section + ": {bogus: 1}"s);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(section, std::size_t{1}, reading.mistakes.size());
      CPPUNIT_ASSERT(reading.mistakes[0].text.starts_with("unknown key `bogus`; known here: `"));
    }
    CPPUNIT_ASSERT_EQUAL("/etc/gh/gatehouse.yaml:1:1: unknown key `listener`; did you mean `listeners`?"s,
                         read("listener: []").mistakes[0].line());
    CPPUNIT_ASSERT_EQUAL(
        "listeners[0]"s,
        read("listeners: [{name: x, protocol: http_rest, address: '0.0.0.0:1', tls: off}]").mistakes[0].path);
  }
  void testWrongValuesRefuse() {
    for (const char* bad : kRefused) {
      const ConfigReading reading = read(bad);
      CPPUNIT_ASSERT_MESSAGE(bad, !reading.ok());
      CPPUNIT_ASSERT_MESSAGE(bad + reading.mistakes[0].line(),
                             reading.mistakes[0].at.line > 0 && !reading.mistakes[0].text.empty());
    }
  }
  void testAllMistakesComeAtOnceInTheirOrder() {
    const ConfigReading reading =
        read("log: {level: loud, colour: red}\nworkers: x\nnode: {name: a_b}\nnope: 1\nworkers: 3\n");
    std::string lines;
    for (const Mistake& mistake : reading.mistakes)
      lines += std::to_string(mistake.at.line) + ':' + std::to_string(mistake.at.column) + ' ';
    CPPUNIT_ASSERT_EQUAL("1:14 1:20 2:10 3:14 4:1 5:1 "s, lines);
  }
  void testAKeyWithoutAValueIsToldOnce() { // R9
    for (const char* text :
         {"authenticate:", "node: {name: ~}", "listeners:\n  - {name: x, protocol: http_rest, address: }\n",
          "listeners: [~]", "plugins: {load: [null]}"}) {
      const ConfigReading reading = read(text);
      CPPUNIT_ASSERT_MESSAGE(text, !reading.ok());
      CPPUNIT_ASSERT_MESSAGE(reading.mistakes[0].line(),
                             reading.mistakes[0].text.find("no value") != std::string::npos);
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, read("node: {name: ~}").mistakes.size());
  }
  void testNobodyAuthenticatesByAPluginThatIsNotLoaded() {
    const ConfigReading reading = read("plugins: {load: [http_rest, certificate]}");
    CPPUNIT_ASSERT(reading.ok());
    CPPUNIT_ASSERT(reading.config.authenticate == std::vector<std::string>{"certificate"});
    CPPUNIT_ASSERT(reading.config.listeners[0].authenticate == std::vector<std::string>{"certificate"});
    CPPUNIT_ASSERT(
        read("authenticate: []").config.listeners[0].authenticate.empty()); // present and empty: nobody
  }
  void testListenersMayBeNone() {
    const ConfigReading reading = read("listeners: []\nplugins: {load: []}\n");
    CPPUNIT_ASSERT(reading.ok() && reading.config.listeners.empty());
  }
  void testWorkersAreAtLeastTwo() {
    CPPUNIT_ASSERT(read("workers: 0").config.workers >= 2);
    CPPUNIT_ASSERT(read("log: {}").config.workers >= 2);
    CPPUNIT_ASSERT_EQUAL(1U, read("workers: 1").config.workers);
  }
  void testASocketsPathFits() {
    CPPUNIT_ASSERT(read("control: {socket: /" + std::string(106, 'a') + "}").ok());
    CPPUNIT_ASSERT(!read("control: {socket: /" + std::string(107, 'a') + "}").ok());
  }
  void testAMissingFileNamesTheOption() {
    const test::TempFolder folder;
    const ConfigReading reading = readConfigFile(folder / "none.yaml");
    CPPUNIT_ASSERT_EQUAL(
        folder / "none.yaml" +
            ": cannot be read: No such file or directory; name another configuration with --config FILE",
        reading.mistakes.at(0).line());
    CPPUNIT_ASSERT(!readConfigFile(folder.write("empty.yaml", "# nothing\n")).ok());
    const ConfigReading good = readConfigFile(folder.write("g.yaml", "store: {path: s.db}"));
    CPPUNIT_ASSERT(good.ok() && good.config.storePath == folder / "s.db");
  }
  void testTheShippedFileSaysTheDefaults() {
    const ConfigReading shipped = readConfigFile(projectFile("conf/gatehouse.yaml"));
    CPPUNIT_ASSERT_MESSAGE(shipped.ok() ? "" : shipped.mistakes[0].line(), shipped.ok());
    CPPUNIT_ASSERT_EQUAL(configJson(read("{}").config), configJson(shipped.config));
  }
  void testTheManualNamesEveryKey() {
    const std::string manual = test::readFile(projectFile("conf/README.md").string());
    for (const Effect& effect : kEffects)
      CPPUNIT_ASSERT_MESSAGE(effect.key,
                             manual.find("| `" + std::string(effect.key) + "` |") != std::string::npos);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConfigTest);
