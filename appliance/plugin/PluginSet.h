#pragma once
#include "base/Node.h"
#include "base/Result.h"
#include "plugin/PluginInstance.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin {

/// One line of `gatehouse plugins`.
struct PluginReport {
  std::string name, path;
  std::string refusal;                      // empty: it was loaded
  const PluginInstance* instance = nullptr; // of a loaded one
};

/// The plugins that gatehouse.yaml lists, in its order.
///
/// Threads: the main thread; the finders on any, once load has returned.
/// Owns:    the instances. They are stopped in reverse order, at the latest by the destructor.
class PluginSet {
public:
  PluginSet(std::string directory, const Surroundings&);
  ~PluginSet();
  PluginSet(const PluginSet&) = delete;
  PluginSet& operator=(const PluginSet&) = delete;

  /// Loads and handshakes every name ("http_rest": <directory>/http_rest.so), in order. A refused one is in
  /// reports(). Errors: the first refusal; the others are tried all the same.
  Status load(std::span<const std::string> names);
  /// Configures all, in order. `settings`: the mapping plugins.settings, or nullptr. False: mistakes were
  /// added.
  [[nodiscard]] bool configure(const Node* settings, std::string_view file, std::vector<Mistake>& mistakes);
  /// Starts all, in order. Errors: the first that would not; those before it are stopped again.
  Status start();
  void stop() noexcept;

  /// nullptr: no such plugin, or of the other kind.
  [[nodiscard]] PluginInstance* authenticator(std::string_view name) const noexcept;
  [[nodiscard]] PluginInstance* protocol(std::string_view name) const noexcept;
  /// The authenticator that enrols secrets for this auth_method; nullptr: none does.
  [[nodiscard]] PluginInstance* enroller(std::string_view authMethod) const noexcept;
  [[nodiscard]] std::span<const std::unique_ptr<PluginInstance>> instances() const noexcept {
    return instances_;
  }

  [[nodiscard]] std::span<const PluginReport> reports() const noexcept { return reports_; }
  /// For people: one line per plugin, its settings beneath.
  [[nodiscard]] std::string text() const;
  /// {"plugins": [{"name", "version", "kind", ...}]}
  [[nodiscard]] std::string json() const;

private:
  [[nodiscard]] Status loadOne(const std::string& name, PluginReport&);

  std::string directory_;
  Surroundings surroundings_;
  gh_self nextSelf_ = 1;
  std::vector<std::unique_ptr<PluginInstance>> instances_;
  std::vector<PluginReport> reports_;
};

} // namespace gatehouse::plugin
