#pragma once
#include "control/Operation.h"
#include "control/rest/RequestJudge.h"
#include "control/rest/WritePipeline.h"

#include <memory>
#include <string>

/// The kinds of Operation that Management::begin hands out.
namespace gatehouse::control {

/// The response field that says at which Revision the cluster is (facts §2.1: CLUSTER-STATE-ID).
inline constexpr std::string_view stateIdField = "cluster-state-id";

/// A request that was judged to be none of our business; answers why.
class Refusal final : public Operation {
public:
  Refusal(Answer answer, bool ofStranger)
      : answer_(std::move(answer))
      , ofStranger_(ofStranger) {}
  [[nodiscard]] bool wantsBody() const noexcept override { return false; }
  [[nodiscard]] bool refusesStranger() const noexcept override { return ofStranger_; }
  [[nodiscard]] std::size_t bodyLimit() const noexcept override { return 0; }
  Status body(std::string_view) override;
  void finish(store::Reader&, std::function<void(Answer)> done) override;

private:
  Answer answer_;
  const bool ofStranger_;
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

/// A body as it comes: bounded, and wiped when it has been read or goes, since it may carry a password or a
/// key.
class CollectedBody {
public:
  CollectedBody(std::size_t limit, std::uint64_t expected);
  ~CollectedBody();
  CollectedBody(const CollectedBody&) = delete;
  CollectedBody& operator=(const CollectedBody&) = delete;

  /// Errors: body_too_large, now and from here on.
  Status append(std::string_view piece);
  /// What the endpoint takes; an empty mapping where it may lack one and does. Once.
  Result<Node> read(const Endpoint&, bool typed);
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

private:
  const std::size_t limit_;
  std::string text_;
  bool tooLarge_ = false;
};

/// Collects a body, understands it on the worker, and hands the change to the pipeline.
class WriteOperation final : public Operation {
public:
  WriteOperation(Asked asked, const Surroundings& around, WritePipeline& pipeline, EventSink& events,
                 std::uint64_t expected);
  [[nodiscard]] bool wantsBody() const noexcept override { return asked_.endpoint->body; }
  [[nodiscard]] std::size_t bodyLimit() const noexcept override { return body_.limit(); }
  Status body(std::string_view piece) override;
  void finish(store::Reader&, std::function<void(Answer)> done) override;

private:
  Result<Task> plan(store::Reader&);

  Asked asked_;
  const Surroundings& around_;
  WritePipeline& pipeline_;
  EventSink& events_;
  CollectedBody body_;
};

/// Collects a body and lets the endpoint answer when it can.
class WorkOperation final : public Operation {
public:
  WorkOperation(Asked asked, const Surroundings& around, EventSink& events, std::uint64_t expected);
  [[nodiscard]] bool wantsBody() const noexcept override { return asked_.endpoint->body; }
  [[nodiscard]] std::size_t bodyLimit() const noexcept override { return body_->limit(); }
  Status body(std::string_view piece) override;
  void finish(store::Reader&, std::function<void(Answer)> done) override;

private:
  void bulk(std::function<void(Answer)> answered);

  Asked asked_;
  const Surroundings& around_;
  EventSink& events_;
  std::shared_ptr<CollectedBody> body_;
};

/// Adds the field with this Revision where the answer has none yet.
void addStateId(Answer&, model::Revision);

} // namespace gatehouse::control
