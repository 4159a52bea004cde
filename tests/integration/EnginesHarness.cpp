#include "EnginesHarness.h"

#include "EngineHarness.h"
#include "support/ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <unistd.h>

namespace gatehouse::test {

using engine::EngineStatus;

void KeptEvents::record(const Event& event) noexcept {
  const std::lock_guard lock(mutex_);
  events_.emplace_back(event.name, event.line());
}

std::size_t KeptEvents::count(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  std::size_t found = 0;
  for (const auto& [each, line] : events_) found += each == name ? 1 : 0;
  return found;
}

std::string KeptEvents::text() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const auto& [name, line] : events_) all += name + ": " + line + '\n';
  return all;
}

EnginesHarness::EnginesHarness(std::uint32_t maxClients)
    : folder_(std::make_unique<TempFolder>())
    , directory_(*folder_ / "engines")
    , maxClients_(maxClients) {
  again();
}

EnginesHarness::EnginesHarness(std::string directory)
    : directory_(std::move(directory)) {
  again();
}

void EnginesHarness::again() {
  stop();
  engine::EnginesOptions options;
  options.directory = directory_;
  options.redisServer = redisServer;
  options.user = "redis";
  options.maxClients = maxClients_;
  auto engines = engine::Engines::create(options, clock_, events_);
  CPPUNIT_ASSERT_MESSAGE(engines.ok() ? "" : engines.error().description, engines.ok());
  engines_ = std::move(engines).value();
}

void EnginesHarness::stop() {
  if (engines_) engines_->stop({});
  engines_.reset();
}

engine::EngineSpec EnginesHarness::spec(std::int64_t database, model::Persistence persistence) {
  engine::EngineSpec spec = specOf(persistence);
  spec.database = database;
  spec.engineId = "db" + std::to_string(database);
  spec.name = "base-" + std::to_string(database);
  return spec;
}

void EnginesHarness::run(const std::vector<engine::EngineSpec>& specs) {
  engines_->run(specs);
  for (const auto& each : specs)
    CPPUNIT_ASSERT_MESSAGE(engines_->state(each.database).reason + '\n' + events_.text(),
                           becomes(each.database, EngineStatus::ready));
}

bool EnginesHarness::becomes(std::int64_t database, EngineStatus status, std::chrono::milliseconds within) {
  return eventually([&] { return engines_->state(database).status == status; }, within);
}

pid_t EnginesHarness::pid(std::int64_t database) {
  return static_cast<pid_t>(engines_->state(database).processId);
}

std::future<Projection> EnginesHarness::asksFor(const engine::ProjectionRequest& request) {
  auto promise = std::make_shared<std::promise<Projection>>();
  auto future = promise->get_future();
  engines_->project(request, [promise](Projection result) { promise->set_value(std::move(result)); });
  return future;
}

Projection EnginesHarness::project(const engine::ProjectionRequest& request) {
  auto future = asksFor(request);
  CPPUNIT_ASSERT(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return future.get();
}

std::shared_ptr<const engine::Projected> EnginesHarness::user(std::int64_t database, std::int64_t uid,
                                                              const std::string& name) {
  auto result = project({database, uid, name, fullRules(), 1});
  CPPUNIT_ASSERT_MESSAGE(result.ok() ? "" : result.error().description, result.ok());
  return *result;
}

std::vector<std::string> fullRules() {
  return {"~*", "&*", "+@all", "-@admin", "-migrate", "-restore-asking", "-script|debug"};
}

// ---- a link

LinkOfTest::LinkOfTest(std::shared_ptr<const engine::Projected> user)
    : loop_(transport::EventLoop::create(clock_).value())
    , link_(
          std::make_unique<engine::Link>(*loop_, static_cast<engine::LinkHandler&>(*this), std::move(user))) {
  loop_->turn(0);
  link_->start();
}

void LinkOfTest::onLinkInput(engine::Link& link) {
  received_ += link.input().view();
  link.input().clear();
}

void LinkOfTest::onLinkEnded(engine::Link&, std::string_view why) noexcept {
  ended_ = true;
  why_ = why;
}

bool LinkOfTest::turnUntil(const std::function<bool()>& holds, std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    loop_->turn(10);
  }
  return true;
}

void LinkOfTest::turn(int milliseconds) {
  static_cast<void>(turnUntil([] { return false; }, std::chrono::milliseconds(milliseconds)));
}

bool LinkOfTest::opens(std::chrono::milliseconds within) {
  static_cast<void>(turnUntil([this] { return clientId_ != 0 || ended_; }, within));
  return link_->isOpen();
}

bool LinkOfTest::ends(std::chrono::milliseconds within) {
  return turnUntil([this] { return ended_; }, within);
}

void LinkOfTest::tell(std::initializer_list<std::string_view> words) {
  std::string command;
  resp::appendCommand(command, words);
  CPPUNIT_ASSERT(link_->send(command));
}

std::string LinkOfTest::ask(std::initializer_list<std::string_view> words, std::chrono::milliseconds within) {
  tell(words);
  return hear(within);
}

std::string LinkOfTest::hear(std::chrono::milliseconds within) {
  resp::ReadReply read;
  const bool came = turnUntil(
      [&] {
        read = resp::readReply(received_);
        return read.progress != resp::Progress::incomplete || ended_;
      },
      within);
  if (!came) return "(silence)";
  if (read.progress != resp::Progress::complete) return "(ended)";
  received_.erase(0, read.consumed);
  if (read.reply.kind == resp::Kind::integer) return std::to_string(read.reply.integer);
  return (read.reply.isError() ? "-" : "") + read.reply.text;
}

} // namespace gatehouse::test
