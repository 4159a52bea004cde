#include "control/rest/Operations.h"

#include "control/Audit.h"
#include "control/codec/JsonReader.h"
#include "store/Reader.h"

#include <algorithm>
#include <string.h>
#include <utility>

namespace gatehouse::control {

Error bodyTooLarge() {
  return {Code::body_too_large,
          "a body may have " + std::to_string(Management::bodyLimit) + " bytes at most"};
}

Status Refusal::body(std::string_view) { return Error{Code::invalid_param, "no body is wanted"}; }

void Refusal::finish(store::Reader&, std::function<void(Answer)> done) { done(std::move(answer_)); }

Status ReadOperation::body(std::string_view) { return Error{Code::invalid_param, "no body is wanted"}; }

void ReadOperation::finish(store::Reader& reader, std::function<void(Answer)> done) {
  const Reading reading{asked_.caller,    asked_.policy,       around_,
                        asked_.parameter, asked_.query.fields, asked_.query};
  auto answer = asked_.endpoint->read(reading, reader);
  done(answer ? std::move(*answer) : Answer::refusal(answer.error()));
}

WriteOperation::WriteOperation(Asked asked, const Surroundings& around, WritePipeline& pipeline,
                               EventSink& events, std::size_t expected)
    : asked_(std::move(asked))
    , around_(around)
    , pipeline_(pipeline)
    , events_(events) {
  // A secret that is not copied on growth need not be hunted; who announces more than it sends costs memory
  // only up to here.
  body_.reserve(std::min<std::size_t>(expected, 64 * 1024));
}

WriteOperation::~WriteOperation() { explicit_bzero(body_.data(), body_.size()); }

Status WriteOperation::body(std::string_view piece) {
  if (tooLarge_ || piece.size() > Management::bodyLimit - body_.size()) {
    tooLarge_ = true;
    return bodyTooLarge();
  }
  if (body_.size() + piece.size() > body_.capacity()) {
    std::string larger;
    larger.reserve(std::max(body_.capacity() * 2, body_.size() + piece.size()));
    larger = body_;
    explicit_bzero(body_.data(), body_.size());
    body_.swap(larger);
  }
  body_ += piece;
  return {};
}

Result<Task> WriteOperation::plan(store::Reader& reader) {
  if (tooLarge_) return bodyTooLarge();
  const Reading reading{asked_.caller,    asked_.policy,       around_,
                        asked_.parameter, asked_.query.fields, asked_.query};
  Node node;
  if (asked_.endpoint->body) {
    auto read = readJson(body_);
    explicit_bzero(body_.data(), body_.size());
    body_.clear();
    if (!read) return std::move(read).error();
    node = std::move(*read);
  }
  auto task = asked_.endpoint->plan(reading, reader, node);
  wipe(node);
  return task;
}

void WriteOperation::finish(store::Reader& reader, std::function<void(Answer)> done) {
  auto task = plan(reader);
  if (!task) {
    if (!asked_.query.dryRun)
      audit::changeRefused(events_, asked_.caller, asked_.endpoint->method, asked_.path, task.error());
    return done(Answer::refusal(task.error()));
  }
  WriteRequest request;
  request.caller = asked_.caller;
  request.endpoint = asked_.endpoint;
  request.path = asked_.path;
  request.parameter = asked_.parameter;
  request.dryRun = asked_.query.dryRun;
  request.ifMatch = asked_.ifMatch;
  request.task = std::move(*task);
  request.done = std::move(done);
  pipeline_.submit(std::move(request));
}

} // namespace gatehouse::control
