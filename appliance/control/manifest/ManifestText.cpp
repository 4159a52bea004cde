#include "control/manifest/ManifestText.h"

#include "base/Json.h"
#include "control/codec/Encoder.h"
#include "control/codec/InertValues.h"
#include "control/codec/ValueReader.h"

namespace gatehouse::control {
namespace {

using model::Default;
using model::Field;
using model::Kind;
using model::Standing;

/// Whether a manifest may say anything about it.
bool isWritten(const Field& field) {
  return (field.standing == Standing::enforced || field.standing == Standing::inert) && field.stored &&
         !field.moves && field.shape.kind != Kind::secret;
}

void writeOne(const model::Shape& shape, const void* at, const ObjectNames& names, std::string& out) {
  if (shape.refersTo != model::ObjectKind::none) {
    json::text(out, names.name(shape.refersTo, *static_cast<const std::int64_t*>(at)));
  } else if (shape.kind == Kind::object) {
    std::string members;
    writeManifestMembers({shape.table, at}, names, members);
    out += '{';
    if (!members.empty()) out.append(members, 1);
    out += '}';
  } else {
    Field plain;
    plain.shape = shape;
    encodeField(plain, at, out);
  }
}

} // namespace

void writeManifestValue(const Field& field, const void* at, const ObjectNames& names, std::string& out) {
  if (!field.place.items) return writeOne(field.shape, at, names, out);
  out += '[';
  for (std::size_t i = 0; i < field.place.items->count(at); ++i) {
    if (i > 0) out += ',';
    writeOne(field.shape, field.place.items->item(at, i), names, out);
  }
  out += ']';
}

std::string manifestValue(const Field& field, model::View object, const ObjectNames& names) {
  std::string out;
  if (field.place.held) {
    if (const void* at = field.place.find(object.object)) writeManifestValue(field, at, names, out);
    return out;
  }
  if (field.standing != Standing::inert || field.shape.kind == Kind::secret) return out;
  const InertValues values =
      openInert(*static_cast<const model::Inert*>(object.table->inert.find(object.object)));
  const auto found = values.find(field.name);
  return found == values.end() ? defaultJson(field) : found->second;
}

void writeManifestMembers(model::View object, const ObjectNames& names, std::string& out) {
  InertValues inert;
  if (object.table->inert.held)
    inert = openInert(*static_cast<const model::Inert*>(object.table->inert.find(object.object)));
  for (const Field& field : object.table->fields) {
    if (!isWritten(field)) continue;
    std::string value;
    if (field.place.held) {
      const void* at = field.place.find(object.object);
      if (!at) continue;
      writeManifestValue(field, at, names, value);
      if (field.fallback.is != Default::Is::required && value == defaultJson(field)) continue;
    } else if (const auto found = inert.find(field.name); found != inert.end()) {
      value = found->second; // what is kept is away from its default
    } else {
      continue;
    }
    out += ',';
    json::text(out, wordOf(field, Dialect::yaml));
    out += ':';
    out += value;
  }
}

} // namespace gatehouse::control
