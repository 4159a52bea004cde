#include "http_rest/RestConversation.h"

#include "http_rest/BasicCredentials.h"
#include "http_rest/TokenCredentials.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace gatehouse::http_rest {
namespace {

using namespace std::string_view_literals;

// All that the host ever hears of a request's fields. Authorization is settled here; whatever a proxy may
// have written about a peer (Forwarded, X-Client-Cert, r-auth-user, ...) is nobody's word (lessons 22 and
// 23).
constexpr std::array passedOn = {"accept"sv,   "cluster-state-id"sv, "content-type"sv, "host"sv,
                                 "if-match"sv, "origin"sv,           "user-agent"sv,   "x-api-version"sv};

constexpr Refusal tooLarge{413, "body_too_large", "The body is longer than this operation takes."};
constexpr Refusal tooSlow{408, "timeout", "The request did not come in time."};
constexpr Refusal noLonger{401, "unauthenticated", "The credentials of this connection are no longer valid."};
constexpr Refusal cannotAsk{503, "unavailable", "Credentials cannot be checked at the moment. Try again."};
constexpr Refusal noAnswer{503, "unavailable",
                           "There is no answer at the moment. Whether the operation was done is not known."};

} // namespace

// ---- what the client sends

std::size_t RestConversation::fromClient(Bytes in, bool) {
  std::size_t consumed = 0;
  while (reads()) {
    const RequestParser::Step step = parser_.step(in.substr(consumed));
    consumed += step.consumed;
    switch (step.event) {
    case RequestParser::Event::more:
      if (parser_.inside())
        more();
      else
        next();
      return consumed;
    case RequestParser::Event::head: headRead(); break;
    case RequestParser::Event::piece:
      if (!bodyPiece(step.piece)) return consumed;
      break;
    case RequestParser::Event::complete:
      if (state_ == State::discarding)
        requestOver();
      else
        end();
      break;
    case RequestParser::Event::failed: refuse(parser_.refusal()); break;
    }
  }
  return consumed;
}

void RestConversation::headRead() {
  host().count("requests");
  const RequestHead& head = parser_.head();
  closes_ = !head.keepAlive;
  bodyless_ = head.method == "HEAD";
  const Field* authorization = head.find("authorization");
  if (authorization == nullptr) return begin(GH_IDENTITY_CONNECTION);
  // R5: the field, being there, decides. Whatever it fails by, the refusal is the host's, and the same.
  if (const auto credentials = readBasic(authorization->value)) {
    token_ = newToken();
    authenticate().ask(credentials->login, credentials->password, token_);
  } else if (const auto token = readToken(authorization->value)) {
    token_ = newToken();
    authenticate().askToken(*token, token_);
  } else {
    return begin(GH_IDENTITY_NOBODY);
  }
  state_ = State::asking;
  hold();
}

void RestConversation::begin(gh_identity identity) {
  const RequestHead& head = parser_.head();
  std::vector<gh_field> fields;
  for (const Field& field : head.fields)
    if (std::find(passedOn.begin(), passedOn.end(), field.name) != passedOn.end())
      fields.push_back({bytes(field.name), bytes(field.value)});
  gh_request request{};
  request.method = bytes(head.method);
  request.path = bytes(head.path);
  request.query = bytes(head.query);
  request.fields = fields.data();
  request.field_count = static_cast<std::uint32_t>(fields.size());
  request.length = head.chunked ? GH_LENGTH_UNKNOWN : head.length;
  const gh_admission admission = manage().begin(identity, request);
  operation_ = admission.op;
  limit_ = admission.limit;
  taken_ = 0;
  parser_.forgetHead(); // its framing stays

  if (!head.hasBody()) return end();
  if (admission.want_body == 0) {
    leaveBody();
    return end();
  }
  if (head.expectsContinue) emit("HTTP/1.1 100 Continue\r\n\r\n");
  state_ = State::body;
  more();
}

/// The answer will come before the body has been read: is the body to be discarded after it, or the
/// connection to be closed?
void RestConversation::leaveBody() {
  const RequestHead& head = parser_.head();
  if (!head.hasBody() || closes_) return;
  // Who expects a 100 may never send the body after a refusal: what came next could be read as either.
  if (head.chunked || head.expectsContinue || head.length > maxDiscarded)
    closes_ = true;
  else
    discards_ = true;
}

/// False: take no more in this call.
bool RestConversation::bodyPiece(Bytes piece) {
  if (state_ == State::discarding) return true;
  if (piece.size() > limit_ - taken_) {
    refuse(tooLarge); // never end an operation whose body was cut short
    return false;
  }
  taken_ += piece.size();
  switch (manage().body(operation_, piece)) {
  case GH_OK: return true;
  case GH_FULL:
    if (parser_.step({}).event == RequestParser::Event::complete)
      end();
    else
      more(); // the host feeds again when there is room
    return false;
  default: // the answer says why
    closes_ = true;
    end();
    return false;
  }
}

void RestConversation::end() {
  state_ = State::answering;
  token_ = newToken();
  manage().end(operation_, token_);
  hold();
}

// ---- what the host answers

void RestConversation::completed(const Completion& completion) {
  if (completion.token() != token_) throw Fault{"a completion came that nobody waits for"};
  switch (state_) {
  case State::asking:
    if (completion.ok()) {
      identity_ = completion.identity();
      return begin(identity_);
    }
    if (completion.status() != GH_UNAVAILABLE) return begin(GH_IDENTITY_NOBODY);
    host().count("unavailable");
    leaveBody();
    say(cannotAsk, {{"Retry-After", "1"}});
    return finish();
  case State::answering: return answer(completion);
  case State::pulling: return pulled(completion);
  default: throw Fault{"a completion came that nobody waits for"};
  }
}

void RestConversation::answer(const Completion& completion) {
  if (!completion.ok()) {
    closes_ = true; // the operation's end is with the session's
    say(noAnswer);
    return finish();
  }
  ResponseHead head;
  head.status = static_cast<int>(completion.httpStatus());
  head.length = completion.length() == GH_LENGTH_UNKNOWN ? ResponseHead::unknownLength : completion.length();
  head.chunks = parser_.head().minorVersion > 0;
  head.closes = closes_ = closes_ || draining_;
  for (std::size_t i = 0; i < completion.fieldCount(); ++i) head.fields.push_back(completion.field(i));
  const std::string text = writeHead(head);
  if (text.empty()) throw Fault{"an answer's status or field is none of HTTP"};
  emit(text);

  chunks_ = head.length == ResponseHead::unknownLength;
  left_ = head.length;
  if (!bodyless_ && mayHaveBody(head.status)) return pull();
  manage().drop(operation_);
  finish();
}

void RestConversation::pull() {
  state_ = State::pulling;
  token_ = newToken();
  manage().pull(operation_, token_);
  hold();
}

void RestConversation::pulled(const Completion& completion) {
  const Bytes piece = completion.piece();
  if (!completion.ok()) throw Fault{"an answer broke off"};
  if (!chunks_ && piece.size() > left_) throw Fault{"an answer is longer than its length"};
  left_ -= chunks_ ? 0 : piece.size();
  const bool framed = chunks_ && parser_.head().minorVersion > 0; // HTTP/1.0: the close ends the body
  if (!piece.empty()) {
    if (framed) emit(chunkLine(piece.size()));
    emit(piece);
    if (framed) emit("\r\n");
  }
  if (!completion.last()) return pull();
  if (!chunks_ && left_ != 0) throw Fault{"an answer is shorter than its length"};
  if (framed) emit(lastChunk);
  finish();
}

// ---- ends

/// The answer is out.
void RestConversation::finish() {
  operation_ = 0;
  parser_.forgetHead();
  if (identity_ != GH_IDENTITY_CONNECTION) {
    authenticate().forget(identity_); // the next request proves itself again (R5)
    identity_ = GH_IDENTITY_CONNECTION;
  }
  if (closes_ || draining_) return over();
  if (!discards_) return requestOver();
  state_ = State::discarding;
  more();
}

void RestConversation::requestOver() {
  parser_.next();
  discards_ = bodyless_ = false;
  state_ = State::head;
  next();
}

void RestConversation::over() {
  state_ = State::over;
  close();
}

/// Answered here and not by the host: what was sent is no request, or is too long. Where the next one would
/// begin is not known.
void RestConversation::refuse(const Refusal& refusal) {
  host().count("refused");
  host().log(GH_LOG_INFO, std::string("Refused a request: ") + std::to_string(refusal.status) + ' ' +
                              std::string(refusal.sentence));
  if (state_ == State::discarding) return over(); // this request has its answer
  // An operation that has begun is never ended; it goes with the session.
  closes_ = true;
  say(refusal);
  finish();
}

void RestConversation::say(const Refusal& refusal, ResponseHead::Fields fields) {
  const std::string body = errorBody(refusal.code, refusal.sentence);
  ResponseHead head;
  head.status = refusal.status;
  head.fields = std::move(fields);
  head.length = body.size();
  head.closes = closes_ = closes_ || draining_;
  emit(writeHead(head));
  if (!bodyless_) emit(body);
}

void RestConversation::event(std::uint32_t what) {
  if (what != GH_EVENT_DRAIN) return;
  draining_ = true;
  if (state_ == State::discarding || (state_ == State::head && !parser_.inside())) over();
}

void RestConversation::closing(std::uint32_t reason) {
  // Last words only where nothing of an answer has been said and nothing can have been done.
  if (state_ != State::body && !(state_ == State::head && parser_.inside())) return;
  closes_ = true;
  if (reason == GH_CLOSED_BY_DEADLINE) say(tooSlow);
  if (reason == GH_CLOSED_BY_POLICY) say(noLonger);
}

} // namespace gatehouse::http_rest
