// Protects: an ACL text from anybody never crashes the parser; what it accepts holds nothing that
// redis-server would take apart differently, means the same when it is written anew, and cannot shake off its
// denials (R14).
#include "model/AclRules.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using gatehouse::model::AclRules;

void must(bool holds) {
  if (!holds) std::abort();
}

bool plain(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7F' && c != '"' && c != '\'' && c != '\\' &&
           c != '(' && c != ')';
  });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

gatehouse::model::CommandTable table() {
  gatehouse::model::CommandTable t;
  t.version = "7.0.15";
  t.commands = {"multi",           "exec",           "discard",
                "migrate",         "restore-asking", "script|debug",
                "client|tracking", "function|load",  "function|restore",
                "function|delete", "function|flush"};
  t.categories = {"admin", "read", "write"};
  return t;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const gatehouse::model::CommandTable known = table();
  const auto rules = gatehouse::model::parseAcl({reinterpret_cast<const char*>(data), size});
  if (!rules.ok()) {
    must(rules.error().description.size() < 1024); // bounded, whatever was sent
    return 0;
  }
  std::string text = joined(rules->root);
  for (const std::string& word : rules->root) must(plain(word));
  for (const auto& selector : rules->selectors) {
    must(!selector.empty());
    for (const std::string& word : selector) must(plain(word));
    text += " (" + joined(selector) + ')';
  }
  const auto again = gatehouse::model::parseAcl(text);
  // Only the parentheses' own blanks can make it longer than what was read.
  must(again.ok() ? *again == *rules : text.size() > gatehouse::model::aclTextLimit);
  (void)gatehouse::model::checkAcl(*rules, known);

  std::size_t selectors = 0;
  for (const std::string& argument : gatehouse::model::projectedRules({*rules}, known)) {
    if (argument.front() != '(') continue;
    ++selectors;
    must(argument.back() == ')' && argument.find_first_of("()", 1) == argument.size() - 1);
    const std::size_t denials = argument.rfind("-@admin -migrate -restore-asking -script|debug");
    must(denials != std::string::npos && argument.find('+', denials) == std::string::npos);
  }
  must(selectors == 1 + rules->selectors.size());
  return 0;
}
