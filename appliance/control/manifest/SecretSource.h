#pragma once
#include "base/Result.h"
#include "base/Secret.h"
#include "control/codec/Decoder.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace gatehouse::control {

/// Opens what a manifest refers to: a file (relative ones count from the manifest's folder), a variable of
/// the environment, or a systemd credential (a file of that name in $CREDENTIALS_DIRECTORY).
///
/// Only regular files are read, never more than is allowed, and never blocking: a fifo in a file's place must
/// not hang a start. One trailing newline is dropped. Empty, NUL and anything but UTF-8 are errors: such a
/// password could never be sent, such a certificate never be PEM.
///
/// Threads: one at a time (the environment is read). Errors: not_found, invalid_param; each names the source
/// and what to do, none repeats a secret.
class SecretSource {
public:
  using Environment = std::function<std::optional<std::string>(const std::string& name)>;

  SecretSource(); // the process's environment
  explicit SecretSource(Environment environment)
      : environment_(std::move(environment)) {}

  /// At most `most` bytes.
  [[nodiscard]] Result<Secret> open(const SourceReference&, std::size_t most) const;

private:
  Environment environment_;
};

} // namespace gatehouse::control
