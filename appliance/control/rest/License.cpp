#include "control/rest/License.h"

namespace gatehouse::control::license {

Result<Answer> get(const Reading&, store::Reader&) {
  return Error{Code::license_not_found, "there is no licence, and nothing is limited by one"};
}

Result<Task> put(const Reading&, store::Reader&, Node&) {
  return Error{Code::not_acceptable, "no licence is kept, since nothing is limited by one; send none"};
}

} // namespace gatehouse::control::license
