#include "control/change/PasswordRules.h"

#include "base/Text.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse::control {
namespace {

// A shorter name stands in many a good password by chance.
constexpr std::size_t leastLogin = 3; // bytes
constexpr std::size_t mostRepeated = 3;

Error notComplex(const std::string& rule) {
  return {Code::password_not_complex, "password: must have " + rule +
                                          "; the cluster's password_complexity is on, see "
                                          "password_min_length too"};
}

bool hasRun(std::string_view text, std::size_t length) {
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    run = i > 0 && text[i] == text[i - 1] ? run + 1 : 1;
    if (run >= length) return true;
  }
  return false;
}

/// Whether the login stands in the password, forwards or backwards; letters' case does not hide it.
bool holdsLogin(std::string_view foldedPassword, std::string_view login) {
  if (login.size() < leastLogin) return false;
  std::string word = folded(login);
  const bool forwards = foldedPassword.find(word) != std::string_view::npos;
  std::reverse(word.begin(), word.end());
  return forwards || foldedPassword.find(word) != std::string_view::npos;
}

} // namespace

Status checkComplexity(const Secret& password, const model::ClusterSettings& settings,
                       const model::User& user) {
  if (!settings.password_complexity) return {};
  const std::string_view text = password.reveal();
  if (static_cast<std::int64_t>(text.size()) < settings.password_min_length)
    return notComplex(std::to_string(settings.password_min_length) + " bytes at least");
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::none_of(text.begin(), text.end(), upper)) return notComplex("an upper-case letter");
  if (std::none_of(text.begin(), text.end(), lower)) return notComplex("a lower-case letter");
  if (std::none_of(text.begin(), text.end(), digit)) return notComplex("a digit");
  if (std::all_of(text.begin(), text.end(), [&](char c) { return upper(c) || lower(c) || digit(c); }))
    return notComplex("a special character");
  if (hasRun(text, mostRepeated + 1)) return notComplex("no character more than three times in a row");
  Secret small(folded(text));
  if (holdsLogin(small.reveal(), user.email) || holdsLogin(small.reveal(), user.name))
    return notComplex("neither the user's e-mail address nor its name in it, forwards or backwards");
  return {};
}

} // namespace gatehouse::control
