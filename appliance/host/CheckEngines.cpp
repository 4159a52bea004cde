#include "host/CheckEngines.h"

#include "base/Json.h"
#include "base/Text.h"
#include "engine/CommandTableReader.h"
#include "host/TemporaryFolder.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace gatehouse::host {
namespace {

/// A user's name; the number where it has none.
std::string nameOf(uid_t uid) {
  passwd entry{}, *found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found) return found->pw_name;
  return std::to_string(uid);
}

class Look {
public:
  Look(const Config& config, EnginesFound& found)
      : config_(config)
      , found_(found) {}

  void all() {
    found_.asked = true;
    found_.program = config_.redisServer;
    found_.sandbox = config_.enginesSandbox;
    sandbox();
    directory();
    if (::access(config_.redisServer.c_str(), X_OK) != 0)
      return warn("there is no redis-server at " + printable(config_.redisServer) +
                  ": ACLs and databases cannot be written, and no database is open, until it is installed");
    user();
    if (found_.mistakes.empty()) program();
  }

private:
  void warn(std::string text) { found_.warnings.push_back(std::move(text)); }
  void wrong(std::string_view key, std::string text) {
    found_.mistakes.push_back({config_.file, {}, "engines." + std::string(key), std::move(text)});
  }

  void sandbox() {
    const engine::SandboxSupport support = engine::SandboxSupport::probe();
    found_.landlock = support.landlockAbi;
    found_.seccomp = support.seccomp;
    if (!config_.enginesSandbox)
      warn("engines.sandbox is off: whoever breaks into an engine has its user's rights");
    else if (!support.enough())
      wrong("sandbox", support.weakness());
    else if (std::string weakness = support.weakness(); !weakness.empty())
      warn(std::move(weakness));
  }

  /// Root commonly checks what another user will serve: the owner is then who will.
  void directory() {
    const std::string& path = config_.enginesDirectory;
    struct stat about {};
    const bool there = ::lstat(path.c_str(), &about) == 0;
    uid_t owner = ::geteuid();
    if (there && owner == 0 && about.st_uid != 0) {
      owner = about.st_uid;
      theirs_ = true;
      warn("engines.directory belongs to user " + std::to_string(owner) +
           ": engines run where Gatehouse is started by that one, and not by root");
    }
    if (const Status usable = engine::EngineFolders::usable(path, owner); !usable)
      return wrong("directory", usable.error().description);
    found_.directory = there ? "usable" : "to be made";
    const std::string parent = std::filesystem::path(path).parent_path().string();
    if (!there && ::access(parent.empty() ? "." : parent.c_str(), W_OK | X_OK) != 0)
      warn("engines.directory is not there and cannot be made from here: " + printable(parent) +
           " must be there first (the packaged unit makes both)");
  }

  void user() {
    found_.user = config_.enginesUser;
    const auto user = engine::EngineUser::find(config_.enginesUser);
    if (!user && theirs_)
      warn(user.error().description);
    else if (!user)
      wrong("user", user.error().description);
    else if (!user->other)
      found_.user = nameOf(::geteuid());
  }

  void program() {
    const TemporaryFolder folder;
    auto user = engine::EngineUser::find(config_.enginesUser);
    if (!user || folder.path().empty()) return warn("redis-server cannot be asked for its version from here");
    auto folders = engine::EngineFolders::create((folder.path() / "engines").string(), *user);
    if (!folders) return warn("redis-server cannot be asked from here: " + folders.error().description);
    std::optional<engine::SandboxSupport> sandbox;
    if (config_.enginesSandbox) sandbox = engine::SandboxSupport::probe();
    auto table = engine::readCommandTable(config_.redisServer, *folders, sandbox);
    if (!table) return wrong("redis_server", table.error().description);
    found_.version = table->version;
    found_.commands = table->commands.size();
  }

  const Config& config_;
  EnginesFound& found_;
  bool theirs_ = false; // the directory is another user's, who is to serve
};

} // namespace

EnginesFound checkEngines(const Config& config) {
  EnginesFound found;
  const auto& load = config.plugins.load;
  if (std::find(load.begin(), load.end(), "resp") != load.end()) Look(config, found).all();
  return found;
}

std::string enginesText(const EnginesFound& found) {
  if (!found.asked) return {};
  std::string text;
  if (!found.version.empty())
    text += "engines: " + printable(found.program) + " is version " + printable(found.version) +
            " and knows " + std::to_string(found.commands) + " commands\n";
  if (!found.directory.empty()) text += "engines: the directory is " + found.directory + '\n';
  if (!found.user.empty()) text += "engines: run as the user " + printable(found.user) + '\n';
  if (found.sandbox)
    text += "engines: run behind Landlock " + std::to_string(found.landlock) + " and " +
            (found.seccomp ? "seccomp" : "no seccomp") + '\n';
  for (const std::string& warning : found.warnings) text += "engines: warning: " + warning + '\n';
  return text;
}

std::string enginesJson(const EnginesFound& found) {
  std::string out = "{";
  const auto name = [&out](std::string_view key) {
    if (out.back() != '{') out += ',';
    json::text(out, key);
    out += ':';
  };
  const auto text = [&](std::string_view key, const std::string& value) {
    name(key), json::text(out, value);
  };
  const auto flag = [&](std::string_view key, bool value) { name(key), out += value ? "true" : "false"; };
  flag("asked", found.asked);
  if (found.asked) {
    text("redis_server", found.program);
    text("version", found.version);
    name("commands"), json::integer(out, static_cast<std::int64_t>(found.commands));
    text("directory", found.directory);
    text("user", found.user);
    flag("sandbox", found.sandbox);
    name("landlock"), json::integer(out, found.landlock);
    flag("seccomp", found.seccomp);
    name("warnings"), out += '[';
    for (const std::string& warning : found.warnings) {
      if (out.back() != '[') out += ',';
      json::text(out, warning);
    }
    out += ']';
  }
  return out + '}';
}

} // namespace gatehouse::host
