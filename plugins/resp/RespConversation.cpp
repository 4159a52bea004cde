#include "resp/RespConversation.h"

#include "resp/Answers.h"
#include "sdk/Resp.h"

#include <algorithm>
#include <utility>

namespace gatehouse::resp {
namespace {

constexpr Bytes quit = "*1\r\n$4\r\nQUIT\r\n";
constexpr Bytes resetThenQuit = "*1\r\n$5\r\nRESET\r\n*1\r\n$4\r\nQUIT\r\n";
constexpr Bytes authHead = "*3\r\n$4\r\nAUTH\r\n"; // two words follow, which the host writes
constexpr Bytes filler = "$1\r\n-\r\n";            // no user is called so (R17)
constexpr std::size_t maxAsked = 1024;             // bytes of a name or a password that are asked about

/// HTTP's words: Redis hangs up on them, so that a browser can't be made to speak to it.
bool isHttp(Bytes name) noexcept { return sameName(name, "post") || sameName(name, "host:"); }

/// How many bytes at the end of `in` may be the beginning of `tail`, or the whole of it.
std::size_t endThatMayBegin(Bytes in, Bytes tail) noexcept {
  std::size_t size = std::min(in.size(), tail.size());
  while (in.substr(in.size() - size) != tail.substr(0, size)) --size;
  return size;
}

} // namespace

void RespConversation::opened() {
  reader_.emplace(peer().input_limit == 0 ? RequestReader::maxLine : peer().input_limit);
  switch (peer().proof) {
  case GH_PROOF_CERTIFICATE: return become(Who::connection);
  case GH_PROOF_DEFAULT: return become(Who::byDefault);
  case GH_PROOF_REFUSED: return become(Who::refused);
  default: return become(Who::stranger);
  }
}

// ---- the client's bytes

std::size_t RespConversation::fromClient(Bytes in, bool last) {
  std::size_t at = 0;
  full_ = false;
  while (state_ == State::reading && !full_) {
    const Bytes left = in.substr(at);
    const RequestReader::Step step = reader_->step(left);
    at += step.size + take(step, left);
    if (step.event == RequestReader::Event::more) break;
  }
  if (state_ == State::quitting) return afterQuit(in, last);
  clientEnded_ = last && at == in.size();
  if (state_ != State::reading) return at; // has said how it goes on
  if (last && !full_)
    endOfClient();
  else if (at < in.size() || reader_->inside())
    more();
  else
    next();
  return at;
}

/// What follows QUIT is for nobody. It is read, so that the client's end is noticed: under CLIENT REPLY OFF
/// there is no reply after which Redis would close, and it does not.
std::size_t RespConversation::afterQuit(Bytes in, bool last) {
  if (last)
    hold(); // what is owed still comes, for as long as the host waits for it
  else
    next();
  return in.size();
}

/// Answers how many bytes it took beyond the step's own.
std::size_t RespConversation::take(const RequestReader::Step& step, Bytes bytes) {
  using Event = RequestReader::Event;
  switch (step.event) {
  case Event::pass: send(bytes.substr(0, step.size)); break;
  case Event::command: commandRead(); break;
  case Event::begins: return commandBegins();
  case Event::tooLong: return commandTooLong();
  case Event::skipped: commandSkipped(); break;
  case Event::failed: malformed(); break;
  case Event::filled:
    sendFillers(step.fillers);
    if (reader_->inside() || reader_->verb() != Verb::quit) break;
    state_ = State::quitting;
    hold();
    break;
  case Event::more:
  case Event::nothing: break;
  }
  return 0;
}

/// A command that would stream, and there is no link.
std::size_t RespConversation::commandBegins() {
  if (std::exchange(notReady_, false)) {
    answer_ = answers::loading;
  } else if (who_ == Who::connection || who_ == Who::byDefault) {
    openLink(GH_IDENTITY_CONNECTION);
    return 0;
  } else if (who_ == Who::refused) {
    answer_ = answers::certificateRefused;
  } else if (isHttp(reader_->name())) {
    over();
    close();
    return 0;
  } else {
    answer_ = sameName(reader_->name(), "reset") ? answers::resetArity : answers::noAuth;
  }
  return reader_->skip();
}

void RespConversation::commandSkipped() {
  if (who_ == Who::refused)
    sayLast(answer_);
  else if (!answer_.empty())
    emit(answer_);
}

void RespConversation::commandRead() {
  if (linked())
    withLink();
  else
    withoutLink();
  if (state_ != State::asking && state_ != State::opening) reader_->words().clear();
}

/// The beginning of a held command is there, and the rest is more than is held: nothing of it is verified,
/// none of its words but the name reaches anyone.
std::size_t RespConversation::commandTooLong() {
  const bool login = reader_->verb() == Verb::auth && (reader_->count() == 2 || reader_->count() == 3);
  std::size_t skipped = 0;
  if (!linked()) {
    sayLast(who_ == Who::refused ? answers::certificateRefused : answers::tooLong);
  } else if (login && who_ == Who::connection) {
    skipped = reader_->skip();
    sendLogin({LoginForm::Kind::login, 0}, GH_IDENTITY_NOBODY);
  } else if (login) {
    skipped = reader_->skip();
    login_ = {LoginForm::Kind::login, 0};
    loginFailed(GH_DENIED);
  } else {
    sendFilled(reader_->count(), 1);
  }
  answer_ = {};
  reader_->words().clear();
  return skipped;
}

/// Nothing of the command in question has been passed in this call; what was passed before is not whole, and
/// the engine never runs it.
void RespConversation::malformed() {
  host().count("malformed");
  if (sent_) return sayLast({}); // a text would stand where the client expects a reply
  if (who_ == Who::refused) return sayLast(answers::certificateRefused);
  sayLast("-ERR Protocol error: " + std::string(reader_->failure()) + "\r\n");
}

/// The client sends no more: the replies that are owed still come, as the last thing. Not where a command
/// was cut short (QUIT would become part of it), and not where one may be waiting (BLPOP): its client is
/// gone, and whatever came would be handed to nobody.
void RespConversation::endOfClient() {
  if (!linked() || !sent_ || reader_->inside() || reader_->sawWaiting()) return sayLast({});
  finish(After::close);
}

// ---- whole commands

void RespConversation::withLink() {
  switch (reader_->verb()) {
  case Verb::quit:
    sendWords();
    state_ = State::quitting;
    return hold();
  case Verb::reset: return changeLink();
  case Verb::auth:
  case Verb::hello: return withLinkLogin(loginForm(reader_->verb(), reader_->words()));
  case Verb::other: return sendWords();
  }
}

void RespConversation::withLinkLogin(const LoginForm& form) {
  switch (form.kind) {
  case LoginForm::Kind::none: return sendWords();
  case LoginForm::Kind::refused: return sendFilled(reader_->words().size(), form.auth + 1);
  case LoginForm::Kind::oneWord:
  case LoginForm::Kind::login:
    if (who_ == Who::connection) return sendLogin(form, GH_IDENTITY_NOBODY);
    return ask(form);
  }
}

void RespConversation::withoutLink() {
  if (who_ == Who::refused) return sayLast(answers::certificateRefused);
  if (reader_->verb() == Verb::quit) return sayLast(answers::ok);
  if (reader_->verb() == Verb::reset) {
    emit(answers::reset);
    if (who_ == Who::byDefault) become(Who::stranger);
    return;
  }
  const LoginForm form = loginForm(reader_->verb(), reader_->words());
  const bool login = form.kind == LoginForm::Kind::login || form.kind == LoginForm::Kind::oneWord;
  if (who_ == Who::stranger) return asStranger(form);
  if (who_ == Who::byDefault && login) return ask(form);
  openLink(GH_IDENTITY_CONNECTION);
}

/// As Redis answers who has not logged in.
void RespConversation::asStranger(const LoginForm& form) {
  const Words& words = reader_->words();
  if (reader_->verb() == Verb::hello) {
    if (const Bytes error = helloError(words); !error.empty()) {
      emit(error);
      emit("\r\n");
      return;
    }
  }
  if (form.kind == LoginForm::Kind::login || form.kind == LoginForm::Kind::oneWord) return ask(form);
  if (reader_->verb() == Verb::hello) {
    emit(form.kind == LoginForm::Kind::none ? answers::helloNoAuth : answers::wrongPass);
  } else if (reader_->verb() == Verb::auth) {
    emit(form.kind == LoginForm::Kind::none ? answers::authArity : answers::authSyntax);
  } else if (isHttp(words[0])) {
    sayLast({});
  } else {
    emit(sameName(words[0], "reset") ? answers::resetArity : answers::noAuth);
  }
}

// ---- logins

void RespConversation::ask(const LoginForm& form) {
  login_ = form;
  const Words& words = reader_->words();
  // One word means `default`: the database's default user, where that one has a password; else nobody.
  const bool one = form.kind == LoginForm::Kind::oneWord;
  const Bytes name = one ? Bytes("default") : words[form.auth + 1], secret = words[form.auth + (one ? 1 : 2)];
  if (name.size() > maxAsked || secret.size() > maxAsked) {
    host().count("logins_too_long"); // asked about, it would be another login than the client's
    return loginFailed(GH_DENIED);
  }
  token_ = newToken();
  authenticate().ask(name, secret, token_);
  state_ = State::asking;
  hold(); // the client's later commands; replies that are owed go on
}

void RespConversation::completed(const Completion& completion) {
  if (completion.token() != token_) throw Fault{"a completion that nothing waits for"};
  if (std::exchange(state_, State::reading) == State::asking)
    loginAnswered(completion);
  else
    linkAnswered(completion);
  if (state_ == State::opening) return;
  reader_->words().clear();
  if (state_ == State::reading) goOn();
}

void RespConversation::loginAnswered(const Completion& completion) {
  if (!completion.ok()) return loginFailed(completion.status());
  identity_ = completion.identity();
  if (!linked()) return openLink(identity_);
  sendLogin(login_, identity_);
  forgetIdentity();
  become(Who::byPassword);
}

void RespConversation::loginFailed(std::uint32_t status) {
  if (!linked()) {
    become(Who::stranger); // a default session is none any more (R3)
    if (status == GH_REFUSED) return sayLast(answers::userRefused);
    emit(status == GH_DENIED ? answers::wrongPass : answers::loginUnchecked);
    return;
  }
  sendLogin(login_, GH_IDENTITY_NOBODY); // the engine says no, in its turn
  if (status == GH_REFUSED)
    finish(After::close);
  else if (who_ == Who::byDefault)
    finish(After::goesOn);
}

void RespConversation::forgetIdentity() {
  if (identity_ == GH_IDENTITY_NOBODY) return;
  authenticate().forget(std::exchange(identity_, GH_IDENTITY_NOBODY));
}

// ---- links

void RespConversation::openLink(gh_identity identity) {
  token_ = newToken();
  engine().open(identity, token_);
  state_ = State::opening;
  hold();
}

void RespConversation::linkAnswered(const Completion& completion) {
  if (!completion.ok()) return linkRefused(completion.status());
  link_ = completion.link();
  sent_ = false;
  if (identity_ != GH_IDENTITY_NOBODY) {
    become(Who::byPassword);
    sendLogin(login_, identity_);
    forgetIdentity();
    return;
  }
  become(who_);
  if (!reader_->words().empty()) withLink();
}

void RespConversation::linkRefused(std::uint32_t status) {
  const bool login = identity_ != GH_IDENTITY_NOBODY;
  forgetIdentity();
  if (status == GH_DENIED || status == GH_REFUSED)
    return sayLast(!login && who_ == Who::connection ? answers::certificateRefused : answers::userRefused);
  if (login) become(Who::stranger);
  if (reader_->words().empty())
    notReady_ = true; // the command that asked for it still waits to be taken
  else
    emit(answers::loading);
}

std::size_t RespConversation::fromLink(gh_link link, Bytes in, bool last) {
  if (link != link_) throw Fault{"fed from a link that is not there"};
  if (state_ != State::draining) {
    if (!last || !in.empty()) throw Fault{"fed by a link that is not inspected"};
    if (state_ == State::quitting || sent_) { // what was asked of it, or nobody knows what is owed
      link_ = 0;
      sayLast({});
    } else {
      linkGone();
    }
    return 0;
  }
  const std::size_t passed = in.size() - std::max(endThatMayBegin(in, tail_), endThatMayBegin(in, orTail_));
  if (passed > 0) emit(in.substr(0, passed));
  if (!last) return passed;
  if (in.substr(passed) != tail_ &&
      in.substr(passed) != orTail_) { // the engine did not end as it must: nobody knows what this is
    host().count("broken_ends");
    over();
    abort();
    return in.size();
  }
  if (!behind_.empty()) emit(behind_);
  linkGone();
  if (who_ != Who::connection) become(Who::stranger); // RESET makes nobody a default user again (R3)
  if (after_ == After::close)
    sayLast({});
  else
    goOn();
  return in.size();
}

void RespConversation::linkGone() {
  link_ = 0;
  sent_ = false;
  become(who_ == Who::byPassword ? Who::stranger : who_);
}

/// Has the engine run these, the last of which ends the link; what it still says reaches the client, but for
/// `tail`. Replies need not be counted for that: the end is the end in every state (MULTI, SUBSCRIBE,
/// CLIENT REPLY OFF, BLPOP, a busy script).
void RespConversation::drain(Bytes commands, Bytes tail, After after) {
  send(commands);
  engine().inspect(link_);
  tail_ = orTail_ = tail;
  behind_ = {};
  after_ = after;
  state_ = State::draining;
  hold();
}

/// RESET: what the link still owes, then RESET's own answer. Redis gives that one itself only where it may
/// have been told not to reply; else QUIT alone is sent, for the reason that stands at finish().
void RespConversation::changeLink() {
  if (reader_->sawReplyMode()) return drain(resetThenQuit, "+OK\r\n", After::goesOn);
  drain(quit, "+OK\r\n", After::goesOn);
  behind_ = answers::reset;
}

/// Ends the link without the client hearing of it: QUIT's reply is dropped. Where the engine may have been
/// told not to reply, RESET ends that first. Not otherwise: behind RESET a connection is a stranger's to
/// Redis, which closes it, unsent replies and all, once more than 1 KiB of them waits (CVE-2025-21605).
void RespConversation::finish(After after) {
  if (!reader_->sawReplyMode()) return drain(quit, "+OK\r\n", after);
  drain(resetThenQuit, "+RESET\r\n+OK\r\n", after);
  orTail_ = "+OK\r\n"; // behind CLIENT REPLY SKIP
}

// ---- out

void RespConversation::send(Bytes bytes) {
  sent_ = true;
  full_ = !engine().send(link_, bytes) || full_;
}

void RespConversation::sendWords() {
  const Words& words = reader_->words();
  std::string out;
  appendCount(out, words.size());
  for (std::size_t i = 0; i < words.size(); ++i) appendBulk(out, words[i]);
  send(out);
}

/// The held command with the engine's own words for `identity` in place of the client's.
void RespConversation::sendLogin(const LoginForm& form, gh_identity identity) {
  if (reader_->verb() == Verb::auth) {
    send(authHead);
    engine().login(link_, identity);
    return;
  }
  const Words& words = reader_->words();
  std::string before, behind;
  appendCount(before, words.size());
  for (std::size_t i = 0; i <= form.auth; ++i) appendBulk(before, words[i]);
  for (std::size_t i = form.auth + 3; i < words.size(); ++i) appendBulk(behind, words[i]);
  send(before);
  engine().login(link_, identity);
  if (!behind.empty()) send(behind);
}

/// The held command, said to have `count` words, with fillers from word `from` on: those that are there.
void RespConversation::sendFilled(std::uint64_t count, std::size_t from) {
  const Words& words = reader_->words();
  std::string out;
  appendCount(out, count);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i < from)
      appendBulk(out, words[i]);
    else
      out += filler;
  }
  send(out);
}

void RespConversation::sendFillers(std::uint64_t count) {
  std::string out;
  for (; count > 0; --count) out += filler;
  send(out);
}

// ---- the course of things

void RespConversation::become(Who who) {
  who_ = who;
  reader_->stopAtCommands(!linked());
  reader_->limitAsStranger(!linked() && (who == Who::stranger || who == Who::refused));
}

void RespConversation::goOn() {
  state_ = State::reading;
  if (clientEnded_)
    endOfClient();
  else
    next();
}

void RespConversation::sayLast(Bytes text) {
  if (!text.empty()) emit(text);
  over();
  close();
}

void RespConversation::over() {
  state_ = State::over;
  reader_->words().clear();
}

void RespConversation::closing(std::uint32_t) { reader_->words().clear(); }

} // namespace gatehouse::resp
