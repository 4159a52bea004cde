// Protects: a subject line from anybody never crashes the parser, and what parses prints to a line that is
// the same person (R7).
#include "model/Subject.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gatehouse::model::Subject;
  const auto subject = Subject::parse({reinterpret_cast<const char*>(data), size});
  if (!subject) return 0;
  if (subject->canonical().find('\0') == std::string::npos) std::abort(); // lengths are in it
  const auto again = Subject::parse(subject->text());
  if (again.ok() ? !again->sameAs(*subject) : subject->text().size() <= Subject::maximumLine) std::abort();
  return 0;
}
