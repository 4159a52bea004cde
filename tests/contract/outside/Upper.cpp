// A protocol that answers each line in upper case. Small, and with all that a protocol needs: a setting, a
// bound on what a peer may send, and an answer that does not depend on how the network cuts the input.
#include "sdk/Plugin.h"

#include <string>

namespace {

using gatehouse::Bytes;

class Upper final : public gatehouse::Conversation {
public:
  // The host checks type and limits, and names file, line and column of a mistake in gatehouse.yaml:
  //   plugins: {settings: {upper: {longest_line: 100}}}
  static constexpr gh_setting settings[] = {gatehouse::integerSetting(
      "longest_line", "1024", "bytes", 1, 32768, "A longer line ends the connection.")};

  // Built once for each instance. Conversations run in parallel and share it, so it does not change.
  struct Configuration {
    explicit Configuration(const gatehouse::Values& values)
        : longestLine(static_cast<std::size_t>(values.integer("longest_line"))) {}
    const std::size_t longestLine;
  };

  explicit Upper(const Configuration& configuration)
      : configuration_(configuration) {}

private:
  // `in` begins with what was left over the last time, so nothing has to be kept here. What is consumed never
  // comes again; what is not comes with more behind it.
  std::size_t fromClient(Bytes in, bool last) override {
    std::size_t consumed = 0;
    while (consumed < in.size()) {
      const std::size_t end = in.find('\n', consumed);
      const bool whole = end != Bytes::npos;
      const std::size_t length = (whole ? end : in.size()) - consumed;
      if (length > configuration_.longestLine) { // judged before the line is whole: the buffer is bounded
        emit("That line is too long.\n");
        close();
        return in.size();
      }
      if (!whole && !last) break;
      const std::size_t size = length + (whole ? 1 : 0);
      answer(in.substr(consumed, size));
      consumed += size;
    }
    // Tells the host which deadline counts: that of an idle peer, or of one who is slow to finish a line.
    if (consumed < in.size())
      more();
    else
      next();
    return consumed;
  }

  // After this event nothing new is begun; the host closes when the conversation is quiet.
  void event(std::uint32_t what) override {
    if (what == GH_EVENT_DRAIN) host().count("drained");
  }

  void answer(Bytes line) {
    std::string out(line);
    for (char& c : out)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    emit(out);
    host().count("lines");
  }

  const Configuration& configuration_;
};

} // namespace

GATEHOUSE_PROTOCOL("upper", "1.0", "Answers each line in upper case.", Upper)
