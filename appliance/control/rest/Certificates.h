#pragma once
#include "control/rest/Resource.h"

/// /v1/cluster/certificates and /v1/cluster/update_cert
namespace gatehouse::control::certificates {

/// One flat object of `<name>_cert` members. Private keys never leave (R23).
Result<Answer> get(const Reading&, store::Reader&);
/// {"certificates":[{"name","certificate","key"}...]}: all or none.
Result<Task> put(const Reading&, store::Reader&, Node& body);
/// The older form: one {"name","certificate","key"}; takes `api_cert` for `api`, as scripts in the wild
/// write.
Result<Task> putOne(const Reading&, store::Reader&, Node& body);
/// {"name"?}: makes what Gatehouse generated anew.
Result<Task> rotate(const Reading&, store::Reader&, Node& body);
Result<Task> remove(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::certificates
