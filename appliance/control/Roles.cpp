#include "control/Roles.h"

#include "control/Encoder.h"
#include "store/Reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace gatehouse::control::roles {

using model::Role;

Result<Answer> list(const Reading&, store::Reader& reader) {
  auto rows = reader.policy();
  if (!rows) return std::move(rows).error();
  std::vector<model::View> views;
  for (const store::RoleRow& row : rows->roles) views.emplace_back(row.role);
  Answer answer;
  encodeList(views, answer.body);
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto rows = reader.policy();
  if (!rows) return std::move(rows).error();
  const auto row =
      std::find_if(rows->roles.begin(), rows->roles.end(),
                   [uid = uidOf(reading.parameter)](const auto& r) { return r.role.uid == uid; });
  if (row == rows->roles.end()) return Error{Code::role_not_exist, "there is no role " + reading.parameter};
  Answer answer;
  answer.body = encode(model::View(row->role));
  answer.fields.emplace_back("ETag", entityTag(row->revision));
  return answer;
}

Result<Task> create(const Reading&, store::Reader&, Node& body) {
  Merge<Role> merge = mergeOf<Role>(keepBody(std::move(body)), true);
  Role tried;
  if (auto given = merge(tried); !given) return std::move(given).error();
  Task task;
  task.apply = [merge = std::move(merge)](Draft& draft, const std::string&) -> Result<Written> {
    auto outcome = createRole(draft, merge);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "create");
  };
  return task;
}

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  Task task;
  task.apply = [merge = mergeOf<Role>(keepBody(std::move(body)), false),
                uid = uidOf(reading.parameter)](Draft& draft, const std::string&) -> Result<Written> {
    auto outcome = updateRole(draft, uid, merge);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "update");
  };
  return task;
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter)](Draft& draft, const std::string&) -> Result<Written> {
    GH_TRY(deleteRole(draft, uid));
    return deletionAnswer(draft, model::table<model::Role>(), uid);
  };
  return task;
}

} // namespace gatehouse::control::roles
