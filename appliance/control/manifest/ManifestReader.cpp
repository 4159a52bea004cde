#include "control/manifest/Manifest.h"

#include "base/Text.h"
#include "yaml/YamlReader.h"

#include <glob.h>

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::string_view words[] = {"cluster", "certificates", "redis_acls", "roles", "bdbs", "users"};
constexpr std::string_view laterFields[] = {"renamed_from", "source"};

bool isOneOf(std::string_view word, std::span<const std::string_view> all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

/// The files that the patterns mean, sorted by name, each once.
std::vector<std::string> expand(const std::vector<std::string>& patterns, std::vector<Mistake>& mistakes) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    ::glob_t found{};
    const int result = ::glob(pattern.c_str(), GLOB_ERR, nullptr, &found);
    for (std::size_t i = 0; result == 0 && i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    const bool isGlob = pattern.find_first_of("*?[") != std::string::npos;
    if (result == GLOB_NOMATCH) // R21: never an empty wish
      mistakes.push_back(
          {pattern, {}, {}, isGlob ? "this pattern matches no file" : "there is no such file"});
    else if (result != 0)
      mistakes.push_back({pattern, {}, {}, "the files cannot be listed; may the server read the folder?"});
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

struct ReadFile {
  std::string name;
  Node root;
};

/// The second pass: all files were read and the names of all roles and ACLs are known.
class Gathering {
public:
  Gathering(Manifest& manifest, const model::Snapshot& present)
      : manifest_(manifest)
      , present_(present)
      , names_(present) {}

  void learn(const ReadFile& file, std::string_view list, model::ObjectKind kind) {
    const Node* objects = file.root.find(list);
    if (!objects) return;
    for (const Node& object : objects->items)
      if (const Node* name = object.find("name"); name && name->kind == Node::Kind::scalar)
        names_.add(kind, name->text);
  }

  void take(const ReadFile& file) {
    for (const Node::Member& member : file.root.members) {
      if (member.key == "cluster")
        takeCluster(file, member);
      else if (member.key == "certificates")
        takeList(file, member, manifest_.certificates);
      else if (member.key == "redis_acls")
        takeList(file, member, manifest_.redisAcls);
      else if (member.key == "roles")
        takeList(file, member, manifest_.roles);
      else if (member.key == "bdbs")
        takeList(file, member, manifest_.databases);
      else if (member.key == "users")
        takeList(file, member, manifest_.users);
      else
        mistake(file, member.at, {},
                "`" + printable(member.key, 64) + "` is no part of a manifest" +
                    didYouMean(member.key, {std::begin(words), std::end(words)}));
    }
  }

private:
  void mistake(const ReadFile& file, Position at, std::string path, std::string text) {
    manifest_.mistakes.push_back({file.name, at, std::move(path), std::move(text)});
  }

  template <class T>
  void decodeInto(const ReadFile& file, Wanted<T> wanted, std::optional<model::View> before,
                  std::vector<Wanted<T>>& into) {
    auto& members = wanted.node.members;
    for (const Node::Member& member : members)
      if (isOneOf(member.key, laterFields) && !model::table<T>().find(member.key))
        mistake(file, member.at, wanted.path + '.' + member.key, "is not available yet");
    std::erase_if(members, [](const Node::Member& m) {
      return isOneOf(m.key, laterFields) && !model::table<T>().find(m.key);
    });

    DecodeOptions options;
    options.dialect = Dialect::yaml;
    options.before = before;
    options.names = &names_;
    options.file = file.name;
    options.path = wanted.path;
    Decoded decoded = decode(wanted.node, model::Edit(wanted.object), options);
    for (Finding& finding : decoded.findings) manifest_.mistakes.push_back(std::move(finding.mistake));
    wanted.given = std::move(decoded.given);
    wanted.references = std::move(decoded.references);
    into.push_back(std::move(wanted));
  }

  void takeCluster(const ReadFile& file, const Node::Member& member) {
    once(file, "cluster", member.at, "cluster");
    decodeInto(file, {present_.settings, {}, {}, member.value, file.name, "cluster"},
               model::View(present_.settings), manifest_.cluster);
  }

  template <class T>
  void takeList(const ReadFile& file, const Node::Member& member, std::vector<Wanted<T>>& into) {
    if (member.value.kind != Node::Kind::sequence)
      return mistake(file, member.value.at, member.key, "a list is wanted");
    for (std::size_t i = 0; i < member.value.items.size(); ++i) {
      const Node& node = member.value.items[i];
      decodeInto(file, {{}, {}, {}, node, file.name, member.key + '[' + std::to_string(i) + ']'}, {}, into);
      named(file, into.back());
    }
  }

  /// The same object must not be named twice. A user's name and address are one namespace (R8).
  void named(const ReadFile& file, const Wanted<model::User>& user) {
    const std::string name = folded(user.object.name), email = folded(user.object.email);
    if (!name.empty()) once(file, "login " + name, user.node.at, user.path);
    if (!email.empty() && email != name) once(file, "login " + email, user.node.at, user.path);
  }
  template <class T>
  void named(const ReadFile& file, const Wanted<T>& wanted) {
    if (!wanted.object.name.empty())
      once(file, std::string(model::table<T>().word) + ' ' + wanted.object.name, wanted.node.at, wanted.path);
  }
  void once(const ReadFile& file, const std::string& key, Position at, const std::string& path) {
    const auto [place, fresh] = seen_.emplace(key, file.name + ':' + std::to_string(at.line));
    if (!fresh) mistake(file, at, path, "`" + printable(key) + "` stands in " + place->second + " already");
  }

  Manifest& manifest_;
  const model::Snapshot& present_;
  ObjectNames names_;
  std::map<std::string, std::string> seen_; // an object to the place where it stands
};

} // namespace

Manifest readManifest(const std::vector<std::string>& patterns, const model::Snapshot& present) {
  Manifest manifest;
  manifest.files = expand(patterns, manifest.mistakes);
  std::vector<ReadFile> files;
  for (const std::string& name : manifest.files) {
    yaml::Document document = yaml::readYamlFile(name);
    std::move(document.mistakes.begin(), document.mistakes.end(), std::back_inserter(manifest.mistakes));
    if (!document.ok()) continue;
    if (document.empty)
      manifest.mistakes.push_back(
          {name, {}, {}, "says nothing; remove the file, or write what should exist"});
    else
      files.push_back({name, std::move(document.root)});
  }
  Gathering gathering(manifest, present);
  for (const ReadFile& file : files) {
    gathering.learn(file, "roles", model::ObjectKind::role);
    gathering.learn(file, "redis_acls", model::ObjectKind::redis_acl);
  }
  for (const ReadFile& file : files) gathering.take(file);
  return manifest;
}

} // namespace gatehouse::control
