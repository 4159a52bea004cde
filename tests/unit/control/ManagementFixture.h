#pragma once
#include "base/Text.h"
#include "control/Management.h"
#include "control/Operation.h"
#include "control/Ports.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Transaction.h"
#include "store/Writer.h"
#include "support/CertForge.h"
#include "support/ManualClock.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// Remembers every event.
class RecordingSink final : public EventSink {
public:
  void record(const Event& event) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(event.json());
  }
  [[nodiscard]] bool wants(Level) const noexcept override { return true; }
  /// How many events hold all of these.
  [[nodiscard]] std::size_t count(const std::vector<std::string>& parts) const {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (const std::string& line : lines_) {
      bool all = true;
      for (const std::string& part : parts) all = all && line.find(part) != std::string::npos;
      found += all ? 1 : 0;
    }
    return found;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Stands for the gateway: everything can be told to fail or to wait. Read its members while the writer is
/// idle.
class FakeServing final : public control::Serving {
public:
  std::optional<Error> prepareFails;
  bool holdSwept = false, cpuFull = false, emptyVerifiers = false;
  std::function<void()> beforeEnroll;
  int prepared = 0, enrolled = 0;
  std::vector<store::Change> published;
  std::vector<std::function<void()>> waiting; // swept callbacks that were held back
  control::Policy inForce;
  std::vector<std::string> keysSeen; // names of certificates that came with a key

  std::shared_ptr<const model::CommandTable> installed = redisServer(); // null: no redis-server
  std::set<std::int64_t> takenPorts;                                    // by something else
  std::map<std::int64_t, control::DatabaseState> states; // by uid of the database; others are active
  bool holdSettled = false;
  std::vector<std::pair<std::int64_t, std::function<void()>>> settling; // that were held back
  std::uint64_t settleMs = 0;

  /// A redis-server that knows a few dozen commands.
  [[nodiscard]] static std::shared_ptr<const model::CommandTable> redisServer() {
    model::CommandTable table;
    table.version = "7.0.15";
    table.commands = {"get",        "set",       "del",          "mget",       "mset",   "incr",
                      "expire",     "ttl",       "exists",       "keys",       "scan",   "type",
                      "hget",       "hset",      "lpush",        "rpush",      "lpop",   "blpop",
                      "sadd",       "zadd",      "xadd",         "multi",      "exec",   "discard",
                      "watch",      "ping",      "echo",         "info",       "config", "config|get",
                      "config|set", "acl",       "acl|cat",      "acl|whoami", "client", "client|list",
                      "publish",    "subscribe", "eval",         "flushall",   "debug",  "shutdown",
                      "migrate",    "function",  "function|load"};
    table.categories = {"all",    "read", "write",     "dangerous", "admin",       "keyspace",
                        "string", "hash", "list",      "set",       "sortedset",   "pubsub",
                        "slow",   "fast", "scripting", "blocking",  "transaction", "connection"};
    return std::make_shared<const model::CommandTable>(std::move(table));
  }

  Result<std::shared_ptr<const control::Prepared>>
  prepare(const model::Snapshot&, const control::StoredCertificates& stored) override {
    ++prepared;
    keysSeen.clear();
    for (const auto& [name, row] : stored.cluster)
      if (!row->key.empty()) keysSeen.push_back(name);
    if (prepareFails) return *prepareFails;
    return std::make_shared<const control::Prepared>();
  }
  void publish(control::Policy policy, store::Change change, std::function<void()> swept) override {
    inForce = std::move(policy);
    published.push_back(std::move(change));
    if (holdSwept) {
      waiting.push_back(std::move(swept));
    } else {
      swept();
    }
  }
  Result<std::string> enroll(model::AuthMethod, const Secret& password) override {
    if (beforeEnroll) beforeEnroll();
    ++enrolled;
    return emptyVerifiers ? std::string() : "$fake$" + hex(password.reveal());
  }
  Result<std::vector<bool>> fits(model::AuthMethod, const Secret& password,
                                 const std::vector<std::string>& verifiers) override {
    std::vector<bool> out;
    out.reserve(verifiers.size());
    for (const std::string& verifier : verifiers)
      out.push_back(verifier == "$fake$" + hex(password.reveal()));
    return out;
  }
  std::set<std::int64_t> lockedUsers; // uids
  [[nodiscard]] bool loginLocked(std::int64_t uid, std::int64_t) override {
    return lockedUsers.contains(uid);
  }
  void unlock(std::int64_t uid) override { lockedUsers.erase(uid); }
  std::vector<control::LiveSession> live;
  void liveSessions(std::function<void(std::vector<control::LiveSession>)> done) override { done(live); }
  std::function<Result<std::string>(std::int64_t, const std::vector<std::string>&)> engine; // what it answers
  void runCommand(std::int64_t database, std::shared_ptr<const model::Admission>,
                  std::vector<std::string> words, std::function<void(Result<std::string>)> done) override {
    done(engine ? engine(database, words) : Error{Code::bdb_unavailable, "no engine"});
  }
  [[nodiscard]] bool onCpu(std::function<void()> job) override {
    if (cpuFull) return false;
    job();
    return true;
  }
  [[nodiscard]] std::shared_ptr<const model::CommandTable> commands() override { return installed; }
  [[nodiscard]] bool portIsFree(std::int64_t port) override { return !takenPorts.contains(port); }
  [[nodiscard]] control::DatabaseState databaseState(std::int64_t uid) override {
    if (const auto found = states.find(uid); found != states.end()) return found->second;
    control::DatabaseState state;
    state.status = model::DatabaseStatus::active;
    if (const auto* policy = inForce.snapshot ? inForce.snapshot->database(uid) : nullptr) {
      model::Endpoint endpoint;
      endpoint.uid = std::to_string(uid) + ":1";
      endpoint.dns_name = "gw1.example.com";
      endpoint.port = policy->database.port;
      state.endpoints.push_back(std::move(endpoint));
    }
    return state;
  }
  void whenSettled(std::int64_t uid, std::uint64_t mostMs, std::function<void()> done) override {
    settleMs = mostMs;
    if (holdSettled) {
      settling.emplace_back(uid, std::move(done));
    } else {
      done();
    }
  }
};

/// A management over a real store.
class ManagementFixture : public CppUnit::TestFixture {
public:
  void setUp() override {
    open();
    start({});
  }
  void tearDown() override { close(); }

protected:
  struct Ask {
    std::string method, path, body;
    std::string contentType = "application/json";
    std::string query = {}, ifMatch = {}, apiVersion = {};
  };

  void open() {
    folder_ = std::make_unique<TempFolder>();
    auto opened = store::Store::open(*folder_ / "store.db");
    CPPUNIT_ASSERT_MESSAGE(opened ? "" : opened.error().description, opened.ok());
    store_ = std::move(*opened);
    writer_ = std::move(store_->writer().value());
    reader_ = std::move(store_->reader().value());
    serving_ = std::make_unique<FakeServing>();
    management_ = std::make_unique<control::Management>(*store_, *writer_, *serving_, clock_, events_,
                                                        control::NodeFacts{"gw1.example.com", 9443});
  }
  void start(const std::vector<std::string>& manifests) {
    auto policy = management_->start({control::Provisioning::Mode::seed, manifests, false});
    CPPUNIT_ASSERT_MESSAGE(policy ? "" : policy.error().description, policy.ok());
    serving_->inForce = *policy;
  }
  void close() {
    if (writer_) writer_->stop();
    management_.reset();
    reader_.reset();
    writer_.reset();
    store_.reset();
    folder_.reset();
  }
  /// Waits until the writer has done all that was asked of it.
  void settle() {
    CPPUNIT_ASSERT(writer_->run([](store::WriteConnection&) {}));
  }

  [[nodiscard]] static control::Caller root() {
    model::Admission admission;
    admission.kind = model::EvidenceKind::local;
    admission.control = true;
    admission.listener = "control.socket";
    control::Caller caller;
    caller.admission = std::make_shared<const model::Admission>(std::move(admission));
    return caller;
  }
  [[nodiscard]] static control::Caller nobody() {
    control::Caller caller;
    caller.refusal = "the password is wrong";
    return caller;
  }
  /// A user that has just logged in with its password.
  [[nodiscard]] control::Caller user(std::int64_t uid) {
    auto found = reader_->userByUid(uid);
    CPPUNIT_ASSERT(found.ok() && found->record);
    model::Admission admission;
    admission.kind = model::EvidenceKind::password;
    admission.tlsVersion = 0x0304;
    admission.userUid = uid;
    admission.userRevision = found->record->judged.revision;
    control::Caller caller;
    caller.admission = std::make_shared<const model::Admission>(std::move(admission));
    caller.user = found->record;
    return caller;
  }

  /// The operation with its body, not finished.
  [[nodiscard]] std::unique_ptr<control::Operation> begin(const control::Caller& caller, const Ask& ask) {
    control::Head head;
    head.method = ask.method;
    head.path = ask.path;
    head.query = ask.query;
    head.contentType = ask.contentType;
    head.ifMatch = ask.ifMatch;
    head.apiVersion = ask.apiVersion;
    head.length = ask.body.size();
    auto operation = management_->begin(caller, head, serving_->inForce);
    CPPUNIT_ASSERT(operation != nullptr);
    if (operation->wantsBody()) {
      const std::string_view body = ask.body; // in two pieces, as it may come
      if (operation->body(body.substr(0, body.size() / 2)).ok())
        (void)operation->body(body.substr(body.size() / 2)).ok(); // finish says why
    }
    return operation;
  }
  control::Answer ask(const control::Caller& caller, const Ask& what) { return finish(begin(caller, what)); }
  control::Answer finish(std::unique_ptr<control::Operation> operation) {
    std::promise<control::Answer> promise;
    auto future = promise.get_future();
    operation->finish(*reader_, [&](control::Answer answer) { promise.set_value(std::move(answer)); });
    control::Answer answer = future.get();
    settle();
    return answer;
  }
  control::Answer root(const std::string& method, const std::string& path, const std::string& body = {}) {
    return ask(root(), {method, path, body});
  }

  static void expect(int status, std::string_view errorCode, const control::Answer& answer,
                     const std::string& naming = {}) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, std::string(errorCode), answer.errorCode);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.body, status, answer.status);
    CPPUNIT_ASSERT_MESSAGE(answer.body + " does not hold " + naming, holds(answer, naming));
  }
  static void expectOk(const control::Answer& answer, const std::string& holding = {}) {
    expect(200, "", answer, holding);
  }
  [[nodiscard]] static bool holds(const control::Answer& answer, std::string_view part) {
    return answer.body.find(part) != std::string::npos;
  }
  [[nodiscard]] static std::int64_t uidIn(const control::Answer& answer) {
    const std::size_t at = answer.body.find("\"uid\":");
    CPPUNIT_ASSERT_MESSAGE(answer.body, at != std::string::npos);
    return std::stoll(answer.body.substr(at + 6));
  }
  [[nodiscard]] static std::string field(const control::Answer& answer, std::string_view name) {
    for (const auto& [key, value] : answer.fields)
      if (key == name) return value;
    return {};
  }
  [[nodiscard]] model::Revision revision() { return reader_->revision().value(); }
  [[nodiscard]] store::UserRecord row(std::int64_t uid) { return *reader_->userByUid(uid)->record; }
  [[nodiscard]] static std::string path(std::string_view of, std::int64_t uid) {
    return "/v1/" + std::string(of) + "/" + std::to_string(uid);
  }

  /// A regular user with these roles.
  std::int64_t make(const std::string& name, const std::string& roleUids) {
    const control::Answer answer = root("POST", "/v1/users",
                                        R"({"name":")" + name + R"(","password":"secret-)" + name +
                                            R"(","role_uids":[)" + roleUids + "]}");
    expectOk(answer);
    return uidIn(answer);
  }
  [[nodiscard]] static std::string escaped(const std::string& pem) {
    std::string out;
    for (const char c : pem) out += c == '\n' ? std::string("\\n") : std::string(1, c);
    return out;
  }
  [[nodiscard]] static std::string entry(const std::string& name, const std::string& pem,
                                         const std::string& key = {}) {
    return R"({"name":")" + name + R"(","certificate":")" + escaped(pem) + '"' +
           (key.empty() ? "" : R"(,"key":")" + escaped(key) + '"') + '}';
  }
  [[nodiscard]] static std::string certificates(const std::string& entries) {
    return R"({"certificates":[)" + entries + "]}";
  }
  /// Trusts a CA.
  void trust(const Forged& ca) {
    expectOk(root("PUT", "/v1/cluster/certificates", certificates(entry("mtls_trusted_ca", ca.pem()))));
  }
  /// A database of this name; `more` are further members, each led by a comma.
  std::int64_t makeDatabase(const std::string& name, const std::string& more = {}) {
    const control::Answer answer =
        root("POST", "/v1/bdbs", R"({"name":")" + name + R"(","memory_size":1048576)" + more + '}');
    expectOk(answer);
    return uidIn(answer);
  }
  /// `,"authentication_ssl_client_certs":[...]`
  [[nodiscard]] static std::string listing(const std::vector<std::string>& pems) {
    std::string out;
    for (const std::string& pem : pems)
      out += (out.empty() ? "" : ",") + (R"({"client_cert":")" + escaped(pem) + R"("})");
    return R"(,"authentication_ssl_client_certs":[)" + out + ']';
  }
  [[nodiscard]] model::DatabasePolicy policyOf(std::int64_t uid) {
    const model::DatabasePolicy* policy = serving_->inForce.snapshot->database(uid);
    CPPUNIT_ASSERT_MESSAGE("there is no database " + std::to_string(uid), policy != nullptr);
    return *policy;
  }
  /// The text of a member whose value is a string.
  [[nodiscard]] static std::string textIn(const control::Answer& answer, const std::string& name) {
    const std::string key = '"' + name + R"(":")";
    const std::size_t at = answer.body.find(key);
    CPPUNIT_ASSERT_MESSAGE(answer.body, at != std::string::npos);
    return answer.body.substr(at + key.size(), answer.body.find('"', at + key.size()) - at - key.size());
  }
  /// Makes rows as a manifest's.
  void asManifest(const std::function<void(store::Transaction&)>& work) {
    CPPUNIT_ASSERT(writer_->run([&](store::WriteConnection& connection) {
      auto transaction = connection.begin("manifest", clock_.wallSeconds());
      work(*transaction);
      store::Change change;
      CPPUNIT_ASSERT(transaction->commit(change).ok());
    }));
  }

  ManualClock clock_;
  RecordingSink events_;
  std::unique_ptr<TempFolder> folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::Reader> reader_;
  std::unique_ptr<FakeServing> serving_;
  std::unique_ptr<control::Management> management_;
};

} // namespace gatehouse::test
