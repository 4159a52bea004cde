#include "support/FakeHost.h"

#include "support/FakeCall.h"

#include <algorithm>
#include <cppunit/TestAssert.h>
#include <cstring>
#include <dlfcn.h>

namespace gatehouse::test {
namespace {

Fields fields(const gh_field* first, std::uint32_t count, std::uint32_t size) {
  Fields out;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto* one =
        reinterpret_cast<const gh_field*>(reinterpret_cast<const char*>(first) + std::size_t{i} * size);
    out.emplace_back(text(one->name), text(one->value));
  }
  return out;
}

} // namespace

/// The service tables' functions.
struct FakeTables {
  static std::uint32_t wrong(const char* what) {
    if (present.host != nullptr) present.host->faults.emplace_back(what);
    return GH_GONE;
  }
  static bool inSession(gh_session s) { return present.session != nullptr && present.session->id_ == s; }

  // core
  static void log(gh_self self, std::uint32_t level, gh_bytes what) noexcept {
    if (present.host == nullptr || present.self != self) return void(wrong("log from outside a call"));
    present.host->log.push_back(std::to_string(level) + " " + text(what));
  }
  static std::uint64_t clock(gh_self self, std::uint32_t which) noexcept {
    if (present.host == nullptr || present.self != self) return wrong("clock from outside a call"), 0;
    return which == GH_CLOCK_STEADY ? present.host->steadyMs
           : which == GH_CLOCK_WALL ? present.host->wallMs
                                    : 0;
  }
  static void count(gh_self self, gh_bytes name, std::uint64_t add) noexcept {
    if (present.host == nullptr || present.self != self) return void(wrong("count from outside a call"));
    present.host->counts[text(name)] += add;
  }
  static std::uint32_t emit(gh_session s, gh_bytes out) noexcept {
    if (!inSession(s)) return wrong("emit for another session, or outside a call");
    present.session->sent_ += text(out);
    present.session->wasFull_ = present.session->sent_.size() > present.host->fullAt;
    return present.session->wasFull_ ? GH_FULL : GH_OK;
  }

  // authenticate
  static std::uint32_t ask(gh_session s, const gh_evidence* theirs, std::uint64_t token) noexcept {
    if (!inSession(s)) return wrong("ask for another session, or outside a call");
    const gh_evidence evidence = sized(theirs);
    if (evidence.kind != GH_EVIDENCE_PASSWORD && evidence.kind != GH_EVIDENCE_TOKEN) {
      wrong("ask with evidence that only the host may have");
      return GH_INVALID;
    }
    if (!token_(token)) return GH_INVALID;
    FakeHost& host = *present.host;
    host.asked.push_back({text(evidence.login), text(evidence.secret)});
    auto pending = std::make_unique<FakeSession::Pending>();
    pending->completion.token = token;
    pending->completion.status =
        host.authenticate ? host.authenticate(host.asked.back()) : std::uint32_t{GH_DENIED};
    if (pending->completion.status == GH_OK) {
      pending->completion.handle = host.nextHandle_++;
      present.session->identities_[pending->completion.handle] = host.asked.back().login;
    }
    present.session->completions_.push_back(std::move(pending));
    return GH_OK;
  }
  static std::uint32_t forget(gh_session s, gh_identity identity) noexcept {
    if (!inSession(s)) return wrong("forget for another session, or outside a call");
    if (present.session->identities_.erase(identity) == 0)
      return wrong("forget of an identity that is not there");
    return GH_OK;
  }

  // directory
  static std::uint32_t lookup(gh_view view, std::uint32_t kind, gh_bytes key, gh_user* out) noexcept {
    if (view == 0 || present.view != view) return wrong("lookup in a view that is not there");
    if (present.host->lookupStatus != GH_OK) return present.host->lookupStatus;
    if (kind != GH_KEY_LOGIN && kind != GH_KEY_SUBJECT) return GH_UNSUPPORTED;
    const std::string wanted = text(key);
    const auto& users = present.host->users;
    for (std::size_t i = 0; i < users.size(); ++i) {
      const std::string& has = kind == GH_KEY_LOGIN ? users[i].login : users[i].subjectKey;
      if (has.empty() || has != wanted) continue;
      gh_user user{};
      user.size = out->size;
      user.user = i + 1;
      user.method = bytes(users[i].method);
      user.verifier = bytes(users[i].verifier);
      present.proposable |= std::uint64_t{1} << (i & 63U);
      std::memcpy(out, &user, std::min<std::size_t>(out->size, sizeof user));
      return GH_OK;
    }
    return GH_NOT_FOUND;
  }

  // manage
  static std::uint32_t begin(gh_session s, gh_identity identity, const gh_request* theirs,
                             gh_admission* out) noexcept {
    if (!inSession(s)) return wrong("begin for another session, or outside a call");
    if (identity != GH_IDENTITY_CONNECTION && identity != GH_IDENTITY_NOBODY &&
        present.session->identities_.count(identity) == 0)
      return wrong("begin with an identity that is not there");
    const gh_request request = sized(theirs);
    FakeHost& host = *present.host;
    const gh_op op = host.nextHandle_++;
    FakeRequest& made = host.operations[op];
    made.identity = identity;
    made.method = text(request.method);
    made.path = text(request.path);
    made.query = text(request.query);
    made.fields = fields(request.fields, request.field_count, request.field_size);
    made.length = request.length;
    present.session->operations_[op];
    const FakeAdmission admission = host.judge ? host.judge(made) : FakeAdmission{};
    gh_admission given{};
    given.size = out->size;
    given.op = op;
    given.want_body = admission.wantBody && request.length != 0 ? 1 : 0;
    given.limit = admission.limit;
    std::memcpy(out, &given, std::min<std::size_t>(out->size, sizeof given));
    return GH_OK;
  }
  static std::uint32_t body(gh_session s, gh_op op, gh_bytes piece) noexcept {
    if (!inSession(s)) return wrong("body for another session, or outside a call");
    if (present.session->operations_.count(op) == 0 || present.host->operations[op].ended)
      return wrong("body of an operation that is not there");
    FakeRequest& request = present.host->operations[op];
    const FakeAdmission admission = present.host->judge ? present.host->judge(request) : FakeAdmission{};
    if (!admission.wantBody) return GH_DENIED;
    if (request.body.size() + piece.size > admission.limit) return GH_LIMIT;
    request.body += text(piece);
    return GH_OK;
  }
  static std::uint32_t end(gh_session s, gh_op op, std::uint64_t token) noexcept {
    if (!inSession(s)) return wrong("end for another session, or outside a call");
    const auto at = present.session->operations_.find(op);
    if (at == present.session->operations_.end() || present.host->operations[op].ended)
      return wrong("end of an operation that is not there");
    if (!token_(token)) return GH_INVALID;
    FakeRequest& request = present.host->operations[op];
    request.ended = true;
    at->second.answer = present.host->answer ? present.host->answer(request) : FakeAnswer{};
    at->second.answered = true;
    auto pending = std::make_unique<FakeSession::Pending>();
    pending->head = at->second.answer;
    gh_completion& c = pending->completion;
    c.token = token;
    c.code = pending->head.code;
    c.length = pending->head.lengthKnown ? pending->head.body.size() : GH_LENGTH_UNKNOWN;
    present.session->completions_.push_back(std::move(pending));
    return GH_OK;
  }
  static std::uint32_t pull(gh_session s, gh_op op, std::uint64_t token) noexcept {
    if (!inSession(s)) return wrong("pull for another session, or outside a call");
    const auto at = present.session->operations_.find(op);
    if (at == present.session->operations_.end() || !at->second.answered)
      return wrong("pull from an operation that has no answer");
    if (!token_(token)) return GH_INVALID;
    FakeSession::Operation& operation = at->second;
    auto pending = std::make_unique<FakeSession::Pending>();
    pending->piece = operation.answer.body.substr(operation.given, operation.answer.pieceSize);
    operation.given += pending->piece.size();
    pending->completion.token = token;
    pending->completion.last = operation.given == operation.answer.body.size() ? 1 : 0;
    if (pending->completion.last == 1) present.session->operations_.erase(at);
    present.session->completions_.push_back(std::move(pending));
    return GH_OK;
  }
  static std::uint32_t drop(gh_session s, gh_op op) noexcept {
    if (!inSession(s)) return wrong("drop for another session, or outside a call");
    if (present.session->operations_.erase(op) == 0) return wrong("drop of an operation that is not there");
    present.host->operations[op].dropped = true;
    return GH_OK;
  }

  // engine
  static std::uint32_t open(gh_session s, gh_identity identity, std::uint32_t share, std::uint64_t,
                            std::uint64_t token) noexcept {
    if (!inSession(s)) return wrong("open for another session, or outside a call");
    if (share != GH_LINK_OWN) return GH_UNSUPPORTED;
    FakeHost& host = *present.host;
    const auto known = present.session->identities_.find(identity);
    if (identity != GH_IDENTITY_CONNECTION && known == present.session->identities_.end())
      return wrong("open with an identity that is not there");
    if (!token_(token)) return GH_INVALID;
    const std::string user = identity == GH_IDENTITY_CONNECTION ? host.connectionUser : known->second;
    auto pending = std::make_unique<FakeSession::Pending>();
    pending->completion.token = token;
    pending->completion.status = user.empty()    ? std::uint32_t{GH_DENIED}
                                 : host.openLink ? host.openLink(user)
                                                 : std::uint32_t{GH_OK};
    if (pending->completion.status == GH_OK) {
      const gh_link handle = pending->completion.handle = host.nextHandle_++;
      host.links[handle].user = user;
      if (host.engine) host.links[handle].engine = host.engine(user);
      present.session->links_.push_back(handle);
    }
    present.session->completions_.push_back(std::move(pending));
    return GH_OK;
  }
  static FakeLink* linkOf(gh_session s, gh_link handle, const char* what) {
    const auto& mine = inSession(s) ? present.session->links_ : std::vector<gh_link>();
    if (std::find(mine.begin(), mine.end(), handle) != mine.end()) return &present.host->links[handle];
    wrong(what);
    return nullptr;
  }
  static std::uint32_t send(gh_session s, gh_link handle, gh_bytes bytes, std::uint32_t flags) noexcept {
    FakeLink* link = linkOf(s, handle, "send to a link that is not there");
    if (link == nullptr) return GH_GONE;
    if (flags != 0) return GH_INVALID;
    if (!link->ended) link->sent += text(bytes);
    const bool full = link->sent.size() - link->answered > present.host->linkFullAt;
    return link->engine != nullptr && full ? GH_FULL : GH_OK;
  }
  static std::uint32_t login(gh_session s, gh_link handle, gh_identity identity) noexcept {
    FakeLink* link = linkOf(s, handle, "login on a link that is not there");
    if (link == nullptr) return GH_GONE;
    const auto known = present.session->identities_.find(identity);
    if (identity != GH_IDENTITY_NOBODY && identity != GH_IDENTITY_CONNECTION &&
        known == present.session->identities_.end())
      return wrong("login of an identity that is not there");
    const bool stands = known != present.session->identities_.end();
    const std::string user = stands ? known->second : "-", secret = stands ? FakeHost::secretOf(user) : "!";
    for (const std::string& word : {user, secret})
      link->sent += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    link->logins.push_back(stands ? user : "");
    return GH_OK;
  }
  static std::uint32_t mode(gh_session s, gh_link handle, std::uint32_t mode) noexcept {
    FakeLink* link = linkOf(s, handle, "mode of a link that is not there");
    if (link == nullptr) return GH_GONE;
    if (mode != GH_LINK_TRANSPARENT && mode != GH_LINK_INSPECTED) return GH_INVALID;
    link->inspected = mode == GH_LINK_INSPECTED;
    return GH_OK;
  }
  static std::uint32_t closeLink(gh_session s, gh_link handle) noexcept {
    FakeLink* link = linkOf(s, handle, "close of a link that is not there");
    if (link == nullptr) return GH_GONE;
    link->closed = true;
    auto& mine = present.session->links_;
    mine.erase(std::find(mine.begin(), mine.end(), handle));
    return GH_OK;
  }

  // host
  static const void* service(gh_self self, const char* name, std::uint32_t version) noexcept {
    if (present.host == nullptr || present.self != self) return nullptr;
    const auto at = present.host->withheld.find(name);
    return at != present.host->withheld.end() && at->second ? nullptr : FakeHost::table(name, version);
  }
  static void problem(gh_self self, const char* setting, gh_bytes what) noexcept {
    if (present.host == nullptr || present.self != self) return void(wrong("problem from outside configure"));
    present.host->problems.emplace_back(setting == nullptr ? "" : setting, text(what));
  }

private:
  static bool token_(std::uint64_t token) {
    for (const auto& pending : present.session->completions_) {
      if (pending->completion.token != token) continue;
      wrong("a token that is still pending was used again");
      return false;
    }
    return true;
  }
};

FakeHost::FakeHost()
    : host_{sizeof(gh_host), GH_ABI_MAJOR, GH_ABI_MINOR, 0, &FakeTables::service, &FakeTables::problem} {}
FakeHost::~FakeHost() = default;

const void* FakeHost::table(std::string_view service, std::uint32_t version) noexcept {
  static const gh_core core = {sizeof(gh_core),  1, &FakeTables::log, &FakeTables::clock, &FakeTables::count,
                               &FakeTables::emit};
  static const gh_authenticate authenticate = {sizeof(gh_authenticate), 1, &FakeTables::ask,
                                               &FakeTables::forget};
  static const gh_directory directory = {sizeof(gh_directory), 1, &FakeTables::lookup};
  static const gh_manage manage = {
      sizeof(gh_manage), 1, &FakeTables::begin, &FakeTables::body, &FakeTables::end, &FakeTables::pull,
      &FakeTables::drop};
  static const gh_engine engine = {
      sizeof(gh_engine),     1, &FakeTables::open, &FakeTables::send, &FakeTables::login, &FakeTables::mode,
      &FakeTables::closeLink};
  if (version != 1) return nullptr;
  if (service == GH_ENGINE) return &engine;
  if (service == GH_CORE) return &core;
  if (service == GH_AUTHENTICATE) return &authenticate;
  if (service == GH_DIRECTORY) return &directory;
  return service == GH_MANAGE ? &manage : nullptr;
}

// ---- a plugin

FakePlugin::FakePlugin(FakeHost& host, const std::string& path)
    : host_(host) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  CPPUNIT_ASSERT_MESSAGE("can't load " + path, library != nullptr);
  const auto entry = reinterpret_cast<gh_plugin_entry_fn>(::dlsym(library, GH_PLUGIN_ENTRY));
  CPPUNIT_ASSERT_MESSAGE("no entry in " + path, entry != nullptr);
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a failed assertion does not come back
  plugin_ = entry(GH_ABI_MAJOR, GH_ABI_MINOR);
  CPPUNIT_ASSERT_MESSAGE("declined by " + path, plugin_ != nullptr);
  self_ = host_.nextHandle_++;
}
FakePlugin::FakePlugin(FakeHost& host, const gh_plugin* descriptor) noexcept
    : host_(host)
    , plugin_(descriptor)
    , self_(host.nextHandle_++) {}
FakePlugin::~FakePlugin() { stop(); }

bool FakePlugin::configure(const std::map<std::string, std::string>& settings) {
  std::vector<gh_value> values;
  std::deque<std::string> texts;
  std::deque<std::vector<gh_bytes>> lists;
  for (std::uint32_t i = 0; i < plugin_->setting_count; ++i) {
    const auto* at =
        reinterpret_cast<const char*>(plugin_->settings) + std::size_t{i} * plugin_->setting_size;
    const auto& declared = *reinterpret_cast<const gh_setting*>(at);
    const auto given = settings.find(declared.name);
    const std::string& written = texts.emplace_back(given != settings.end()      ? given->second
                                                    : declared.preset != nullptr ? declared.preset
                                                                                 : "");
    gh_value value{};
    value.type = declared.type;
    value.given = given != settings.end() ? 1 : 0;
    if (declared.type == GH_SETTING_BOOL)
      value.number = written == "true" ? 1 : 0;
    else if (declared.type == GH_SETTING_INT)
      value.number = std::atoll(written.c_str());
    else if (declared.type != GH_SETTING_LIST)
      value.text = bytes(written);
    else {
      auto& list = lists.emplace_back();
      for (std::size_t from = 1; from + 1 < written.size();) {
        const std::size_t to = std::min(written.find(',', from), written.size() - 1);
        std::string_view item = std::string_view(written).substr(from, to - from);
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        list.push_back(bytes(item));
        from = to + 1;
      }
      value.items = list.data();
      value.item_count = list.size();
    }
    values.push_back(value);
  }
  Inside inside({&host_, self_});
  instance_ = plugin_->configure(&host_.host_, self_, values.data(),
                                 static_cast<std::uint32_t>(values.size()), sizeof(gh_value));
  return instance_ != nullptr;
}

bool FakePlugin::start() {
  Inside inside({&host_, self_});
  return plugin_->start == nullptr || plugin_->start(instance_) == GH_OK;
}

void FakePlugin::stop() {
  if (stopped_ || instance_ == nullptr) return;
  stopped_ = true;
  Inside inside({&host_, self_});
  plugin_->stop(std::exchange(instance_, nullptr));
}

FakePlugin::Verified FakePlugin::verify(const gh_evidence& evidence) {
  const gh_view view = host_.nextHandle_++;
  Inside inside({&host_, self_, nullptr, view});
  gh_proposal proposal{};
  proposal.size = sizeof proposal;
  const std::uint32_t verdict = plugin_->authenticator->verify(instance_, view, &evidence, &proposal);
  if (verdict != GH_VERDICT_ACCEPT) return {verdict, ""};
  const std::uint64_t at = proposal.user - 1;
  const bool looked =
      proposal.user != 0 && at < host_.users.size() && (present.proposable >> (at & 63U) & 1U) != 0;
  return {verdict, looked ? host_.users[at].login : "?"};
}

FakePlugin::Verified FakePlugin::verifyPassword(std::string_view login, std::string_view secret) {
  gh_evidence evidence{};
  evidence.size = sizeof evidence;
  evidence.kind = GH_EVIDENCE_PASSWORD;
  evidence.login = bytes(login);
  evidence.secret = bytes(secret);
  evidence.deadline = host_.steadyMs + 3000;
  return verify(evidence);
}

FakePlugin::Verified FakePlugin::verifyCertificate(std::string_view subjectKey) {
  gh_evidence evidence{};
  evidence.size = sizeof evidence;
  evidence.kind = GH_EVIDENCE_CERTIFICATE;
  evidence.subject_key = bytes(subjectKey);
  evidence.deadline = host_.steadyMs + 3000;
  return verify(evidence);
}

std::pair<std::uint32_t, std::string> FakePlugin::enroll(std::string_view method, std::string_view secret) {
  Inside inside({&host_, self_});
  std::string out(512, '\0');
  std::size_t used = 0;
  const std::uint32_t status =
      plugin_->authenticator->enroll(instance_, bytes(method), bytes(secret), out.data(), out.size(), &used);
  out.resize(status == GH_OK ? used : 0);
  return {status, out};
}

} // namespace gatehouse::test
