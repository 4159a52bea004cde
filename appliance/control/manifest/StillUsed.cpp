#include "control/manifest/StillUsed.h"

#include "control/manifest/Kinds.h"
#include "store/Transaction.h"

#include <algorithm>

namespace gatehouse::control {
namespace {

bool isNamed(const Manifest& manifest, const std::string& name) {
  return std::any_of(manifest.databases.begin(), manifest.databases.end(), [&](const auto& wanted) {
    return wanted.object.name == name || wanted.formerName == name;
  });
}

} // namespace

Result<std::string> stillUsedBy(Draft& draft, const Manifest& manifest, const PlanOptions& options,
                                std::string_view list, std::int64_t uid) {
  constexpr std::string_view databases = kindWords<model::Database>.list;
  const bool role = list == kindWords<model::Role>.list;
  if (!role && list != kindWords<model::RedisAcl>.list) return std::string();
  for (const auto& [number, policy] : draft.next.databases) {
    const model::Database& database = policy.database;
    const auto& entries = database.roles_permissions;
    const bool uses = std::any_of(entries.begin(), entries.end(), [&](const model::RolePermission& entry) {
      return (role ? entry.role_uid : entry.redis_acl_uid) == uid;
    });
    if (uses && !isNamed(manifest, database.name) &&
        !PlanOptions::names(options.destroy, databases, database.name))
      return std::string(databases) + '/' + database.name;
  }
  if (!role) return std::string();
  const auto users = draft.transaction.usersWithRole(uid);
  if (!users) return Error(users.error());
  for (const std::int64_t number : *users) {
    const auto user = draft.transaction.user(number);
    if (!user) return Error(user.error());
    if (*user && (*user)->origin != store::Origin::manifest)
      return std::string(kindWords<model::User>.list) + '/' + (*user)->judged.user.name;
  }
  return std::string();
}

} // namespace gatehouse::control
