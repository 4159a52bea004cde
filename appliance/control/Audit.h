#pragma once
#include "base/Error.h"
#include "base/Event.h"
#include "control/Operation.h"
#include "control/change/Changes.h"
#include "store/Rows.h"

#include <string_view>
#include <vector>

/// The audit record of the management (design §1: `access.*` and `change.*`). Never holds a secret: fields
/// are named, values are not written.
namespace gatehouse::control::audit {

/// A request that was not let in (`access.refused`): `reason` is for this record alone and stays out of the
/// answer.
void accessRefused(EventSink&, const Caller&, std::string_view method, std::string_view path, const Error&,
                   std::string_view reason);
/// A dry run that compared a password with stored ones (`change.password_tried`): it changes nothing and
/// counts for no lock, so who guesses by it leaves this trace.
void passwordTried(EventSink&, const Caller&, std::string_view method, std::string_view path);
/// A change that was asked for and not made (`change.refused`).
void changeRefused(EventSink&, const Caller&, std::string_view method, std::string_view path, const Error&);
/// What a commit changed, one event each (`change.committed`), and of each certificate in a database's new
/// list what it means (`change.trusts`).
/// `session` 0: no request (start).
void changeCommitted(EventSink&, std::string_view who, std::uint64_t session, const std::vector<Done>&,
                     model::Revision);
/// The rows of the same for /v1/logs, which are committed with the change: "user_created" and so on.
/// `peer` empty: a start. The store adds the Revision. Of more than 1,000 of one kind and verb there is one
/// row, which tells how many: a large manifest must not push everything else out of the log.
[[nodiscard]] std::vector<store::AuditRow> auditRows(std::string_view who, std::string_view peer,
                                                     const std::vector<Done>&, std::int64_t now);

} // namespace gatehouse::control::audit
