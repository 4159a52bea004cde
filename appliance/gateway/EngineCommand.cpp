#include "gateway/EngineCommand.h"

#include "base/Json.h"
#include "base/Text.h"
#include "gateway/Worker.h"
#include "model/AclRules.h"

#include <algorithm>
#include <utility>

namespace gatehouse::gateway {
namespace {

constexpr resp::ReplyLimits limits{EngineCommand::mostReply, 16'384, 32};

/// Why the database would not have this caller.
Error refusalOf(model::Reason reason) {
  using model::Reason;
  const auto because = [](std::string sentence) {
    return Error{Code::unauthorized_action, std::move(sentence)};
  };
  switch (reason) {
  case Reason::no_user:
  case Reason::user_not_active: return because("the user is no longer active");
  case Reason::name_not_usable:
    return because("the name of this user cannot be used at a database: letters, digits, and . _ @ - alone");
  case Reason::no_role:
    return because("no role of this user has an ACL at the database: name one in its roles_permissions");
  case Reason::certificate_required:
    return because("the database asks for a client certificate (enforce_client_authentication): ask with one "
                   "here too, and without an Authorization of a password");
  case Reason::untrusted:
  case Reason::expired:
  case Reason::subject_not_authorized:
    return because("the database does not take the certificate of this connection (" +
                   std::string(model::word(reason)) + ')');
  case Reason::tls_too_old:
    return because("min_data_TLS_version is above the TLS version of this connection");
  default:
    return because("what this request proves does not do at the database (" +
                   std::string(model::word(reason)) + ')');
  }
}

} // namespace

std::shared_ptr<const model::Admission> admissionAt(std::int64_t database, const model::Admission& proven,
                                                    const model::User& user) {
  auto there = std::make_shared<model::Admission>(proven);
  there->database = database;
  // Nobody listens in on a unix socket; a minimum of TLS is met by it.
  if (std::exchange(there->control, false)) there->tlsVersion = 0x0304;
  if (proven.kind == model::EvidenceKind::token)
    there->kind = user.auth_method == model::AuthMethod::certificate ? model::EvidenceKind::certificate
                                                                     : model::EvidenceKind::password;
  return there;
}

void appendReply(std::string& out, const resp::Reply& reply) {
  switch (reply.kind) {
  case resp::Kind::status:
  case resp::Kind::error:
  case resp::Kind::bulk: json::text(out, reply.text); return;
  case resp::Kind::integer: json::integer(out, reply.integer); return;
  case resp::Kind::nil: out += "null"; return;
  case resp::Kind::array: break;
  }
  out += '[';
  for (std::size_t i = 0; i < reply.items.size(); ++i) {
    if (i > 0) out += ',';
    appendReply(out, reply.items[i]);
  }
  out += ']';
}

EngineCommand::EngineCommand(Worker& worker, std::uint64_t id, std::int64_t database,
                             std::shared_ptr<const model::Admission> proven, std::vector<std::string> words,
                             Done done)
    : worker_(worker)
    , id_(id)
    , database_(database)
    , proven_(std::move(proven))
    , words_(std::move(words))
    , done_(std::move(done))
    , ceiling_(worker.loop(), [this] {
      finish(Error{Code::timeout, "there was no reply within 5 seconds; whether the command has run, or will "
                                  "run, is not known"});
    }) {
  ceiling_.arm(worker_.loop().nowMs() + ceilingMs);
}

Result<std::optional<EngineUser>> EngineCommand::userNow() {
  const model::Snapshot& snapshot = worker_.snapshot();
  if (!snapshot.database(database_)) return Error{Code::db_not_exist, "there is no such database"};
  auto found = worker_.reader().userByUid(proven_->userUid);
  if (!found) return std::move(found).error();
  if (found->revision > snapshot.revision) { // R6
    worker_.park(found->revision, [&worker = worker_, id = id_] {
      if (EngineCommand* command = worker.command(id)) command->start();
    });
    return std::optional<EngineUser>();
  }
  if (!found->record) return refusalOf(model::Reason::no_user);
  const Proof there{admissionAt(database_, *proven_, found->record->judged.user), std::move(found->record)};
  if (const auto judgement = there.judged(snapshot, worker_.clock().wallSeconds()); !judgement.stands())
    return refusalOf(judgement.reason);
  if (!worker_.shared().engines || !snapshot.commands)
    return Error{Code::bdb_unavailable, "there is no redis-server to run"};
  return std::optional(engineUserOf(there, snapshot));
}

void EngineCommand::start() {
  if (!done_) return;
  auto user = userNow();
  if (!user) return finish(std::move(user).error());
  if (!*user) return; // parked
  engine::ProjectionRequest request;
  request.database = database_;
  request.userUid = proven_->userUid;
  request.name = (*user)->name;
  request.rules = (*user)->rules;
  request.revision = worker_.snapshot().revision;
  worker_.shared().engines->project(
      std::move(request), [&worker = worker_, id = id_, asked = std::move(**user)](auto result) mutable {
        worker.post([&worker, id, asked = std::move(asked), result = std::move(result)]() mutable {
          if (EngineCommand* command = worker.command(id)) command->projected(asked, std::move(result));
        });
      });
}

void EngineCommand::projected(const EngineUser& asked,
                              Result<std::shared_ptr<const engine::Projected>> user) {
  if (!done_) return;
  if (!user) return finish(Error{Code::bdb_unavailable, user.error().description});
  auto now = userNow();
  if (!now) return finish(std::move(now).error());
  if (!*now) return; // parked, and begins again
  if (**now != asked) return start();
  user_ = asked;
  link_ = std::make_unique<engine::Link>(worker_.loop(), *this, std::move(*user));
  link_->start();
}

void EngineCommand::reconsider() {
  if (!done_ || !user_) return; // what is not known to the engine yet is looked at when it is
  auto now = userNow();
  if (!now) return finish(std::move(now).error());
  if (*now && !keepsAll(*user_, **now))
    finish(Error{Code::unauthorized_action, "the rights of this user at the database became fewer while the "
                                            "command ran; whether it has run is not known"});
}

void EngineCommand::onLinkOpen(engine::Link& link, std::int64_t clientId) {
  if (!done_) return;
  AccessRecord access;
  access.user = link.user().name;
  access.detail = "a command over the management API";
  access.revision = worker_.snapshot().revision;
  worker_.audit().linked(access, database_, clientId);
  std::string command;
  resp::appendCommand(command, std::span<const std::string>(words_));
  if (!link.send(command))
    finish(Error{Code::invalid_param, "the command is longer than one over the management API may be"});
}

void EngineCommand::onLinkInput(engine::Link& link) {
  if (!done_) return;
  ByteQueue& in = link.input();
  reply_ += in.view();
  in.consume(in.size());
  // Reading begins at the front each time: only what can be the end of a reply is worth it.
  if (!reply_.ends_with("\r\n") && reply_.size() < mostReply) return;
  const resp::ReadReply read = resp::readReply(reply_, limits);
  if (read.progress == resp::Progress::incomplete) return;
  if (read.progress == resp::Progress::malformed)
    return finish(Error{Code::invalid_param, "the command may have run, but its reply is longer than 1 MiB, "
                                             "or of a kind that is not shown here: use a client of Redis"});
  if (read.reply.isError())
    return finish(Error{Code::invalid_param, "the database answers: " + printable(read.reply.text, 300)});
  std::string json;
  appendReply(json, read.reply);
  finish(std::move(json));
}

void EngineCommand::onLinkEnded(engine::Link&, std::string_view why) noexcept {
  linkEnded_ = true;
  if (done_)
    finish(Error{Code::bdb_unavailable,
                 (reply_.empty() ? "the database cannot be asked now: " : "the database broke off: ") +
                     printable(why)});
  worker_.commandOver(id_); // destroys it
}

/// Tells the end once; goes when the link has.
void EngineCommand::finish(Result<std::string> result) {
  Done done = std::exchange(done_, nullptr);
  if (!done) return;
  ceiling_.cancel();
  if (!link_) {
    worker_.post([&worker = worker_, id = id_] { worker.commandOver(id); });
  } else if (!linkEnded_) {
    link_->close();
  }
  done(std::move(result));
}

} // namespace gatehouse::gateway
