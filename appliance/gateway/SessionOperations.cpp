// Session, third part: management operations for the protocol plugin (GH_MANAGE).
#include "gateway/Session.h"

#include "base/Text.h"
#include "gateway/Worker.h"

#include <algorithm>

namespace gatehouse::gateway {
namespace {

constexpr std::size_t pieceBytes = 64 * 1024;
constexpr std::size_t mostOperations = 4; // HTTP needs one; a plugin that forgets to drop them stops here

std::string_view text(gh_bytes b) noexcept {
  return b.size == 0 ? std::string_view{} : std::string_view{b.data, b.size};
}

bool sameWord(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(x) == lower(y);
  });
}

/// A header field by name; empty if it did not come. Fields come as an array of elements of the plugin's
/// size.
std::string_view field(const gh_request& request, std::string_view name) noexcept {
  const auto* at = reinterpret_cast<const char*>(request.fields);
  for (std::uint32_t i = 0; i < request.field_count; ++i, at += request.field_size) {
    const auto* one = reinterpret_cast<const gh_field*>(at);
    if (sameWord(text(one->name), name)) return text(one->value);
  }
  return {};
}

} // namespace

std::uint32_t Session::begin(gh_identity identity, const gh_request& request, gh_admission& out) {
  if (operations_.size() >= mostOperations) return fault("more operations than a session may have", GH_LIMIT);
  if (request.field_count > 0 && (!request.fields || request.field_size < sizeof(gh_field)))
    return fault("a request's fields are not an array of fields", GH_INVALID);
  control::Head head;
  head.method = text(request.method);
  head.path = text(request.path);
  head.query = text(request.query);
  head.contentType = field(request, "content-type");
  head.ifMatch = field(request, "if-match");
  head.apiVersion = field(request, "x-api-version");
  head.origin = field(request, "origin");
  head.host = field(request, "host");
  head.clusterStateId = field(request, "cluster-state-id");
  if (request.length != GH_LENGTH_UNKNOWN) head.length = request.length;

  Operation operation;
  const control::Caller caller = callerFor(identity);
  operation.operation = worker_.shared().management.begin(caller, head, worker_.policy());
  // Some operations are open to nobody in particular: only a refusal for want of an identity is one.
  operation.nobody = !caller.somebody() && operation.operation->refusesStranger();
  if (!std::exchange(loginRecorded_, false) && operation.nobody) {
    const std::string what = printable(head.method, 16) + ' ' + printable(head.path, 200);
    AccessRecord access = record();
    const Proof* known = proofOf(identity); // of one who may not come in: an expired password's
    if (known && known->record) {
      access.evidence = model::word(known->admission->kind);
      access.user = known->record->judged.user.name;
    }
    access.reason = caller.refusal;
    access.detail = what;
    worker_.audit().refused(caller.refusedAs == Code::unavailable ? Counter::refused_overload
                                                                  : Counter::refused_login,
                            access, true);
  }
  operation.identity = identity;
  operation.length = head.length;
  const gh_op handle = nextHandle_++;
  out.op = handle;
  out.want_body = operation.operation->wantsBody() ? 1 : 0;
  out.limit = bodyLimitOf(*operation.operation);
  operations_.emplace(handle, std::move(operation));
  return GH_OK;
}

/// The configured limit holds for ordinary operations; one that asks for more of its own (a manifest) knows
/// what it does with it.
std::uint64_t Session::bodyLimitOf(const control::Operation& operation) const noexcept {
  const std::uint64_t own = operation.bodyLimit();
  return std::min(own, own <= control::Management::bodyLimit ? worker_.shared().bodyLimit : mostBody);
}

std::uint32_t Session::body(gh_op op, std::string_view piece) {
  const auto found = operations_.find(op);
  if (found == operations_.end()) return fault("a body for a dead operation", GH_GONE);
  Operation& operation = found->second;
  if (operation.finishing || !operation.operation->wantsBody())
    return fault("a body that nobody wants", GH_INVALID);
  operation.received += piece.size();
  if (operation.length && operation.received > *operation.length)
    return fault("more body than was announced", GH_INVALID);
  return operation.operation->body(piece).ok() ? GH_OK : GH_LIMIT;
}

std::uint32_t Session::end(gh_op op, std::uint64_t token) {
  const auto found = operations_.find(op);
  if (found == operations_.end()) return fault("the end of a dead operation", GH_GONE);
  Operation& operation = found->second;
  if (std::exchange(operation.finishing, true)) return fault("an operation was ended twice", GH_INVALID);
  operation.endToken = token;
  ++pending_;
  if (operation.operation->wantsBody() && operation.length && operation.received < *operation.length) {
    // Short of what was announced: it was cut off, and what is half there is not done.
    operation.operation.reset();
    operationAnswered(
        op, control::Answer::refusal({Code::invalid_schema, "the body is shorter than its Content-Length"}));
    return GH_OK;
  }
  const std::unique_ptr<control::Operation> work = std::move(operation.operation);
  work->finish(worker_.reader(), [&worker = worker_, id = id_, op](control::Answer answer) {
    if (worker.onOwnThread()) {
      if (Session* session = worker.session(id)) session->operationAnswered(op, std::move(answer));
      return;
    }
    auto shared = std::make_shared<control::Answer>(std::move(answer)); // std::function copies
    worker.post([&worker, id, op, shared] {
      if (Session* session = worker.session(id)) session->operationAnswered(op, std::move(*shared));
    });
  });
  return GH_OK;
}

void Session::operationAnswered(gh_op op, control::Answer answer) {
  const auto found = operations_.find(op);
  if (found == operations_.end() || found->second.answered)
    return; // dropped meanwhile: what was committed stays
  Operation& operation = found->second;
  operation.answered = true;
  operation.answer = std::move(answer);
  if (!operation.answer.errorCode.empty() && !operation.nobody)
    worker_.counters().add(Counter::refused_request);
  Ready ready;
  ready.completion.token = operation.endToken;
  ready.completion.code = static_cast<std::uint32_t>(operation.answer.status);
  ready.completion.length = operation.answer.listing ? GH_LENGTH_UNKNOWN : operation.answer.body.size();
  ready.fields = std::move(operation.answer.fields);
  if (endAfterAnswer_ && answersAll()) endTimer_.arm(worker_.loop().nowMs() + answerGraceMs);
  complete(std::move(ready));
}

std::uint32_t Session::pull(gh_op op, std::uint64_t token) {
  const auto found = operations_.find(op);
  if (found == operations_.end()) return fault("a pull from a dead operation", GH_GONE);
  if (!found->second.answered || waitingPull_) return fault("a pull before the answer", GH_INVALID);
  ++pending_;
  if (connection_.outputFull())
    waitingPull_.emplace(op, token); // onDrained goes on
  else
    producePiece(op, token);
  return GH_OK;
}

void Session::producePiece(gh_op op, std::uint64_t token) {
  const auto found = operations_.find(op);
  Ready ready;
  ready.completion.token = token;
  if (found == operations_.end()) { // dropped while it waited
    ready.completion.status = GH_UNAVAILABLE;
    complete(std::move(ready));
    return;
  }
  Operation& operation = found->second;
  bool last = false;
  if (operation.answer.listing) {
    const auto more = operation.answer.listing->next(worker_.reader(), ready.piece);
    if (!more)
      ready.completion.status =
          GH_UNAVAILABLE; // the plugin cuts the answer off: half a list must not look whole
    last = !more || !*more;
  } else {
    ready.piece = operation.answer.body.substr(operation.given, pieceBytes);
    operation.given += ready.piece.size();
    last = operation.given >= operation.answer.body.size();
  }
  ready.completion.last = last ? 1 : 0;
  if (last) operations_.erase(found);
  complete(std::move(ready));
}

std::uint32_t Session::drop(gh_op op) {
  if (operations_.erase(op) == 1) return GH_OK;
  return fault("a dead operation was dropped", GH_GONE);
}

bool Session::owesAnAnswer() const noexcept {
  return std::any_of(operations_.begin(), operations_.end(),
                     [](const auto& entry) { return entry.second.finishing; });
}

bool Session::sendsAList() const noexcept {
  return std::any_of(operations_.begin(), operations_.end(),
                     [](const auto& entry) { return entry.second.answer.listing != nullptr; });
}

bool Session::answersAll() const noexcept {
  return std::all_of(operations_.begin(), operations_.end(),
                     [](const auto& entry) { return !entry.second.finishing || entry.second.answered; });
}

bool Session::receivesABody() const noexcept {
  return std::any_of(operations_.begin(), operations_.end(), [](const auto& entry) {
    return !entry.second.finishing && entry.second.operation && entry.second.operation->wantsBody();
  });
}

} // namespace gatehouse::gateway
