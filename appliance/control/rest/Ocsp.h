#pragma once
#include "control/rest/Resource.h"

/// /v1/ocsp: stapling is not offered, so each of these is the documented 406.
namespace gatehouse::control::ocsp {

Result<Answer> get(const Reading&, store::Reader&); // also /v1/ocsp/status
Result<Task> put(const Reading&, store::Reader&, Node& body);
Result<Task> test(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::ocsp
