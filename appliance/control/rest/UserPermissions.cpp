#include "control/rest/UserPermissions.h"

#include "base/Json.h"
#include "base/Text.h"

#include <iterator>

namespace gatehouse::control::user_permissions {
namespace {

/// `ui_permissions` is empty: there is no user interface.
void write(std::string& out, std::size_t word) {
  json::text(out, model::managements[word]);
  out += ":{\"api_permissions\":[";
  bool first = true;
  for (const PermissionRow& row : permissions()) {
    if (row.permission == Permission::authenticated || !row.roles.has(static_cast<model::Management>(word)))
      continue;
    if (!std::exchange(first, false)) out += ',';
    json::text(out, row.word);
  }
  out += "],\"ui_permissions\":[]}";
}

} // namespace

Result<Answer> list(const Reading&, store::Reader&) {
  Answer answer;
  for (std::size_t word = 0; word < std::size(model::managements); ++word) {
    answer.body += word == 0 ? '{' : ',';
    write(answer.body, word);
  }
  answer.body += '}';
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader&) {
  for (std::size_t word = 0; word < std::size(model::managements); ++word) {
    if (model::managements[word] != reading.parameter) continue;
    Answer answer;
    answer.body = "{";
    write(answer.body, word);
    answer.body += '}';
    return answer;
  }
  return Error{Code::not_found,
               "`" + printable(reading.parameter, 64) + "` is no management role; see /v1/users/permissions"};
}

} // namespace gatehouse::control::user_permissions
