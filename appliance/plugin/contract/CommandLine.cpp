#include "plugin/contract/CommandLine.h"

#include "base/Text.h"
#include "sdk/plugin_abi.h"

namespace gatehouse::plugin::contract {
namespace {

Error wrong(std::string text) { return {Code::invalid_param, std::move(text)}; }

constexpr const char* head =
    R"(Usage: plugin-contract FILE.so [--json] [--settings NAME=VALUE]... [--time-limit SECONDS]

Runs a Gatehouse plugin through the contract of plugin_abi.h, and says in words what is wrong with it. Plays a host that
does all that a host may do: it lends memory for one call and takes it back, cuts the input anywhere, reads slowly,
refuses, breaks off, and sends what no sane client would.

Each stage runs in a process of its own, so that a plugin which crashes, throws through the C boundary or never comes
back is a finding too:

)";

constexpr const char* tail = R"(
A finding is one line:  FAIL RULE: what is wrong (what was being tried)

  --settings NAME=VALUE   a setting of the plugin's, as one writes it in gatehouse.yaml; a list as "[a, b]"
  --time-limit SECONDS    for each stage; 60 if not given
  --json                  one JSON object: {"fit", "name", "stages": [{"name", "findings": [{"rule", "text", "during"}]}]}
  --help, --version

Exit: 0 the plugin is fit, 1 it is not, 64 wrong usage.

Examples
  plugin-contract build/lib/gatehouse/plugins/mine.so
  plugin-contract mine.so --settings longest_line=100 --json | jq '.stages[].findings[]'

The file's name must be the plugin's, and neither it nor its folder may be writable for others: the host demands the same.
Memory errors inside the plugin are found best when it was built with -fsanitize=address,undefined; then run a
plugin-contract that was built so, too.
)";

} // namespace

Result<CommandLine> readCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const auto value = [&]() -> const std::string* {
      return i + 1 < arguments.size() ? &arguments[++i] : nullptr;
    };
    if (word == "--help" || word == "-h") {
      line.help = true;
      return line;
    }
    if (word == "--version") {
      line.version = true;
      return line;
    }
    if (word == "--json") {
      line.json = true;
    } else if (word == "--settings") {
      // Takes as many NAME=VALUE as follow: the file's name holds no `=` or stands before it.
      const std::string* first = value();
      if (first == nullptr || first->find('=') == std::string::npos)
        return wrong("--settings needs NAME=VALUE");
      for (const std::string* one = first; one != nullptr;) {
        const auto equals = one->find('=');
        line.task.settings[one->substr(0, equals)] = one->substr(equals + 1);
        const bool more = i + 1 < arguments.size() && arguments[i + 1].rfind("--", 0) != 0 &&
                          arguments[i + 1].find('=') != std::string::npos;
        one = more ? value() : nullptr;
      }
    } else if (word == "--time-limit") {
      const std::string* seconds = value();
      const auto number = seconds != nullptr ? toInteger(*seconds) : std::nullopt;
      if (!number || *number < 1 || *number > 3600) return wrong("--time-limit needs 1 to 3600 seconds");
      line.task.limit = std::chrono::seconds(*number);
    } else if (word == "--run-stage") {
      const std::string* stage = value();
      if (stage == nullptr) return wrong("--run-stage needs a stage");
      line.stage = *stage;
    } else if (!word.empty() && word[0] == '-') {
      return wrong("there is no option " + printable(word, 64));
    } else if (!line.task.file.empty()) {
      return wrong("one file at a time: " + printable(line.task.file, 200) + " and " + printable(word, 200));
    } else {
      line.task.file = word;
    }
  }
  if (line.task.file.empty()) return wrong("which plugin? Give the path of its .so");
  return line;
}

std::string helpText() {
  std::string out = head;
  for (const Stage& stage : stages()) {
    std::string name(stage.name);
    name.resize(12, ' ');
    out += "  " + name + std::string(stage.sentence) +
           (stage.plugins == Stage::For::authenticators ? " (authenticators)"
            : stage.plugins == Stage::For::protocols    ? " (protocols)"
                                                        : "") +
           "\n";
  }
  return out + tail;
}

std::string versionText() {
  return "plugin-contract " GATEHOUSE_VERSION ", plugin ABI " + std::to_string(GH_ABI_MAJOR) + "." +
         std::to_string(GH_ABI_MINOR) + "\n";
}

} // namespace gatehouse::plugin::contract
