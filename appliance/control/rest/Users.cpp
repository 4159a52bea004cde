#include "control/rest/Users.h"

#include "base/Json.h"
#include "control/change/ChangesRules.h"
#include "control/change/Passwords.h"
#include "control/codec/Encoder.h"
#include "control/codec/JsonReader.h"
#include "model/Subject.h"
#include "store/Reader.h"
#include "store/Transaction.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control::users {
namespace {

using model::User;

constexpr std::size_t pageRows = 100;

/// Fills what no row holds: the strongest word, and whether the password logs in now.
void fillComputed(model::UserRow& row, const model::Snapshot& policy, const Surroundings& around,
                  std::int64_t now) {
  User& user = row.user;
  user.role = Rights::of(user.role_uids, policy).strongest();
  if (user.auth_method != model::AuthMethod::regular || user.status != model::UserStatus::active) return;
  if (around.serving.loginLocked(user.uid, now))
    user.status = model::UserStatus::locked;
  else if (model::passwordExpired(row, policy, now))
    user.status = model::UserStatus::password_expired;
}

class UserListing final : public Listing {
public:
  explicit UserListing(const Reading& reading)
      : policy_(reading.policy)
      , around_(reading.around)
      , fields_(reading.fields) {}

  Result<bool> next(store::Reader& reader, std::string& out) override {
    auto page = reader.users(after_, pageRows);
    if (!page) return std::move(page).error();
    if (after_ == 0) out += '[';
    for (store::UserRecord& row : page->users) {
      User& user = row.judged.user;
      if (after_ != 0) out += ',';
      after_ = user.uid;
      fillComputed(row.judged, *policy_, around_, around_.clock.wallSeconds());
      encode(model::View(user), out, fields_);
    }
    const bool more = page->users.size() == pageRows;
    if (!more) out += ']';
    return more;
  }

private:
  std::shared_ptr<const model::Snapshot> policy_;
  const Surroundings& around_;
  const std::vector<std::string> fields_;
  std::int64_t after_ = 0; // uid of the last row written
};

Result<std::shared_ptr<const store::UserRecord>> find(const Reading& reading, store::Reader& reader) {
  auto found = reader.userByUid(uidOf(reading.parameter));
  if (!found) return std::move(found).error();
  if (!found->record) return Error{Code::user_not_exist, "there is no user " + reading.parameter};
  return std::move(found->record);
}

const Node* textOf(const Node& body, std::string_view field) {
  const Node* node = body.find(field);
  return node && node->kind == Node::Kind::scalar && node->style == Node::Style::quoted ? node : nullptr;
}

/// The documented bodies have no name: a certificate user is called by its CN, a regular one by its e-mail.
Status nameByDefault(Node& body) {
  if (body.kind != Node::Kind::mapping || body.find("name")) return {};
  const Node* method = textOf(body, "auth_method");
  std::string name;
  if (method && method->text == "certificate") {
    const Node* line = textOf(body, "certificate_subject_line");
    if (!line) return {}; // said where the fields are judged
    auto subject = model::Subject::parse(line->text);
    if (!subject)
      return Error{subject.error().code, "certificate_subject_line: " + subject.error().description};
    const auto commonName = subject->commonName();
    if (!commonName || commonName->empty() || commonName->size() > 255 || !model::fitsUserName(*commonName))
      return Error{Code::missing_field,
                   "name: give one; the subject has no CN that would do for the name of a user"};
    name = *commonName;
  } else if (const Node* email = textOf(body, "email")) {
    name = email->text;
  }
  if (name.empty()) return {};
  Node value;
  value.kind = Node::Kind::scalar;
  value.style = Node::Style::quoted;
  value.text = std::move(name);
  Node::Member member;
  member.key = "name";
  member.value = std::move(value);
  body.members.push_back(std::move(member));
  return {};
}

void dropMember(Node& body, std::string_view key) {
  const auto member = std::find_if(body.members.begin(), body.members.end(),
                                   [&](const Node::Member& m) { return m.key == key; });
  if (member == body.members.end()) return;
  wipe(member->value);
  body.members.erase(member);
}

/// Takes the password out of the body, so that what is kept has none; `decoded` proved what it is.
void takePassword(Node& body, Decoded& decoded, Task& task) {
  if (!decoded.secrets.find("password")) return;
  task.password = decoded.secrets.take("password");
  task.enrols = true;
  dropMember(body, "password");
}

/// What a change of a user answers: as it will be once the change is in force.
Result<Written> answerFor(Draft& draft, Result<Outcome<User>> outcome, const Surroundings& around,
                          std::string_view verb) {
  if (!outcome) return std::move(outcome).error();
  auto row = draft.transaction.user(outcome->object.uid);
  if (!row) return std::move(row).error();
  if (*row) {
    fillComputed((*row)->judged, draft.next, around, draft.now);
    User& user = (*row)->judged.user;
    if (user.status == model::UserStatus::locked && draft.unlocks.contains(user.uid))
      user.status = model::UserStatus::active;
    outcome->object.status = user.status;
  }
  const bool administrator = Rights::of(outcome->object.role_uids, draft.next).administrator();
  Written written = answerOf(draft, std::move(*outcome), verb);
  // Once somebody can administer, the one-time word of the bootstrap no longer counts.
  if (administrator)
    written.inForce = [body = written.body, &bootstrap = around.bootstrap] {
      bootstrap.spend();
      return body;
    };
  return written;
}

} // namespace

Result<Answer> list(const Reading& reading, store::Reader&) {
  Answer answer;
  answer.listing = std::make_unique<UserListing>(reading);
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto found = find(reading, reader);
  if (!found) return std::move(found).error();
  model::UserRow row = (*found)->judged;
  fillComputed(row, *reading.policy, reading.around, reading.around.clock.wallSeconds());
  Answer answer;
  answer.body = encode(model::View(row.user), reading.fields);
  answer.fields.emplace_back("ETag", entityTag((*found)->judged.revision));
  return answer;
}

Result<Answer> role(const Reading& reading, store::Reader&) {
  Answer answer;
  answer.body = "{\"role\":";
  json::text(
      answer.body,
      model::managements[static_cast<std::size_t>(rightsOf(reading.caller, *reading.policy).strongest())]);
  answer.body += '}';
  return answer;
}

Result<Task> create(const Reading& reading, store::Reader&, Node& body) {
  auto uid = takeUid(body);
  if (!uid) return std::move(uid).error();
  GH_TRY(nameByDefault(body));
  User user;
  Decoded decoded = decode(body, model::Edit(user), {});
  if (!decoded.ok()) return asError(decoded.findings);
  Task task;
  takePassword(body, decoded, task);
  UserRequest request{creatingMerge<User>(keepBody(std::move(body)), *uid), task.enrols, {}};
  task.apply = [request, &around = reading.around](Draft& draft,
                                                   const Enrolled& enrolled) -> Result<Written> {
    UserRequest now = request;
    now.enrolled = enrolled;
    return answerFor(draft, createUser(draft, now), around, "create");
  };
  return task;
}

Result<Task> update(const Reading& reading, store::Reader& reader, Node& body) {
  auto found = find(reading, reader);
  if (!found) return std::move(found).error();
  model::UserRow row = (*found)->judged;
  fillComputed(row, *reading.policy, reading.around, reading.around.clock.wallSeconds());
  const User before = row.user;
  User user = before;
  DecodeOptions options;
  options.before = model::View(before);
  Decoded decoded = decode(body, model::Edit(user), options);
  if (!decoded.ok()) return asError(decoded.findings);
  Task task;
  takePassword(body, decoded, task);
  dropMember(body, "status"); // it agreed with what is shown now, and may move before it is written
  UserRequest request{mergeOf<User>(keepBody(std::move(body)), false), task.enrols, {}};
  task.apply = [request, uid = before.uid,
                &around = reading.around](Draft& draft, const Enrolled& enrolled) -> Result<Written> {
    UserRequest now = request;
    now.enrolled = enrolled;
    return answerFor(draft, updateUser(draft, uid, now), around, "update");
  };
  return task;
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter)](Draft& draft, const Enrolled&) -> Result<Written> {
    GH_TRY(deleteUser(draft, uid));
    return deletionAnswer(draft, model::table<model::User>(), uid);
  };
  return task;
}

Result<Task> unlock(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter),
                &around = reading.around](Draft& draft, const Enrolled&) -> Result<Written> {
    auto row = findUser(draft, uid);
    if (!row) return std::move(row).error();
    const Rights rights = Rights::of(row->judged.user.role_uids, draft.next);
    GH_TRY(mayTouch(draft, rights, rights));
    draft.unlocks.insert(uid);
    return answerFor(draft, Outcome<User>{row->judged.user, row->judged.revision, false}, around, "unlock");
  };
  return task;
}

} // namespace gatehouse::control::users
