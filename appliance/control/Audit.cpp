#include "control/Audit.h"

#include "base/Text.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace gatehouse::control::audit {
namespace {

Level levelOf(Code code) { return row(code).blame == Blame::peer ? Level::warning : Level::error; }

std::string typeOf(const Done& change) { return std::string(change.kind) + '_' + std::string(change.verb); }

constexpr std::size_t mostRows = 1000; // of one kind and verb in one transaction

/// How many of each kind and verb there are: "user_created" to 3.
std::map<std::string, std::size_t> counted(const std::vector<Done>& done) {
  std::map<std::string, std::size_t> counts;
  for (const Done& change : done) ++counts[typeOf(change)];
  return counts;
}

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

void passwordTried(EventSink& events, const Caller& caller, std::string_view method, std::string_view path) {
  events.say(Level::information, "change.password_tried",
             "a rehearsal compared a password with those that are stored, and changed nothing",
             {{"session", caller.session},
              {"peer", caller.peer},
              {"who", caller.who()},
              {"user_uid", uidOf(caller)},
              {"method", printable(method, 16)},
              {"path", printable(path, 200)}});
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
  std::map<std::string, std::size_t> counts;
  if (done.size() > mostRows) counts = counted(done);
  std::set<std::string> summed;
  for (const Done& change : done) {
    store::AuditRow row;
    row.time = now;
    row.type = typeOf(change);
    row.who = who;
    row.peer = peer;
    row.kind = change.kind;
    row.description = std::string(who) + ' ' + std::string(change.verb) + ' ';
    if (const auto many = counts.find(row.type); many != counts.end() && many->second > mostRows) {
      if (!summed.insert(row.type).second) continue;
      row.description += std::to_string(many->second) + " objects of the kind " + std::string(change.kind);
      rows.push_back(std::move(row));
      continue;
    }
    row.uid = change.uid;
    row.name = change.name;
    row.fields = change.fields;
    row.description += change.kind;
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
