#include "base/Event.h"

#include "base/Json.h"
#include "base/Text.h"

namespace gatehouse {

std::string Event::line() const {
  std::string out = printable(text, 2000);
  for (const EventField& field : fields) {
    out += ' ';
    out += field.name;
    out += '=';
    const bool bare =
        field.number || (!field.text.empty() &&
                         field.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                      "0123456789._-:/@[]") == std::string::npos);
    if (bare) {
      out += field.text;
    } else {
      json::text(out, printable(field.text, 1000));
    }
  }
  return out;
}

std::string Event::json() const {
  std::string out = "{\"event\":";
  json::text(out, name);
  out += ",\"text\":";
  json::text(out, printable(text, 2000));
  for (const EventField& field : fields) {
    out += ',';
    json::text(out, field.name);
    out += ':';
    if (field.number) {
      out += field.text;
    } else {
      json::text(out, printable(field.text, 1000));
    }
  }
  out += '}';
  return out;
}

} // namespace gatehouse
