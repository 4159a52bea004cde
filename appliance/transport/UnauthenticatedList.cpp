#include "transport/UnauthenticatedList.h"

namespace gatehouse::transport {

void UnauthenticatedList::Member::unlink() noexcept {
  if (list_ == nullptr) return;
  (older_ != nullptr ? older_->younger_ : list_->oldest_) = younger_;
  (younger_ != nullptr ? younger_->older_ : list_->youngest_) = older_;
  list_ = nullptr;
  older_ = younger_ = nullptr;
}

UnauthenticatedList::~UnauthenticatedList() {
  while (oldest_ != nullptr) oldest_->unlink();
}

void UnauthenticatedList::add(Member& member) noexcept {
  member.unlink();
  member.list_ = this;
  member.older_ = youngest_;
  (youngest_ != nullptr ? youngest_->younger_ : oldest_) = &member;
  youngest_ = &member;
}

void UnauthenticatedList::remove(Member& member) noexcept {
  if (member.list_ == this) member.unlink();
}

bool UnauthenticatedList::evictOldest() noexcept {
  if (oldest_ == nullptr) return false;
  Member& oldest = *oldest_;
  oldest.unlink();
  oldest.onEvicted();
  return true;
}

} // namespace gatehouse::transport
