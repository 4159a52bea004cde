#include "support/TaggedLoad.h"

#include "support/RespClient.h"
#include "support/ServerProcess.h"

#include <chrono>
#include <random>

namespace gatehouse::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string tagOf(std::mt19937& random) {
  std::string out = "t";
  for (int i = 0; i < 12; ++i) out += static_cast<char>('a' + random() % 26);
  return out;
}

/// An error that says that it was not done, and no more.
bool saysNotNow(const resp::Reply& reply) {
  for (const std::string_view code : {"LOADING", "TRYAGAIN", "MISCONF", "BUSY"})
    if (reply.isError(code)) return true;
  return false;
}

} // namespace

/// What one connection has in flight: commands, and what each must answer, given what came before.
class TaggedLoad::Round {
public:
  Round(std::mt19937& random, const Shape& shape)
      : random_(random)
      , shape_(shape)
      , tag_(tagOf(random)) {}

  struct Owed {
    std::string command;                           // for people
    std::function<std::string()> wanted;           // as textOf gives it, once it is its turn
    std::function<void()> done = [] {};            // it was so
    std::pair<std::string, std::string> kept = {}; // what is acknowledged by it
  };

  void add() {
    const std::string value = unique();
    const std::string key = tag_ + ":k" + std::to_string(random_() % 8);
    switch (random_() % 8) {
    case 0: return say({"ECHO", value}, [value] { return value; });
    case 1: return say({"GET", key}, [this, key] { return valueOf(key); });
    case 2:
      return say({"MGET", key, tag_ + ":none", tag_ + ":k0"},
                 [this, key] { return "[" + valueOf(key) + ", (nil), " + valueOf(tag_ + ":k0") + "]"; });
    case 3:
      return say(
          {"INCR", tag_ + ":n"}, [this] { return std::to_string(count_ + 1); }, [this] { ++count_; });
    case 4: return say({"EVAL", "return ARGV[1]", "0", value}, [value] { return value; });
    case 5:
      return say({"NOSUCH", value}, [value] {
        return "-ERR unknown command 'NOSUCH', with args beginning with: '" + value.substr(0, 128) + "' ";
      });
    default: return set(shape_.keeps ? tag_ + ":s" + std::to_string(sequence_) : key, value);
    }
  }

  std::string out;
  std::vector<Owed> owed;

private:
  void set(const std::string& key, const std::string& value) {
    say(
        {"SET", key, value}, [] { return std::string("OK"); }, [this, key, value] { values_[key] = value; });
    if (shape_.keeps) owed.back().kept = {key, value};
  }
  void say(
      std::initializer_list<std::string_view> words, std::function<std::string()> wanted,
      std::function<void()> done = [] {}) {
    resp::appendCommand(out, words);
    Owed owes;
    for (const std::string_view word : words)
      owes.command += (owes.command.empty() ? "" : " ") + std::string(word.substr(0, 60));
    owes.wanted = std::move(wanted);
    owes.done = std::move(done);
    owed.push_back(std::move(owes));
  }
  std::string unique() {
    std::string out = tag_ + ':' + std::to_string(sequence_++) + ':';
    if (out.size() < shape_.valueBytes) out.resize(shape_.valueBytes, 'x');
    return out;
  }
  std::string valueOf(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "(nil)" : found->second;
  }

  std::mt19937& random_;
  const Shape& shape_;
  const std::string tag_;
  std::uint64_t sequence_ = 0;
  std::int64_t count_ = 0;
  std::map<std::string, std::string> values_;
};

TaggedLoad::TaggedLoad(std::vector<Connect> connects, Shape shape)
    : shape_(shape) {
  std::random_device device;
  for (Connect& connect : connects) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->connect = std::move(connect);
  }
  for (const auto& worker : workers_)
    worker->thread = std::thread([this, &one = *worker, seed = device()] { run(one, seed); });
}

TaggedLoad::~TaggedLoad() { stop(); }

void TaggedLoad::stop() {
  over_ = true;
  for (const auto& worker : workers_)
    if (worker->thread.joinable()) worker->thread.join();
}

void TaggedLoad::wrong(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (wrong_++ == 0) firstWrong_ = text;
}

void TaggedLoad::run(Worker& worker, std::uint32_t seed) {
  std::mt19937 random(seed);
  while (!over_) {
    const std::unique_ptr<RespPeer> peer = worker.connect();
    if (!peer) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20)); // between two attempts
      continue;
    }
    ++worker.opened;
    Round round(random, shape_);
    while (!over_ && !peer->ended()) {
      round.out.clear();
      round.owed.clear();
      for (auto left = 1 + random() % 16; left > 0; --left) round.add();
      if (!peer->came().empty()) return wrong("nobody asked for: " + peer->take().substr(0, 300));
      static_cast<void>(peer->write(round.out)); // an end in the middle leaves replies to be read
      for (const Round::Owed& owes : round.owed) {
        const auto asked = Clock::now();
        const auto reply = peer->receive();
        const auto ms = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - asked).count());
        if (ms > worker.slowestMs) worker.slowestMs = ms;
        if (!reply) {
          if (!peer->ended()) return wrong("silence after: " + owes.command);
          if (!peer->came().empty() && peer->came().find("\r\n") == std::string_view::npos &&
              std::string_view("+-:$*").find(peer->came().front()) == std::string_view::npos)
            wrong("a last piece that is no reply: " + peer->take().substr(0, 300));
          break;
        }
        if (saysNotNow(*reply)) {
          ++worker.refused;
          continue;
        }
        const std::string is = textOf(reply), wanted = owes.wanted();
        if (is != wanted)
          return wrong("after " + owes.command + ": " + is.substr(0, 300) + " instead of " +
                       wanted.substr(0, 300));
        owes.done();
        ++worker.right;
        if (!owes.kept.first.empty()) {
          const std::lock_guard lock(mutex_);
          acknowledged_.insert_or_assign(owes.kept.first, owes.kept.second);
        }
      }
    }
    if (peer->ended()) ++worker.ended;
  }
}

TaggedLoad::Report TaggedLoad::report() const {
  Report out;
  for (const auto& worker : workers_) {
    out.right += worker->right;
    out.refused += worker->refused;
    out.ended += worker->ended;
    out.opened += worker->opened;
    out.slowestMs = std::max<std::uint64_t>(out.slowestMs, worker->slowestMs);
  }
  const std::lock_guard lock(mutex_);
  out.wrong = wrong_;
  out.firstWrong = firstWrong_;
  return out;
}

bool TaggedLoad::allGoOn(std::uint64_t more, std::chrono::milliseconds within) const {
  std::vector<std::uint64_t> goals;
  for (const auto& worker : workers_) goals.push_back(worker->right + more);
  return eventually(
      [&] {
        for (std::size_t i = 0; i < goals.size(); ++i)
          if (workers_[i]->right < goals[i]) return false;
        return true;
      },
      within);
}

} // namespace gatehouse::test
