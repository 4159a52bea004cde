#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::engine {

/// The end of an append-only file, from where redis would cut it: is it one command, or one transaction,
/// whose rest is missing, and nothing else? That is what a power cut or a kill leaves; anything else is
/// damage, and behind damage may stand commands that were acknowledged.
///
/// A bulk that swallows what looks like further commands counts as damage: a length that has changed on the
/// disk reaches to the file's end just as a torn one does. (A torn value that itself holds RESP is taken for
/// damage, too: then a person looks.)
///
/// Threads: a value. Pure; takes bytes in any pieces, keeps a few of them.
class AofTail {
public:
  void take(std::string_view bytes) noexcept;
  /// All was taken.
  [[nodiscard]] bool torn() const noexcept;
  [[nodiscard]] bool transaction() const noexcept { return multi_; }

  static constexpr std::uint64_t longestBulk = 512ULL * 1024 * 1024; // redis's own, which no user can change
  static constexpr std::uint64_t mostWords = 1ULL << 31;

private:
  enum class At : std::uint8_t { command, word, payload, payloadEnd, damaged };
  void number(char mark, char c) noexcept;
  void numberEnd(char mark) noexcept;
  std::string_view payload(std::string_view bytes) noexcept;
  void look(char c) noexcept;
  void wordEnd() noexcept;

  At at_ = At::command;
  std::string line_;                   // of a number, as far as it has come
  std::uint64_t words_ = 0;            // of this command, still to come
  std::uint64_t left_ = 0;             // of this payload
  bool first_ = false, alone_ = false; // the command's first word; its only one
  std::string name_;                   // the first word, as far as it may matter
  bool multi_ = false;                 // a transaction has begun
  int seen_ = 0;                       // of the beginning of a command, inside a payload
  bool swallows_ = false;              // a payload that holds one
};

} // namespace gatehouse::engine
