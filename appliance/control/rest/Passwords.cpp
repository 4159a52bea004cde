#include "control/rest/Passwords.h"

#include "control/change/Passwords.h"
#include "store/Reader.h"
#include "store/Transaction.h"

#include <utility>

namespace gatehouse::model {
namespace {

using control::passwords::NewPassword, control::passwords::OldPassword;

constexpr std::string_view whose = "Name or e-mail address of the user; by default oneself.";

constexpr Field newFields[] = {
    enforced<&NewPassword::username>("username", text(1, 255), absent, Narrows::unknown, whose),
    write_only("new_password", secret(1, 1024), "The password that is to be valid from now on."),
    inert("old_password", secret(0, 1024), absent, "Taken and dropped: who asks has proven who it is."),
};
constexpr Table newTable = {"new_password", ObjectKind::none, newFields, "A new password of a user.", {}};
static_assert(sound(newTable));

constexpr Field oldFields[] = {
    enforced<&OldPassword::username>("username", text(1, 255), absent, Narrows::unknown, whose),
    write_only("old_password", secret(1, 1024), "The password that is to be valid no longer."),
};
constexpr Table oldTable = {"old_password", ObjectKind::none, oldFields, "A password that goes.", {}};
static_assert(sound(oldTable));

} // namespace

template <>
const Table& table<NewPassword>() {
  return newTable;
}
template <>
const Table& table<OldPassword>() {
  return oldTable;
}

} // namespace gatehouse::model

namespace gatehouse::control::passwords {
namespace {

struct Wish {
  std::optional<std::string> username;
  Secret password;
};

template <class T>
Result<Wish> read(const Node& body, std::string_view field) {
  T object;
  Decoded decoded = decode(body, model::Edit(object), {});
  if (!decoded.ok()) return asError(decoded.findings);
  if (!decoded.secrets.find(field)) return Error{Code::missing_field, std::string(field) + ": is missing"};
  return Wish{std::move(object.username), decoded.secrets.take(field)};
}

/// Whose passwords are meant. Who is no administrator may not learn whether there is another.
Result<std::int64_t> userOf(Draft& draft, const std::optional<std::string>& username) {
  if (!username) {
    if (draft.callerUid != 0) return draft.callerUid;
    return Error{Code::missing_field, "username: whose password? The local administrator has none"};
  }
  auto found = draft.transaction.userByLogin(*username);
  if (!found) return std::move(found).error();
  const std::int64_t uid = *found ? (*found)->judged.user.uid : 0;
  if (uid != 0 && uid == draft.callerUid) return uid;
  if (!draft.rights.administrator())
    return Error{Code::unauthorized_action, "only an administrator may change another user's passwords"};
  if (uid == 0) return Error{Code::user_not_exist, "username: there is no such user"};
  return uid;
}

template <class Change>
Task taskOf(Wish wish, bool enrols, Change change) {
  Task task;
  task.password = std::move(wish.password);
  task.enrols = enrols;
  task.compares = !enrols;
  task.apply = [username = std::move(wish.username), change](Draft& draft,
                                                             const Enrolled& enrolled) -> Result<Written> {
    auto uid = userOf(draft, username);
    if (!uid) return std::move(uid).error();
    GH_TRY(change(draft, *uid, enrolled));
    return Written{};
  };
  return task;
}

Status replace(Draft& draft, std::int64_t uid, const Enrolled& enrolled) {
  UserRequest request;
  request.merge = [](model::User&) -> Result<Given> { return Given{}; };
  request.password = true;
  request.enrolled = enrolled;
  auto outcome = updateUser(draft, uid, request);
  return outcome ? Status() : Status(std::move(outcome).error());
}

} // namespace

Result<Task> put(const Reading&, store::Reader&, Node& body) {
  auto wish = read<NewPassword>(body, "new_password");
  if (!wish) return std::move(wish).error();
  return taskOf(std::move(*wish), true, replace);
}

Result<Task> add(const Reading&, store::Reader&, Node& body) {
  auto wish = read<NewPassword>(body, "new_password");
  if (!wish) return std::move(wish).error();
  return taskOf(std::move(*wish), true, addPassword);
}

Result<Task> remove(const Reading&, store::Reader&, Node& body) {
  auto wish = read<OldPassword>(body, "old_password");
  if (!wish) return std::move(wish).error();
  return taskOf(std::move(*wish), false, removePassword);
}

} // namespace gatehouse::control::passwords
