#include "plugin/contract/Lent.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

namespace gatehouse::plugin::contract {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t arenaSize = std::size_t{8} << 30; // address space alone; no address is used twice

char* reserve() noexcept {
  void* made = ::mmap(nullptr, arenaSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED) std::abort();
  return static_cast<char*>(made);
}

char* const arena = reserve();
std::atomic<std::size_t> used{0};

} // namespace

char* Lent::take(std::size_t size) {
  const std::size_t pages = (size + page - 1) / page * page;
  const std::size_t at = used.fetch_add(pages + page);
  if (at + pages + page > arenaSize) std::abort();
  char* first = arena + at;
  if (::mprotect(first, pages, PROT_READ | PROT_WRITE) != 0) std::abort();
  last_ = new Piece{first, pages, last_};
  return first + (pages - size);
}

void Lent::seal() const { ::mprotect(last_->first, last_->size, PROT_READ); }

gh_bytes Lent::bytes(std::string_view text) {
  if (text.empty()) return {nullptr, 0};
  char* at = take(text.size());
  std::memcpy(at, text.data(), text.size());
  seal();
  return {at, text.size()};
}

Lent::~Lent() {
  while (last_ != nullptr) {
    Piece* piece = last_;
    last_ = piece->before;
    ::madvise(piece->first, piece->size, MADV_DONTNEED);
    ::mprotect(piece->first, piece->size, PROT_NONE);
    delete piece;
  }
}

bool Lent::isLent(const void* address) noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(address), from = reinterpret_cast<std::uintptr_t>(arena);
  return at >= from && at < from + arenaSize;
}

} // namespace gatehouse::plugin::contract
