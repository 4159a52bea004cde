#include "ManifestHouseFixture.h"

#include <signal.h>

namespace gatehouse::test {
namespace {

std::string pathOf(std::string_view collection) { return "/v1/" + std::string(collection); }

} // namespace

CommandRun ManifestHouse::run(std::string_view verb, std::vector<std::string> words) {
  words.insert(words.begin(), {std::string(verb), server.folder() / "provision/10-test.yaml",
                               server.folder() / "provision/20-team.yaml"});
  return command(server, std::move(words));
}

CommandRun ManifestHouse::apply(std::vector<std::string> words) {
  words.emplace_back("--yes");
  CommandRun run = this->run("apply", std::move(words));
  expectCode(0, run);
  return run;
}

void ManifestHouse::provision(std::string_view mode, std::string_view prune) {
  std::string text = readFile(server.configFile());
  const std::size_t at = text.find("provision: {"), end = text.find('\n', at);
  text.replace(at, end - at,
               "provision: {mode: " + std::string(mode) + ", prune: " + std::string(prune) +
                   ", files: [\"provision/*.yaml\"]}");
  server.folder().write("gatehouse.yaml", text);
}

void ManifestHouse::reload() {
  const auto gone = [this] {
    std::size_t count = 0;
    for (const char* event : {"provision.reconciled", "provision.failed", "provision.mistake"})
      count += server.lines(event).size();
    return count;
  };
  const std::size_t before = gone();
  CPPUNIT_ASSERT_EQUAL(0, ::kill(server.pid(), SIGHUP));
  CPPUNIT_ASSERT_MESSAGE(server.log(), eventually([&] { return gone() > before; }, std::chrono::seconds(30)));
}

std::string ManifestHouse::object(std::string_view collection, std::string_view name) {
  const std::string all = must("GET", pathOf(collection));
  const std::string wanted = "\"name\":" + jsonText(name);
  // An object begins with its uid; none of another kind stands before its name.
  const std::size_t at = all.find(wanted);
  if (at == std::string::npos) return {};
  const std::int64_t uid = uidIn(std::string_view(all).substr(all.rfind("{\"uid\":", at)));
  return must("GET", pathOf(collection) + '/' + std::to_string(uid));
}

bool ManifestHouse::has(std::string_view collection, std::string_view name) {
  return !object(collection, name).empty();
}

std::int64_t ManifestHouse::uidOf(std::string_view collection, std::string_view name) {
  return uidIn(object(collection, name));
}

} // namespace gatehouse::test
