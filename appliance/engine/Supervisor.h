#pragma once
#include "engine/Departure.h"
#include "engine/Engine.h"
#include "engine/Engines.h"
#include "transport/EventLoop.h"

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::engine {

/// The engines' thread, and what stands on either side of it. Everything below "the engines' thread" runs
/// there alone; other threads post, and read what is published under the mutex.
///
/// Threads: as Engines. Owns: the thread, the loop, the engines.
class Engines::Supervisor {
public:
  static Result<std::unique_ptr<Supervisor>> create(EnginesOptions options, const Clock& clock,
                                                    EventSink& events);
  ~Supervisor();

  [[nodiscard]] std::shared_ptr<const model::CommandTable> commands();
  void run(std::vector<EngineSpec> wanted);
  [[nodiscard]] EngineState state(std::int64_t database);
  void whenSettled(std::int64_t database, std::uint64_t mostMs, std::function<void()> done);
  void project(ProjectionRequest request, Projection::Done done);
  void revoke(std::int64_t database, std::int64_t userUid);
  [[nodiscard]] std::vector<std::string> behind();
  void stop(const std::function<void()>& saving);

private:
  struct Published {
    EngineState state;
    std::string name;
    std::size_t posted = 0;      // revocations on their way to the engines' thread
    std::size_t unconfirmed = 0; // deletions that the engine has not confirmed
  };
  struct Settling {
    std::int64_t database = 0;
    std::uint64_t deadlineMs = 0;
    std::function<void()> done;
  };

  Supervisor(EnginesOptions options, EventSink& events, std::unique_ptr<transport::EventLoop> loop,
             EngineFolders folders, EngineFolders readersFolders, std::optional<SandboxSupport> sandbox,
             Secret key);
  /// False: stopped, and `work` will never run.
  [[nodiscard]] bool post(std::function<void()> work);

  // ---- the engines' thread
  void reconcile();
  void arrive(const EngineSpec& spec);
  void leave(std::int64_t database);
  [[nodiscard]] bool departing(const std::string& engineId) const;
  void forgetUnknown();
  void publish(std::int64_t database);
  void settle();
  void tick();
  void watchTheClock();

  const EnginesOptions options_;
  EventSink& events_;
  std::unique_ptr<transport::EventLoop> loop_;
  EngineFolders folders_; // the engines' thread's
  const std::optional<SandboxSupport> sandbox_;
  const Secret key_;
  std::uint64_t runs_ = 0;
  EngineHouse house_;
  std::map<std::int64_t, EngineSpec> wanted_;
  std::map<std::int64_t, std::unique_ptr<Engine>> engines_;
  std::vector<std::unique_ptr<Engine>> leaving_; // of databases that are removed: they still save
  std::list<Departure> departures_;
  std::vector<Settling> settling_;
  bool ran_ = false, stopping_ = false;
  std::uint64_t nextAgeMs_ = 0;
  transport::Timer timer_;

  std::mutex mutex_; // of what follows
  std::condition_variable ended_;
  std::map<std::int64_t, Published> published_;
  std::size_t announced_ = 0; // calls of run() whose turn on the engines' thread is to come
  bool closed_ = false;       // nothing is posted any more
  bool allOver_ = false;      // every engine has ended

  std::mutex readerMutex_; // of what follows
  EngineFolders readersFolders_;
  std::string readIdentity_; // of the program's file
  std::shared_ptr<const model::CommandTable> read_;
  std::uint64_t readAgainAtMs_ = 0; // where it could not be

  std::thread thread_;
};

} // namespace gatehouse::engine
