#pragma once
#include "HouseFixture.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// What a command of the built program did.
struct CommandRun {
  int code = -1;        // 128 and the signal
  std::string out, err; // standard output, standard error
  std::size_t most = 0; // KiB of memory that it had at once; 0 where nobody can tell

  [[nodiscard]] bool prints(std::string_view text) const { return out.find(text) != std::string::npos; }
  [[nodiscard]] bool says(std::string_view text) const { return err.find(text) != std::string::npos; }
  [[nodiscard]] std::string all() const {
    return "exit " + std::to_string(code) + "\n-- out\n" + out + "-- err\n" + err;
  }
};

/// The path of the built program.
[[nodiscard]] std::string builtProgram();
/// Runs `gatehouse WORDS...` without a terminal, to its end.
///
/// Threads: one. Errors: one that does not end within two minutes is killed, and ends the test. Owns: no
/// process outlives a call.
[[nodiscard]] CommandRun command(const std::vector<std::string>& words);
/// The same with --config FILE.
[[nodiscard]] CommandRun command(const ServerProcess& server, std::vector<std::string> words);

/// Ends the test where the command ended otherwise.
void expectCode(int wanted, const CommandRun& run, const char* file = __builtin_FILE(),
                int line = __builtin_LINE());
/// Ends the test where a text has no such part.
void expectPart(std::string_view part, const std::string& text, const char* file = __builtin_FILE(),
                int line = __builtin_LINE());
void expectNoPart(std::string_view part, const std::string& text, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE());

/// "key":value of a flat JSON object, as it is written; empty where there is none.
[[nodiscard]] std::string valueIn(std::string_view json, std::string_view key);

} // namespace gatehouse::test
