#include "plugin/contract/TrialTables.h"

#include "plugin/contract/Findings.h"
#include "plugin/contract/Lent.h"
#include "plugin/contract/TrialSession.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace gatehouse::plugin::contract {
namespace {

std::string_view text(gh_bytes b) noexcept {
  return b.size == 0 ? std::string_view{} : std::string_view{b.data, b.size};
}
template <class T>
T sized(const T* theirs) noexcept {
  T mine{};
  std::memcpy(&mine, theirs, std::min<std::size_t>(theirs->size, sizeof mine));
  return mine;
}
template <class T>
void giveBack(T mine, T* theirs) noexcept {
  mine.size = theirs->size;
  std::memcpy(theirs, &mine, std::min<std::size_t>(mine.size, sizeof mine));
}

std::atomic<std::size_t> problemCount{0};

Present* ofInstance(gh_self self, const char* function) noexcept {
  Present* now = TrialHost::present(function);
  if (now == nullptr || now->self == self) return now;
  findings::add("handles", std::string("it called ") + function + " in the name of another instance");
  return nullptr;
}

// ---- core

void coreLog(gh_self self, std::uint32_t level, gh_bytes) noexcept {
  if (ofInstance(self, "log") != nullptr && (level < GH_LOG_ERROR || level > GH_LOG_DEBUG))
    findings::add("values", "log was given an unknown level, " + std::to_string(level));
}
std::uint64_t coreClock(gh_self self, std::uint32_t which) noexcept {
  if (ofInstance(self, "clock") == nullptr) return 0;
  if (which != GH_CLOCK_STEADY && which != GH_CLOCK_WALL)
    findings::add("values", "clock was asked for an unknown clock, " + std::to_string(which));
  return which == GH_CLOCK_WALL ? TrialTables::wallMs : TrialTables::steadyMs;
}
void coreCount(gh_self self, gh_bytes name, std::uint64_t) noexcept {
  if (ofInstance(self, "count") == nullptr) return;
  const std::string_view word = text(name);
  if (word.empty() || word.size() > 64 || !std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      }))
    findings::add("values", "count was given a name that is not of the form [a-z0-9_]{1,64}");
}

std::uint32_t lookup(gh_view handle, std::uint32_t kind, gh_bytes key, gh_user* out) noexcept {
  Present* now = TrialHost::present("lookup");
  if (now == nullptr) return GH_GONE;
  TrialView* view = now->view;
  if (view == nullptr || view->handle != handle || handle == 0) {
    findings::add("handles", "it called lookup with a view that is not that of the present verify");
    return GH_GONE;
  }
  if (out == nullptr || (key.size > 0 && key.data == nullptr)) {
    findings::add("values", "lookup was given no key, or no room for its answer");
    return GH_INVALID;
  }
  view->looked = true;
  if (kind != GH_KEY_LOGIN && kind != GH_KEY_SUBJECT) return GH_UNSUPPORTED;
  if (view->directory->status != GH_OK) return view->directory->status;
  gh_user user{};
  user.user = view->reference;
  user.method = view->lent->bytes(view->directory->method);
  user.verifier = view->lent->bytes(view->directory->verifier);
  giveBack(user, out);
  return GH_OK;
}

} // namespace

/// The functions that speak for a session.
struct SessionTables {
  static TrialSession* of(gh_session handle, const char* function) noexcept {
    Present* now = TrialHost::present(function);
    if (now == nullptr) return nullptr;
    if (now->session != nullptr && handle != 0 && now->session->id_ == handle) return now->session;
    findings::add("handles", std::string("it called ") + function +
                                 " with a session that is not that of the present call");
    if (now->session != nullptr) now->session->faulted_ = true;
    return nullptr;
  }
  static std::uint32_t wrong(TrialSession& session, const char* rule, const std::string& what,
                             std::uint32_t status = GH_INVALID) noexcept {
    session.fault(rule, what);
    return status;
  }
  static bool usedToken(TrialSession& session, std::uint64_t token) noexcept {
    const auto same = [&](const auto& pending) { return pending.completion.token == token; };
    if (std::none_of(session.pending_.begin(), session.pending_.end(), same)) return false;
    session.fault("handles", "it used a token again that is still pending");
    return true;
  }

  static std::uint32_t emit(gh_session handle, gh_bytes out) noexcept {
    TrialSession* session = of(handle, "emit");
    if (session == nullptr) return GH_GONE;
    session->emitted_ += out.size;
    if (session->emitted_ > TrialSession::outputLimit)
      return wrong(*session, "output", "it emitted more than a session may queue (2 MiB in one call)",
                   GH_LIMIT);
    session->output_ += text(out);
    if (!session->manners_.slowClient || out.size == 0) return GH_OK;
    session->wasFull_ = true;
    return GH_FULL;
  }

  static std::uint32_t ask(gh_session handle, const gh_evidence* theirs, std::uint64_t token) noexcept {
    TrialSession* session = of(handle, "ask");
    if (session == nullptr) return GH_GONE;
    if (theirs == nullptr) return wrong(*session, "values", "ask was given no evidence");
    const gh_evidence evidence = sized(theirs);
    if (evidence.kind != GH_EVIDENCE_PASSWORD)
      return wrong(*session, "values", "ask was given another kind of evidence than a password");
    if (evidence.login.size > 1024 || evidence.secret.size > 1024)
      return wrong(*session, "values", "ask was given a login or secret of more than 1024 bytes", GH_LIMIT);
    if (usedToken(*session, token)) return GH_INVALID;
    session->log_ +=
        "ask: " + std::string(text(evidence.login)) + " " + std::string(text(evidence.secret)) + "\n";
    TrialSession::Pending pending;
    pending.completion.token = token;
    pending.completion.status = session->manners_.logins;
    if (pending.completion.status == GH_OK) {
      pending.completion.handle = TrialHost::present("ask")->host->newHandle();
      session->identities_.insert(pending.completion.handle);
    }
    session->pending_.push_back(std::move(pending));
    return GH_OK;
  }
  static std::uint32_t forget(gh_session handle, gh_identity identity) noexcept {
    TrialSession* session = of(handle, "forget");
    if (session == nullptr) return GH_GONE;
    if (identity == GH_IDENTITY_CONNECTION || identity == GH_IDENTITY_NOBODY) return GH_OK;
    if (session->identities_.erase(identity) == 1) return GH_OK;
    return wrong(*session, "handles", "it called forget with a dead identity", GH_GONE);
  }

  static std::uint32_t begin(gh_session handle, gh_identity identity, const gh_request* theirs,
                             gh_admission* out) noexcept {
    TrialSession* session = of(handle, "begin");
    if (session == nullptr) return GH_GONE;
    if (theirs == nullptr || out == nullptr)
      return wrong(*session, "values", "begin was given no request, or no room for its answer");
    if (identity != GH_IDENTITY_CONNECTION && identity != GH_IDENTITY_NOBODY &&
        session->identities_.count(identity) == 0)
      return wrong(*session, "handles", "it called begin with a dead identity", GH_GONE);
    if (session->operations_.size() >= 4)
      return wrong(*session, "handles", "it keeps more than four operations: it forgets to drop them",
                   GH_LIMIT);
    const gh_request request = sized(theirs);
    if (request.field_count > 0 && (request.fields == nullptr || request.field_size < sizeof(gh_field)))
      return wrong(*session, "values", "begin was given fields that are no array of fields");
    const bool proven = identity != GH_IDENTITY_CONNECTION && identity != GH_IDENTITY_NOBODY;
    TrialSession::Operation operation;
    operation.head = std::string(proven          ? "(somebody) "
                                 : identity == 0 ? "(connection) "
                                                 : "(nobody) ") +
                     std::string(text(request.method)) + " " + std::string(text(request.path)) + "?" +
                     std::string(text(request.query));
    for (std::uint32_t i = 0; i < request.field_count; ++i) {
      const auto* one = reinterpret_cast<const gh_field*>(reinterpret_cast<const char*>(request.fields) +
                                                          std::size_t{i} * request.field_size);
      operation.head += " " + std::string(text(one->name)) + ":" + std::string(text(one->value));
    }
    operation.announced = request.length;
    operation.wantsBody = session->manners_.wantsBody && request.length != 0;
    gh_admission given{};
    given.op = TrialHost::present("begin")->host->newHandle();
    given.want_body = operation.wantsBody ? 1 : 0;
    given.limit = 4096;
    giveBack(given, out);
    session->operations_.emplace(given.op, std::move(operation));
    return GH_OK;
  }
  static TrialSession::Operation* operation(TrialSession& session, gh_op op, const char* function) noexcept {
    const auto found = session.operations_.find(op);
    if (found != session.operations_.end()) return &found->second;
    session.fault("handles", std::string("it called ") + function + " with a dead operation");
    return nullptr;
  }
  static std::uint32_t body(gh_session handle, gh_op op, gh_bytes piece) noexcept {
    TrialSession* session = of(handle, "body");
    if (session == nullptr) return GH_GONE;
    auto* it = operation(*session, op, "body");
    if (it == nullptr) return GH_GONE;
    if (it->ended || !it->wantsBody) return wrong(*session, "operations", "it sent a body that nobody wants");
    it->received += piece.size;
    if (it->announced != GH_LENGTH_UNKNOWN && it->received > it->announced)
      return wrong(*session, "operations", "it sent more of a body than it had announced");
    if (it->received > 4096) return GH_LIMIT;
    it->body += text(piece);
    return GH_OK;
  }
  static std::uint32_t end(gh_session handle, gh_op op, std::uint64_t token) noexcept {
    TrialSession* session = of(handle, "end");
    if (session == nullptr) return GH_GONE;
    auto* it = operation(*session, op, "end");
    if (it == nullptr) return GH_GONE;
    if (it->ended) return wrong(*session, "operations", "it ended an operation twice");
    if (usedToken(*session, token)) return GH_INVALID;
    it->ended = true;
    session->done_[session->done_.size()] = it->head + " " + it->body;
    const Manners& manners = session->manners_;
    TrialSession::Pending pending;
    pending.operation = op;
    pending.completion.token = token;
    pending.completion.status = manners.answers;
    pending.completion.code = 200;
    pending.completion.length = manners.lengthKnown ? manners.pieces * 5 : GH_LENGTH_UNKNOWN;
    pending.fields = {{"content-type", "text/plain"}, {"x-trial", "1"}};
    session->pending_.push_back(std::move(pending));
    return GH_OK;
  }
  static std::uint32_t pull(gh_session handle, gh_op op, std::uint64_t token) noexcept {
    TrialSession* session = of(handle, "pull");
    if (session == nullptr) return GH_GONE;
    auto* it = operation(*session, op, "pull");
    if (it == nullptr) return GH_GONE;
    if (!it->answered) return wrong(*session, "operations", "it pulled before the answer's head had come");
    if (usedToken(*session, token)) return GH_INVALID;
    TrialSession::Pending pending;
    pending.completion.token = token;
    if (it->given < session->manners_.pieces) pending.piece = "piece";
    pending.completion.last = ++it->given >= session->manners_.pieces ? 1 : 0;
    if (pending.completion.last == 1) session->operations_.erase(op);
    session->pending_.push_back(std::move(pending));
    return GH_OK;
  }
  static std::uint32_t drop(gh_session handle, gh_op op) noexcept {
    TrialSession* session = of(handle, "drop");
    if (session == nullptr) return GH_GONE;
    if (session->operations_.erase(op) == 1) return GH_OK;
    return wrong(*session, "handles", "it called drop with a dead operation", GH_GONE);
  }

  static std::uint32_t openLink(gh_session handle, gh_identity identity, std::uint32_t share, std::uint64_t,
                                std::uint64_t token) noexcept {
    TrialSession* session = of(handle, "open");
    if (session == nullptr) return GH_GONE;
    const bool connection = identity == GH_IDENTITY_CONNECTION;
    if (!connection && session->identities_.count(identity) == 0)
      return wrong(*session, "handles", "it opened a link for a dead identity, or for nobody", GH_GONE);
    if (share != GH_LINK_OWN)
      return wrong(*session, "values", "it opened a link that is not its own", GH_UNSUPPORTED);
    if (session->links_.size() >= 4)
      return wrong(*session, "handles", "it keeps more than four links: it forgets to close them", GH_LIMIT);
    if (usedToken(*session, token)) return GH_INVALID;
    TrialSession::Pending pending;
    pending.completion.token = token;
    pending.completion.status = connection ? std::uint32_t{GH_DENIED} : session->manners_.links;
    if (pending.completion.status == GH_OK) {
      pending.completion.handle = TrialHost::present("open")->host->newHandle();
      session->links_[pending.completion.handle];
    }
    session->pending_.push_back(std::move(pending));
    return GH_OK;
  }
  static TrialSession::Link* link(TrialSession* session, gh_link handle, const char* function) noexcept {
    if (session == nullptr) return nullptr;
    const auto found = session->links_.find(handle);
    if (found != session->links_.end()) return &found->second;
    session->fault("handles", std::string("it called ") + function + " with a dead link");
    return nullptr;
  }
  static std::uint32_t send(gh_session handle, gh_link to, gh_bytes bytes, std::uint32_t flags) noexcept {
    static constexpr std::string_view quit = "\r\nQUIT\r\n";
    TrialSession* session = of(handle, "send");
    TrialSession::Link* it = link(session, to, "send");
    if (it == nullptr) return GH_GONE;
    if (flags != 0) return wrong(*session, "values", "send was given flags that nobody has named");
    it->unread += text(bytes);
    if (!it->ended && it->unread.find(quit) != std::string::npos) {
      it->waiting = "+OK\r\n";
      it->ended = true;
    }
    if (it->unread.size() > quit.size()) it->unread.erase(0, it->unread.size() - quit.size());
    return GH_OK;
  }
  static std::uint32_t login(gh_session handle, gh_link to, gh_identity identity) noexcept {
    TrialSession* session = of(handle, "login");
    TrialSession::Link* it = link(session, to, "login");
    if (it == nullptr) return GH_GONE;
    const bool somebody = identity != GH_IDENTITY_CONNECTION && identity != GH_IDENTITY_NOBODY;
    if (somebody && session->identities_.count(identity) == 0)
      return wrong(*session, "handles", "it called login with a dead identity", GH_GONE);
    session->log_ += somebody ? "login: somebody\n" : "login: nobody\n";
    it->unread.clear();
    return GH_OK;
  }
  static std::uint32_t mode(gh_session handle, gh_link whose, std::uint32_t mode) noexcept {
    TrialSession* session = of(handle, "mode");
    TrialSession::Link* it = link(session, whose, "mode");
    if (it == nullptr) return GH_GONE;
    if (mode != GH_LINK_TRANSPARENT && mode != GH_LINK_INSPECTED)
      return wrong(*session, "values", "mode was given an unknown mode, " + std::to_string(mode));
    it->inspected = mode == GH_LINK_INSPECTED;
    return GH_OK;
  }
  static std::uint32_t closeLink(gh_session handle, gh_link what) noexcept {
    TrialSession* session = of(handle, "close");
    if (link(session, what, "close") == nullptr) return GH_GONE;
    session->links_.erase(what);
    return GH_OK;
  }
};

namespace {
constexpr gh_core core = {sizeof(gh_core), 1, coreLog, coreClock, coreCount, SessionTables::emit};
constexpr gh_authenticate authenticate = {sizeof(gh_authenticate), 1, SessionTables::ask,
                                          SessionTables::forget};
constexpr gh_directory directory = {sizeof(gh_directory), 1, lookup};
constexpr gh_manage manage = {
    sizeof(gh_manage),  1, SessionTables::begin, SessionTables::body, SessionTables::end, SessionTables::pull,
    SessionTables::drop};
constexpr gh_engine engine = {sizeof(gh_engine),       1,
                              SessionTables::openLink, SessionTables::send,
                              SessionTables::login,    SessionTables::mode,
                              SessionTables::closeLink};
constexpr OfferedService services[] = {
    {GH_CORE, 1}, {GH_AUTHENTICATE, 1}, {GH_DIRECTORY, 1}, {GH_MANAGE, 1}, {GH_ENGINE, 1}};
constexpr const void* tables[] = {&core, &authenticate, &directory, &manage, &engine};
} // namespace

std::span<const OfferedService> TrialTables::offered() noexcept { return services; }

const void* TrialTables::find(std::string_view service, std::uint32_t version) noexcept {
  for (std::size_t i = 0; i < std::size(services); ++i)
    if (services[i].name == service && services[i].version == version) return tables[i];
  return nullptr;
}

std::size_t TrialTables::problems() noexcept { return problemCount; }

const void* TrialTables::service(gh_self self, const char* name, std::uint32_t version) noexcept {
  const Present* now = ofInstance(self, "service");
  if (now == nullptr || name == nullptr) return nullptr;
  const std::string_view wanted(name);
  if (wanted == GH_CORE || now->host->plugin().declares(wanted, version)) return find(wanted, version);
  findings::notGiven(wanted);
  return nullptr;
}

void TrialTables::problem(gh_self self, const char* setting, gh_bytes what) noexcept {
  const Present* now = ofInstance(self, "problem");
  if (now == nullptr) return;
  if (!now->configuring) return findings::add("lifecycle", "it called problem outside of configure");
  ++problemCount;
  findings::add("settings",
                "configure refuses" +
                    (setting != nullptr ? " the setting " + std::string(setting) : std::string()) + ": " +
                    std::string(text(what)) + " (give what it needs by --settings NAME=VALUE)");
}

} // namespace gatehouse::plugin::contract
