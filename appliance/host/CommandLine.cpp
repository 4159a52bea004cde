#include "host/CommandLine.h"

#include "base/Text.h"
#include "host/CommandTable.h"

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

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done, 1 it failed, 2 (plan) something would change, 64 wrong usage, 78 wrong "
    "configuration.\n";

Error usage(std::string text) { return {Code::invalid_param, std::move(text)}; }

/// The options of one command, or of the bare program, as Poco's processor wants them.
Poco::Util::OptionSet optionsOf(const CommandRow* command) {
  Poco::Util::OptionSet set;
  set.addOption(Poco::Util::Option("help", "h"));
  if (!command) set.addOption(Poco::Util::Option("version", ""));
  for (const OptionRow& row : optionRows()) {
    if (!command || !command->takes(row.option)) continue;
    Poco::Util::Option option(std::string(row.name), row.letter ? std::string(1, row.letter) : std::string());
    if (!row.value.empty()) option.argument(std::string(row.value)).repeatable(true);
    set.addOption(option);
  }
  return set;
}

Status take(CommandLine& line, const OptionRow& row, const std::string& value) {
  if (!row.value.empty() && value.empty()) return usage("--" + std::string(row.name) + " needs a value");
  const auto once = [&row, &value](std::string& into) -> Status {
    if (!into.empty()) return usage("--" + std::string(row.name) + " stands there twice");
    into = value;
    return {};
  };
  switch (row.option) {
  case Option::config:
    line.config = value;
    line.configGiven = true;
    break;
  case Option::json: line.json = true; break;
  case Option::newStore: line.newStore = true; break;
  case Option::offline: line.offline = true; break;
  case Option::prune: line.prune = true; break;
  case Option::force: line.force = true; break;
  case Option::impact: line.impact = true; break;
  case Option::yes: line.yes = true; break;
  case Option::adopt: line.adopt.push_back(value); break;
  case Option::release: line.release.push_back(value); break;
  case Option::destroy: line.destroy.push_back(value); break;
  case Option::output: return once(line.output);
  case Option::passwordFile: return once(line.passwordFile);
  case Option::server: return once(line.server.url);
  case Option::cert: return once(line.server.cert);
  case Option::key: return once(line.server.key);
  case Option::cacert: return once(line.server.cacert);
  }
  return {};
}

/// What the words of one command must agree on.
Status agree(const CommandLine& line, const CommandRow& command) {
  if (line.arguments.size() < command.least)
    return usage("`gatehouse " + line.command + "` wants: " + std::string(command.arguments));
  const auto word = [&line](std::initializer_list<std::string_view> words) -> Status {
    for (const std::string_view known : words)
      if (line.arguments[0] == known) return {};
    return usage("`gatehouse " + line.command + "` knows no `" + printable(line.arguments[0], 64) + '`');
  };
  if (line.command == "user") GH_TRY(word({"reset", "unlock"}));
  if (line.command == "cluster") GH_TRY(word({"set"}));
  if (line.command == "import") GH_TRY(word({"aclfile"}));
  if (line.command == "check" && !line.offline && !line.arguments.empty())
    return usage("FILE... needs --offline; without it, the manifests are those of the configuration");
  if (line.command == "check" && line.offline && line.json)
    return usage("--offline and --json do not go together");
  if (line.command == "apply" && line.json && !line.yes)
    return usage("--json needs --yes: nobody can be asked amid JSON");
  const ServerOptions& server = line.server;
  if (server.url.empty() && !(server.cert.empty() && server.key.empty() && server.cacert.empty()))
    return usage("--cert, --key and --cacert belong to --server URL");
  if (!server.url.empty() && (server.cert.empty() || server.key.empty() || server.cacert.empty()))
    return usage("--server needs --cert, --key and --cacert: both sides prove who they are");
  return {};
}

} // namespace

Result<CommandLine> readCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  const CommandRow* command = nullptr;
  std::size_t next = 0;
  if (!arguments.empty() && !arguments[0].empty() && arguments[0][0] != '-') {
    line.command = arguments[0];
    command = findCommand(line.command);
    next = 1;
    if (!command) {
      std::vector<std::string_view> words;
      for (const CommandRow& row : commandRows()) words.push_back(row.name);
      const std::string_view near = nearest(line.command, words);
      return usage("unknown command `" + printable(line.command, 64) + '`' +
                   (near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?"));
    }
  }

  const Poco::Util::OptionSet options = optionsOf(command);
  Poco::Util::OptionProcessor processor(options);
  processor.setUnixStyle(true);
  std::string word;
  try {
    for (; next < arguments.size(); ++next) {
      std::string name, value;
      word = arguments[next];
      if (!processor.process(word, name, value)) {
        if (word == "--") continue;
        if (!command || line.arguments.size() >= command->most)
          return usage("unexpected argument `" + printable(word, 64) + '`');
        line.arguments.push_back(word);
      } else if (name == "help") {
        line.help = true;
      } else if (name == "version") {
        line.command = "version";
      } else if (const OptionRow* row = findOption(name)) {
        GH_TRY(take(line, *row, value));
      }
    }
    processor.checkRequired();
  } catch (const Poco::Util::MissingArgumentException&) {
    return usage('`' + printable(word, 64) + "` needs a value");
  } catch (const Poco::Util::UnexpectedArgumentException&) {
    return usage('`' + printable(word, 64) + "` takes no value");
  } catch (const Poco::Util::DuplicateOptionException&) {
    return usage('`' + printable(word, 64) + "` stands there twice");
  } catch (const Poco::Exception&) {
    return usage("unknown option `" + printable(word, 64) + '`' +
                 (command ? "; `gatehouse " + line.command + " --help` lists them" : std::string()));
  }
  if (line.command == "help") {
    line.command = line.arguments.empty() ? std::string() : line.arguments[0];
    if (!line.command.empty() && !findCommand(line.command))
      return usage("unknown command `" + printable(line.command, 64) + '`');
    line.help = true;
  }
  if (line.command.empty() && !line.help) return usage("a command is missing");
  if (command && !line.help) GH_TRY(agree(line, *command));
  return line;
}

std::string helpText(const std::string& command) {
  std::string out;
  if (const CommandRow* row = findCommand(command); row && command != "help") {
    out = "Usage: gatehouse " + command;
    if (!row->arguments.empty()) (out += ' ') += row->arguments;
    for (const OptionRow& option : optionRows()) {
      if (!row->takes(option.option)) continue;
      (out += " [--") += option.name;
      if (!option.value.empty()) (out += ' ') += option.value;
      out += ']';
    }
    out += "\n\n";
    out += row->help;
    if (row->takes(Option::config))
      out += std::string("\nWithout --config, the file is ") + kDefaultConfigFile + ".\n";
    return out + std::string(kExitCodes);
  }
  out = "Gatehouse, an authenticating gateway: it asks every peer who it is, and lets it do what its roles "
        "allow.\n\n"
        "Usage: gatehouse COMMAND [--config FILE] [options]\n\nCommands\n";
  for (const CommandRow& row : commandRows()) {
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
