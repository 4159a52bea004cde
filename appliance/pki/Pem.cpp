#include "base/Text.h"
#include "pki/Certificate.h"

#include <algorithm>
#include <cctype>

// OpenSSL's PEM reader skips what it does not understand, and answers "no more" for a text that ends in the
// middle: that is how a half readable list becomes a shorter one (R11). So the frame is read here, strictly,
// and OpenSSL sees DER.
namespace gatehouse::pki {
namespace {

constexpr std::string_view beginLine = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view endLine = "-----END CERTIFICATE-----";
constexpr std::size_t strayBase64 =
    60; // characters of base64 and nothing else: a line of a block that has lost its frame

std::string_view withoutTrailingBlanks(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  return line;
}

/// A boundary, or what is left of one that was cut, indented or mistyped. A line of dashes alone is
/// decoration.
bool isBoundaryLike(std::string_view line) {
  if (line.rfind("-----", 0) == 0 && line.find_first_not_of('-') != std::string_view::npos) return true;
  return line.find("---") != std::string_view::npos &&
         (line.find("BEGIN") != std::string_view::npos || line.find("END") != std::string_view::npos);
}

bool isBase64(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=';
  });
}

} // namespace

Result<std::vector<Certificate>> Certificate::fromPem(std::string_view text) {
  if (text.size() > maximumPem)
    return Error{Code::invalid_certificate,
                 "the PEM text is longer than " + std::to_string(maximumPem) + " bytes"};
  if (text.find('\0') != std::string_view::npos)
    return Error{Code::invalid_certificate, "the PEM text holds a NUL: it is not text"};

  std::vector<Certificate> certificates;
  std::string body;
  bool inside = false;
  int lineNumber = 0, begun = 0;
  const auto wrong = [&](int line, std::string_view what) {
    return Error{Code::invalid_certificate, "certificate " + std::to_string(certificates.size() + 1) +
                                                " (line " + std::to_string(line) +
                                                " of the PEM text): " + std::string(what)};
  };

  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::string_view line = withoutTrailingBlanks(text.substr(0, newline));
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    ++lineNumber;

    if (!inside) {
      if (line == beginLine) {
        if (certificates.size() == maximumCount)
          return wrong(lineNumber, "there are more than " + std::to_string(maximumCount) + " certificates");
        inside = true;
        begun = lineNumber;
        body.clear();
      } else if (isBoundaryLike(line)) {
        if (line.find("PRIVATE KEY") != std::string_view::npos)
          return wrong(lineNumber, "a private key stands among certificates; keep it elsewhere and replace "
                                   "it, it has been sent around");
        return wrong(lineNumber, "expected " + std::string(beginLine) + " alone on its line, found " +
                                     printable(line, 60));
      } else if (line.size() >= strayBase64 && isBase64(line)) {
        return wrong(lineNumber, "there is base64 without a " + std::string(beginLine) + " line before it");
      }
    } else if (line == endLine) {
      const std::optional<std::string> der = fromBase64(body);
      if (!der) return wrong(begun, "its base64 is broken or cut short");
      Result<Certificate> certificate = fromDer(*der);
      if (!certificate) return wrong(begun, certificate.error().description);
      certificates.push_back(std::move(*certificate));
      inside = false;
    } else if (isBase64(line)) {
      if (body.size() + line.size() > maximumDer / 3 * 4 + 4)
        return wrong(begun, "it is longer than " + std::to_string(maximumDer) + " bytes");
      body += line;
    } else {
      return wrong(lineNumber,
                   "expected base64 or " + std::string(endLine) + ", found " + printable(line, 60));
    }
  }
  if (inside) return wrong(begun, "it does not end: there is no " + std::string(endLine) + " line");
  if (certificates.empty()) return Error{Code::invalid_certificate, "the PEM text holds no certificate"};
  return certificates;
}

} // namespace gatehouse::pki
