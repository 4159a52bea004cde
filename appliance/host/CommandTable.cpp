#include "host/CommandTable.h"

#include <algorithm>
#include <initializer_list>

namespace gatehouse::host {
namespace {

constexpr std::uint32_t bits(std::initializer_list<Option> options) {
  std::uint32_t out = 0;
  for (const Option option : options) out |= 1U << static_cast<unsigned>(option);
  return out;
}

constexpr std::uint32_t elsewhere = bits({Option::server, Option::cert, Option::key, Option::cacert});
constexpr std::uint32_t planning = bits({Option::config, Option::prune, Option::adopt, Option::release,
                                         Option::destroy, Option::force, Option::impact, Option::json}) |
                                   elsewhere;

constexpr OptionRow kOptions[] = {
    {Option::config, "config", 'c', "FILE"},
    {Option::json, "json", 0, ""},
    {Option::newStore, "new-store", 0, ""},
    {Option::offline, "offline", 0, ""},
    {Option::prune, "prune", 0, ""},
    {Option::adopt, "adopt", 0, "NAME"},
    {Option::release, "release", 0, "NAME"},
    {Option::destroy, "destroy", 0, "NAME"},
    {Option::force, "force", 0, ""},
    {Option::impact, "impact", 0, ""},
    {Option::yes, "yes", 'y', ""},
    {Option::output, "output", 'o', "FILE"},
    {Option::passwordFile, "password-file", 0, "FILE"},
    {Option::server, "server", 0, "URL"},
    {Option::cert, "cert", 0, "FILE"},
    {Option::key, "key", 0, "FILE"},
    {Option::cacert, "cacert", 0, "FILE"},
};

constexpr std::size_t any = 1000;

constexpr CommandRow kCommands[] = {
    {"serve", "run the server in the foreground", "", 0, 0, bits({Option::config, Option::newStore}),
     R"(Runs the server until SIGTERM or SIGINT, as the user who starts it. In this order: read the configuration,
lock the store, migrate it, load the plugins, provision by the manifests, bind, report ready. No listener opens before.
SIGHUP takes up log.level and limits (but limits.body) from the configuration anew and, in provision.mode reconcile, the manifests.

  --new-store    start with an empty store although the former one was lost: the store's file is missing or
                 empty beside its marker. Without it, that is an error.

Examples
  gatehouse serve
  gatehouse serve --config ./gatehouse.yaml
)"},
    {"check", "prove that `serve` would start, and change nothing", "[FILE...]", 0, any,
     bits({Option::config, Option::json, Option::offline}),
     R"(Reads what `serve` would read - configuration, plugins, store, provisioning files - and names every mistake with
file, line and column. Takes no lock, writes nothing, opens no listener. Good before a restart.

  --json         print the configuration in use, defaults included, as one JSON object
  --offline      for a pipeline: the form and the references of the manifests FILE..., and of the configuration where
                 --config names one. Needs no store, no secret and no root, and lists the secrets that it did not open

Examples
  gatehouse check --config /etc/gatehouse/gatehouse.yaml && systemctl restart gatehouse
  gatehouse check --json | jq .limits
  gatehouse check --offline --config gatehouse.yaml provision/*.yaml
)"},
    {"plan", "show what manifests would change", "[FILE...]", 0, any, planning,
     R"(Reads the manifests FILE... (without any: provision.files of the configuration), opens the secrets that they name
here, asks the server what would change, and changes nothing. What is held back and what would be destroyed comes first;
then + is made, ~ is changed, - is removed, -> is renamed, each with its fields and its reason.

  --prune          what a manifest made and no manifest names any more goes
  --adopt NAME     what a caller of the API made becomes the manifest's; may be repeated, as the next two
  --release NAME   what somebody took away over REST may come back
  --destroy NAME   this database may go, with its data
  --force          also what would close the way that you came in by, or the last one of any administrator, or
                   would remove yourself
  --impact         also who would gain and lose what, and which open connections would close
  --json           the server's answer as it is
  --server URL     a server elsewhere, with --cert, --key and --cacert (PEM files) to prove both sides. Without it, the
                   server of the configuration, over its control socket; where none runs, its store

Examples
  gatehouse plan
  gatehouse plan provision/*.yaml --prune
  gatehouse plan provision/*.yaml --server https://gw1.example.com:9443 --cert ci.pem --key ci.key --cacert api.pem
)"},
    {"apply", "make it so, as `plan` shows it", "[FILE...]", 0, any, planning | bits({Option::yes}),
     R"(Plans, shows the plan, asks, and makes it so: in one transaction, all or nothing, and only as long as nothing has
changed since the plan. Options as of `gatehouse plan`, and

  --yes            do not ask. Without a terminal nobody can be asked: then nothing is done without it

Examples
  gatehouse apply
  gatehouse apply provision/*.yaml --yes
  gatehouse apply provision/*.yaml --destroy cache --yes
)"},
    {"export", "write the whole state as a manifest", "", 0, 0,
     bits({Option::config, Option::output}) | elsewhere,
     R"(Prints all users, roles, ACLs, databases, certificates and settings as one manifest. Passwords and private keys are
not in it: they never leave the server. The same state gives the same text.

  --output FILE    write it there, mode 0600, instead
  --server URL     a server elsewhere: `gatehouse plan --help`

Examples
  gatehouse export
  gatehouse export --output provision/all.yaml
)"},
    {"import", "turn a Redis ACL file into a manifest", "aclfile FILE", 2, 2, 0,
     R"(Prints a manifest for the users of a Redis ACL file: for each an ACL, a role and a user who comes in by certificate.
Put the subjects of their certificates in, and let the databases name the roles. What cannot be carried over -
passwords, which Redis keeps as SHA-256; nopass; users that are off; words that are no rules - is listed on standard
error and as comments.

Example
  gatehouse import aclfile /etc/redis/users.acl > provision/50-imported.yaml
)"},
    {"user", "give a user a new password, or end its locks", "reset|unlock NAME", 2, 2,
     bits({Option::config, Option::passwordFile}) | elsewhere,
     R"(reset    gives the user a new password, which is asked for on a terminal, and ends the locks that failed logins left.
         Without a terminal and without --password-file, one is made and printed.
unlock   ends the locks alone.

Works over the control socket, so also when nobody can log in any more, and where no server runs.

  --password-file FILE   the new password is the first line of this file
  --server URL           a server elsewhere: `gatehouse plan --help`

Examples
  gatehouse user reset ada
  gatehouse user unlock ada
)"},
    {"cluster", "change settings of the cluster", "set KEY=VALUE...", 2, any,
     bits({Option::config}) | elsewhere,
     R"(Changes settings of /v1/cluster, also those that would lock callers of the REST API out: this is the way back in.

  --server URL     a server elsewhere: `gatehouse plan --help`

Examples
  gatehouse cluster set control_plane_basic_authentication=true
  gatehouse cluster set mtls_certificate_authentication=false min_control_TLS_version=1.2
)"},
    {"migrate", "bring the store to this version's schema", "", 0, 0, bits({Option::config}),
     R"(`serve` does this by itself at each start; this command does it beforehand, with the server stopped.
Each step is one transaction, after a copy of the store was made beside it. A store of a newer version is refused.

Example
  systemctl stop gatehouse && gatehouse migrate && systemctl start gatehouse
)"},
    {"plugins", "list the plugins and the settings that each declares", "", 0, 0,
     bits({Option::config, Option::json}),
     R"(Loads every plugin of `plugins.load` and prints what it is, its version, and its settings with type, default and
unit. Nothing else starts.

  --json         the same as one JSON array

Examples
  gatehouse plugins
  gatehouse plugins --json | jq '.[].name'
)"},
    {"version", "print the version", "", 0, 0, 0, R"(Prints the version of this binary.

Example
  gatehouse version
)"},
    {"help", "explain a command: `gatehouse help serve`", "", 0, 1, 0,
     R"(Explains a command, or lists all.

Example
  gatehouse help serve
)"},
};

} // namespace

std::span<const OptionRow> optionRows() noexcept { return kOptions; }
std::span<const CommandRow> commandRows() noexcept { return kCommands; }

const OptionRow* findOption(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [name](const OptionRow& row) { return row.name == name; });
  return found == std::end(kOptions) ? nullptr : found;
}

const CommandRow* findCommand(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [name](const CommandRow& row) { return row.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

} // namespace gatehouse::host
