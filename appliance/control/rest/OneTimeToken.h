#pragma once
#include "base/Secret.h"

#include <functional>
#include <mutex>
#include <string_view>

namespace gatehouse::control {

/// The word that makes the first administrator over the network (POST /v1/bootstrap/create_cluster), once.
///
/// It is never enough alone: who uses it also asks the store whether there is an administrator already.
///
/// Threads: any. Owns: the word, which is wiped when it is spent.
class OneTimeToken {
public:
  /// From now on this word counts; `spent` is called once, on the thread that spends it.
  void arm(Secret word, std::function<void()> spent);
  /// Takes the same time wherever the texts differ. False while there is no word.
  [[nodiscard]] bool is(std::string_view text) const;
  /// It no longer counts. Nothing happens where there is none.
  void spend();

private:
  mutable std::mutex mutex_;
  Secret word_; // empty: none
  std::function<void()> spent_;
};

} // namespace gatehouse::control
