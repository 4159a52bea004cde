#include "gateway/VerifiedPasswords.h"

#include "pki/Hash.h"

#include <cstring>

namespace gatehouse::gateway {

std::size_t VerifiedPasswords::Hash::operator()(const model::Digest& d) const noexcept {
  std::size_t h = 0;
  std::memcpy(&h, d.data(), sizeof h); // a MAC is as good as random
  return h;
}

model::Digest VerifiedPasswords::keyOf(std::string_view authenticator, std::int64_t userUid,
                                       model::Revision row, std::string_view password) const {
  std::string text =
      std::to_string(userUid) + ':' + std::to_string(row) + ':' + std::string(authenticator) + '\0';
  text.reserve(text.size() + password.size()); // no copy of the password is left behind by growth
  text += password;
  const model::Digest mac = pki::hmacSha256(key_, text);
  explicit_bzero(text.data(), text.size());
  return mac;
}

void VerifiedPasswords::remember(std::string_view authenticator, std::int64_t userUid, model::Revision row,
                                 std::string_view password, std::uint64_t bootMs) {
  forgetOld(bootMs);
  const model::Digest mac = keyOf(authenticator, userUid, row, password);
  until_[mac] = bootMs + keptMs;
  order_.emplace_back(bootMs + keptMs, mac);
  while (until_.size() > most || order_.size() > 2 * most) {
    const auto found = until_.find(order_.front().second);
    if (found != until_.end() && found->second == order_.front().first) until_.erase(found);
    order_.pop_front();
  }
}

bool VerifiedPasswords::knows(std::string_view authenticator, std::int64_t userUid, model::Revision row,
                              std::string_view password, std::uint64_t bootMs) {
  if (until_.empty()) return false;
  const auto found = until_.find(keyOf(authenticator, userUid, row, password));
  return found != until_.end() && bootMs < found->second;
}

void VerifiedPasswords::forgetOld(std::uint64_t bootMs) {
  while (!order_.empty() && order_.front().first <= bootMs) {
    const auto found = until_.find(order_.front().second);
    if (found != until_.end() && found->second <= bootMs)
      until_.erase(found); // a later remember() may have renewed it
    order_.pop_front();
  }
}

} // namespace gatehouse::gateway
