// export, user and cluster: what is read or changed by single requests.
#include "host/CommandsOverApi.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/codec/JsonReader.h"
#include "control/manifest/SecretSource.h"
#include "host/JsonParts.h"
#include "host/ManifestDocument.h"
#include "host/Terminal.h"
#include "host/YamlText.h"
#include "model/ClusterSettings.h"
#include "pki/Hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ostream>
#include <system_error>

namespace gatehouse::host {
namespace {

constexpr std::size_t largestPassword = 1024; // bytes of a file

Error cannotWrite(const std::string& path) {
  return {Code::unavailable,
          printable(path) + " cannot be written: " + std::generic_category().message(errno)};
}

/// Whole or not at all, and for its owner alone: it says who may do what.
Status writeFile(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  UniqueFd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return cannotWrite(beside);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannotWrite(beside);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0 || std::rename(beside.c_str(), path.c_str()) != 0) return cannotWrite(path);
  return {};
}

/// The uid of a user of that name or e-mail address, as its digits.
Result<std::string> uidOf(Api& api, const std::string& login) {
  auto list = api.call("GET", "/v1/users");
  if (!list) return std::move(list).error();
  const std::string wanted = folded(login);
  JsonItems items(*list);
  for (;;) {
    auto item = items.next();
    if (!item) return std::move(item).error();
    if (item->empty()) break;
    auto object = control::readJson(*item);
    if (!object) return std::move(object).error();
    const Node* uid = object->find("uid");
    for (const char* key : {"name", "email"}) // one folded namespace (R8)
      if (const Node* text = object->find(key); text && uid && folded(text->text) == wanted) return uid->text;
  }
  return Error{Code::user_not_exist, "there is no user `" + printable(login, 128) + '`'};
}

/// One that nobody can guess and every rule of complexity accepts: 22 letters and digits, 130 bits.
Result<Secret> makePassword() {
  constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  std::string out = "G";
  while (out.size() < 23) {
    auto bytes = pki::randomBytes(32);
    if (!bytes) return std::move(bytes).error();
    for (const char byte : *bytes) {
      const auto number = static_cast<unsigned char>(byte);
      if (number >= 256 / alphabet.size() * alphabet.size()) continue; // each as likely
      const char c = alphabet[number % alphabet.size()];
      if (c != out.back() && out.size() < 23) out += c;
    }
  }
  return Secret(out + "-7x");
}

struct NewPassword {
  Secret text;
  bool made = false; // by us: it must be shown
};

Result<NewPassword> newPassword(const CommandLine& line, const Streams& streams) {
  if (!line.passwordFile.empty()) {
    control::SourceReference reference;
    reference.name = line.passwordFile;
    auto read = control::SecretSource().open(reference, largestPassword);
    if (!read) return std::move(read).error();
    return NewPassword{std::move(*read)};
  }
  if (canAsk()) {
    auto typed = askPassword(streams.err, "New password of " + printable(line.arguments[1], 128));
    if (!typed) return std::move(typed).error();
    return NewPassword{std::move(*typed)};
  }
  auto made = makePassword();
  if (!made) return std::move(made).error();
  return NewPassword{std::move(*made), true};
}

/// KEY=VALUE as a member of a JSON object, typed by the field's row.
Result<std::string> settingOf(const std::string& word) {
  const std::size_t equals = word.find('=');
  const std::string key = word.substr(0, equals);
  if (equals == std::string::npos || key.empty())
    return Error{Code::invalid_param, "`" + printable(word, 100) + "` is not KEY=VALUE"};
  const std::string value = word.substr(equals + 1);
  const model::Table& table = model::table<model::ClusterSettings>();
  const model::Field* field = table.find(key);
  if (!field) {
    std::vector<std::string_view> words;
    for (const model::Field& known : table.fields) words.push_back(known.name);
    const std::string_view near = nearest(key, words);
    return Error{Code::invalid_param,
                 "the cluster has no setting `" + printable(key, 100) + '`' +
                     (near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?")};
  }
  Node node;
  const model::Shape& shape = field->shape;
  if (shape.many || shape.kind == model::Kind::object || shape.kind == model::Kind::any || value == "null") {
    auto read = control::readJson(value);
    if (!read) return Error{Code::invalid_param, key + " wants JSON: " + read.error().description};
    node = std::move(*read);
  } else {
    node.kind = Node::Kind::scalar;
    node.text = value;
    node.style = shape.kind == model::Kind::boolean || shape.kind == model::Kind::integer
                     ? Node::Style::bare
                     : Node::Style::quoted;
  }
  std::string out;
  json::text(out, key);
  out += ':';
  writeJson(out, node);
  return out;
}

} // namespace

int exportState(const CommandLine& line, const Config* config, const Streams& streams) {
  auto api = openApi(line, config, false);
  if (!api) return failed(streams, api.error());
  auto manifest = (*api)->call("GET", "/v1/manifest");
  if (!manifest) return failed(streams, manifest.error());
  auto yaml = yamlText(*manifest);
  if (!yaml) return failed(streams, yaml.error());
  const std::string text =
      "# The whole state, as `gatehouse export` writes it. Passwords and private keys are not in it: "
      "they never leave the server.\n" +
      *yaml;
  if (line.output.empty()) {
    streams.out << text;
    return kDone;
  }
  if (const Status written = writeFile(line.output, text); !written) return failed(streams, written.error());
  return kDone;
}

int user(const CommandLine& line, const Config* config, const Streams& streams) {
  const bool reset = line.arguments[0] == "reset";
  NewPassword password;
  if (reset) { // before anything is opened: a store should not wait for somebody who types
    auto wanted = newPassword(line, streams);
    if (!wanted) return failed(streams, wanted.error());
    password = std::move(*wanted);
  } else if (!line.passwordFile.empty()) {
    streams.err << "gatehouse: --password-file belongs to `user reset`\n";
    return kWrongUsage;
  }
  auto api = openApi(line, config, false);
  if (!api) return failed(streams, api.error());
  auto uid = uidOf(**api, line.arguments[1]);
  if (!uid) return failed(streams, uid.error());
  const std::string path = "/v1/users/" + *uid;
  if (reset) {
    std::string text = "{\"password\":";
    json::text(text, password.text.reveal());
    text += '}';
    const Secret body(std::move(text));
    if (auto changed = (*api)->call("PUT", path, body.reveal()); !changed)
      return failed(streams, changed.error());
  }
  if (auto unlocked = (*api)->call("POST", path + "/unlock"); !unlocked)
    return failed(streams, unlocked.error());
  if (password.made) streams.out << password.text.reveal() << '\n'; // alone on a line: for a pipe
  streams.err << (reset ? "The password is set, and no lock is left.\n" : "No lock is left.\n");
  return kDone;
}

int cluster(const CommandLine& line, const Config* config, const Streams& streams) {
  std::string body;
  for (std::size_t i = 1; i < line.arguments.size(); ++i) {
    auto setting = settingOf(line.arguments[i]);
    if (!setting) {
      streams.err << "gatehouse: " << setting.error().description << '\n';
      return kWrongUsage;
    }
    body += (body.empty() ? '{' : ',') + *setting;
  }
  body += '}';
  auto api = openApi(line, config, false);
  if (!api) return failed(streams, api.error());
  if (auto changed = (*api)->call("PUT", "/v1/cluster?force=true", body); !changed)
    return failed(streams, changed.error());
  streams.err << "The cluster has these settings now.\n";
  return kDone;
}

} // namespace gatehouse::host
