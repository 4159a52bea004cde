#include "control/Audit.h"

#include "base/Text.h"

namespace gatehouse::control::audit {
namespace {

Level levelOf(Code code) { return row(code).blame == Blame::peer ? Level::warning : Level::error; }

std::int64_t uidOf(const Caller& caller) { return caller.user ? caller.user->judged.user.uid : 0; }

} // namespace

void accessRefused(EventSink& events, const Caller& caller, std::string_view method, std::string_view path,
                   const Error& error, std::string_view reason) {
  events.say(levelOf(error.code), "access.refused", "a management request was refused",
             {{"session", caller.session},
              {"peer", caller.peer},
              {"who", caller.who()},
              {"user_uid", uidOf(caller)},
              {"method", printable(method, 16)},
              {"path", printable(path, 200)},
              {"error_code", row(error.code).word},
              {"reason", printable(reason, 300)}});
}

void changeRefused(EventSink& events, const Caller& caller, std::string_view method, std::string_view path,
                   const Error& error) {
  events.say(levelOf(error.code), "change.refused", "a change was refused",
             {{"session", caller.session},
              {"peer", caller.peer},
              {"who", caller.who()},
              {"user_uid", uidOf(caller)},
              {"method", printable(method, 16)},
              {"path", printable(path, 200)},
              {"error_code", row(error.code).word},
              {"reason", printable(error.description, 300)}});
}

void changeCommitted(EventSink& events, std::string_view who, std::uint64_t session,
                     const std::vector<Done>& done, model::Revision revision) {
  for (const Done& change : done) {
    std::string fields;
    for (const std::string& field : change.fields) {
      if (!fields.empty()) fields += ',';
      fields += field;
    }
    events.say(Level::information, "change.committed",
               std::string(change.kind) + ' ' + std::string(change.verb),
               {{"session", session},
                {"who", who},
                {"kind", change.kind},
                {"verb", change.verb},
                {"uid", change.uid},
                {"name", change.name},
                {"fields", fields},
                {"revision", revision}});
    // R10: of each certificate that a database's list brings, what it means there.
    for (const std::string& trust : change.trusts)
      events.say(Level::information, "change.trusts", "in the database's list of certificates, " + trust,
                 {{"uid", change.uid}, {"name", change.name}, {"revision", revision}});
  }
}

std::vector<store::AuditRow> auditRows(std::string_view who, std::string_view peer,
                                       const std::vector<Done>& done, std::int64_t now) {
  std::vector<store::AuditRow> rows;
  rows.reserve(done.size());
  for (const Done& change : done) {
    store::AuditRow row;
    row.time = now;
    row.type = std::string(change.kind) + '_' + std::string(change.verb);
    row.who = who;
    row.peer = peer;
    row.kind = change.kind;
    row.uid = change.uid;
    row.name = change.name;
    row.fields = change.fields;
    row.description = std::string(who) + ' ' + std::string(change.verb) + ' ' + std::string(change.kind);
    if (!change.name.empty()) row.description += ' ' + printable(change.name);
    std::string_view before = ": ";
    for (const std::string& field : change.fields) {
      row.description.append(before).append(field);
      before = ", ";
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace gatehouse::control::audit
