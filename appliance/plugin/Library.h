#pragma once
#include "base/Result.h"
#include "sdk/plugin_abi.h"

#include <string>

namespace gatehouse::plugin {

/// A plugin's file in our address space. A plugin is the process: whoever can write the file, or put another
/// in its place, is the service. So the file must be a regular one, it and its folder owned by root or by the
/// user who runs this, and written by nobody else.
///
/// Threads: a value; open on the main thread, before any session.
/// Errors:  a sentence that names the path and what to mend.
/// Owns:    nothing that ends: a library is never unloaded (its code may be on a stack, its strings in a log
/// line).
class Library {
public:
  /// Checks, loads with local symbols (RTLD_NOW: a missing symbol fails here, not at 3 a.m.) and finds the
  /// entry.
  [[nodiscard]] static Result<Library> open(const std::string& path);
  /// The checks alone.
  [[nodiscard]] static Status examine(const std::string& path);

  [[nodiscard]] gh_plugin_entry_fn entry() const noexcept { return entry_; }

private:
  explicit Library(gh_plugin_entry_fn entry) noexcept
      : entry_(entry) {}
  gh_plugin_entry_fn entry_;
};

} // namespace gatehouse::plugin
