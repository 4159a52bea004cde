#include "pki/Name.h"

#include "base/Text.h"

#include <array>

namespace gatehouse::pki {
namespace {

constexpr std::size_t maximumOidBytes =
    64; // of its encoding: printing an OID costs the square of its length (CVE-2023-2650)
constexpr std::size_t maximumText = 1024; // bytes of a name for people

Error bad(std::string description) { return Error{Code::invalid_certificate, std::move(description)}; }

bool appendUtf8(std::string& out, std::uint32_t point) {
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
  return true;
}

/// Big-endian characters of `width` bytes; surrogates are none, also not in pairs: a BMPString is UCS-2
/// (X.680 §41.15).
Result<std::string> decodeWide(std::string_view bytes, std::size_t width, std::string_view kind) {
  std::string out;
  if (bytes.size() % width != 0) return bad("a " + std::string(kind) + " ends inside a character");
  for (std::size_t at = 0; at < bytes.size(); at += width) {
    std::uint32_t point = 0;
    for (std::size_t i = 0; i < width; ++i) point = point << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (!appendUtf8(out, point)) return bad("a " + std::string(kind) + " holds what is no character");
  }
  return out;
}

Result<std::string> decodeAscii(std::string_view bytes, std::string_view kind) {
  for (const char c : bytes)
    if (static_cast<unsigned char>(c) > 0x7f)
      return bad("a " + std::string(kind) + " holds a byte that is not ASCII");
  return std::string(bytes);
}

Result<std::string> oidText(const ASN1_OBJECT* object) {
  if (OBJ_length(object) == 0 || OBJ_length(object) > maximumOidBytes)
    return bad("an attribute type is over-long");
  std::array<char, 512> text{};
  const int length = OBJ_obj2txt(text.data(), text.size(), object, 1);
  if (length <= 0 || static_cast<std::size_t>(length) >= text.size())
    return opensslError(Code::invalid_certificate, "an attribute type cannot be read");
  return std::string(text.data(), static_cast<std::size_t>(length));
}

} // namespace

Result<std::string> decodeString(const ASN1_STRING* string) {
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                               static_cast<std::size_t>(ASN1_STRING_length(string)));
  // The widest character has 4 bytes; what passes here is measured again in UTF-8 by Subject.
  if (bytes.size() > 4 * model::Subject::maximumValue) return bad("a value is over-long");
  switch (ASN1_STRING_type(string)) {
  case V_ASN1_UTF8STRING:
    if (!isUtf8(bytes)) return bad("a UTF8String is not UTF-8");
    return std::string(bytes);
  case V_ASN1_PRINTABLESTRING: return decodeAscii(bytes, "PrintableString");
  case V_ASN1_NUMERICSTRING: return decodeAscii(bytes, "NumericString");
  case V_ASN1_IA5STRING: return decodeAscii(bytes, "IA5String");
  case V_ASN1_T61STRING: return decodeAscii(bytes, "TeletexString");
  case V_ASN1_BMPSTRING: return decodeWide(bytes, 2, "BMPString");
  case V_ASN1_UNIVERSALSTRING: return decodeWide(bytes, 4, "UniversalString");
  default: return bad("a value is not a string");
  }
}

Result<model::Subject> decodeName(const X509_NAME* name) {
  const int count = X509_NAME_entry_count(name);
  if (count < 0 || static_cast<std::size_t>(count) > model::Subject::maximumAttributes)
    return bad("the name has more than " + std::to_string(model::Subject::maximumAttributes) + " attributes");
  if (count == 0) return model::Subject();
  std::vector<model::Rdn> rdns;
  int set = -1;
  for (int i = 0; i < count; ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    Result<std::string> oid = oidText(X509_NAME_ENTRY_get_object(entry));
    if (!oid) return std::move(oid).error();
    Result<std::string> value = decodeString(X509_NAME_ENTRY_get_data(entry));
    if (!value) return std::move(value).error();
    if (X509_NAME_ENTRY_set(entry) != set) {
      set = X509_NAME_ENTRY_set(entry);
      rdns.emplace_back();
    }
    rdns.back().push_back({std::move(*oid), std::move(*value)});
  }
  Result<model::Subject> subject = model::Subject::fromRdns(std::move(rdns));
  if (!subject) return bad(std::move(subject).error().description);
  return subject;
}

std::string nameText(const X509_NAME* name) {
  if (const Result<model::Subject> subject = decodeName(name); subject.ok())
    return printable(subject->text(), maximumText);
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    drainErrors();
    return "?";
  }
  drainErrors();
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return length > 0 ? printable({text, static_cast<std::size_t>(length)}, maximumText) : std::string();
}

} // namespace gatehouse::pki
