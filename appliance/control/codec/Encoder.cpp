#include "control/codec/Encoder.h"

#include "base/Json.h"
#include "control/codec/InertValues.h"

#include <algorithm>

namespace gatehouse::control {
namespace {

using model::Field;
using model::Kind;
using model::Shape;

void encodeValue(const Shape& shape, const void* at, std::string& out) {
  switch (shape.kind) {
  case Kind::boolean: json::boolean(out, *static_cast<const bool*>(at)); break;
  case Kind::integer: json::integer(out, *static_cast<const std::int64_t*>(at)); break;
  case Kind::text: json::text(out, *static_cast<const std::string*>(at)); break;
  case Kind::choice: json::text(out, shape.words[*static_cast<const std::uint8_t*>(at)]); break;
  case Kind::object: encode({shape.table, at}, out); break;
  case Kind::any:
  case Kind::secret: break; // no member holds these
  }
}

} // namespace

void encodeField(const Field& field, const void* at, std::string& out) {
  if (!field.place.items) return encodeValue(field.shape, at, out);
  out += '[';
  const std::size_t count = field.place.items->count(at);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    encodeValue(field.shape, field.place.items->item(at, i), out);
  }
  out += ']';
}

void encode(model::View object, std::string& out, std::span<const std::string> only) {
  InertValues kept;
  if (object.table->inert.held) {
    const auto& inert = *static_cast<const model::Inert*>(object.table->inert.find(object.object));
    if (!inert.json.empty()) kept = openInert(inert);
  }
  out += '{';
  bool first = true;
  const auto key = [&](const Field& field) {
    out.append(first ? "\"" : ",\"").append(field.name).append("\":"); // names are plain words
    first = false;
  };
  for (const Field& field : object.table->fields) {
    if (!only.empty() && std::find(only.begin(), only.end(), field.name) == only.end()) continue;
    if (field.place.held) {
      if (const void* at = field.place.find(object.object)) {
        key(field);
        encodeField(field, at, out);
      }
      continue;
    }
    if (field.shape.kind == Kind::secret) continue;
    const auto found = field.standing == model::Standing::inert ? kept.find(field.name) : kept.end();
    if (found != kept.end()) {
      key(field);
      out += found->second;
    } else if (const std::string value = defaultJson(field); !value.empty()) {
      key(field);
      out += value;
    }
  }
  out += '}';
}

std::string encode(model::View object, std::span<const std::string> only) {
  std::string out;
  encode(object, out, only);
  return out;
}

void encodeList(std::span<const model::View> objects, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (i > 0) out += ',';
    encode(objects[i], out);
  }
  out += ']';
}

} // namespace gatehouse::control
