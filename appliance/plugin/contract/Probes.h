#pragma once
#include <span>
#include <string>

namespace gatehouse::plugin::contract {

/// Bytes that some client might send, for plugins of any protocol.
struct Probe {
  std::string name, bytes;
};

[[nodiscard]] std::span<const Probe> probes();

} // namespace gatehouse::plugin::contract
