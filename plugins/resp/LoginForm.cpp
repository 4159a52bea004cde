#include "resp/LoginForm.h"

#include <algorithm>

namespace gatehouse::resp {
namespace {

/// As Redis's validateClientName: what is not so is refused by some versions after AUTH has been done.
bool isClientName(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}
bool isVersion(std::string_view word) noexcept { return word == "2" || word == "3"; }

/// `HELLO [2|3 [AUTH user secret] [SETNAME name]]`, the options in any order, SETNAME as often as one likes.
LoginForm helloForm(const Words& words) {
  LoginForm form;
  std::size_t at = 1;
  bool good = words.size() == 1 || isVersion(words[at++]);
  while (good && at < words.size()) {
    const std::size_t behind = words.size() - at - 1;
    if (sameName(words[at], "auth") && behind >= 2 && form.kind == LoginForm::Kind::none) {
      form = {LoginForm::Kind::login, at};
      at += 3;
    } else if (sameName(words[at], "setname") && behind >= 1 && isClientName(words[at + 1])) {
      at += 2;
    } else {
      good = false;
    }
  }
  if (good) return form;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (sameName(words[i], "auth")) return {LoginForm::Kind::refused, i};
  return {};
}

} // namespace

LoginForm loginForm(Verb verb, const Words& words) {
  if (verb == Verb::hello) return helloForm(words);
  if (verb != Verb::auth || words.size() == 1) return {};
  if (words.size() == 2) return {LoginForm::Kind::oneWord, 0};
  return {words.size() == 3 ? LoginForm::Kind::login : LoginForm::Kind::refused, 0};
}

std::string_view helloError(const Words& words) {
  if (words.size() == 1) return {};
  const std::string_view version = words[1];
  if (!isVersion(version)) {
    const std::string_view digits = version.substr(!version.empty() && version.front() == '-' ? 1 : 0);
    const bool number = !digits.empty() && digits.size() <= 18 &&
                        digits.find_first_not_of("0123456789") == std::string_view::npos &&
                        (digits.front() != '0' || version == "0");
    return number ? "-NOPROTO unsupported protocol version"
                  : "-ERR Protocol version is not an integer or out of range";
  }
  for (std::size_t at = 2; at < words.size();) {
    const std::size_t behind = words.size() - at - 1;
    if (sameName(words[at], "auth") && behind >= 2) {
      at += 3;
    } else if (sameName(words[at], "setname") && behind >= 1) {
      if (!isClientName(words[at + 1]))
        return "-ERR Client names cannot contain spaces, newlines or special characters.";
      at += 2;
    } else {
      return "-ERR Syntax error in HELLO option";
    }
  }
  return {};
}

} // namespace gatehouse::resp
