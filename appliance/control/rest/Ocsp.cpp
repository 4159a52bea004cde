#include "control/rest/Ocsp.h"

namespace gatehouse::control::ocsp {
namespace {

Error notOffered() {
  return {Code::ocsp_unsupported_by_capability,
          "OCSP stapling is not offered; clients must ask the responder of the certificate themselves"};
}

} // namespace

Result<Answer> get(const Reading&, store::Reader&) { return notOffered(); }
Result<Task> put(const Reading&, store::Reader&, Node&) { return notOffered(); }
Result<Task> test(const Reading&, store::Reader&, Node&) { return notOffered(); }

} // namespace gatehouse::control::ocsp
