#include "pki/OpenSsl.h"

#include "base/Text.h"

#include <openssl/err.h>

namespace gatehouse::pki {

std::string drainErrors() {
  std::string cause;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    if (!cause.empty()) continue;
    const char* reason = ERR_reason_error_string(code);
    cause = reason != nullptr ? printable(reason) : "error " + std::to_string(code);
  }
  return cause;
}

Error opensslError(Code code, std::string_view what) {
  Error error{code, std::string(what)};
  if (const std::string cause = drainErrors(); !cause.empty()) error.description += " (" + cause + ")";
  return error;
}

} // namespace gatehouse::pki
