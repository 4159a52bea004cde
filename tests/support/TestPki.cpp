#include "support/TestPki.h"

#include <ctime>
#include <random>

namespace gatehouse::test {
namespace {

constexpr std::int64_t hour = 3600;

Forge timed(Forge forge) {
  const std::int64_t now = TestPki::now();
  return forge.valid(now - hour, now + 24 * hour);
}

} // namespace

TestPki::TestPki()
    : ca_(timed(Forge().ca("Example CA")).make()) {}

Forged TestPki::otherCa(std::string_view commonName, std::string_view key) {
  return timed(Forge().ca(commonName).key(key)).make();
}

Forge TestPki::leaf(std::string_view name) {
  return timed(
      Forge().client().subject({{"O", "Example"}, {"OU", "dev"}, {"CN", std::string(name)}}).key(name));
}

Forged TestPki::client(std::string_view name) const { return client(name, ca_); }
Forged TestPki::client(std::string_view name, const Forged& issuer) const {
  return leaf(name).signedBy(issuer).make();
}

std::string TestPki::subjectLine(std::string_view name) {
  return "CN=" + std::string(name) + ", OU=dev, O=Example";
}

// As the server reads it: time() may stand some milliseconds behind the precise clock, for all processes
// alike.
std::int64_t TestPki::now() { return ::time(nullptr); }

std::string randomName(std::string_view prefix) {
  static std::mt19937 random{std::random_device{}()};
  std::string out(prefix);
  for (int i = 0; i < 8; ++i) out += static_cast<char>('a' + random() % 26);
  return out;
}

} // namespace gatehouse::test
