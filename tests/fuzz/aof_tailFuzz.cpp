// Protects: what decides how much of an append-only file may be cut off, and which file that is. An engine
// that was taken over writes both: the answer must not depend on how the bytes come, nor name a file
// elsewhere.
#include "engine/AofRepair.h"
#include "engine/AofTail.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gatehouse::engine::AofTail whole;
  whole.take(bytes);
  for (const std::size_t piece : {1, 2, 5, 17}) {
    gatehouse::engine::AofTail tail;
    for (std::size_t at = 0; at < size; at += piece) tail.take(bytes.substr(at, piece));
    if (tail.torn() != whole.torn() || tail.transaction() != whole.transaction()) std::abort();
  }
  if (whole.torn() && size == 0) std::abort();
  const std::string name = gatehouse::engine::lastIncrement(bytes);
  if (name.find('/') != std::string::npos || (!name.empty() && name.front() == '.')) std::abort();
  return 0;
}
