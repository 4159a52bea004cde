#pragma once
#include "Differences.h"
#include "integration/DatabaseFixture.h"
#include "support/RedisServer.h"
#include "support/RespPeer.h"

#include <cstddef>
#include <memory>
#include <string>

namespace gatehouse::differential {

/// What is compared: a gateway with one database for passwords (without TLS, which is quicker) and one for
/// certificates, and a redis-server for each that knows the same users with the peers' own passwords.
///
/// Threads: one. Errors: what cannot be set up throws, with the server's log. Owns: all processes.
class Sides {
public:
  Sides();

  /// One transcript, three times, each on an empty database.
  [[nodiscard]] Outcome run(Mode mode, const std::string& transcript);
  /// The gateway's process and its engines are those of the beginning: nothing has died.
  [[nodiscard]] bool sound();

private:
  struct Side {
    test::DatabaseHouse::Database database;
    std::unique_ptr<test::RedisServer> redis;
    std::unique_ptr<test::RespPeer> witness, redisWitness; // may do all; empty the data, and read it
    pid_t engine = 0;
  };
  [[nodiscard]] test::ClientOptions clientOf(Mode mode) const;
  [[nodiscard]] static std::string talk(test::RespPeer& peer, const std::string& transcript,
                                        std::size_t chunk);
  static void clear(test::RespPeer& witness);
  [[nodiscard]] static std::string dataOf(test::RespPeer& witness);

  test::DatabaseHouse house_;
  Side password_, certificate_;
  pid_t gateway_ = 0;
};

} // namespace gatehouse::differential
