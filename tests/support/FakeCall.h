#pragma once
#include "support/FakeHost.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

/// What FakeHost's files share: bytes, and which call a thread is inside of.
namespace gatehouse::test {

inline std::string text(gh_bytes b) { return b.size == 0 ? std::string() : std::string(b.data, b.size); }
inline gh_bytes bytes(std::string_view s) { return {s.data(), s.size()}; }

template <class T>
T sized(const T* theirs) {
  T mine{};
  std::memcpy(&mine, theirs, std::min<std::size_t>(theirs->size, sizeof mine));
  return mine;
}

/// The call that this thread is inside of.
struct Present {
  FakeHost* host = nullptr;
  gh_self self = 0;
  FakeSession* session = nullptr;
  gh_view view = 0;
  std::uint64_t proposable = 0; // references are index + 1; bits of what lookup gave
};
inline thread_local Present present;

class Inside {
public:
  explicit Inside(const Present& now)
      : before_(std::exchange(present, now)) {}
  ~Inside() { present = before_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

private:
  Present before_;
};

} // namespace gatehouse::test
