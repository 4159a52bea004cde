#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::differential {

/// Whom transcripts log in as. The passwords are the peers' own, at Gatehouse and at the redis-server that is
/// compared with.
inline constexpr std::string_view adaPassword = "lovelace", bobPassword = "b0b";
/// The certificate's user. As long as `default`, who stands for it where Redis is reached directly.
inline constexpr std::string_view certificateUser = "charles";

/// A transcript as one line of text, and back: what is not printable, and backslashes, as \r \n \\ \xHH.
[[nodiscard]] std::string written(std::string_view bytes);
[[nodiscard]] std::string read(std::string_view line);
/// All transcripts of a corpus file: one a line; empty lines and those that begin with `# ` are passed over.
/// Throws std::runtime_error when it cannot be read.
[[nodiscard]] std::vector<std::string> readCorpus(const std::string& path);

/// Makes transcripts: a few commands that matter to who a session is, most of them then damaged. The same
/// seed makes the same ones.
class Maker {
public:
  explicit Maker(std::uint64_t seed)
      : random_(seed) {}
  [[nodiscard]] std::string next();
  [[nodiscard]] bool coin() { return below(2) == 0; }

private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  [[nodiscard]] std::string command();
  [[nodiscard]] std::vector<std::string> words();
  void damage(std::string& bytes);

  std::mt19937_64 random_;
};

/// What a strict reader makes of a transcript: read here once more, apart from the gateway's own reader.
struct Form {
  bool malformed = false;      // its session ends; where in the replies depends on how fast those come
  bool cutShort = false;       // ends inside a command
  bool waits = false;          // a command that waits for others: the end does not wait for it
  bool quotes = false;         // an inline command with quotes: whether they are balanced is Redis's to say
  bool strangerLimits = false; // more than somebody may send who has not logged in
  bool unclearLogin = false;   // a HELLO that no two versions of Redis would read alike
  bool foldedName = false;     // a login whose name is a user's in other letters' case
  bool asDefault = false;      // a login as `default`
  bool http = false;           // POST or Host: Redis hangs up, and drops what it had not yet sent
  bool client = false;         // CLIENT: numbers and addresses

  /// Its replies do not depend on time: they must be the same, all of them, however its bytes are cut.
  [[nodiscard]] bool exact() const noexcept { return !malformed && !cutShort && !waits && !http; }
};
[[nodiscard]] Form formOf(std::string_view bytes);

} // namespace gatehouse::differential
