#include "host/ManifestDocument.h"

#include "base/Json.h"
#include "base/Text.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace gatehouse::host {
namespace {

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A number that JSON writes with the same bytes: integers, and decimals such as 1.2.
bool isNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  return digits(whole) && (whole == "0" || whole[0] != '0') &&
         (point == std::string_view::npos || digits(text.substr(point + 1)));
}

using Extras = std::vector<std::pair<std::string_view, std::string_view>>; // instead of, or beside, members

void writeObject(std::string& out, const Node& node, const Extras& extras) {
  const char* between = "{";
  for (const Node::Member& member : node.members) {
    if (std::any_of(extras.begin(), extras.end(), [&](const auto& e) { return e.first == member.key; }))
      continue;
    out += between;
    between = ",";
    json::text(out, member.key);
    out += ':';
    writeJson(out, member.value);
  }
  for (const auto& [key, value] : extras) {
    out += between;
    between = ",";
    json::text(out, key);
    out += ':';
    json::text(out, value);
  }
  out += *between == '{' ? "{}" : "}";
}

template <class T>
void writeOne(std::string& out, const control::Wanted<T>& wanted, std::string_view certificate) {
  Extras extras;
  if (!wanted.formerName.empty()) extras.emplace_back("renamed_from", wanted.formerName);
  if (!certificate.empty()) extras.emplace_back("certificate", certificate);
  const std::vector<std::string> fields = wanted.secrets.fields();
  for (const std::string& field : fields) extras.emplace_back(field, wanted.secrets.find(field)->reveal());
  writeObject(out, wanted.node, extras);
}

std::string_view certificateOf(const model::ClusterCertificate& certificate) {
  return certificate.certificate;
}
template <class T>
std::string_view certificateOf(const T&) {
  return {};
}

template <class T>
void writeList(std::string& out, std::string_view key, const std::vector<control::Wanted<T>>& list) {
  if (list.empty()) return;
  if (out.size() > 1) out += ',';
  json::text(out, key);
  out += ':';
  char between = '[';
  for (const control::Wanted<T>& wanted : list) {
    out += between;
    between = ',';
    writeOne(out, wanted, certificateOf(wanted.object));
  }
  out += ']';
}

template <class T>
void writeSingle(std::string& out, std::string_view key, const std::vector<control::Wanted<T>>& list) {
  if (list.empty()) return;
  if (out.size() > 1) out += ',';
  json::text(out, key);
  out += ':';
  writeOne(out, list.front(), {});
}

/// Where an object stands: by its place in the document.
struct Place {
  const Node* node = nullptr;
  std::string_view file, path;
};

template <class T>
Place placeIn(const std::vector<control::Wanted<T>>& list, std::size_t index) {
  if (index >= list.size()) return {};
  return {&list[index].node, list[index].file, list[index].path};
}

Place placeOf(const control::Manifest& manifest, std::string_view word, std::size_t index) {
  if (word == "cluster") return placeIn(manifest.cluster, index);
  if (word == "cluster_policy") return placeIn(manifest.clusterPolicy, index);
  if (word == "certificates") return placeIn(manifest.certificates, index);
  if (word == "redis_acls") return placeIn(manifest.redisAcls, index);
  if (word == "roles") return placeIn(manifest.roles, index);
  if (word == "bdbs") return placeIn(manifest.databases, index);
  if (word == "users") return placeIn(manifest.users, index);
  return {};
}

} // namespace

void writeJson(std::string& out, const Node& node) {
  switch (node.kind) {
  case Node::Kind::null: out += "null"; break;
  case Node::Kind::scalar:
    if (node.style == Node::Style::bare &&
        (node.text == "true" || node.text == "false" || isNumber(node.text)))
      out += node.text;
    else
      json::text(out, node.text);
    break;
  case Node::Kind::sequence: {
    char between = '[';
    for (const Node& item : node.items) {
      out += between;
      between = ',';
      writeJson(out, item);
    }
    out += node.items.empty() ? "[]" : "]";
    break;
  }
  case Node::Kind::mapping: writeObject(out, node, {}); break;
  }
}

Secret manifestDocument(const control::Manifest& manifest) {
  std::string out = "{";
  writeSingle(out, "cluster", manifest.cluster);
  writeSingle(out, "cluster_policy", manifest.clusterPolicy);
  writeList(out, "certificates", manifest.certificates);
  writeList(out, "redis_acls", manifest.redisAcls);
  writeList(out, "roles", manifest.roles);
  writeList(out, "bdbs", manifest.databases);
  writeList(out, "users", manifest.users);
  out += '}';
  return Secret(std::move(out));
}

std::string atItsPlace(const control::Manifest& manifest, std::string_view sentence) {
  const std::size_t wordEnd = sentence.find_first_of("[.: ");
  if (wordEnd == std::string_view::npos) return std::string(sentence);
  std::size_t index = 0, end = wordEnd;
  if (sentence[wordEnd] == '[') {
    end = sentence.find(']', wordEnd);
    const auto number = end == std::string_view::npos
                            ? std::nullopt
                            : toInteger(sentence.substr(wordEnd + 1, end - wordEnd - 1));
    if (!number || *number < 0) return std::string(sentence);
    index = static_cast<std::size_t>(*number);
    ++end;
  }
  const Place place = placeOf(manifest, sentence.substr(0, wordEnd), index);
  if (!place.node) return std::string(sentence);
  Position at = place.node->at;
  const std::string_view rest = sentence.substr(end);
  if (rest.starts_with('.')) // the field, where it was written
    for (const Node::Member& member : place.node->members)
      if (rest.substr(1).starts_with(member.key)) at = member.at;
  const std::size_t colon = rest.find(": ");
  const std::string_view field = rest.substr(0, colon);
  const std::string_view text = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 2);
  return Mistake{std::string(place.file), at, std::string(place.path) + std::string(field), std::string(text)}
      .line();
}

} // namespace gatehouse::host
