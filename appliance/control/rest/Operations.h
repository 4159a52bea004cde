#pragma once
#include "control/Operation.h"
#include "control/rest/Query.h"
#include "control/rest/Router.h"
#include "control/rest/WritePipeline.h"

#include <memory>
#include <string>

/// The three kinds of Operation that Management::begin hands out.
namespace gatehouse::control {

/// A request that was judged to be none of our business; answers why.
class Refusal final : public Operation {
public:
  explicit Refusal(Answer answer)
      : answer_(std::move(answer)) {}
  [[nodiscard]] bool wantsBody() const noexcept override { return false; }
  [[nodiscard]] std::size_t bodyLimit() const noexcept override { return 0; }
  Status body(std::string_view) override;
  void finish(store::Reader&, std::function<void(Answer)> done) override;

private:
  Answer answer_;
};

/// What both reads and writes know of their request.
struct Asked {
  Caller caller;
  std::shared_ptr<const model::Snapshot> policy; // the worker's
  const Endpoint* endpoint = nullptr;
  std::string path, parameter;
  Query query;
  std::int64_t ifMatch = -1; // as Draft's
};

class ReadOperation final : public Operation {
public:
  ReadOperation(Asked asked, const Surroundings& around)
      : asked_(std::move(asked))
      , around_(around) {}
  [[nodiscard]] bool wantsBody() const noexcept override { return false; }
  [[nodiscard]] std::size_t bodyLimit() const noexcept override { return 0; }
  Status body(std::string_view) override;
  void finish(store::Reader&, std::function<void(Answer)> done) override;

private:
  Asked asked_;
  const Surroundings& around_;
};

/// Collects a body, understands it on the worker, and hands the change to the pipeline. The body is wiped: it
/// may carry a password or a key.
class WriteOperation final : public Operation {
public:
  WriteOperation(Asked asked, const Surroundings& around, WritePipeline& pipeline, EventSink& events,
                 std::size_t expected);
  ~WriteOperation() override;
  [[nodiscard]] bool wantsBody() const noexcept override { return asked_.endpoint->body; }
  [[nodiscard]] std::size_t bodyLimit() const noexcept override { return Management::bodyLimit; }
  Status body(std::string_view piece) override;
  void finish(store::Reader&, std::function<void(Answer)> done) override;

private:
  Result<Task> plan(store::Reader&);

  Asked asked_;
  const Surroundings& around_;
  WritePipeline& pipeline_;
  EventSink& events_;
  std::string body_;
  bool tooLarge_ = false;
};

/// body_too_large (413).
[[nodiscard]] Error bodyTooLarge();

} // namespace gatehouse::control
