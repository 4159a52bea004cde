#include "plugin/Settings.h"

#include "base/Text.h"

#include <algorithm>

namespace gatehouse::plugin {
namespace {

gh_bytes bytes(const std::string& text) { return {text.data(), text.size()}; }

std::string withUnit(std::int64_t value, const std::string& unit) {
  return std::to_string(value) + (unit.empty() ? "" : " " + unit);
}

std::string limits(const SettingDeclaration& declared, const char* of, std::int64_t value) {
  if (!declared.limited() || (value >= declared.min && value <= declared.max)) return "";
  return std::string(of) + " must be between " + withUnit(declared.min, declared.unit) + " and " +
         withUnit(declared.max, declared.unit) + ", not " + std::to_string(value);
}

/// A preset, "as one writes it in YAML", as the reader would give it.
Node presetNode(const SettingDeclaration& declared) {
  Node node;
  const std::string& text = *declared.preset;
  if (declared.type != GH_SETTING_LIST) {
    node.kind = Node::Kind::scalar;
    node.text = text;
    return node;
  }
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return node; // null: no list
  node.kind = Node::Kind::sequence;
  std::string_view rest = std::string_view(text).substr(1, text.size() - 2);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    Node one;
    one.kind = Node::Kind::scalar;
    one.text = item;
    node.items.push_back(std::move(one));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return node;
}

} // namespace

/// Turns one node into a value. Nothing: taken; else a sentence.
std::optional<std::string> Settings::take(const SettingDeclaration& declared, const Node& node,
                                          gh_value& value) {
  value.type = declared.type;
  if (node.kind == Node::Kind::null) return "has no value; leave the line out to get the default";
  if (declared.type == GH_SETTING_LIST) {
    if (node.kind != Node::Kind::sequence) return "must be a list: [one, two]";
    auto& list = lists_.emplace_back();
    for (const Node& item : node.items) {
      if (item.kind != Node::Kind::scalar) return "must be a list of texts";
      list.push_back(bytes(texts_.emplace_back(item.text)));
    }
    if (auto wrong = limits(declared, "its number of entries", static_cast<std::int64_t>(list.size()));
        !wrong.empty())
      return wrong;
    value.items = list.data();
    value.item_count = list.size();
    return std::nullopt;
  }
  if (node.kind != Node::Kind::scalar) return "must be a single value";
  switch (declared.type) {
  case GH_SETTING_BOOL:
    if (node.style != Node::Style::bare || (node.text != "true" && node.text != "false"))
      return "must be true or false";
    value.number = node.text == "true" ? 1 : 0;
    return std::nullopt;
  case GH_SETTING_INT: {
    const auto number = node.style == Node::Style::bare ? toInteger(node.text) : std::nullopt;
    if (!number)
      return "must be a whole number" + (declared.unit.empty() ? std::string() : " of " + declared.unit);
    value.number = *number;
    if (auto wrong = limits(declared, "it", *number); !wrong.empty()) return wrong;
    return std::nullopt;
  }
  default: // text and secret
    if (auto wrong = limits(declared, "its length", static_cast<std::int64_t>(node.text.size()));
        !wrong.empty())
      return wrong;
    value.text = bytes(texts_.emplace_back(node.text));
    return std::nullopt;
  }
}

Settings Settings::read(std::span<const SettingDeclaration> declared, const Node* given,
                        std::string_view file, std::string_view place, std::vector<Mistake>& mistakes) {
  Settings settings;
  const auto wrong = [&](Position at, std::string_view setting, std::string text) {
    const std::string path = std::string(place) + (setting.empty() ? "" : "." + std::string(setting));
    mistakes.push_back({std::string(file), at, path, std::move(text)});
  };
  settings.places_.emplace_back("", given != nullptr ? given->at : Position{});
  if (given != nullptr && given->kind != Node::Kind::mapping) {
    wrong(given->at, "", "must be a mapping of settings; {} for none");
    given = nullptr;
  }
  if (given != nullptr) {
    std::vector<std::string_view> names;
    for (const auto& one : declared) names.push_back(one.name);
    for (const auto& member : given->members) {
      settings.places_.emplace_back(member.key, member.value.at.line > 0 ? member.value.at : member.at);
      if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
      const auto near = nearest(member.key, names);
      wrong(member.at, printable(member.key, 64),
            near.empty() ? "this plugin has no such setting"
                         : "this plugin has no such setting; did you mean " + std::string(near) + "?");
    }
  }
  for (const auto& one : declared) {
    gh_value value{};
    value.type = one.type;
    const Node* node = given != nullptr ? given->find(one.name) : nullptr;
    if (node != nullptr) {
      value.given = 1;
      if (auto text = settings.take(one, *node, value))
        wrong(settings.at(one.name), one.name, std::move(*text));
    } else if (one.preset) {
      (void)settings.take(one, presetNode(one), value); // judged by the handshake
    } else {
      wrong(settings.at(""), one.name, "must be given: " + one.sentence);
    }
    settings.values_.push_back(value);
  }
  return settings;
}

Position Settings::at(std::string_view setting) const noexcept {
  for (const auto& [name, where] : places_)
    if (name == setting) return where;
  return places_.empty() ? Position{} : places_.front().second;
}

std::string judgePreset(const SettingDeclaration& declared) {
  if (!declared.preset) return "";
  std::vector<Mistake> mistakes;
  Node given;
  given.kind = Node::Kind::mapping;
  given.members.push_back({declared.name, {}, presetNode(declared)});
  (void)Settings::read({&declared, 1}, &given, "", "", mistakes);
  return mistakes.empty() ? "" : mistakes.front().text;
}

} // namespace gatehouse::plugin
