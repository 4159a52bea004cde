#include "control/manifest/Manifest.h"

#include "base/Text.h"
#include "control/codec/JsonReader.h"
#include "control/codec/ValueReader.h"
#include "yaml/YamlReader.h"

#include <glob.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::size_t mostEntries = 500'000; // of one list; each takes a kilobyte and more
constexpr std::size_t mostMistakes = 1000;   // then reading ends

constexpr std::string_view words[] = {"cluster", "cluster_policy", "certificates", "redis_acls",
                                      "roles",   "bdbs",           "users"};

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
  std::string name; // empty: over REST
  Node root;
};

/// A member's text, taken out of the tree; nothing when there is none.
std::optional<Node::Member> take(Node& node, std::string_view key) {
  const auto found = std::find_if(node.members.begin(), node.members.end(),
                                  [&](const Node::Member& member) { return member.key == key; });
  if (found == node.members.end()) return std::nullopt;
  Node::Member member = std::move(*found);
  node.members.erase(found);
  return member;
}

/// The second pass: all files were read and the names of all roles and ACLs are known. Takes the trees apart.
class Gathering {
public:
  Gathering(Manifest& manifest, const model::Snapshot& present)
      : manifest_(manifest)
      , present_(present)
      , names_(present) {}

  void learn(const ReadFile& file, std::string_view list, model::ObjectKind kind) {
    const Node* objects = file.root.find(list);
    if (!objects) return;
    for (const Node& object : objects->items) {
      const Node* name = object.find("name");
      const Node* former = object.find("renamed_from");
      if (name && name->kind == Node::Kind::scalar)
        names_.add(kind, name->text,
                   former && former->kind == Node::Kind::scalar ? former->text : std::string());
    }
  }

  void takeAll(ReadFile& file) {
    for (Node::Member& member : file.root.members) {
      if (member.key == "cluster")
        takeOne(file, member, present_.settings, manifest_.cluster);
      else if (member.key == "cluster_policy")
        takeOne(file, member, present_.clusterPolicy, manifest_.clusterPolicy);
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
    DecodeOptions options;
    options.dialect = manifest_.dialect;
    options.before = before;
    options.names = &names_;
    options.file = file.name;
    options.path = wanted.path;
    Decoded decoded = decode(wanted.node, model::Edit(wanted.object), options);
    for (Finding& finding : decoded.findings) manifest_.mistakes.push_back(std::move(finding.mistake));
    for (const model::Field& field : model::table<T>().fields)
      if (decoded.given.contains(field.name)) wanted.given.add(field.name);
    wanted.references = std::move(decoded.references);
    wanted.secrets = std::move(decoded.secrets);
    for (const model::Field& field : model::table<T>().fields)
      if (field.shape.kind == model::Kind::secret)
        if (auto secret = take(wanted.node, wordOf(field, manifest_.dialect))) wipe(secret->value);
    wanted.node.members.shrink_to_fit();
    into.push_back(std::move(wanted));
  }

  template <class T>
  void takeOne(const ReadFile& file, Node::Member& member, const T& stored, std::vector<Wanted<T>>& into) {
    once(file, member.key, member.at, member.key);
    Wanted<T> wanted;
    wanted.object = stored;
    wanted.node = std::move(member.value);
    wanted.file = file.name;
    wanted.path = member.key;
    decodeInto(file, std::move(wanted), model::View(stored), into);
  }

  template <class T>
  void takeList(const ReadFile& file, Node::Member& member, std::vector<Wanted<T>>& into) {
    if (member.value.kind != Node::Kind::sequence)
      return mistake(file, member.value.at, member.key, "a list is wanted");
    if (member.value.items.size() > mostEntries)
      return mistake(file, member.value.at, member.key,
                     "has more than " + std::to_string(mostEntries) + " entries; apply it in parts");
    into.reserve(into.size() + member.value.items.size());
    for (std::size_t i = 0; i < member.value.items.size() && manifest_.mistakes.size() < mostMistakes; ++i) {
      Wanted<T> wanted;
      wanted.node = std::move(member.value.items[i]);
      wanted.file = file.name;
      wanted.path = member.key + '[' + std::to_string(i) + ']';
      takeFormerName(file, wanted);
      if (auto source = take(wanted.node, "source"))
        mistake(file, source->at, wanted.path + ".source", "is not available yet");
      decodeInto(file, std::move(wanted), {}, into);
      named(file, into.back());
    }
    member.value.items = {};
  }

  template <class T>
  void takeFormerName(const ReadFile& file, Wanted<T>& wanted) {
    auto former = take(wanted.node, "renamed_from");
    if (!former) return;
    const std::string place = wanted.path + ".renamed_from";
    if (std::is_same_v<T, model::ClusterCertificate>)
      return mistake(file, former->at, place, "a certificate's name says what it is for, and cannot change");
    if (former->value.kind != Node::Kind::scalar || former->value.text.empty())
      return mistake(file, former->value.at, place, "a name is wanted");
    wanted.formerName = std::move(former->value.text);
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
    const auto [place, fresh] =
        seen_.emplace(key, file.name.empty() ? path : file.name + ':' + std::to_string(at.line));
    if (!fresh) mistake(file, at, path, "`" + printable(key) + "` stands in " + place->second + " already");
  }

  Manifest& manifest_;
  const model::Snapshot& present_;
  ObjectNames names_;
  std::map<std::string, std::string> seen_; // an object to the place where it stands
};

/// Of one file: 100,000 users are 13 MB, and POST /v1/apply takes as much.
constexpr std::size_t mostBytes = std::size_t{64} << 20;

/// Reads all of these as one wish.
void gather(std::vector<ReadFile>& files, const model::Snapshot& present, Manifest& manifest) {
  Gathering gathering(manifest, present);
  for (const ReadFile& file : files) {
    gathering.learn(file, "roles", model::ObjectKind::role);
    gathering.learn(file, "redis_acls", model::ObjectKind::redis_acl);
  }
  for (ReadFile& file : files) gathering.takeAll(file);
}

} // namespace

Manifest readManifest(const std::vector<std::string>& patterns, const model::Snapshot& present) {
  Manifest manifest;
  manifest.files = expand(patterns, manifest.mistakes);
  std::vector<ReadFile> files;
  for (const std::string& name : manifest.files) {
    yaml::Limits limits;
    limits.bytes = mostBytes;
    yaml::Document document = yaml::readYamlFile(name, limits);
    std::move(document.mistakes.begin(), document.mistakes.end(), std::back_inserter(manifest.mistakes));
    if (!document.ok()) continue;
    if (document.empty)
      manifest.mistakes.push_back(
          {name, {}, {}, "says nothing; remove the file, or write what should exist"});
    else
      files.push_back({name, std::move(document.root)});
  }
  gather(files, present, manifest);
  return manifest;
}

Manifest readManifest(Node document, const model::Snapshot& present) {
  Manifest manifest;
  manifest.dialect = Dialect::values;
  std::vector<ReadFile> files(1);
  files[0].root = std::move(document);
  if (files[0].root.kind != Node::Kind::mapping)
    manifest.mistakes.push_back({{}, {}, "manifest", "an object is wanted, as a manifest's file is one"});
  else
    gather(files, present, manifest);
  wipe(files[0].root); // of what was not understood
  return manifest;
}

} // namespace gatehouse::control
