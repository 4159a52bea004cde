#include "gateway/Audit.h"

namespace gatehouse::gateway {

void Audit::granted(const AccessRecord& record) {
  counters_.add(Counter::access_granted);
  write(Level::information, "access.granted", "let in", record);
}

void Audit::refused(Counter counter, const AccessRecord& record, bool stranger) {
  counters_.add(counter);
  if (stranger && ++thisSecond_ > perSecond) {
    ++leftOut_;
    return;
  }
  write(Level::warning, "access.refused", "refused", record);
}

void Audit::linked(const AccessRecord& record, std::int64_t database, std::int64_t clientId) {
  Event event{Level::information, "access.linked", "has a link to the engine", {}};
  event.fields = {{"session", record.session},
                  {"user", record.user},
                  {"database", database},
                  {"engine_client_id", clientId}};
  sink_.record(event);
}

void Audit::ended(const AccessRecord& record, std::uint64_t bytesIn, std::uint64_t bytesOut) {
  Event event{Level::information, "access.ended", "session ended", {}};
  event.fields = {{"session", record.session}, {"listener", record.listener}, {"peer", record.peer},
                  {"user", record.user},       {"reason", record.reason},     {"detail", record.detail},
                  {"bytes_in", bytesIn},       {"bytes_out", bytesOut}};
  sink_.record(event);
}

void Audit::tick() {
  if (leftOut_ > 0)
    sink_.say(Level::warning, "access.flood", "refusals of strangers were counted, not written one by one",
              {{"left_out", leftOut_}});
  thisSecond_ = 0;
  leftOut_ = 0;
}

void Audit::write(Level level, std::string_view name, std::string_view text, const AccessRecord& record) {
  Event event{level, name, std::string(text), {}};
  event.fields.reserve(10);
  event.fields.emplace_back("session", record.session);
  event.fields.emplace_back("listener", record.listener);
  event.fields.emplace_back("peer", record.peer);
  event.fields.emplace_back("evidence", record.evidence);
  event.fields.emplace_back("user", record.user);
  event.fields.emplace_back("subject", record.subject);
  event.fields.emplace_back("authenticator", record.authenticator);
  event.fields.emplace_back("reason", record.reason);
  event.fields.emplace_back("detail", record.detail);
  event.fields.emplace_back("revision", record.revision);
  sink_.record(event);
}

} // namespace gatehouse::gateway
