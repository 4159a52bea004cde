#include "control/manifest/SecretDigest.h"

#include "control/manifest/Kinds.h"
#include "pki/Hash.h"
#include "store/Transaction.h"

#include <string>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::string_view kind = kindWords<model::User>.row, field = "password", keyName = "manifest";

model::Digest digestOf(const Secret& key, const std::string& uid, const Secret& password) {
  std::string text = std::string(kind) + '\0' + uid + '\0' + std::string(field) + '\0';
  text += password.reveal();
  const Secret wiped(std::move(text));
  return pki::hmacSha256(key.reveal(), wiped.reveal());
}

} // namespace

Status SecretDigests::open(store::Transaction& transaction) {
  auto key = transaction.key(keyName);
  if (!key) return std::move(key).error();
  key_ = std::move(*key);
  return {};
}

Status SecretDigests::make(store::Transaction& transaction) {
  GH_TRY(open(transaction));
  if (key_) return {};
  auto bytes = pki::randomBytes(32);
  if (!bytes) return std::move(bytes).error();
  key_ = Secret(std::move(*bytes));
  return transaction.putKey(keyName, *key_);
}

Result<bool> SecretDigests::same(store::Transaction& transaction, std::int64_t userUid,
                                 const Secret& password) const {
  if (!key_) return false;
  const std::string uid = std::to_string(userUid);
  auto stored = transaction.secretDigest(kind, uid, field);
  if (!stored) return std::move(stored).error();
  return *stored && equal(pki::view(**stored), pki::view(digestOf(*key_, uid, password)));
}

Status SecretDigests::note(store::Transaction& transaction, std::int64_t userUid,
                           const Secret& password) const {
  const std::string uid = std::to_string(userUid);
  return transaction.putSecretDigest(kind, uid, field, digestOf(*key_, uid, password));
}

} // namespace gatehouse::control
