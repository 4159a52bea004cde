#include "control/Operation.h"

#include "base/Json.h"

namespace gatehouse::control {

std::string Caller::who() const {
  if (localAdministrator()) return "local administrator (uid " + std::to_string(admission->localUid) + ")";
  return user ? user->judged.user.name : "nobody";
}

Answer Answer::refusal(const Error& error) {
  const CodeRow& code = row(error.code);
  Answer answer;
  answer.status = code.httpStatus;
  answer.errorCode = code.word;
  // Redis Software's pages call the text `message`, its OpenAPI file and its servers `description`.
  answer.body = "{\"error_code\":";
  json::text(answer.body, code.word);
  answer.body += ",\"description\":";
  json::text(answer.body, error.description);
  answer.body += ",\"message\":";
  json::text(answer.body, error.description);
  answer.body += '}';
  return answer;
}

} // namespace gatehouse::control
