// Gateway, second part: what control asks of the part that serves, beside policies.
#include "gateway/Gateway.h"

namespace gatehouse::gateway {

Result<std::vector<bool>> Gateway::fits(model::AuthMethod, const Secret&, const std::vector<std::string>&) {
  return Error{Code::internal_error, "not made yet"};
}
bool Gateway::loginLocked(std::int64_t, std::int64_t) { return false; }
void Gateway::unlock(std::int64_t) {}
void Gateway::liveSessions(std::function<void(std::vector<control::LiveSession>)> done) { done({}); }
void Gateway::runCommand(std::int64_t, std::shared_ptr<const store::UserRecord>, std::vector<std::string>,
                         std::function<void(Result<std::string>)> done) {
  done(Error{Code::internal_error, "not made yet"});
}

} // namespace gatehouse::gateway
