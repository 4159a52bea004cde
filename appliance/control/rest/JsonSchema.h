#pragma once
#include "control/rest/Resource.h"

/// /v1/jsonschema
namespace gatehouse::control::jsonschema {

/// `object=bdb`: of that one; without it: all, by their words. Errors: not_acceptable (406) for a word that
/// is none of them.
Result<Answer> get(const Reading&, store::Reader&);

} // namespace gatehouse::control::jsonschema
