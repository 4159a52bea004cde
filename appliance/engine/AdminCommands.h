#pragma once
#include "sdk/Resp.h"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::engine {

/// An engine's answer to a command of ours. Null: the link ended first, and nobody knows whether the command
/// ran.
using OnReply = std::function<void(const resp::Reply* reply)>;

/// Commands to one engine as its administrator. What the parts that use it are tested with a script for.
///
/// Threads: the engines'. Errors: a reply of kind error, or null.
class AdminCommands {
public:
  virtual ~AdminCommands() = default;
  /// Sends at once, behind what was sent before. `done` is called once, in order of sending, never inside
  /// this call.
  virtual void send(std::vector<std::string> words, OnReply done) = 0;
};

} // namespace gatehouse::engine
