#pragma once
#include "engine/Engines.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a redis-server is told: on its standard input at a start, by CONFIG SET while it runs. Pure.
namespace gatehouse::engine {

/// Gatehouse's own user in each engine. R17 refuses the colon in every other name.
inline constexpr std::string_view adminName = "gatehouse:admin";
/// Where an engine listens, below its own directory (a relative name: clients see no path).
inline constexpr std::string_view engineSocket = "s";
/// Descriptors that an engine needs beside one for each client. redis keeps 32 and lowers maxclients in
/// silence where they are not there.
inline constexpr std::uint32_t engineDescriptors = 32 + 96;

/// The whole configuration of a standalone engine. From its first byte on nobody but `adminName` gets in,
/// with the secret whose SHA-256 is `adminSecretSha256Hex` (64 lower-case hex digits). `maxClients`: links,
/// the supervisor's own included.
[[nodiscard]] std::string engineConfiguration(const EngineSpec& spec, std::string_view adminSecretSha256Hex,
                                              std::uint32_t maxClients);

/// What CONFIG SET changes in a running engine, as name and value: all that an EngineSpec can change. One
/// CONFIG SET takes them all or none. Switching the append-only file on starts a rewrite: it is whole when
/// INFO's `aof_rewrite_in_progress` and `aof_rewrite_scheduled` are 0 and `aof_enabled` is 1.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> liveSettings(const EngineSpec& spec);

} // namespace gatehouse::engine
