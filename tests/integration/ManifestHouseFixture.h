#pragma once
#include "CommandFixture.h"
#include "DatabaseFixture.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// A house whose team keeps its state in provision/20-team.yaml, beside what every house is made of.
class ManifestHouse : public DatabaseHouse {
public:
  /// Writes the team's manifest, and changes nothing by that.
  void write(std::string_view yaml) { server.folder().write("provision/20-team.yaml", yaml); }
  /// `VERB` of all manifests, and these words.
  [[nodiscard]] CommandRun run(std::string_view verb, std::vector<std::string> words = {});
  /// apply --yes, which must do it.
  CommandRun apply(std::vector<std::string> words = {});
  /// From the next start on: the mode, and prune.
  void provision(std::string_view mode, std::string_view prune = "off");
  void restart() {
    server.stop();
    server.start();
  }
  /// SIGHUP, and waits until the manifests were gone through, whatever came of it.
  void reload();

  [[nodiscard]] bool has(std::string_view collection, std::string_view name);
  [[nodiscard]] std::int64_t uidOf(std::string_view collection, std::string_view name);
  /// What GET answers of the one of that name.
  [[nodiscard]] std::string object(std::string_view collection, std::string_view name);
};

} // namespace gatehouse::test
