#pragma once
#include "resp/LoginForm.h"
#include "resp/RequestReader.h"
#include "sdk/Plugin.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::resp {

/// One connection that speaks RESP: commands go to the database's engine over a link of the connection's own,
/// replies come back past this plugin. Only what decides who the connection is is understood here: AUTH,
/// HELLO, RESET, QUIT. Nothing is opened before there is an identity (R13).
///
/// Threads: one call at a time. Errors: a host that breaks its word is a Fault, which ends the connection.
/// Owns: at most one held command, one identity, one link.
class RespConversation final : public Conversation {
public:
  static constexpr gh_need needs[] = {require(GH_AUTHENTICATE), require(GH_ENGINE)};

  void opened() override;
  std::size_t fromClient(Bytes in, bool last) override;
  std::size_t fromLink(gh_link link, Bytes in, bool last) override;
  void completed(const Completion& completion) override;
  void closing(std::uint32_t reason) override;

private:
  enum class State : std::uint8_t {
    reading,  // takes the client's bytes
    asking,   // waits: whose password is this?
    opening,  // waits for a link
    draining, // passes on the last of a link, up to its end
    quitting, // QUIT went to the engine: its end will come
    over,
  };
  /// Whom a link may be opened for.
  enum class Who : std::uint8_t {
    stranger,   // nobody, until a login
    connection, // whom the connection's certificate proves
    byDefault,  // the database's default user, until a login or RESET (R3)
    byPassword, // a login stands, on the link that is there
    refused     // nobody, ever
  };
  /// What becomes of the session when a link has been drained.
  enum class After : std::uint8_t { goesOn, close };

  std::size_t take(const RequestReader::Step& step, Bytes bytes);
  std::size_t commandBegins();
  void commandRead();
  std::size_t commandTooLong();
  void commandSkipped();
  void malformed();
  void endOfClient();
  std::size_t afterQuit(Bytes in, bool last);

  // A whole command, in words
  void withLink();
  void withLinkLogin(const LoginForm& form);
  void withoutLink();
  void asStranger(const LoginForm& form);

  void ask(const LoginForm& form);
  void loginAnswered(const Completion& completion);
  void loginFailed(std::uint32_t status);
  void openLink(gh_identity identity);
  void linkAnswered(const Completion& completion);
  void linkRefused(std::uint32_t status);

  void send(Bytes bytes);
  void sendWords();
  void sendLogin(const LoginForm& form, gh_identity identity);
  void sendFilled(std::uint64_t count, std::size_t from);
  void sendFillers(std::uint64_t count);
  void changeLink();
  void drain(Bytes commands, Bytes tail, After after);
  void finish(After after);
  void forgetIdentity();
  void goOn();
  void become(Who who);
  void linkGone();
  void sayLast(Bytes text);
  void over();

  [[nodiscard]] bool linked() const noexcept { return link_ != 0; }

  std::optional<RequestReader> reader_; // from opened() on
  State state_ = State::reading;
  Who who_ = Who::stranger;
  gh_link link_ = 0;
  gh_identity identity_ = GH_IDENTITY_NOBODY; // that a password gave, until its words are on a link
  std::uint64_t token_ = 0;                   // of the completion that is waited for
  LoginForm login_;                           // of the held command, while asking and opening
  bool sent_ = false;                         // something, on this link: replies may be owed
  bool full_ = false;                         // the link, in this call
  bool clientEnded_ = false;                  // and all that it sent has been taken
  bool notReady_ = false;                     // the next command is answered here: there is no engine
  Bytes answer_;                              // to the command that is being skipped
  Bytes tail_, orTail_;                       // what a draining link must end with; it is for nobody
  Bytes behind_;                              // what the client is told once it has ended
  After after_ = After::goesOn;
};

} // namespace gatehouse::resp
