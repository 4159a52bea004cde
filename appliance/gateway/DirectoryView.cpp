#include "gateway/DirectoryView.h"

#include "store/Reader.h"

#include <algorithm>

namespace gatehouse::gateway {

std::uint32_t DirectoryView::lookup(std::uint32_t keyKind, std::string_view key, gh_user& out) {
  constexpr std::size_t mostLookups =
      16; // an authenticator asks once or twice; a loop over guesses is none of ours
  if (found_.size() >= mostLookups) return GH_UNAVAILABLE;
  Result<store::FoundUser> found = Error{};
  if (keyKind == GH_KEY_LOGIN) {
    found = reader_.userByLogin(key);
  } else if (keyKind == GH_KEY_SUBJECT) {
    model::Digest subject{};
    if (key.size() != subject.size()) return GH_NOT_FOUND;
    std::copy(key.begin(), key.end(), reinterpret_cast<char*>(subject.data()));
    found = reader_.userBySubject(subject);
  } else {
    return GH_UNSUPPORTED;
  }
  if (!found) return GH_UNAVAILABLE; // no verdict can be had; never "nobody"
  if (!found->record) return GH_NOT_FOUND;
  found_.push_back(found->record);
  const store::UserRecord& record = *found_.back();
  const std::string_view method =
      model::authMethods[static_cast<std::size_t>(record.judged.user.auth_method)];
  out.user = found_.size();
  out.method = {method.data(), method.size()};
  out.verifier = {record.verifier.data(), record.verifier.size()};
  return GH_OK;
}

std::shared_ptr<const store::UserRecord> DirectoryView::found(std::uint64_t reference) const noexcept {
  return reference == 0 || reference > found_.size() ? nullptr : found_[reference - 1];
}

} // namespace gatehouse::gateway
