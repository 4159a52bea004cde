#pragma once
#include "control/rest/Resource.h"
#include "model/Field.h"

#include <string>

namespace gatehouse::control {

/// A database's own certificate, which its door shows instead of the cluster's `proxy`.
struct DatabaseCertificate {
  std::string bdb_uid;               // a text, as documented
  std::string cert;                  // PEM
  std::string not_before, not_after; // ISO 8601
};

} // namespace gatehouse::control

namespace gatehouse::model {
template <>
const Table& table<control::DatabaseCertificate>();
} // namespace gatehouse::model

namespace gatehouse::control::database_certificates {

/// /v1/bdbs/certificates: of all that have one. `page` (from 1), `page_size`, `expires_before`, `tls_mode`.
Result<Answer> list(const Reading&, store::Reader&);
/// /v1/bdbs/{uid}/certificates
Result<Answer> get(const Reading&, store::Reader&);
Result<Task> put(const Reading&, store::Reader&, Node& body); // POST: {"cert","private_key"}
Result<Task> remove(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::database_certificates
