#include "transport/Deferred.h"

namespace gatehouse::transport {

Deferred::Deferred(EventLoop& loop, std::function<void()> callback)
    : loop_(loop)
    , callback_(std::move(callback)) {}

Deferred::~Deferred() {
  cancel();
  if (loop_.running_ == this) loop_.running_ = nullptr;
}

void Deferred::ask() noexcept {
  if (list_ != nullptr) return;
  list_ = ranInTurn_ == loop_.turn_ ? &loop_.tomorrow_ : &loop_.today_;
  previous_ = list_->last;
  next_ = nullptr;
  (previous_ != nullptr ? previous_->next_ : list_->first) = this;
  list_->last = this;
}

void Deferred::cancel() noexcept {
  if (list_ == nullptr) return;
  (previous_ != nullptr ? previous_->next_ : list_->first) = next_;
  (next_ != nullptr ? next_->previous_ : list_->last) = previous_;
  list_ = nullptr;
  previous_ = next_ = nullptr;
}

} // namespace gatehouse::transport
