#pragma once
#include "sdk/plugin_abi.h"

#include <algorithm>
#include <cstring>
#include <string_view>

/// What a plugin sees of its host, with types. Header only. Everything here is hidden: without that, two
/// plugins that both hold, say, a template of the same name would share one (STB_GNU_UNIQUE symbols are
/// joined even under RTLD_LOCAL).

#pragma GCC visibility push(hidden)
namespace gatehouse {

using Bytes = std::string_view;

inline Bytes bytes(gh_bytes b) noexcept { return b.size == 0 ? Bytes{} : Bytes{b.data, b.size}; }
inline gh_bytes bytes(Bytes b) noexcept { return {b.data(), b.size()}; }

/// Copies what both sides know of a struct that begins with its size; the rest is zero.
template <class T>
T sized(const T* theirs) noexcept {
  T mine{};
  if (theirs != nullptr) std::memcpy(&mine, theirs, std::min<std::size_t>(theirs->size, sizeof mine));
  mine.size = sizeof mine;
  return mine;
}
template <class T>
T sized() noexcept {
  T mine{};
  mine.size = sizeof mine;
  return mine;
}

/// A mistake of the plugin's own that it can't go on from: thrown, it stops at the barrier and ends the
/// session, or refuses the login.
struct Fault {
  const char* text; // a literal: for the log, never for a peer
};

/// The services, found once when an instance is configured. A service that was not declared among the
/// needs, or that an optional need did not get, is an empty table: asking it throws Fault.
///
/// Threads: any, inside a call from the host.
class Host {
public:
  Host() = default;
  Host(const gh_host* host, gh_self self) noexcept
      : self_(self) {
    find(host, GH_CORE, core_);
    find(host, GH_AUTHENTICATE, authenticate_);
    find(host, GH_DIRECTORY, directory_);
    find(host, GH_MANAGE, manage_);
    find(host, GH_ENGINE, engine_);
  }

  /// Never reaches a peer. `level`: GH_LOG_*.
  void log(std::uint32_t level, Bytes text) const noexcept {
    if (core_.log != nullptr) core_.log(self_, level, bytes(text));
  }
  void count(Bytes name, std::uint64_t add = 1) const noexcept {
    if (core_.count != nullptr) core_.count(self_, bytes(name), add);
  }
  [[nodiscard]] std::uint64_t steadyMs() const { return need(core_.clock)(self_, GH_CLOCK_STEADY); }
  [[nodiscard]] std::uint64_t wallMs() const { return need(core_.clock)(self_, GH_CLOCK_WALL); }

  [[nodiscard]] const gh_core& core() const noexcept { return core_; }
  [[nodiscard]] const gh_authenticate& authenticate() const noexcept { return authenticate_; }
  [[nodiscard]] const gh_directory& directory() const noexcept { return directory_; }
  [[nodiscard]] const gh_manage& manage() const noexcept { return manage_; }
  [[nodiscard]] const gh_engine& engine() const noexcept { return engine_; }

  template <class F>
  static F need(F function) {
    if (function == nullptr) throw Fault{"a service was used that was not found"};
    return function;
  }

private:
  template <class T>
  void find(const gh_host* host, const char* name, T& table) noexcept {
    if (const auto* theirs = static_cast<const T*>(host->service(self_, name, 1))) table = sized(theirs);
  }

  gh_self self_ = 0;
  gh_core core_{};
  gh_authenticate authenticate_{};
  gh_directory directory_{};
  gh_manage manage_{};
  gh_engine engine_{};
};

/// GH_CORE's emit for one session.
class Output {
public:
  Output(const Host& host, gh_session session) noexcept
      : host_(&host)
      , session_(session) {}
  /// True: taken. False: taken too, but the queue is full: a source of its own stops until GH_EVENT_ROOM.
  bool emit(Bytes out) const {
    const std::uint32_t status = Host::need(host_->core().emit)(session_, bytes(out));
    if (status != GH_OK && status != GH_FULL) throw Fault{"emit was refused"};
    return status == GH_OK;
  }

private:
  const Host* host_;
  gh_session session_;
};

/// GH_AUTHENTICATE for one session. Who asks gets exactly one completion that carries the token.
class Authenticate {
public:
  Authenticate(const Host& host, gh_session session) noexcept
      : host_(&host)
      , session_(session) {}
  void ask(Bytes login, Bytes password, std::uint64_t token) const {
    auto evidence = sized<gh_evidence>();
    evidence.kind = GH_EVIDENCE_PASSWORD;
    evidence.login = bytes(login);
    evidence.secret = bytes(password);
    if (Host::need(host_->authenticate().ask)(session_, &evidence, token) != GH_OK)
      throw Fault{"ask was refused"};
  }
  /// `secret`: a token that this cluster has issued, at most 4096 bytes.
  void askToken(Bytes secret, std::uint64_t token) const {
    auto evidence = sized<gh_evidence>();
    evidence.kind = GH_EVIDENCE_TOKEN;
    evidence.secret = bytes(secret);
    if (Host::need(host_->authenticate().ask)(session_, &evidence, token) != GH_OK)
      throw Fault{"ask was refused"};
  }
  void forget(gh_identity identity) const {
    if (Host::need(host_->authenticate().forget)(session_, identity) != GH_OK)
      throw Fault{"forget was refused"};
  }

private:
  const Host* host_;
  gh_session session_;
};

/// GH_MANAGE for one session: an operation is begun with its head, fed its body, ended, and its answer
/// pulled piece by piece.
class Manage {
public:
  Manage(const Host& host, gh_session session) noexcept
      : host_(&host)
      , session_(session) {}
  /// Always gives an operation: a refusal is one too.
  [[nodiscard]] gh_admission begin(gh_identity identity, gh_request request) const {
    auto admission = sized<gh_admission>();
    request.size = sizeof request;
    if (request.field_count > 0) request.field_size = sizeof(gh_field);
    if (Host::need(host_->manage().begin)(session_, identity, &request, &admission) != GH_OK)
      throw Fault{"begin was refused"};
    return admission;
  }
  /// GH_OK; GH_FULL: taken, stop at once; GH_LIMIT or GH_DENIED: send no more, the answer says why.
  [[nodiscard]] std::uint32_t body(gh_op op, Bytes piece) const {
    const std::uint32_t status = Host::need(host_->manage().body)(session_, op, bytes(piece));
    if (status != GH_OK && status != GH_FULL && status != GH_LIMIT && status != GH_DENIED)
      throw Fault{"body was refused"};
    return status;
  }
  /// Completes with the answer's head.
  void end(gh_op op, std::uint64_t token) const {
    if (Host::need(host_->manage().end)(session_, op, token) != GH_OK) throw Fault{"end was refused"};
  }
  /// Completes with one piece, when the client's queue has room.
  void pull(gh_op op, std::uint64_t token) const {
    if (Host::need(host_->manage().pull)(session_, op, token) != GH_OK) throw Fault{"pull was refused"};
  }
  void drop(gh_op op) const {
    if (Host::need(host_->manage().drop)(session_, op) != GH_OK) throw Fault{"drop was refused"};
  }

private:
  const Host* host_;
  gh_session session_;
};

/// GH_ENGINE for one session: links to the database's engine, each logged in there as one identity.
class Engine {
public:
  Engine(const Host& host, gh_session session) noexcept
      : host_(&host)
      , session_(session) {}
  /// Completes with a link of the session's own, TRANSPARENT.
  void open(gh_identity identity, std::uint64_t token) const {
    if (Host::need(host_->engine().open)(session_, identity, GH_LINK_OWN, 0, token) != GH_OK)
      throw Fault{"open was refused"};
  }
  /// True: taken. False: taken too, but what waits for the engine is much: who makes bytes from nothing
  /// stops until GH_EVENT_ROOM; for others the host stops feeding.
  bool send(gh_link link, Bytes out) const {
    const std::uint32_t status = Host::need(host_->engine().send)(session_, link, bytes(out), 0);
    if (status != GH_OK && status != GH_FULL) throw Fault{"send was refused"};
    return status == GH_OK;
  }
  /// Writes two bulk strings, user and secret, into the command that is being sent. For who is nobody they
  /// are two that must fail.
  void login(gh_link link, gh_identity identity) const {
    const std::uint32_t status = Host::need(host_->engine().login)(session_, link, identity);
    if (status != GH_OK && status != GH_FULL) throw Fault{"login was refused"};
  }
  /// From here on the engine's bytes come to fromLink, and no longer to the client on their own.
  void inspect(gh_link link) const {
    if (Host::need(host_->engine().mode)(session_, link, GH_LINK_INSPECTED) != GH_OK)
      throw Fault{"mode was refused"};
  }
  void close(gh_link link) const {
    if (Host::need(host_->engine().close)(session_, link) != GH_OK) throw Fault{"close was refused"};
  }

private:
  const Host* host_;
  gh_session session_;
};

/// A user as the directory has it. The texts live until verify returns.
struct User {
  std::uint64_t reference = 0;
  Bytes method, verifier;
};

/// GH_DIRECTORY inside one verify.
class Directory {
public:
  Directory(const Host& host, gh_view view) noexcept
      : host_(&host)
      , view_(view) {}
  /// GH_OK and `out`, GH_NOT_FOUND, or a reason why nobody can tell (GH_UNAVAILABLE, GH_UNSUPPORTED, ...).
  [[nodiscard]] std::uint32_t lookup(std::uint32_t keyKind, Bytes key, User& out) const {
    auto user = sized<gh_user>();
    const std::uint32_t status = Host::need(host_->directory().lookup)(view_, keyKind, bytes(key), &user);
    if (status == GH_OK) out = {user.user, bytes(user.method), bytes(user.verifier)};
    return status;
  }

private:
  const Host* host_;
  gh_view view_;
};

} // namespace gatehouse
#pragma GCC visibility pop
