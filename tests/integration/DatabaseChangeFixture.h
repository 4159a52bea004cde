#pragma once
#include "DatabaseFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// What a test of changes at databases begins with: a Cache and a second database `other`; a role `staff`
/// with all rights at both for those that must not notice (`bob` by certificate, `kim` by password); sessions
/// in every state.
class ChangedDatabases : public CppUnit::TestFixture {
public:
  void setUp() override;
  void tearDown() override;

protected:
  enum class Others { everywhere, byCertificate, byPassword, atCache };
  using Sessions = std::vector<RespClient>;
  static constexpr int aSecond = 1000;                  // milliseconds
  static constexpr std::size_t certificatesAtCache = 4; // the first ones of others_

  [[nodiscard]] static std::string user(std::int64_t uid) { return "/v1/users/" + std::to_string(uid); }
  [[nodiscard]] static std::string bdb(const DatabaseHouse::Database& database) {
    return "/v1/bdbs/" + std::to_string(database.uid);
  }
  [[nodiscard]] static std::string clientCerts(const std::vector<Forged>& certificates);
  [[nodiscard]] static std::string uids(std::initializer_list<std::int64_t> all); // a JSON list
  /// The roles_permissions of cache.
  void permit(std::initializer_list<std::pair<std::int64_t, std::int64_t>> rolesAndAcls);
  /// Whom a new connection of that certificate is at cache.
  [[nodiscard]] std::string who(std::string_view name) const {
    return DatabaseHouse::whoIs(house_->at(house_->cache, house_->pki.client(name)));
  }

  /// Sessions of one peer in every state there is, twice: enough that both workers have some. The first is
  /// idle.
  [[nodiscard]] static Sessions live(const ClientOptions& options, std::string_view login = {},
                                     std::string_view password = {});
  [[nodiscard]] Sessions live(const std::string& name) const { return live(name, house_->cache); }
  [[nodiscard]] Sessions live(const std::string& name, const DatabaseHouse::Database& database) const {
    return live(house_->at(database, house_->pki.client(name)));
  }
  [[nodiscard]] Sessions liveByPassword() const {
    return live(house_->at(house_->cache), house_->job, house_->jobPassword);
  }
  /// Of a certificate that is nobody's; half of them have logged in by password beside it.
  [[nodiscard]] Sessions nobodysSessions() const;
  static void closed(Sessions& clients);

  /// Opens the sessions that must not notice.
  void keepOthers(Others how = Others::everywhere);
  /// They have not noticed: the same connections go on, also one that waits and one that listens.
  void unmoved();

  std::unique_ptr<Cache> house_;
  std::string bob_, kim_;
  std::int64_t staff_ = 0, staffAcl_ = 0;
  DatabaseHouse::Database other_;
  Sessions others_;

private:
  std::unique_ptr<RespClient> waiting_, listening_;
};

} // namespace gatehouse::test
