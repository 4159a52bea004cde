#pragma once
#include "base/Error.h"

#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

namespace gatehouse {

/// A value or the Error that took its place; expected<T, Error> until the compiler has it (g++ 12 does not).
///
/// Threads: a value. Errors: value() of an error, and error() of a value, end the process: that is a bug, not
/// an input.
template <class T>
class [[nodiscard]] Result {
public:
  Result(T value)
      : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)
      : content_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & {
    if (!ok()) std::abort();
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] const T& value() const& {
    if (!ok()) std::abort();
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] T&& value() && { return std::move(value()); }
  [[nodiscard]] const Error& error() const& {
    if (ok()) std::abort();
    return *std::get_if<1>(&content_);
  }
  [[nodiscard]] Error&& error() && { return std::move(const_cast<Error&>(std::as_const(*this).error())); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

private:
  std::variant<T, Error> content_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Error error)
      : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const Error& error() const& {
    if (!error_) std::abort();
    return *error_;
  }
  [[nodiscard]] Error&& error() && { return std::move(const_cast<Error&>(std::as_const(*this).error())); }

private:
  std::optional<Error> error_;
};

using Status = Result<void>;

} // namespace gatehouse

/// Returns the error of `expression` from the enclosing function, if it is one.
#define GH_TRY(expression)                                                                                   \
  do {                                                                                                       \
    if (auto ghResult_ = (expression); !ghResult_.ok()) return std::move(ghResult_).error();                 \
  } while (false)
