#include "control/rest/IsoTime.h"

#include <chrono>

namespace gatehouse::control {
namespace {

/// Takes exactly that many digits off the front.
std::optional<int> digits(std::string_view& text, std::size_t count) noexcept {
  if (text.size() < count) return {};
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return {};
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) noexcept {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// `Z`, `+01:00`, `-0530`; nothing left is UTC.
std::optional<int> zoneSeconds(std::string_view text) noexcept {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return {};
  const auto hours = digits(text, 2);
  take(text, ':');
  const auto minutes = text.empty() ? std::optional<int>(0) : digits(text, 2);
  if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return {};
  return sign * (*hours * 3600 + *minutes * 60);
}

} // namespace

std::optional<std::int64_t> readIsoTime(std::string_view text) noexcept {
  const auto year = digits(text, 4);
  if (!year || !take(text, '-')) return {};
  const auto month = digits(text, 2);
  if (!month || !take(text, '-')) return {};
  const auto day = digits(text, 2);
  if (!day) return {};
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return {};
  std::int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400};
  if (text.empty()) return seconds;

  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return {};
  const auto hour = digits(text, 2);
  if (!hour || !take(text, ':')) return {};
  const auto minute = digits(text, 2);
  if (!minute) return {};
  std::optional<int> second = 0;
  if (take(text, ':')) second = digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return {};
  if (take(text, '.')) {
    if (!digits(text, 1)) return {};
    while (digits(text, 1)) {
    }
  }
  const auto zone = zoneSeconds(text);
  if (!zone) return {};
  return seconds + *hour * 3600 + *minute * 60 + *second - *zone;
}

} // namespace gatehouse::control
