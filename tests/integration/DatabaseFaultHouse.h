#pragma once
#include "DatabaseFixture.h"
#include "support/RespPeer.h"
#include "support/TaggedLoad.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// GATEHOUSE_LONG=1 in the environment: sizes and times as they are in the field, not as they are bearable.
inline bool longRun() { return std::getenv("GATEHOUSE_LONG") != nullptr; }

/// A Cache whose peers can be made for any kind of session, and whose gateway can be looked at.
class FaultHouse : public Cache {
public:
  explicit FaultHouse(std::string_view fields = {})
      : Cache(options(), fields) {}
  explicit FaultHouse(ServerOptions wanted, std::string_view fields = {})
      : Cache(std::move(wanted), fields) {}

  static ServerOptions options() {
    ServerOptions wanted;
    wanted.extra = "limits: {connections_per_address: 8000}\n";
    return wanted;
  }

  /// A session of ada's certificate.
  [[nodiscard]] std::unique_ptr<RespPeer> byCertificate(int receiveBuffer = 0) const {
    return std::make_unique<RespPeer>(at(cache, adasCertificate), receiveBuffer);
  }
  /// A session of nobody yet.
  [[nodiscard]] std::unique_ptr<RespPeer> stranger() const { return std::make_unique<RespPeer>(at(cache)); }
  /// A session of job's password; null where the login is refused.
  [[nodiscard]] std::unique_ptr<RespPeer> byPassword(const Database& database) const {
    auto peer = std::make_unique<RespPeer>(at(database));
    return peer->say({"AUTH", job, jobPassword}) == "OK" ? std::move(peer) : nullptr;
  }
  [[nodiscard]] std::unique_ptr<RespPeer> byPassword() const { return byPassword(cache); }

  /// Ways to connect for a TaggedLoad: half of them by certificate, half by password.
  [[nodiscard]] std::vector<TaggedLoad::Connect> ways(std::size_t count) const { return ways(count, cache); }
  [[nodiscard]] std::vector<TaggedLoad::Connect> ways(std::size_t count, const Database& database) const {
    std::vector<TaggedLoad::Connect> out;
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 2 == 0)
        out.emplace_back([this, database] {
          auto peer = std::make_unique<RespPeer>(at(database, adasCertificate));
          return peer->connected() ? std::move(peer) : nullptr;
        });
      else
        out.emplace_back([this, database] { return byPassword(database); });
    }
    return out;
  }

  /// Resident memory of the gateway, KiB.
  [[nodiscard]] std::size_t resident() const {
    const std::string all = readFile("/proc/" + std::to_string(server.pid()) + "/status");
    return std::stoul(all.substr(all.find("VmRSS:") + 6));
  }
  /// Its open descriptors.
  [[nodiscard]] std::size_t descriptors() const {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(server.pid()) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  /// connected_clients, as the engine counts.
  [[nodiscard]] static std::uint64_t clientsOf(RespPeer& peer) {
    const std::string info = peer.say({"INFO", "clients"}), key = "connected_clients:";
    const std::size_t at = info.find(key);
    CPPUNIT_ASSERT_MESSAGE(info, at != std::string::npos);
    return std::stoull(info.substr(at + key.size()));
  }
  /// Gives the cache so many bytes: what slow readers have not taken counts, and 64 MiB are few.
  void resize(std::int64_t bytes) {
    must("PUT", "/v1/bdbs/" + std::to_string(cache.uid), "{\"memory_size\":" + std::to_string(bytes) + '}');
    waitActive(cache.uid);
  }
  [[nodiscard]] std::string status(std::int64_t uid) { return fieldIn(describe(uid), "status"); }

  /// Nothing was wrong, and something was right.
  void assertClean(const TaggedLoad& load) const {
    const TaggedLoad::Report report = load.report();
    CPPUNIT_ASSERT_MESSAGE(report.firstWrong, report.wrong == 0);
    CPPUNIT_ASSERT(report.right > 0);
  }

  Forged adasCertificate = pki.client(ada);
};

} // namespace gatehouse::test
