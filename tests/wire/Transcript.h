#pragma once
#include <cppunit/Test.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

/// Files of transcripts: their grammar (README.md), and the tests that are made of them.
namespace transcript {

/// C: bytes of the client; S: bytes of the server; L: bytes that the engine got; H: the script; E: an event;
/// X: the state at the end.
struct Step {
  char kind;
  std::string text;
};

/// Bytes as lines of a transcript, to be read by whoever mends one.
std::string shown(const std::string& bytes);

/// Plays one transcript with the client's bytes in pieces of at most `size`; `name` is for messages.
using Replay = std::function<void(const std::string& name, const std::vector<Step>& steps, std::size_t size)>;

/// A test for each file of a folder; each replays its file whole and in pieces of every size.
CppUnit::Test* suiteOf(const std::string& name, const std::string& folder, const Replay& replay);

} // namespace transcript
