#include "control/rest/Operations.h"

#include "base/Text.h"
#include "control/Audit.h"
#include "control/codec/JsonReader.h"
#include "store/Reader.h"

#include <algorithm>
#include <string.h>
#include <utility>

namespace gatehouse::control {
namespace {

Reading readingOf(const Asked& asked, const Surroundings& around) {
  return {asked.caller, asked.policy, around, asked.parameter, asked.query.fields, asked.query};
}

Status hasNoMembers(const Node& body) {
  if (body.kind != Node::Kind::mapping) return Error{Code::invalid_schema, "the body is {}, or none"};
  if (body.members.empty()) return {};
  return Error{Code::invalid_schema, '`' + printable(body.members.front().key, 64) +
                                         "` is not known here; the body is {}, or none"};
}

Status noBodyWanted() { return Error{Code::invalid_param, "no body is wanted"}; }

} // namespace

void addStateId(Answer& answer, model::Revision revision) {
  const bool there = std::any_of(answer.fields.begin(), answer.fields.end(),
                                 [](const auto& field) { return field.first == stateIdField; });
  if (!there) answer.fields.emplace_back(stateIdField, std::to_string(revision));
}

Status Refusal::body(std::string_view) { return noBodyWanted(); }

void Refusal::finish(store::Reader&, std::function<void(Answer)> done) { done(std::move(answer_)); }

Status ReadOperation::body(std::string_view) { return noBodyWanted(); }

void ReadOperation::finish(store::Reader& reader, std::function<void(Answer)> done) {
  const Reading reading = readingOf(asked_, around_);
  auto read = asked_.endpoint->read(reading, reader);
  Answer answer = read ? std::move(*read) : Answer::refusal(read.error());
  addStateId(answer, asked_.policy->revision);
  done(std::move(answer));
}

CollectedBody::CollectedBody(std::size_t limit, std::uint64_t expected)
    : limit_(limit) {
  // A secret that is not copied on growth need not be hunted; who announces more than it sends costs memory
  // only up to here.
  text_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>({expected, limit, 64 * 1024})));
}

CollectedBody::~CollectedBody() { explicit_bzero(text_.data(), text_.size()); }

Status CollectedBody::append(std::string_view piece) {
  if (tooLarge_ || piece.size() > limit_ - text_.size()) {
    tooLarge_ = true;
    return bodyTooLarge(limit_);
  }
  if (text_.size() + piece.size() > text_.capacity()) {
    std::string larger;
    larger.reserve(std::max(text_.capacity() * 2, text_.size() + piece.size()));
    larger = text_;
    explicit_bzero(text_.data(), text_.size());
    text_.swap(larger);
  }
  text_ += piece;
  return {};
}

Result<Node> CollectedBody::read(const Endpoint& endpoint, bool typed) {
  if (tooLarge_) return bodyTooLarge(limit_);
  Node node;
  if (!endpoint.body) return node;
  if (endpoint.mayLackBody && text_.empty()) {
    node.kind = Node::Kind::mapping;
    return node;
  }
  if (!typed) return notJson();
  auto read = readJson(text_);
  explicit_bzero(text_.data(), text_.size());
  text_.clear();
  // What is always refused says so itself, whatever was sent.
  if (read && endpoint.request.shape == "Empty" && !endpoint.answer.empty()) GH_TRY(hasNoMembers(*read));
  return read;
}

WriteOperation::WriteOperation(Asked asked, const Surroundings& around, WritePipeline& pipeline,
                               EventSink& events, std::uint64_t expected)
    : asked_(std::move(asked))
    , around_(around)
    , pipeline_(pipeline)
    , events_(events)
    , body_(bodyLimitOf(*asked_.endpoint), expected) {}

Status WriteOperation::body(std::string_view piece) { return body_.append(piece); }

Result<Task> WriteOperation::plan(store::Reader& reader) {
  auto node = body_.read(*asked_.endpoint, asked_.typed);
  if (!node) return std::move(node).error();
  auto task = asked_.endpoint->plan(readingOf(asked_, around_), reader, *node);
  wipe(*node);
  return task;
}

void WriteOperation::finish(store::Reader& reader, std::function<void(Answer)> done) {
  auto task = plan(reader);
  if (!task) {
    if (!asked_.query.dryRun)
      audit::changeRefused(events_, asked_.caller, asked_.endpoint->method, asked_.path, task.error());
    Answer answer = Answer::refusal(task.error());
    if (asked_.caller.somebody()) addStateId(answer, asked_.policy->revision); // a stranger is told nothing
    return done(std::move(answer));
  }
  WriteRequest request;
  request.caller = asked_.caller;
  request.endpoint = asked_.endpoint;
  request.path = asked_.path;
  request.parameter = asked_.parameter;
  request.dryRun = asked_.query.dryRun;
  request.forced = asked_.query.force;
  request.ifMatch = asked_.ifMatch;
  request.stateId = asked_.stateId;
  request.seen = asked_.policy->revision;
  request.task = std::move(*task);
  request.done = std::move(done);
  pipeline_.submit(std::move(request));
}

WorkOperation::WorkOperation(Asked asked, const Surroundings& around, EventSink& events,
                             std::uint64_t expected)
    : asked_(std::move(asked))
    , around_(around)
    , events_(events)
    , body_(std::make_shared<CollectedBody>(bodyLimitOf(*asked_.endpoint), expected)) {}

Status WorkOperation::body(std::string_view piece) { return body_->append(piece); }

void WorkOperation::finish(store::Reader& reader, std::function<void(Answer)> done) {
  auto answered = [done = std::move(done), seen = asked_.policy->revision,
                   somebody = asked_.caller.somebody()](Answer answer) {
    if (somebody || answer.errorCode.empty()) addStateId(answer, seen); // a stranger is told nothing
    done(std::move(answer));
  };
  if (asked_.endpoint->bulk) return bulk(std::move(answered));
  auto node = body_->read(*asked_.endpoint, asked_.typed);
  if (!node) {
    audit::changeRefused(events_, asked_.caller, asked_.endpoint->method, asked_.path, node.error());
    return answered(Answer::refusal(node.error()));
  }
  const Reading reading = readingOf(asked_, around_);
  asked_.endpoint->work(reading, reader, *node, std::move(answered));
  wipe(*node);
}

void WorkOperation::bulk(std::function<void(Answer)> answered) {
  // This operation may be gone before the pool comes to it.
  auto taken = std::make_shared<const Asked>(std::move(asked_));
  const bool accepted =
      around_.serving.onCpu([taken, body = body_, answered, &around = around_, &events = events_] {
        const Asked& asked = *taken;
        auto node = body->read(*asked.endpoint, asked.typed);
        if (!node) {
          audit::changeRefused(events, asked.caller, asked.endpoint->method, asked.path, node.error());
          return answered(Answer::refusal(node.error()));
        }
        asked.endpoint->bulk(readingOf(asked, around), *node, answered);
        wipe(*node);
      });
  if (!accepted)
    answered(Answer::refusal(
        {Code::overloaded, "too many passwords and manifests are being worked on; try again"}));
}

} // namespace gatehouse::control
