#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

enum class Level : std::uint8_t { error, warning, information, debug };

/// One field of an Event: a fixed name and a value that is text or a number. There is no way in for a Secret.
struct EventField {
  std::string_view name; // a literal
  std::string text;
  bool number = false; // written bare in JSON

  EventField(std::string_view n, std::string_view value)
      : name(n)
      , text(value) {}
  EventField(std::string_view n, const char* value)
      : name(n)
      , text(value) {}
  EventField(std::string_view n, const std::string& value)
      : name(n)
      , text(value) {}
  template <std::integral I>
  EventField(std::string_view n, I value)
      : name(n)
      , text(std::to_string(value))
      , number(true) {}
};

/// Something that happened, as data: a dotted name, a sentence for people, typed fields for machines.
/// Decisions about access are events named `access.*` and `change.*`: they are the audit record.
struct Event {
  Level level = Level::information;
  std::string_view name; // a literal: "access.granted"
  std::string text;
  std::vector<EventField> fields;

  /// `text key=value key="va lue"`: printable whatever the values hold.
  [[nodiscard]] std::string line() const;
  /// One JSON object without a newline.
  [[nodiscard]] std::string json() const;
};

/// Where events go. Threads: any thread may call; must not block for long (a worker calls it). Errors: none
/// come back.
class EventSink {
public:
  virtual ~EventSink() = default;
  virtual void record(const Event&) noexcept = 0;
  [[nodiscard]] virtual bool wants(Level) const noexcept = 0;

  void say(Level level, std::string_view name, std::string text,
           std::initializer_list<EventField> fields = {}) noexcept {
    if (wants(level)) record(Event{level, name, std::move(text), fields});
  }
};

} // namespace gatehouse
