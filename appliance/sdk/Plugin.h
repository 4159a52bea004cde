#pragma once
#include "sdk/Host.h"
#include "sdk/Values.h"

#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

/// What a plugin's author writes against: a class, and one of the two macros at the end of this file. Header
/// only. Exceptions stop here: what escapes an author's code is logged and ends that session, or refuses that
/// login.
#pragma GCC visibility push(hidden)
namespace gatehouse {

/// A completion of `ask`, `end`, `pull` or a link's `open`. Lives as long as the call.
class Completion {
public:
  explicit Completion(const gh_completion& c) noexcept
      : c_(c) {}
  [[nodiscard]] std::uint64_t token() const noexcept { return c_.token; }
  [[nodiscard]] std::uint32_t status() const noexcept { return c_.status; }
  [[nodiscard]] bool ok() const noexcept { return c_.status == GH_OK; }
  [[nodiscard]] gh_identity identity() const noexcept { return c_.handle; }   // of ask
  [[nodiscard]] gh_link link() const noexcept { return c_.handle; }           // of open
  [[nodiscard]] std::uint32_t httpStatus() const noexcept { return c_.code; } // of end
  [[nodiscard]] std::uint64_t length() const noexcept { return c_.length; }   // of end; GH_LENGTH_UNKNOWN
  [[nodiscard]] std::size_t fieldCount() const noexcept { return c_.fields == nullptr ? 0 : c_.field_count; }
  [[nodiscard]] std::pair<Bytes, Bytes> field(std::size_t i) const noexcept { // of end; i < fieldCount()
    const auto* at = reinterpret_cast<const char*>(c_.fields) + i * c_.field_size;
    const auto* one = reinterpret_cast<const gh_field*>(at);
    return {bytes(one->name), bytes(one->value)};
  }
  [[nodiscard]] Bytes piece() const noexcept { return bytes(c_.piece); } // of pull
  [[nodiscard]] bool last() const noexcept { return c_.last != 0; }      // of pull

private:
  const gh_completion& c_;
};

/// A protocol's state for one session: bytes in, bytes out. Made when the session opens, gone when it has
/// closed.
///
/// A class may have, all optional: `static constexpr gh_need needs[]`, `static constexpr gh_setting
/// settings[]`, and a type `Configuration` that is built once per instance from (const Values&) or (const
/// Values&, const Host&), may throw Problem there, and is handed to each conversation's constructor as
/// `const Configuration&`.
///
/// Threads: one call at a time, never nested. Conversations of one instance run in parallel.
/// Errors:  whatever an override throws ends the session (ABORT), with its text in the log.
class Conversation {
public:
  Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  virtual ~Conversation() = default;

  /// The session has begun. The host can be asked from here on, not yet in the constructor.
  virtual void opened() {}
  /// Takes bytes from the front of `in` and says how many. What is left comes again with more behind it.
  /// `last`: no byte follows.
  virtual std::size_t fromClient(Bytes in, bool last) = 0;
  /// Bytes of an INSPECTED link, taken like the client's; and of any link its end (`last`), after which its
  /// handle is dead. Only who opens links is fed from them.
  virtual std::size_t fromLink(gh_link, Bytes /*in*/, bool /*last*/) {
    throw Fault{"fed from a source that this plugin does not know"};
  }
  virtual void completed(const Completion&) {}
  /// GH_EVENT_*. Nothing is to be done for one that is not known.
  virtual void event(std::uint32_t) {}
  /// The last call; GH_CLOSED_BY_*. emit still works here.
  virtual void closing(std::uint32_t) {}

protected:
  // What the present call answers; the last one set counts; none set: as before.
  void next() noexcept { flow_ = GH_FLOW_NEXT; }   // feed me, I stand between messages
  void more() noexcept { flow_ = GH_FLOW_MORE; }   // feed me, I stand inside one
  void hold() noexcept { flow_ = GH_FLOW_HOLD; }   // don't feed me; a completion or a link will go on
  void close() noexcept { flow_ = GH_FLOW_CLOSE; } // flush what I emitted, then close
  void abort() noexcept { flow_ = GH_FLOW_ABORT; } // close without a flush

  /// True: go on. False: taken, but a source that makes bytes from nothing waits for GH_EVENT_ROOM.
  bool emit(Bytes out) { return Output(*host_, session_).emit(out); }
  [[nodiscard]] const Host& host() const noexcept { return *host_; }
  [[nodiscard]] Authenticate authenticate() const noexcept { return {*host_, session_}; }
  [[nodiscard]] Manage manage() const noexcept { return {*host_, session_}; }
  [[nodiscard]] Engine engine() const noexcept { return {*host_, session_}; }
  /// A number that this session has not used as a token yet.
  [[nodiscard]] std::uint64_t newToken() noexcept { return ++token_; }
  /// The other end. Its texts live inside opened() alone; its numbers for good.
  [[nodiscard]] const gh_peer& peer() const noexcept { return peer_; }

private:
  friend struct Barrier;
  const Host* host_ = nullptr;
  gh_session session_ = 0;
  gh_peer peer_{};
  std::uint64_t token_ = 0;
  std::uint32_t flow_ = GH_FLOW_SAME;
};

/// What verify answers: a verdict, and with ACCEPT the user that it proposes.
struct Answer {
  std::uint32_t verdict; // GH_VERDICT_*
  std::uint64_t user = 0;

  static Answer accept(const User& user) noexcept { return {GH_VERDICT_ACCEPT, user.reference}; }
};

/// What enroll answers: a status, and with GH_OK the verifier.
struct Enrolled {
  std::uint32_t status;
  std::string verifier = {};
};

/// Turns evidence into a verdict. One object per instance, built from nothing, (const Values&) or (const
/// Values&, const Host&).
///
/// A class must have `static constexpr std::uint32_t runsOn`, `static constexpr std::uint32_t evidence[]`
/// and `static constexpr const char* methods[]`; it may have needs and settings as a Conversation does.
///
/// Threads: verify and enroll run in parallel with themselves: they are const.
/// Errors:  what verify throws is GH_VERDICT_FAILURE: it refuses.
class Authenticator {
public:
  Authenticator() = default;
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;
  virtual ~Authenticator() = default;

  [[nodiscard]] virtual Answer verify(const gh_evidence& evidence, const Directory& directory) const = 0;
  /// Makes the verifier of a new secret. A class that does not override it enrols nothing.
  [[nodiscard]] virtual Enrolled enroll(Bytes /*method*/, Bytes /*secret*/) const { return {GH_UNSUPPORTED}; }

protected:
  [[nodiscard]] const Host& host() const noexcept { return *host_; }

private:
  friend struct Barrier;
  const Host* host_ = nullptr;
};

/// Services, for `needs`. GH_CORE is always there; it is named here only where a plugin must not run
/// without a later version.
constexpr gh_need require(const char* service, std::uint32_t version = 1) { return {service, version, 0}; }
constexpr gh_need prefer(const char* service, std::uint32_t version = 1) { return {service, version, 1}; }

/// Where C calls C++: everything that may throw is inside one of these functions.
struct Barrier {
  struct None {};

  // ---- what a class declares, or the empty default
  template <class C>
  static consteval bool hasNeeds() {
    return requires { std::size(C::needs); };
  }
  template <class C>
  static consteval bool hasSettings() {
    return requires { std::size(C::settings); };
  }
  template <class C>
  static constexpr std::uint32_t settingCount() {
    if constexpr (hasSettings<C>()) return std::size(C::settings);
    return 0;
  }
  template <class C>
  static constexpr const gh_setting* settings() {
    if constexpr (hasSettings<C>()) return std::data(C::settings);
    return nullptr;
  }
  template <class C, class = void>
  struct ConfigurationOf {
    using Type = None;
  };
  template <class C>
  struct ConfigurationOf<C, std::void_t<typename C::Configuration>> {
    using Type = typename C::Configuration;
  };

  /// Builds a T from as much of (values, host) as it wants.
  template <class T>
  static std::unique_ptr<T> build(const Values& values, const Host& host) {
    if constexpr (std::is_constructible_v<T, const Values&, const Host&>)
      return std::make_unique<T>(values, host);
    else if constexpr (std::is_constructible_v<T, const Values&>)
      return std::make_unique<T>(values);
    else
      return std::make_unique<T>();
  }

  template <class T>
  struct Instance {
    Host host;
    std::unique_ptr<T> content;
  };

  template <class Declares, class Content>
  static gh_instance* configure(const gh_host* theirs, gh_self self, const gh_value* values,
                                std::uint32_t count, std::uint32_t valueSize) noexcept {
    const auto host = sized(theirs);
    const auto tell = [&](const char* setting, Bytes text) {
      if (host.problem != nullptr) host.problem(self, setting, bytes(text));
    };
    try {
      auto instance = std::make_unique<Instance<Content>>();
      instance->host = Host(&host, self);
      const Values typed(settings<Declares>(), settingCount<Declares>(), values, count, valueSize);
      instance->content = build<Content>(typed, instance->host);
      if constexpr (std::is_base_of_v<Authenticator, Content>)
        instance->content->Authenticator::host_ = &instance->host;
      return reinterpret_cast<gh_instance*>(instance.release());
    } catch (const Problem& problem) {
      tell(problem.setting, problem.text);
    } catch (...) {
      tell(nullptr, describe());
    }
    return nullptr;
  }
  template <class Content>
  static void stop(gh_instance* instance) noexcept {
    delete reinterpret_cast<Instance<Content>*>(instance);
  }

  // ---- conversations
  template <class C>
  static std::uint32_t open(gh_instance* raw, gh_session session, const gh_peer* peer,
                            gh_conversation** out) noexcept {
    using Configuration = typename ConfigurationOf<C>::Type;
    auto& instance = *reinterpret_cast<Instance<Configuration>*>(raw);
    try {
      std::unique_ptr<Conversation> made;
      if constexpr (std::is_constructible_v<C, const Configuration&>)
        made = std::make_unique<C>(*instance.content);
      else
        made = std::make_unique<C>();
      made->host_ = &instance.host;
      made->session_ = session;
      made->peer_ = sized(peer);
      made->opened();
      forgetTexts(made->peer_);
      const std::uint32_t flow = std::exchange(made->flow_, GH_FLOW_SAME);
      *out = reinterpret_cast<gh_conversation*>(made.release());
      return flow;
    } catch (...) {
      instance.host.log(GH_LOG_ERROR, describe());
      return GH_FLOW_ABORT; // *out is still NULL
    }
  }
  template <class F>
  static std::uint32_t guarded(gh_conversation* raw, F call) noexcept {
    auto& conversation = *reinterpret_cast<Conversation*>(raw);
    conversation.flow_ = GH_FLOW_SAME;
    try {
      call(conversation);
      return conversation.flow_;
    } catch (...) {
      conversation.host_->log(GH_LOG_ERROR, describe());
      return GH_FLOW_ABORT;
    }
  }
  static std::uint32_t feed(gh_conversation* raw, std::uint64_t source, gh_bytes in, std::uint32_t last,
                            std::size_t* consumed) noexcept {
    return guarded(raw, [&](Conversation& c) {
      *consumed = source == GH_SOURCE_CLIENT ? c.fromClient(bytes(in), last != 0)
                                             : c.fromLink(source, bytes(in), last != 0);
    });
  }
  static std::uint32_t completed(gh_conversation* raw, const gh_completion* completion) noexcept {
    return guarded(raw, [&](Conversation& c) {
      const gh_completion mine = sized(completion);
      c.completed(Completion(mine));
    });
  }
  static std::uint32_t event(gh_conversation* raw, std::uint32_t what) noexcept {
    return guarded(raw, [&](Conversation& c) { c.event(what); });
  }
  static void close(gh_conversation* raw, std::uint32_t reason) noexcept {
    guarded(raw, [&](Conversation& c) { c.closing(reason); });
    delete reinterpret_cast<Conversation*>(raw);
  }

  // ---- authenticators
  template <class C>
  static std::uint32_t verify(const gh_instance* raw, gh_view view, const gh_evidence* theirs,
                              gh_proposal* out) noexcept {
    const auto& instance = *reinterpret_cast<const Instance<C>*>(raw);
    try {
      const gh_evidence evidence = sized(theirs);
      const Answer answer = static_cast<const Authenticator&>(*instance.content)
                                .verify(evidence, Directory(instance.host, view));
      if (answer.verdict == GH_VERDICT_ACCEPT) out->user = answer.user;
      return answer.verdict;
    } catch (...) {
      instance.host.log(GH_LOG_ERROR, describe());
      return GH_VERDICT_FAILURE;
    }
  }
  template <class C>
  static std::uint32_t enroll(const gh_instance* raw, gh_bytes method, gh_bytes secret, char* out,
                              std::size_t capacity, std::size_t* used) noexcept {
    const auto& instance = *reinterpret_cast<const Instance<C>*>(raw);
    try {
      const Enrolled made =
          static_cast<const Authenticator&>(*instance.content).enroll(bytes(method), bytes(secret));
      if (made.status != GH_OK) return made.status;
      if (made.verifier.size() > capacity) return GH_LIMIT;
      std::copy(made.verifier.begin(), made.verifier.end(), out);
      *used = made.verifier.size();
      return GH_OK;
    } catch (...) {
      instance.host.log(GH_LOG_ERROR, describe());
      return GH_FAILED;
    }
  }

  // ---- the descriptors
  template <class Declares, class Content>
  static constexpr gh_plugin describePlugin(const char* name, const char* version, const char* summary) {
    gh_plugin plugin{};
    plugin.size = sizeof plugin;
    plugin.abi_major = GH_ABI_MAJOR;
    plugin.abi_minor = GH_ABI_MINOR;
    plugin.name = name;
    plugin.version = version;
    plugin.summary = summary;
    if constexpr (hasNeeds<Declares>()) {
      plugin.needs = std::data(Declares::needs);
      plugin.need_count = std::size(Declares::needs);
    }
    plugin.need_size = sizeof(gh_need);
    plugin.settings = settings<Declares>();
    plugin.setting_count = settingCount<Declares>();
    plugin.setting_size = sizeof(gh_setting);
    plugin.configure = &configure<Declares, Content>;
    plugin.stop = &stop<Content>;
    return plugin;
  }
  template <class C>
  static const gh_plugin* protocol(const char* name, const char* version, const char* summary) {
    static_assert(std::is_base_of_v<Conversation, C>,
                  "a protocol's class derives from gatehouse::Conversation");
    static constexpr gh_protocol table = {sizeof(gh_protocol), 0,      &open<C>, &feed,
                                          &completed,          &event, &close};
    static const gh_plugin plugin = [&] {
      auto made = describePlugin<C, typename ConfigurationOf<C>::Type>(name, version, summary);
      made.protocol = &table;
      return made;
    }();
    return &plugin;
  }
  template <class C>
  static const gh_plugin* authenticator(const char* name, const char* version, const char* summary) {
    static_assert(std::is_base_of_v<Authenticator, C>,
                  "an authenticator's class derives from gatehouse::Authenticator");
    constexpr bool enrolls = !std::is_same_v<decltype(&C::enroll), decltype(&Authenticator::enroll)>;
    static constexpr gh_authenticator table = {sizeof(gh_authenticator),
                                               C::runsOn,
                                               std::data(C::evidence),
                                               std::data(C::methods),
                                               std::size(C::evidence),
                                               std::size(C::methods),
                                               &verify<C>,
                                               enrolls ? &enroll<C> : nullptr};
    static const gh_plugin plugin = [&] {
      auto made = describePlugin<C, C>(name, version, summary);
      made.authenticator = &table;
      return made;
    }();
    return &plugin;
  }

private:
  /// The text of the exception in flight, for the log.
  static const char* describe() noexcept {
    try {
      throw;
    } catch (const Fault& fault) {
      return fault.text;
    } catch (const std::bad_alloc&) {
      return "out of memory";
    } catch (const std::exception&) {
      return "an exception escaped the plugin's code"; // its text may hold bytes of a peer: not for the log
    } catch (...) {
      return "something that is no exception escaped the plugin's code";
    }
  }
  static void forgetTexts(gh_peer& peer) noexcept {
    peer.address = peer.local = peer.listener = peer.sni = peer.alpn = gh_bytes{};
  }
};

} // namespace gatehouse
#pragma GCC visibility pop

#define GATEHOUSE_PROTOCOL(name, version, summary, Class)                                                    \
  extern "C" GH_EXPORT const gh_plugin* gh_plugin_entry(std::uint32_t, std::uint32_t) noexcept {             \
    return ::gatehouse::Barrier::protocol<Class>(name, version, summary);                                    \
  }
#define GATEHOUSE_AUTHENTICATOR(name, version, summary, Class)                                               \
  extern "C" GH_EXPORT const gh_plugin* gh_plugin_entry(std::uint32_t, std::uint32_t) noexcept {             \
    return ::gatehouse::Barrier::authenticator<Class>(name, version, summary);                               \
  }
