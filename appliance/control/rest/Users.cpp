#include "control/rest/Users.h"

#include "base/Json.h"
#include "control/codec/Encoder.h"
#include "control/codec/JsonReader.h"
#include "model/Subject.h"
#include "store/Reader.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control::users {
namespace {

using model::User;

constexpr std::size_t pageRows = 100;

class UserListing final : public Listing {
public:
  explicit UserListing(std::shared_ptr<const model::Snapshot> policy)
      : policy_(std::move(policy)) {}

  Result<bool> next(store::Reader& reader, std::string& out) override {
    auto page = reader.users(after_, pageRows);
    if (!page) return std::move(page).error();
    if (after_ == 0) out += '[';
    for (store::UserRecord& row : page->users) {
      User& user = row.judged.user;
      if (after_ != 0) out += ',';
      after_ = user.uid;
      user.role = Rights::of(user.role_uids, *policy_).strongest();
      encode(model::View(user), out);
    }
    const bool more = page->users.size() == pageRows;
    if (!more) out += ']';
    return more;
  }

private:
  std::shared_ptr<const model::Snapshot> policy_;
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

/// Takes the password out of the body, so that what is kept has none; `decoded` proved what it is.
void takePassword(Node& body, Decoded& decoded, Task& task) {
  if (!decoded.secrets.find("password")) return;
  task.password = decoded.secrets.take("password");
  task.enrols = true;
  const auto member = std::find_if(body.members.begin(), body.members.end(),
                                   [](const Node::Member& m) { return m.key == "password"; });
  if (member == body.members.end()) return;
  wipe(member->value);
  body.members.erase(member);
}

} // namespace

Result<Answer> list(const Reading& reading, store::Reader&) {
  Answer answer;
  answer.listing = std::make_unique<UserListing>(reading.policy);
  return answer;
}

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto found = find(reading, reader);
  if (!found) return std::move(found).error();
  User user = (*found)->judged.user;
  user.role = Rights::of(user.role_uids, *reading.policy).strongest();
  Answer answer;
  answer.body = encode(model::View(user));
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

Result<Task> create(const Reading&, store::Reader&, Node& body) {
  GH_TRY(nameByDefault(body));
  User user;
  Decoded decoded = decode(body, model::Edit(user), {});
  if (!decoded.ok()) return asError(decoded.findings);
  Task task;
  takePassword(body, decoded, task);
  UserRequest request{mergeOf<User>(keepBody(std::move(body)), true), task.enrols, {}};
  task.apply = [request](Draft& draft, const Enrolled& enrolled) -> Result<Written> {
    UserRequest now = request;
    now.enrolled = enrolled;
    auto outcome = createUser(draft, now);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "create");
  };
  return task;
}

Result<Task> update(const Reading& reading, store::Reader& reader, Node& body) {
  auto found = find(reading, reader);
  if (!found) return std::move(found).error();
  User before = (*found)->judged.user;
  before.role = Rights::of(before.role_uids, *reading.policy).strongest();
  User user = before;
  DecodeOptions options;
  options.before = model::View(before);
  Decoded decoded = decode(body, model::Edit(user), options);
  if (!decoded.ok()) return asError(decoded.findings);
  Task task;
  takePassword(body, decoded, task);
  UserRequest request{mergeOf<User>(keepBody(std::move(body)), false), task.enrols, {}};
  task.apply = [request, uid = before.uid](Draft& draft, const Enrolled& enrolled) -> Result<Written> {
    UserRequest now = request;
    now.enrolled = enrolled;
    auto outcome = updateUser(draft, uid, now);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "update");
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

} // namespace gatehouse::control::users
