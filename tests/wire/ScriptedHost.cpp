#include "ScriptedHost.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace {

std::string text(gh_bytes bytes) {
  return bytes.size == 0 ? std::string() : std::string(bytes.data, bytes.size);
}
gh_bytes bytes(std::string_view text) { return {text.data(), text.size()}; }

} // namespace

/// The functions that the plugin sees. A session's number is the host's address; an instance's is 1, and so
/// is its log's.
struct Tables {
  static thread_local ScriptedHost* running; // whose call the plugin is in
  static ScriptedHost& of(gh_session session) {
    if (running == nullptr || session != reinterpret_cast<std::uintptr_t>(running))
      std::abort(); // GH_GONE is the least of it
    return *running;
  }

  static void log(gh_self, std::uint32_t, gh_bytes line) noexcept {
    if (running != nullptr) running->log_.push_back(text(line));
  }
  static std::uint64_t clock(gh_self, std::uint32_t) noexcept { return 1000; }
  static void count(gh_self, gh_bytes, std::uint64_t) noexcept {}
  static std::uint32_t emit(gh_session session, gh_bytes out) noexcept {
    of(session).output_ += text(out);
    return GH_OK;
  }
  static std::uint32_t ask(gh_session session, const gh_evidence* evidence, std::uint64_t token) noexcept {
    auto& host = of(session);
    const bool password = evidence->kind == GH_EVIDENCE_PASSWORD;
    if ((!password && evidence->kind != GH_EVIDENCE_TOKEN) || token == 0) return GH_INVALID;
    if (!password && evidence->secret.size > 4096) return GH_LIMIT;
    ScriptedHost::Completion completion;
    completion.token = token;
    std::string who;
    if (!password) {
      if (const auto known = host.tokens68_.find(text(evidence->secret)); known != host.tokens68_.end())
        who = known->second;
    } else if (const auto known = host.passwords_.find(text(evidence->login));
               known != host.passwords_.end() && known->second == text(evidence->secret)) {
      who = known->first;
    }
    if (host.unavailable_)
      completion.status = GH_UNAVAILABLE;
    else if (who.empty())
      completion.status = GH_DENIED;
    else
      host.identities_[completion.handle = ++host.handles_] = who;
    host.completions_.push_back(std::move(completion));
    return GH_OK;
  }
  static std::uint32_t forget(gh_session session, gh_identity identity) noexcept {
    return of(session).identities_.erase(identity) == 1 ? GH_OK : GH_GONE;
  }
  static std::uint32_t begin(gh_session session, gh_identity identity, const gh_request* request,
                             gh_admission* out) noexcept {
    auto& host = of(session);
    ScriptedHost::Operation operation;
    if (identity == GH_IDENTITY_CONNECTION)
      operation.who = host.certificate_;
    else if (identity != GH_IDENTITY_NOBODY) {
      const auto known = host.identities_.find(identity);
      if (known == host.identities_.end()) return GH_GONE;
      operation.who = known->second;
    }
    operation.route = text(request->path);
    operation.length = request->length;
    operation.text =
        text(request->method) + ' ' + operation.route + '?' + text(request->query) + " as " + operation.who;
    for (std::uint32_t i = 0; i < request->field_count; ++i)
      operation.text += " [" + text(request->fields[i].name) + ": " + text(request->fields[i].value) + ']';
    host.route(operation, text(request->method));
    out->want_body = operation.wantsBody ? 1 : 0;
    out->limit = operation.limit;
    out->op = ++host.handles_;
    host.operations_[out->op] = std::move(operation);
    return GH_OK;
  }
  static std::uint32_t body(gh_session session, gh_op op, gh_bytes piece) noexcept {
    auto& host = of(session);
    const auto at = host.operations_.find(op);
    if (at == host.operations_.end() || at->second.ended || !at->second.wantsBody) return GH_GONE;
    at->second.body += text(piece);
    if (at->second.route == "/v1/picky") {
      at->second.status = 400;
      return GH_DENIED;
    }
    return at->second.full ? GH_FULL : GH_OK;
  }
  static std::uint32_t end(gh_session session, gh_op op, std::uint64_t token) noexcept {
    auto& host = of(session);
    const auto at = host.operations_.find(op);
    if (at == host.operations_.end() || at->second.ended) return GH_GONE;
    auto& operation = at->second;
    operation.ended = true;
    host.answer(operation);
    ScriptedHost::Completion completion;
    completion.token = token;
    completion.status = operation.route == "/v1/lost" ? GH_UNAVAILABLE : GH_OK;
    completion.code = static_cast<std::uint32_t>(operation.status);
    completion.fields = operation.fields;
    completion.length = operation.promised;
    if (completion.status != GH_OK) host.operations_.erase(at);
    host.completions_.push_back(std::move(completion));
    return GH_OK;
  }
  static std::uint32_t pull(gh_session session, gh_op op, std::uint64_t token) noexcept {
    auto& host = of(session);
    const auto at = host.operations_.find(op);
    if (at == host.operations_.end() || !at->second.ended) return GH_GONE;
    auto& operation = at->second;
    ScriptedHost::Completion completion;
    completion.token = token;
    if (!operation.pieces.empty()) {
      completion.piece = std::move(operation.pieces.front());
      operation.pieces.pop_front();
    } else if (operation.route == "/v1/torn") {
      completion.status = GH_UNAVAILABLE;
    }
    completion.last = operation.pieces.empty() && operation.route != "/v1/torn" ? 1 : 0;
    if (completion.last == 1 || completion.status != GH_OK) host.operations_.erase(at);
    host.completions_.push_back(std::move(completion));
    return GH_OK;
  }
  static std::uint32_t drop(gh_session session, gh_op op) noexcept {
    return of(session).operations_.erase(op) == 1 ? GH_OK : GH_GONE;
  }

  static const void* service(gh_self, const char* name, std::uint32_t version) noexcept {
    static const gh_core core = {sizeof(gh_core), 1, &log, &clock, &count, &emit};
    static const gh_authenticate authenticate = {sizeof(gh_authenticate), 1, &ask, &forget};
    static const gh_manage manage = {sizeof(gh_manage), 1, &begin, &body, &end, &pull, &drop};
    const std::string_view wanted = name;
    if (version != 1) return nullptr;
    if (wanted == GH_CORE) return &core;
    if (wanted == GH_AUTHENTICATE) return &authenticate;
    return wanted == GH_MANAGE ? &manage : nullptr;
  }
  static void problem(gh_self, const char*, gh_bytes) noexcept {}

  /// Marks a call into the plugin: none is nested, and host functions work only inside one.
  explicit Tables(ScriptedHost& host) {
    host.need(running == nullptr, "calls of a session are never nested");
    running = &host;
  }
  ~Tables() { running = nullptr; }
};
thread_local ScriptedHost* Tables::running = nullptr;

ScriptedHost::ScriptedHost(const gh_plugin& plugin)
    : plugin_(plugin) {
  static const gh_host host = {sizeof(gh_host),  GH_ABI_MAJOR,    GH_ABI_MINOR, 0,
                               &Tables::service, &Tables::problem};
  instance_ = plugin_.configure(&host, 1, nullptr, 0, sizeof(gh_value));
  need(instance_ != nullptr, "the plugin can be configured");
  gh_peer peer{};
  peer.size = sizeof peer;
  std::uint32_t flow = GH_FLOW_SAME;
  {
    const Tables call(*this);
    flow = plugin_.protocol->open(instance_, reinterpret_cast<std::uintptr_t>(this), &peer, &conversation_);
  }
  need(conversation_ != nullptr, "the plugin opens a conversation");
  flowed(flow);
}

ScriptedHost::~ScriptedHost() {
  if (conversation_ != nullptr) {
    const Tables call(*this);
    plugin_.protocol->close(conversation_, GH_CLOSED_BY_HOST);
  }
  plugin_.stop(instance_);
}

void ScriptedHost::need(bool holds, const char* rule) const {
  if (!holds) throw Broken(rule);
}

void ScriptedHost::flowed(std::uint32_t flow) {
  need(flow <= GH_FLOW_ABORT, "flows are those of plugin_abi.h");
  if (flow != GH_FLOW_SAME) flow_ = flow;
  need(flow_ != GH_FLOW_HOLD || !completions_.empty(), "HOLD has something to wait for");
  if (flow_ == GH_FLOW_NEXT) {
    need(operations_.empty(), "between requests no operation is left");
    need(identities_.empty(), "between requests no identity is left (R5)");
  }
  if (flow_ != GH_FLOW_CLOSE && flow_ != GH_FLOW_ABORT &&
      !(last_ && offered_ == input_.size() && flow_ != GH_FLOW_HOLD))
    return;
  const bool aborted = flow_ == GH_FLOW_ABORT;
  end(GH_CLOSED_BY_PLUGIN);
  state_ = aborted ? "aborted" : "closed";
}

void ScriptedHost::end(std::uint32_t reason) {
  if (conversation_ == nullptr) return;
  const Tables call(*this);
  plugin_.protocol->close(std::exchange(conversation_, nullptr), reason);
  completions_.clear();
  operations_.clear();
  identities_.clear();
  state_ = "closed";
}

void ScriptedHost::deliver() {
  Completion mine = std::move(completions_.front());
  completions_.pop_front();
  std::vector<gh_field> fields;
  for (const auto& [name, value] : mine.fields) fields.push_back({bytes(name), bytes(value)});
  gh_completion completion{};
  completion.size = sizeof completion;
  completion.status = mine.status;
  completion.token = mine.token;
  completion.handle = mine.handle;
  completion.code = mine.code;
  completion.last = mine.last;
  completion.fields = fields.data();
  completion.field_count = static_cast<std::uint32_t>(fields.size());
  completion.field_size = sizeof(gh_field);
  completion.length = mine.length;
  completion.piece = bytes(mine.piece);
  std::uint32_t flow = GH_FLOW_SAME;
  {
    const Tables call(*this);
    flow = plugin_.protocol->completed(conversation_, &completion);
  }
  moved_ = true;
  flowed(flow);
}

void ScriptedHost::completeOne() {
  need(conversation_ != nullptr && !completions_.empty(), "there is something to complete");
  deliver();
}

void ScriptedHost::give(std::size_t count) {
  const std::string piece =
      input_.substr(0, count); // a copy of its own: reading past it is seen by the sanitizer
  std::size_t consumed = 0;
  std::uint32_t flow = GH_FLOW_SAME;
  {
    const Tables call(*this);
    flow = plugin_.protocol->feed(conversation_, GH_SOURCE_CLIENT, bytes(piece),
                                  last_ && count == input_.size() ? 1 : 0, &consumed);
  }
  need(consumed <= count, "no more is consumed than was given");
  input_.erase(0, consumed);
  offered_ = count - consumed;
  moved_ = consumed > 0;
  flowed(flow);
}

void ScriptedHost::settle(std::size_t size) {
  while (conversation_ != nullptr) {
    if (!completions_.empty() && !held_) {
      deliver();
      continue;
    }
    const bool again = offered_ > 0 && moved_;
    if (flow_ == GH_FLOW_HOLD || (!again && offered_ == input_.size())) return;
    give(again ? offered_ : std::min(input_.size(), offered_ + size));
  }
}

void ScriptedHost::feed(std::string_view more, std::size_t size) {
  input_ += more;
  settle(size);
}

void ScriptedHost::halfClose() {
  last_ = true;
  if (conversation_ != nullptr && flow_ != GH_FLOW_HOLD) give(input_.size());
}

void ScriptedHost::event(std::uint32_t what) {
  if (conversation_ == nullptr) return;
  std::uint32_t flow = GH_FLOW_SAME;
  {
    const Tables call(*this);
    flow = plugin_.protocol->event(conversation_, what);
  }
  moved_ = true;
  flowed(flow);
}

void ScriptedHost::route(Operation& operation, std::string_view method) {
  const auto refuse = [&](int status) {
    operation.status = status;
    operation.route = "refused";
  };
  const std::string& route = operation.route;
  if (operation.who.empty()) return refuse(401);
  if (operation.who == "reader" && method != "GET") return refuse(403);
  if (route.rfind("/v1/", 0) != 0) return refuse(404);
  if (operation.length != GH_LENGTH_UNKNOWN && operation.length > operation.limit) return refuse(413);
  operation.full = route == "/v1/slow";
  operation.wantsBody = true;
}

void ScriptedHost::answer(Operation& operation) const {
  const std::string& route = operation.route;
  if (operation.length != GH_LENGTH_UNKNOWN && operation.wantsBody &&
      operation.body.size() < operation.length && operation.status == 200)
    operation.status = 400; // a body short of its length
  if (operation.status != 200)
    operation.pieces = {"{\"refused\":" + std::to_string(operation.status) + "}"};
  else if (route == "/v1/pieces")
    operation.pieces = {"[1", "", ",2", ",3]"};
  else if (route == "/v1/empty")
    operation.pieces = {};
  else if (route == "/v1/nothing")
    operation.status = 204;
  else
    operation.pieces = {operation.text + " {" + operation.body + "}"};
  for (const std::string& piece : operation.pieces) operation.promised += piece.size();
  if (route == "/v1/pieces") operation.promised = GH_LENGTH_UNKNOWN;
  if (route == "/v1/short") operation.promised += 1;
  if (route == "/v1/long") operation.promised -= 1;
  if (route == "/v1/torn") operation.promised = GH_LENGTH_UNKNOWN;
  if (route == "/v1/odd")
    operation.fields.emplace_back("X-Odd", "a\r\nSet-Cookie: b");
  else
    operation.fields.emplace_back("cluster-state-id", "7");
  if (route == "/v1/typed")
    operation.fields = {
        {"Content-Type", "text/plain"}, {"Content-Length", "3"}, {"Cache-Control", "no-cache"}};
}
