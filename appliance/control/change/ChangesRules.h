#pragma once
#include "control/change/Changes.h"
#include "control/codec/Diff.h"

#include <string>
#include <string_view>
#include <vector>

/// What the changes of all kinds have in common; the room's own business.
namespace gatehouse::control {

/// `place` leads the description: "role_uids: there is no role 12".
[[nodiscard]] Error at(Code, std::string_view place, std::string_view sentence);
/// The same error, said about `place`.
[[nodiscard]] Error at(std::string_view place, Error);

/// precondition_failed (412) when the caller named another revision than the object's.
Status checkMatch(const Draft&, model::Revision ofObject);

/// redis_acl_unsupported (406) where no redis-server is installed: nothing would know an ACL's words, nor
/// hold a database's data.
Status needsRedisServer(const Draft&);

/// Who owns a row after this Draft wrote it: what a manifest owns stays a manifest's.
[[nodiscard]] store::Origin ownerAfter(const Draft&, store::Origin before) noexcept;

/// R22: marks what a caller took from a row that a manifest owns; nothing for other rows and for manifests.
/// `keys` are those of the row as it was.
Status holdRow(Draft&, store::Origin ofRow, store::Hold keys);
Status holdFields(Draft&, store::Origin ofRow, const store::Hold& keys, const std::vector<FieldChange>&);
/// R22: what is held of a row stays held when its name, address or subject changes, whoever changes it: under
/// its new keys too, with who took it away and when.
Status carryHolds(Draft&, store::Origin ofRow, const store::Hold& before, const store::Hold& after);

/// The name under which settings are held: the cluster has none of its own.
inline constexpr std::string_view clusterHoldName = "cluster";

/// Only administrators make, change or remove what has the management word `admin` before or after: a
/// user_manager who could would be an administrator by two requests.
Status mayTouch(const Draft&, Rights before, Rights after);

/// db_not_exist where there is none. With `ssl`.
Result<store::DatabaseRow> findDatabase(Draft&, std::int64_t uid);
/// The row as it was written, with its new revision; the Draft's next Snapshot has it.
Result<Outcome<model::Database>> writtenDatabase(Draft&, std::int64_t uid);

} // namespace gatehouse::control
