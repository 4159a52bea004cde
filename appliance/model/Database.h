#pragma once
#include "model/ClusterSettings.h"
#include "model/Field.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::model {

/// One entry of `authentication_ssl_client_certs`.
struct ClientCert {
  std::string client_cert; // PEM: one certificate, or a chain of them
  bool operator==(const ClientCert&) const = default;
};
template <>
const Table& table<ClientCert>();

/// One entry of `roles_permissions`: users with this role have that ACL at the database.
struct RolePermission {
  std::int64_t role_uid = 0, redis_acl_uid = 0;
  std::optional<std::int64_t> order; // computed: its place in the list
  bool operator==(const RolePermission&) const = default;
};
template <>
const Table& table<RolePermission>();

/// One entry of `endpoints`: where clients connect.
struct Endpoint {
  std::string uid; // "1:1"
  std::string dns_name;
  std::int64_t port = 0;
  std::vector<std::string> addr;
  std::string addr_type = "external";
  std::string proxy_policy = "single";
  bool operator==(const Endpoint&) const = default;
};
template <>
const Table& table<Endpoint>();

enum class TlsMode : std::uint8_t { enabled, disabled };
inline constexpr std::string_view tlsModes[] = {"enabled", "disabled"}, tlsModesRefused[] = {"replica_ssl"};
enum class Enforcement : std::uint8_t { enabled, disabled };
inline constexpr std::string_view enforcements[] = {"enabled", "disabled"};
enum class Persistence : std::uint8_t { aof, snapshot, disabled };
inline constexpr std::string_view persistences[] = {"aof", "snapshot", "disabled"};
enum class AofPolicy : std::uint8_t { every_sec, always };
inline constexpr std::string_view aofPolicies[] = {"appendfsync-every-sec", "appendfsync-always"};
inline constexpr std::string_view evictionPolicies[] = {"volatile-lru",    "noeviction",     "allkeys-lru",
                                                        "allkeys-lfu",     "allkeys-random", "volatile-lfu",
                                                        "volatile-random", "volatile-ttl"};
enum class EvictionPolicy : std::uint8_t {
  volatile_lru,
  noeviction,
  allkeys_lru,
  allkeys_lfu,
  allkeys_random,
  volatile_lfu,
  volatile_random,
  volatile_ttl
};

/// The documented life of a database. `recovery`: its engine has ended unasked and is being started again.
enum class DatabaseStatus : std::uint8_t {
  pending,
  active,
  active_change_pending,
  delete_pending,
  creation_failed,
  recovery
};
inline constexpr std::string_view databaseStatuses[] = {
    "pending", "active", "active-change-pending", "delete-pending", "creation-failed", "recovery"};

/// `/v1/bdbs`: a Redis database, who may come in, and how its data is kept.
struct Database {
  std::int64_t uid = 0;
  std::string name;
  std::int64_t port = 0;                            // chosen on create where none is given
  std::int64_t memory_size = std::int64_t{1} << 30; // bytes
  TlsMode tls_mode = TlsMode::enabled;
  bool ssl = true; // computed: tls_mode is enabled
  Enforcement enforce_client_authentication = Enforcement::disabled;
  std::optional<std::vector<ClientCert>> authentication_ssl_client_certs; // R9: absent is mtls_trusted_ca
  SubjectValidation client_cert_subject_validation_type = SubjectValidation::disabled;
  std::vector<AuthorizedSubject> authorized_subjects;
  bool mtls_allow_outdated_certs = false;
  bool default_user = false;
  std::vector<RolePermission> roles_permissions;
  Persistence data_persistence = Persistence::aof;
  AofPolicy aof_policy = AofPolicy::every_sec;
  EvictionPolicy eviction_policy = EvictionPolicy::volatile_lru;
  std::string created_time, last_changed_time;     // ISO 8601
  DatabaseStatus status = DatabaseStatus::pending; // computed, as are the rest
  std::optional<std::string> status_reason;        // why creation failed, or what is being recovered from
  std::vector<Endpoint> endpoints;
  std::string version; // of the redis-server; empty while there is none
  std::optional<std::string> action_uid;
  Inert inert;
  bool operator==(const Database&) const = default;
};

template <>
const Table& table<Database>();

/// Letters, digits and hyphens, beginning and ending with a letter or digit.
[[nodiscard]] bool fitsDatabaseName(std::string_view) noexcept;

/// R17: the names that users of databases may have: `[A-Za-z0-9._@-]{1,128}`, and neither `default` nor `-`.
[[nodiscard]] bool fitsEngineName(std::string_view) noexcept;

inline constexpr std::int64_t firstAutomaticPort = 10000, lastAutomaticPort = 19999, portNeverChosen = 10050;

} // namespace gatehouse::model
