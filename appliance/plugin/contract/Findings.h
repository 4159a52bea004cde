#pragma once
#include <string>
#include <string_view>

/// What a stage tells the process that started it, over a pipe. One in a process, because signal handlers and
/// functions without a context of ours (the service tables) report through it.
namespace gatehouse::plugin::contract::findings {

/// Where to, and the last words: from here on std::terminate, a crash and a touch of memory that is no longer
/// lent are findings. Call once, before the plugin is loaded.
void begin(int descriptor);
/// What is being tried; stands in parentheses behind every finding until the next call. Threads: the main
/// one.
void trying(std::string_view what);
/// Something that the contract forbids. `rule`: one word. Said once for each rule and text. Threads: any.
void add(std::string_view rule, std::string_view text);
/// The plugin's name, version and kind.
void isCalled(std::string_view name, std::string_view version, std::string_view kind);
/// A service that the plugin looked for and was not given. Not wrong in itself: going on without it is.
void notGiven(std::string_view service);
/// The stage came to its end. Without this the process ended before its time.
void end();

} // namespace gatehouse::plugin::contract::findings
