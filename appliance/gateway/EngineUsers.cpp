#include "gateway/EngineUsers.h"

#include "engine/Engines.h"

#include <algorithm>

namespace gatehouse::gateway {

EngineUser engineUserOf(const Proof& proof, const model::Snapshot& snapshot) {
  EngineUser user;
  std::vector<model::AclRules> roles;
  const auto add = [&](std::string_view text) {
    auto rules = model::parseAcl(text);
    if (rules) roles.push_back(std::move(*rules));
  };
  const model::Admission& admission = *proof.admission;
  const bool defaultUser = // nobody, or whoever knows the default user's password
      admission.kind == model::EvidenceKind::none ||
      (admission.kind == model::EvidenceKind::password && admission.userUid == 0 && admission.database != 0);
  if (defaultUser) {
    user.name = engine::defaultUserName;
    add("+@all ~* &*");
  } else if (const model::DatabasePolicy* policy = snapshot.database(proof.admission->database);
             policy && proof.record) {
    user.name = proof.record->judged.user.name;
    for (const model::RedisAcl* acl :
         model::aclsAt(policy->database, proof.record->judged.user.role_uids, snapshot))
      add(acl->acl);
  }
  static const model::CommandTable nothing;
  user.rules = model::projectedRules(roles, snapshot.commands ? *snapshot.commands : nothing);
  return user;
}

bool keepsAll(const EngineUser& before, const EngineUser& now) noexcept {
  return before.name == now.name &&
         std::all_of(before.rules.begin(), before.rules.end(), [&](const std::string& rule) {
           return std::find(now.rules.begin(), now.rules.end(), rule) != now.rules.end();
         });
}

} // namespace gatehouse::gateway
