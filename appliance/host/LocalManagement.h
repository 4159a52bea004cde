#pragma once
#include "host/Config.h"
#include "host/Wire.h"

#include <memory>
#include <string_view>

namespace gatehouse::host {

/// The managed state where no server runs: the store under its lock, migrated; plugins for what makes
/// passwords; nothing that listens, no engine.
///
/// Threads: the caller's; makes its own (the writer's, the pool's). Errors: open says why there is none, in
/// a sentence; answer's stand in its reply. Owns: all of it.
class LocalManagement {
public:
  static Result<std::unique_ptr<LocalManagement>> open(const Config& config);
  ~LocalManagement();
  LocalManagement(const LocalManagement&) = delete;
  LocalManagement& operator=(const LocalManagement&) = delete;

  /// One request of the local administrator.
  Reply answer(std::string_view method, std::string_view pathAndQuery, std::string_view body);

private:
  struct State;
  explicit LocalManagement(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

} // namespace gatehouse::host
