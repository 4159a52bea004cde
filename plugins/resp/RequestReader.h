#pragma once
#include "resp/Words.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::resp {

/// The commands that the conversation must know. All others are `other`.
enum class Verb : std::uint8_t { other, auth, hello, reset, quit };

/// Reads a client's bytes as commands, strictly: what is accepted in multibulk form is in canonical form (its
/// re-encoding equals its bytes), so that it can be passed on as it stands. Redis's own parser skips bytes
/// unseen that a scanner may take for a line's end; whatever such a pair could read differently is refused
/// here.
///
/// AUTH, HELLO, RESET alone and QUIT are held back until they are whole; every other command streams, in any
/// number of pieces, and nothing of it is kept.
///
/// Threads: one at a time. Owns: at most maxHeld bytes of one held command. No allocation for commands that
/// stream.
class RequestReader {
public:
  static constexpr std::size_t maxHeld = 65'536;           // bytes of a held command's words
  static constexpr std::size_t maxHeldWords = 16;          // of them
  static constexpr std::uint64_t maxBulk = 536'870'912;    // bytes: Redis's proto-max-bulk-len
  static constexpr std::uint64_t maxWords = 2'147'483'647; // of one command
  static constexpr std::size_t maxLine = 65'536;           // bytes of an inline command with its line's end
  static constexpr std::uint64_t maxStrangerWords = 10;    // before an identity, as Redis
  static constexpr std::uint64_t maxStrangerBulk = 16'384; // bytes; the same
  static constexpr std::size_t maxKnownName = 16;          // no name that matters here is longer

  enum class Event : std::uint8_t {
    more,    // nothing more can be told of these bytes; `size` of them were taken
    pass,    // `size` bytes are commands, or part of one, in canonical form
    nothing, // `size` bytes say nothing: `*0`, `*-1`, a blank line
    begins,  // a command begins here that streams; only when told to stop at them. Nothing is taken
    command, // words() is a whole one, `verb()` its name: a held one, or any inline one
    tooLong, // words() is the beginning of a held one that is too long to hold; its rest will be `filled`
    filled,  // `fillers` further words of it ended in these bytes
    skipped, // the command that was to be skipped has ended
    failed   // malformed, for good: failure() says how. Nothing of the command in question was taken in
             // this call
  };
  struct Step {
    Event event = Event::more;
    std::size_t size = 0;
    std::uint64_t fillers = 0;
  };

  /// `most`: how long an inline line may be where the host keeps less than maxLine.
  explicit RequestReader(std::size_t most = maxLine) noexcept
      : maxLine_(most < maxLine ? most : maxLine) {}

  /// Looks at the front of what has not been taken yet. Call again until `more`.
  [[nodiscard]] Step step(std::string_view in);

  /// True: streaming commands are not passed, but reported by `begins`.
  void stopAtCommands(bool stop) noexcept { stop_ = stop; }
  /// Tighter limits, for who has no identity.
  void limitAsStranger(bool stranger) noexcept { stranger_ = stranger; }
  /// After `begins` or `tooLong`: the command is to be dropped, until `skipped`. Gives how many of the bytes
  /// that step saw are taken by this.
  [[nodiscard]] std::size_t skip() noexcept;

  [[nodiscard]] Verb verb() const noexcept { return verb_; }
  /// How many words the command has that `tooLong` is about.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] Words& words() noexcept { return words_; }
  /// After `begins`: the name where it is short and has arrived, else empty. Lives as the bytes given.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  /// Inside a command of which something was taken.
  [[nodiscard]] bool inside() const noexcept { return left_ > 0; }
  /// A command that may wait for others (BLPOP and the like) was among those that have been told so far.
  [[nodiscard]] bool sawWaiting() const noexcept { return sawWaiting_; }
  /// CLIENT REPLY was, or may have been, among them: nobody knows whether a command is answered.
  [[nodiscard]] bool sawReplyMode() const noexcept { return sawReplyMode_; }
  /// Redis's words for what is malformed, without `-ERR` and line end.
  [[nodiscard]] std::string_view failure() const noexcept { return failure_; }

private:
  enum class Mode : std::uint8_t { pass, skip, collect, fill };
  enum class Read : std::uint8_t { complete, incomplete, malformed };

  Step commands(std::string_view in);
  Step inlineCommand(std::string_view in);
  Step collect(std::string_view in);
  Step drop(std::string_view in);
  Read head(const char*& at, const char* end);
  Read rest(const char*& at, const char* end);
  Read bulkHead(const char*& at, const char* end, std::uint64_t& size);
  Read tail(const char*& at, const char* end);
  Step fail(std::string_view why) noexcept;

  const std::size_t maxLine_;
  Mode mode_ = Mode::pass;
  bool stop_ = false, stranger_ = false, sawWaiting_ = false, sawReplyMode_ = false, failed_ = false;
  Verb verb_ = Verb::other;
  std::uint64_t count_ = 0; // words of the command at hand
  std::uint64_t left_ = 0;  // of them, how many have not ended; 0: between commands
  std::uint64_t body_ = 0;  // bytes of the present word still to come, with its CRLF; 0: its head comes next
  std::size_t head_ = 0;    // bytes of its count's line, after `begins`
  std::string_view name_;
  std::string_view failure_;
  Words words_;
};

/// The verb that a command's first word names, if it has so many words.
[[nodiscard]] Verb verbOf(std::string_view name, std::uint64_t words) noexcept;
/// Commands that make Redis hold a connection back until somebody else has done something.
[[nodiscard]] bool mayWait(std::string_view name) noexcept;

} // namespace gatehouse::resp
