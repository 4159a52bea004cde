#include "model/Subject.h"

#include "base/Text.h"

#include <algorithm>
#include <charconv>

namespace gatehouse::model {
namespace {

struct Keyword {
  std::string_view word; // upper case
  std::string_view oid;
  std::string_view shown; // as text() writes it; empty for a second spelling
};
// RFC 4514 §3, and the names that OpenSSL prints or people write.
constexpr Keyword keywords[] = {
    {"CN", oid::commonName, "CN"},
    {"L", oid::localityName, "L"},
    {"ST", oid::stateOrProvinceName, "ST"},
    {"S", oid::stateOrProvinceName, ""},
    {"O", oid::organizationName, "O"},
    {"OU", oid::organizationalUnitName, "OU"},
    {"C", oid::countryName, "C"},
    {"STREET", "2.5.4.9", "STREET"},
    {"DC", "0.9.2342.19200300.100.1.25", "DC"},
    {"UID", "0.9.2342.19200300.100.1.1", "UID"},
    {"EMAILADDRESS", "1.2.840.113549.1.9.1", "emailAddress"},
    {"EMAIL", "1.2.840.113549.1.9.1", ""},
    {"E", "1.2.840.113549.1.9.1", ""},
    {"SERIALNUMBER", "2.5.4.5", "serialNumber"},
    {"SN", "2.5.4.4", "SN"},
    {"SURNAME", "2.5.4.4", ""},
    {"GN", "2.5.4.42", "GN"},
    {"GIVENNAME", "2.5.4.42", ""},
    {"TITLE", "2.5.4.12", "title"},
    {"T", "2.5.4.12", ""},
    {"DESCRIPTION", "2.5.4.13", "description"},
    {"POSTALCODE", "2.5.4.17", "postalCode"},
    {"BUSINESSCATEGORY", "2.5.4.15", "businessCategory"},
    {"NAME", "2.5.4.41", "name"},
    {"INITIALS", "2.5.4.43", "initials"},
    {"GENERATIONQUALIFIER", "2.5.4.44", "generationQualifier"},
    {"DNQUALIFIER", "2.5.4.46", "dnQualifier"},
    {"PSEUDONYM", "2.5.4.65", "pseudonym"},
    {"ORGANIZATIONIDENTIFIER", "2.5.4.97", "organizationIdentifier"},
    {"UNSTRUCTUREDNAME", "1.2.840.113549.1.9.2", "unstructuredName"},
};

Error problem(std::string text) { return {Code::invalid_subject_line, std::move(text)}; }

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
int hexValue(char c) {
  return isDigit(c)             ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/// Dotted decimal of at least two arcs without leading zeros.
bool isOid(std::string_view text) {
  if (text.size() > 128 || text.find('.') == std::string_view::npos) return false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    const std::string_view arc = text.substr(begin, end - begin);
    if (arc.empty() || (arc.size() > 1 && arc[0] == '0') || !std::all_of(arc.begin(), arc.end(), isDigit))
      return false;
    begin = end + 1;
  }
  return true;
}

/// One pass over a subject line. Every error names the character, counted from 1.
class LineReader {
public:
  explicit LineReader(std::string_view line)
      : line_(line) {}

  Result<std::vector<Rdn>> read() {
    std::vector<Rdn> rdns;
    Rdn rdn;
    for (;;) {
      auto attribute = readAttribute();
      if (!attribute) return std::move(attribute).error();
      rdn.push_back(std::move(*attribute));
      const bool more = at_ < line_.size();
      if (more && line_[at_] == '+') {
        ++at_;
        continue;
      }
      rdns.push_back(std::move(rdn));
      rdn = {};
      if (!more) return rdns;
      ++at_; // the comma: readValue stops at nothing else
    }
  }

private:
  Error here(std::string_view text) const {
    return problem("at character " + std::to_string(at_ + 1) + ": " + std::string(text));
  }
  void skipBlanks() {
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
  }

  Result<Attribute> readAttribute() {
    skipBlanks();
    const std::size_t begin = at_;
    while (at_ < line_.size() &&
           (isAlpha(line_[at_]) || isDigit(line_[at_]) || line_[at_] == '.' || line_[at_] == '-'))
      ++at_;
    const std::string_view word = line_.substr(begin, at_ - begin);
    if (word.empty()) return here("an attribute such as CN= or OU= is expected");
    std::string type;
    if (isDigit(word[0])) {
      if (!isOid(word)) {
        at_ = begin;
        return here("'" + printable(word, 60) + "' is no object identifier");
      }
      type = word;
    } else {
      std::string upper(word);
      for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      const auto found = std::find_if(std::begin(keywords), std::end(keywords),
                                      [&](const Keyword& k) { return k.word == upper; });
      if (found == std::end(keywords)) {
        at_ = begin;
        return here("'" + printable(word, 60) +
                    "' is no attribute name that is known; write its object identifier");
      }
      type = found->oid;
    }
    skipBlanks();
    if (at_ >= line_.size() || line_[at_] != '=') return here("'=' is expected");
    ++at_;
    skipBlanks();
    const std::size_t valueAt = at_;
    auto value = at_ < line_.size() && line_[at_] == '#' ? readHexString() : readString();
    if (!value) return std::move(value).error();
    if (value->empty()) {
      at_ = valueAt;
      return here("the value is empty");
    }
    return Attribute{std::move(type), std::move(*value)};
  }

  /// RFC 4514 §2.4: characters, escaped specials, hex pairs; blanks around it do not count unless they are
  /// escaped.
  Result<std::string> readString() {
    const std::size_t begin = at_;
    std::string value;
    std::size_t keep = 0; // up to here the trailing blanks are meant
    for (; at_ < line_.size() && line_[at_] != ',' && line_[at_] != '+'; ++at_) {
      const char c = line_[at_];
      if (c == '"' || c == ';' || c == '<' || c == '>')
        return here(std::string("'") + c + "' must be written as \\" + c);
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return here("a control character");
      if (c != '\\') {
        value += c;
        if (c != ' ') keep = value.size();
        continue;
      }
      if (at_ + 1 >= line_.size()) return here("nothing follows the backslash");
      const char next = line_[at_ + 1];
      if (std::string_view(" \"#+,;<=>\\").find(next) != std::string_view::npos) {
        value += next;
        ++at_;
      } else if (at_ + 2 < line_.size() && hexValue(next) >= 0 && hexValue(line_[at_ + 2]) >= 0) {
        value += static_cast<char>(hexValue(next) * 16 + hexValue(line_[at_ + 2]));
        at_ += 2;
      } else {
        return here("the backslash is followed by neither a special character nor two hexadecimal digits");
      }
      keep = value.size();
    }
    value.resize(keep);
    if (!isUtf8(value)) {
      at_ = begin;
      return here("the value is not UTF-8");
    }
    return value;
  }

  /// RFC 4514 §2.4 `#hexstring`: the DER of a string. Types that are UTF-8 or ASCII as they stand.
  Result<std::string> readHexString() {
    const std::size_t begin = at_++;
    std::string der;
    while (at_ + 1 < line_.size() && hexValue(line_[at_]) >= 0 && hexValue(line_[at_ + 1]) >= 0) {
      der += static_cast<char>(hexValue(line_[at_]) * 16 + hexValue(line_[at_ + 1]));
      at_ += 2;
    }
    skipBlanks();
    if (at_ < line_.size() && line_[at_] != ',' && line_[at_] != '+')
      return here("two hexadecimal digits are expected");
    const auto byte = [&](std::size_t i) {
      return i < der.size() ? static_cast<unsigned char>(der[i]) : 0x100U;
    };
    constexpr unsigned utf8String = 0x0c, printableString = 0x13, ia5String = 0x16;
    std::size_t head = 0;
    std::size_t length = 0;
    if (byte(1) < 0x80) {
      head = 2;
      length = byte(1);
    } else if (byte(1) == 0x81 && byte(2) >= 0x80 && byte(2) < 0x100) {
      head = 3;
      length = byte(2);
    } else if (byte(1) == 0x82 && byte(3) < 0x100 && byte(2) > 0) {
      head = 4;
      length = byte(2) * 256 + byte(3);
    }
    std::string value = head > 0 && der.size() == head + length ? der.substr(head) : "";
    const bool ascii =
        std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const bool readable = (byte(0) == utf8String && isUtf8(value)) ||
                          ((byte(0) == printableString || byte(0) == ia5String) && ascii);
    if (value.empty() || !readable) {
      at_ = begin;
      return here("not the encoding of a UTF8String, PrintableString or IA5String");
    }
    return value;
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

void appendSized(std::string& out, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 255);
  out += bytes;
}

std::string encoded(const Rdn& rdn) {
  std::string out;
  for (const Attribute& attribute : rdn) {
    appendSized(out, attribute.oid);
    appendSized(out, attribute.value);
  }
  return out;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool edge = (c == ' ' && (i == 0 || i + 1 == value.size())) || (c == '#' && i == 0);
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += '\\';
      out += hex(std::string_view(&c, 1));
    } else {
      if (edge || std::string_view("\"+,;<>\\").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

} // namespace

Result<Subject> Subject::parse(std::string_view line) {
  if (line.size() > maximumLine) return problem("longer than " + std::to_string(maximumLine) + " bytes");
  if (line.find_first_not_of(' ') == std::string_view::npos) return problem("empty");
  auto rdns = LineReader(line).read();
  if (!rdns) return std::move(rdns).error();
  return fromRdns(std::move(*rdns));
}

Result<Subject> Subject::fromRdns(std::vector<Rdn> rdns) {
  if (rdns.empty()) return problem("the name is empty");
  std::size_t attributes = 0, commonNames = 0;
  for (Rdn& rdn : rdns) {
    if (rdn.empty()) return problem("a relative name is empty");
    std::sort(rdn.begin(), rdn.end());
    for (const Attribute& attribute : rdn) {
      if (++attributes > maximumAttributes)
        return problem("more than " + std::to_string(maximumAttributes) + " attributes");
      if (attribute.oid == oid::commonName && ++commonNames > 1) return problem("more than one CN");
      if (!isOid(attribute.oid)) return problem("an attribute type is no object identifier");
      if (attribute.value.empty()) return problem("the value of " + attribute.oid + " is empty");
      if (attribute.value.size() > maximumValue)
        return problem("the value of " + attribute.oid + " is longer than " + std::to_string(maximumValue) +
                       " bytes");
      if (attribute.value.find('\0') != std::string::npos)
        return problem("the value of " + attribute.oid + " holds a NUL");
      if (!isUtf8(attribute.value)) return problem("the value of " + attribute.oid + " is not UTF-8");
    }
  }
  return Subject(std::move(rdns));
}

std::optional<std::string_view> Subject::single(std::string_view oid) const noexcept {
  std::optional<std::string_view> found;
  for (const Rdn& rdn : rdns_)
    for (const Attribute& attribute : rdn)
      if (attribute.oid == oid) {
        if (found) return std::nullopt;
        found = attribute.value;
      }
  return found;
}

std::vector<std::string_view> Subject::all(std::string_view oid) const {
  std::vector<std::string_view> found;
  for (const Rdn& rdn : rdns_)
    for (const Attribute& attribute : rdn)
      if (attribute.oid == oid) found.push_back(attribute.value);
  return found;
}

std::optional<std::string_view> Subject::commonName() const noexcept { return single(oid::commonName); }

std::string Subject::canonical() const {
  std::string forward, backward;
  for (const Rdn& rdn : rdns_) appendSized(forward, encoded(rdn));
  for (auto rdn = rdns_.rbegin(); rdn != rdns_.rend(); ++rdn) appendSized(backward, encoded(*rdn));
  return std::min(forward, backward);
}

std::string Subject::text() const {
  std::string out;
  for (auto rdn = rdns_.rbegin(); rdn != rdns_.rend(); ++rdn) {
    if (!out.empty()) out += ',';
    for (std::size_t i = 0; i < rdn->size(); ++i) {
      if (i > 0) out += '+';
      const Attribute& attribute = (*rdn)[i];
      const auto keyword = std::find_if(std::begin(keywords), std::end(keywords), [&](const Keyword& k) {
        return k.oid == attribute.oid && !k.shown.empty();
      });
      out += keyword == std::end(keywords) ? std::string_view(attribute.oid) : keyword->shown;
      out += '=';
      out += escaped(attribute.value);
    }
  }
  return out;
}

} // namespace gatehouse::model
