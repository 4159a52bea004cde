#pragma once
#include "support/RespPeer.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gatehouse::test {

/// Connections that work on a database, a thread each, and know of every reply whose it is: values and keys
/// carry the connection's own random tag and a number that never comes again. A reply that is wrong, out of
/// order, somebody else's, or that nobody asked for is noticed. A connection that ends is opened again, with
/// a new tag.
///
/// Threads: its functions from one. Errors: what is wrong stands in the report. Owns: its threads and
/// connections; they end with it.
class TaggedLoad {
public:
  /// Makes a connection that is logged in; nothing where it cannot be had now (asked again a little later).
  using Connect = std::function<std::unique_ptr<RespPeer>()>;

  struct Shape {
    std::size_t valueBytes = 64;
    /// Each SET has a key of its own, and stays: what was acknowledged can be looked for afterwards.
    bool keeps = false;
  };

  TaggedLoad(std::vector<Connect> connects, Shape shape);
  explicit TaggedLoad(std::vector<Connect> connects)
      : TaggedLoad(std::move(connects), Shape()) {}
  ~TaggedLoad();
  TaggedLoad(const TaggedLoad&) = delete;
  TaggedLoad& operator=(const TaggedLoad&) = delete;

  /// Ends the threads; each takes what it is owed first.
  void stop();

  struct Report {
    std::uint64_t right = 0;     // replies that were as they must be
    std::uint64_t refused = 0;   // errors that say "not now": LOADING, MISCONF and the like
    std::uint64_t ended = 0;     // connections that the other side ended
    std::uint64_t opened = 0;    // connections
    std::uint64_t wrong = 0;     // replies that must not be
    std::string firstWrong = {}; // what was sent and what came
    std::uint64_t slowestMs = 0; // the longest that a reply was waited for
  };
  [[nodiscard]] Report report() const;
  /// Right replies of one connection so far: whether it goes on.
  [[nodiscard]] std::uint64_t rightOf(std::size_t index) const { return workers_[index]->right; }
  /// Waits until every connection has had `more` further right replies.
  [[nodiscard]] bool allGoOn(std::uint64_t more, std::chrono::milliseconds within) const;
  /// With Shape::keeps: what was acknowledged, by key. After stop.
  [[nodiscard]] const std::map<std::string, std::string>& acknowledged() const noexcept {
    return acknowledged_;
  }

private:
  struct Worker {
    Connect connect;
    std::thread thread;
    std::atomic<std::uint64_t> right{0}, refused{0}, ended{0}, opened{0}, slowestMs{0};
  };
  class Round;
  void run(Worker& worker, std::uint32_t seed);
  void wrong(const std::string& text);

  const Shape shape_;
  std::atomic<bool> over_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
  mutable std::mutex mutex_; // guards what follows
  std::uint64_t wrong_ = 0;
  std::string firstWrong_;
  std::map<std::string, std::string> acknowledged_;
};

} // namespace gatehouse::test
