#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin::contract {

/// What belongs to the process and not to a plugin. Threads: the main one.
class ProcessState {
public:
  [[nodiscard]] static ProcessState now();
  /// Are there more threads than there were?
  [[nodiscard]] bool moreThreads() const;

  /// Makes a finding for everything that has changed since, by `what` ("configure").
  void compare(std::string_view what) const;

private:
  std::size_t threads_ = 0, descriptors_ = 0;
  std::string folder_, locale_;
  std::vector<std::string> environment_;
  std::vector<void*> handlers_; // by signal
};

} // namespace gatehouse::plugin::contract
