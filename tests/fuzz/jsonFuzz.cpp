// Protects: the JSON reader and the decoder against any bytes. They must neither crash nor run away; what
// they accept must be writable, readable again, and a request that changes nothing.
#include "control/codec/Decoder.h"
#include "control/codec/Encoder.h"
#include "control/codec/JsonReader.h"
#include "model/ClusterCertificate.h"
#include "model/ClusterSettings.h"
#include "model/Role.h"
#include "model/User.h"

#include "base/Text.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace gatehouse;

void prove(const Node& node, int depth) {
  if (depth > control::jsonDepth || !isUtf8(node.text) || node.text.find('\0') != std::string::npos)
    std::abort();
  for (const Node& item : node.items) prove(item, depth + 1);
  for (const Node::Member& member : node.members) {
    if (node.find(member.key) != &member.value) std::abort(); // a duplicate would be found first
    prove(member.value, depth + 1);
  }
}

template <class T>
void decodeAs(const Node& node) {
  T object;
  const auto decoded = control::decode(node, model::Edit(object), {});
  if (!decoded.ok()) {
    if (!isUtf8(control::asError(decoded.findings).description)) std::abort();
    return;
  }
  const auto written = control::readJson(control::encode(model::View(object)));
  if (!written) std::abort();
  T again = object;
  control::DecodeOptions options;
  options.before = model::View(object);
  if (!control::decode(*written, model::Edit(again), options).ok() || !(again == object)) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto read = control::readJson({reinterpret_cast<const char*>(data), size});
  if (!read) {
    if (read.error().code != Code::invalid_schema || !isUtf8(read.error().description)) std::abort();
    return 0;
  }
  prove(*read, 0);
  decodeAs<model::User>(*read);
  decodeAs<model::Role>(*read);
  decodeAs<model::ClusterSettings>(*read);
  decodeAs<model::ClusterCertificate>(*read);
  decodeAs<model::AuthorizedSubject>(*read);
  control::wipe(*read);
  return 0;
}
