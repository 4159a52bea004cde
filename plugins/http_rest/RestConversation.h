#pragma once
#include "http_rest/RequestParser.h"
#include "http_rest/ResponseWriter.h"
#include "sdk/Plugin.h"

#include <cstdint>
#include <vector>

namespace gatehouse::http_rest {

/// One connection that speaks HTTP/1.1: one request at a time becomes an operation of the host's manage
/// service. Who asks is settled before a byte of a body is read; who may do what is the host's to say.
///
/// Threads: one call at a time. Errors: a host that breaks its word is a Fault, which ends the connection.
/// Owns: at most one head (RequestParser::maxHead), one identity, one operation. No body, of neither
/// direction.
class RestConversation final : public Conversation {
public:
  static constexpr gh_need needs[] = {require(GH_AUTHENTICATE), require(GH_MANAGE)};

  /// Of a request that was refused by its head: a body up to so many bytes is read and dropped, so that the
  /// connection can go on and the answer is not lost in a reset. A longer one, or one of unknown length,
  /// costs the connection.
  static constexpr std::uint64_t maxDiscarded = 65'536; // bytes

  std::size_t fromClient(Bytes in, bool last) override;
  void completed(const Completion& completion) override;
  void event(std::uint32_t what) override;
  void closing(std::uint32_t reason) override;

private:
  enum class State : std::uint8_t {
    head,       // reading a request's head, or between requests
    asking,     // waiting: whose password or token is this?
    body,       // reading a body and handing it over
    answering,  // waiting for the answer's head
    pulling,    // waiting for a piece of the answer's body
    discarding, // the answer is out; reading the rest of a refused body
    over,
  };

  [[nodiscard]] bool reads() const noexcept {
    return state_ == State::head || state_ == State::body || state_ == State::discarding;
  }
  void headRead();
  void begin(gh_identity identity);
  bool bodyPiece(Bytes piece);
  void end();
  void answer(const Completion& completion);
  void pulled(const Completion& completion);
  void pull();
  void finish();
  void requestOver();
  void over();
  void refuse(const Refusal& refusal);
  void say(const Refusal& refusal, ResponseHead::Fields fields = {});
  void leaveBody();

  RequestParser parser_;
  State state_ = State::head;
  std::uint64_t token_ = 0; // of the completion that is waited for
  gh_op operation_ = 0;
  gh_identity identity_ =
      GH_IDENTITY_CONNECTION; // one that `ask` gave, until it is forgotten; else CONNECTION
  std::uint64_t limit_ = 0;   // bytes of body that the operation takes
  std::uint64_t taken_ = 0;   // bytes of body handed over
  std::uint64_t left_ = 0;    // bytes of the answer still to come, unless in chunks
  bool chunks_ = false;       // the answer's length is unknown
  bool bodyless_ = false;     // the answer to HEAD
  bool closes_ = false;       // after this answer
  bool discards_ = false;     // after this answer there is a body to discard
  bool draining_ = false;
};

} // namespace gatehouse::http_rest
