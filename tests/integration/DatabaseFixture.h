#pragma once
#include "HouseFixture.h"
#include "support/RespClient.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::test {

/// A house with databases: a real redis-server behind each. `options.load` and an `engines:` of
/// `options.extra` are kept where they are given. Errors: as House.
class DatabaseHouse : public House {
public:
  explicit DatabaseHouse(ServerOptions options = {});

  struct Database {
    std::int64_t uid = 0;
    std::uint16_t port = 0;
  };
  /// Makes an ACL, and gives its uid.
  std::int64_t addAcl(std::string_view name, std::string_view acl);
  /// Makes a role without management rights, and gives its uid.
  std::int64_t addRole(std::string_view name);
  /// A database of 64 MiB where each of these roles has that ACL; `fields` is more JSON
  /// (`"tls_mode":"disabled"`). Its port is freePort() unless they name one: the server's own choice is
  /// another server's at the same moment. Waits until it is active.
  Database addDatabase(std::string_view name,
                       std::initializer_list<std::pair<std::int64_t, std::int64_t>> rolesAndAcls,
                       std::string_view fields = {});
  /// Waits until its status is active.
  void waitActive(std::int64_t uid);
  /// What GET answers of it.
  std::string describe(std::int64_t uid);

  [[nodiscard]] ClientOptions at(const Database& database) const;
  [[nodiscard]] ClientOptions at(const Database& database, const Forged& certificate) const;
  [[nodiscard]] RespClient client(const Database& database) const { return RespClient(at(database)); }
  [[nodiscard]] RespClient client(const Database& database, const Forged& certificate) const {
    return RespClient(at(database, certificate));
  }
  /// By a certificate of pki.client(name).
  [[nodiscard]] RespClient client(const Database& database, std::string_view name) const {
    return client(database, pki.client(name));
  }
  /// Whom a new connection is there, as it is told itself: a name, an error, "(closed)" also for a handshake
  /// that failed.
  [[nodiscard]] static std::string whoIs(const ClientOptions& options);
  /// The process of its engine; 0: none.
  [[nodiscard]] pid_t engineOf(std::int64_t uid) const;

  Forged proxyCertificate;
};

/// The database most tests want: `cache`, with `ada` by certificate and `job` by password (of `jobPassword`),
/// both with the role `everything` (+@all ~* &*), and `reader`, a certificate with +@read ~cache:*.
class Cache : public DatabaseHouse {
public:
  explicit Cache(ServerOptions options = {}, std::string_view fields = {});

  std::string ada, job, jobPassword, reader;
  std::int64_t adaUid = 0, jobUid = 0, readerUid = 0;
  std::int64_t everything = 0, readers = 0;       // roles
  std::int64_t everythingAcl = 0, readersAcl = 0; // their ACLs
  Database cache;
};

/// A port that is free now and that nothing is given by itself: below those of outgoing connections, above
/// those that databases are given. For a database that must find its port again.
[[nodiscard]] std::uint16_t freePort();

/// What RespClient::say gave: `wanted` itself or, where that ends in "...", something that begins so.
void expect(std::string_view wanted, const std::string& got, const char* file = __builtin_FILE(),
            int line = __builtin_LINE());

/// The text of a field of a JSON object, quotes taken off; empty when it is not there. Flat fields only.
[[nodiscard]] std::string fieldIn(std::string_view json, std::string_view name);

} // namespace gatehouse::test
