#pragma once
#include "base/Result.h"
#include "model/Subject.h"
#include "pki/OpenSsl.h"

#include <string>

/// From ASN.1 to text, by lengths. Nothing here stops at a NUL, folds or guesses.
namespace gatehouse::pki {

/// The value of a directory string in UTF-8. UTF8String, PrintableString, NumericString, IA5String,
/// VisibleString, BMPString and UniversalString are decoded strictly; a TeletexString only while it is ASCII,
/// because its writers do not agree what the other bytes mean. Errors: invalid_certificate.
Result<std::string> decodeString(const ASN1_STRING* string);

/// A distinguished name as a Subject, under the limits of model::Subject (R7). Errors: invalid_certificate.
Result<model::Subject> decodeName(const X509_NAME* name);

/// A name for people, whatever stands in it: printable and bounded.
std::string nameText(const X509_NAME* name);

/// A certificate's subject for people.
inline std::string subjectTextOf(const X509* certificate) {
  return nameText(X509_get_subject_name(certificate));
}

} // namespace gatehouse::pki
