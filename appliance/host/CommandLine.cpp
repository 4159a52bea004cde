#include "host/CommandLine.h"

#include "base/Text.h"

#include <Poco/Exception.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include <array>
#include <optional>
#include <string_view>

namespace gatehouse::host {

namespace {

struct CommandRow {
  std::string_view name;
  std::string_view summary;
  bool config, json, newStore; // the options that it takes
  std::string_view help;
};

constexpr std::array<CommandRow, 6> kCommands = {{
    {"serve", "run the server in the foreground", true, false, true,
     R"(Runs the server until SIGTERM or SIGINT, as the user who starts it. In this order: read the configuration,
lock the store, migrate it, load the plugins, seed an empty store from the provisioning files, bind, report ready.
No listener opens before seeding has ended. SIGHUP takes up log.level and limits from the configuration anew.

  --new-store    start with an empty store although the former one was lost: the store's file is missing or
                 empty beside its marker. Without it, that is an error.

Examples
  gatehouse serve
  gatehouse serve --config ./gatehouse.yaml
)"},
    {"check", "prove that `serve` would start, and change nothing", true, true, false,
     R"(Reads what `serve` would read - configuration, plugins, store, provisioning files - and names every mistake with
file, line and column. Takes no lock, writes nothing, opens no listener. Good before a restart.

  --json         print the configuration in use, defaults included, as one JSON object

Examples
  gatehouse check --config /etc/gatehouse/gatehouse.yaml && systemctl restart gatehouse
  gatehouse check --json | jq .limits
)"},
    {"migrate", "bring the store to this version's schema", true, false, false,
     R"(`serve` does this by itself at each start; this command does it beforehand, with the server stopped.
Each step is one transaction, after a copy of the store was made beside it. A store of a newer version is refused.

Example
  systemctl stop gatehouse && gatehouse migrate && systemctl start gatehouse
)"},
    {"plugins", "list the plugins and the settings that each declares", true, true, false,
     R"(Loads every plugin of `plugins.load` and prints what it is, its version, and its settings with type, default and
unit. Nothing else starts.

  --json         the same as one JSON array

Examples
  gatehouse plugins
  gatehouse plugins --json | jq '.[].name'
)"},
    {"version", "print the version", false, false, false, R"(Prints the version of this binary.

Example
  gatehouse version
)"},
    {"help", "explain a command: `gatehouse help serve`", false, false, false,
     R"(Explains a command, or lists all.

Example
  gatehouse help serve
)"},
}};

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, 1 it failed, 64 wrong usage, 78 wrong configuration.\n";

const CommandRow* find(std::string_view name) {
  for (const CommandRow& row : kCommands)
    if (row.name == name) return &row;
  return nullptr;
}

Error usage(std::string text) { return {Code::invalid_param, std::move(text)}; }

/// The options of one command, or of the bare program, as Poco's processor wants them.
Poco::Util::OptionSet optionsOf(const CommandRow* command) {
  Poco::Util::OptionSet set;
  set.addOption(Poco::Util::Option("help", "h"));
  if (!command) set.addOption(Poco::Util::Option("version", ""));
  if (command && command->config) set.addOption(Poco::Util::Option("config", "c").argument("FILE"));
  if (command && command->json) set.addOption(Poco::Util::Option("json", ""));
  if (command && command->newStore) set.addOption(Poco::Util::Option("new-store", ""));
  return set;
}

} // namespace

Result<CommandLine> readCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  const CommandRow* command = nullptr;
  std::size_t next = 0;
  if (!arguments.empty() && !arguments[0].empty() && arguments[0][0] != '-') {
    line.command = arguments[0];
    command = find(line.command);
    next = 1;
    if (!command) {
      std::vector<std::string_view> words;
      words.reserve(kCommands.size());
      for (const CommandRow& row : kCommands) words.push_back(row.name);
      const std::string_view near = nearest(line.command, words);
      return usage("unknown command `" + printable(line.command, 64) + '`' +
                   (near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?"));
    }
  }

  const Poco::Util::OptionSet options = optionsOf(command);
  Poco::Util::OptionProcessor processor(options);
  processor.setUnixStyle(true);
  std::optional<std::string> topic;
  std::string word;
  try {
    for (; next < arguments.size(); ++next) {
      std::string name, value;
      word = arguments[next];
      if (!processor.process(word, name, value)) {
        if (word == "--") continue;
        if (line.command != "help" || topic)
          return usage("unexpected argument `" + printable(word, 64) + '`');
        if (!find(word)) return usage("unknown command `" + printable(word, 64) + '`');
        topic = word;
      } else if (name == "help") {
        line.help = true;
      } else if (name == "version") {
        line.command = "version";
      } else if (name == "config") {
        if (value.empty()) return usage("--config needs a file's name");
        line.config = value;
      } else if (name == "json") {
        line.json = true;
      } else if (name == "new-store") {
        line.newStore = true;
      }
    }
    processor.checkRequired();
  } catch (const Poco::Util::MissingArgumentException&) {
    return usage('`' + printable(word, 64) + "` needs a value");
  } catch (const Poco::Util::UnexpectedArgumentException&) {
    return usage('`' + printable(word, 64) + "` takes no value");
  } catch (const Poco::Exception&) {
    return usage("unknown option `" + printable(word, 64) + '`' +
                 (command ? "; `gatehouse " + line.command + " --help` lists them" : std::string()));
  }
  if (line.command == "help") {
    line.command = topic.value_or("");
    line.help = true;
  }
  if (line.command.empty() && !line.help) return usage("a command is missing");
  return line;
}

std::string helpText(const std::string& command) {
  std::string out;
  if (const CommandRow* row = find(command); row && command != "help") {
    out = "Usage: gatehouse " + command;
    if (row->config) out += " [--config FILE]";
    if (row->json) out += " [--json]";
    if (row->newStore) out += " [--new-store]";
    out += "\n\n";
    out += row->help;
    if (row->config) out += std::string("\nWithout --config, the file is ") + kDefaultConfigFile + ".\n";
    return out + std::string(kExitCodes);
  }
  out = "Gatehouse, an authenticating gateway: it asks every peer who it is, and lets it do what its roles "
        "allow.\n\n"
        "Usage: gatehouse COMMAND [--config FILE] [options]\n\nCommands\n";
  for (const CommandRow& row : kCommands) {
    out += "  ";
    out += row.name;
    out.append(10 - row.name.size(), ' ');
    out += row.summary;
    out += '\n';
  }
  out += "\n`gatehouse COMMAND --help` explains one, with examples.\n";
  return out + std::string(kExitCodes);
}

} // namespace gatehouse::host
