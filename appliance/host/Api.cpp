#include "host/Api.h"

#include "base/Text.h"
#include "control/codec/JsonReader.h"
#include "control/manifest/SecretSource.h"
#include "host/LocalApi.h"
#include "host/UnixWire.h"
#include "store/StoreLock.h"
#include "transport/TlsClient.h"

#include <utility>

namespace gatehouse::host {
namespace {

constexpr std::size_t largestPem = std::size_t{1} << 20; // bytes of a file

class TlsWire final : public Wire {
public:
  explicit TlsWire(std::unique_ptr<transport::TlsClient> client)
      : client_(std::move(client)) {}
  Status send(std::string_view bytes, const Waiting& waiting) override {
    return client_->send(bytes, waiting);
  }
  Result<std::string> receive(const Waiting& waiting) override { return client_->receive(waiting); }

private:
  std::unique_ptr<transport::TlsClient> client_;
};

class ServerApi final : public Api {
public:
  ServerApi(transport::TlsClientOptions options, std::string url, std::string authority)
      : options_(std::move(options))
      , who_("the server at " + std::move(url))
      , authority_(std::move(authority)) {}
  Result<Reply> ask(std::string_view method, std::string_view path, std::string_view body,
                    const Waiting& waiting) override {
    auto client = transport::TlsClient::connect(options_);
    if (!client) return std::move(client).error();
    TlsWire wire(std::move(*client));
    return exchange(wire, authority_, method, path, body, waiting);
  }
  [[nodiscard]] const std::string& who() const noexcept override { return who_; }

private:
  transport::TlsClientOptions options_;
  std::string who_, authority_;
};

class ControlApi final : public Api {
public:
  explicit ControlApi(std::string socket)
      : socket_(std::move(socket))
      , who_("the server behind " + socket_) {}
  Result<Reply> ask(std::string_view method, std::string_view path, std::string_view body,
                    const Waiting& waiting) override {
    auto wire = UnixWire::connect(socket_);
    if (!wire) return std::move(wire).error();
    return exchange(*wire, "localhost", method, path, body, waiting);
  }
  [[nodiscard]] const std::string& who() const noexcept override { return who_; }

private:
  std::string socket_, who_;
};

/// "https://gw1.example.com:9443", "https://[::1]:9443/": nothing else is a server here.
Status readUrl(const std::string& url, transport::TlsClientOptions& out, std::string& authority) {
  const Error wrong{Code::invalid_param, "--server wants a URL such as https://gw1.example.com:9443, not `" +
                                             printable(url, 100) + '`'};
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return wrong;
  std::string_view rest = std::string_view(url).substr(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ \\") != std::string_view::npos || !isUtf8(rest)) return wrong;
  authority = rest;
  const bool six = rest.starts_with('[');
  const std::size_t end = six ? rest.find(']') : rest.find(':');
  if (six && end == std::string_view::npos) return wrong;
  out.host = six ? rest.substr(1, end - 1) : rest.substr(0, end);
  const std::string_view behind =
      end == std::string_view::npos ? std::string_view() : rest.substr(six ? end + 1 : end);
  out.port = 9443;
  if (!behind.empty()) {
    const auto port = behind.starts_with(':') ? toInteger(behind.substr(1)) : std::nullopt;
    if (!port || *port < 1 || *port > 65535) return wrong;
    out.port = static_cast<std::uint16_t>(*port);
  }
  if (out.host.empty()) return wrong;
  return {};
}

Result<Secret> readPem(const std::string& path) {
  control::SourceReference reference;
  reference.name = path;
  return control::SecretSource().open(reference, largestPem);
}

} // namespace

Result<std::string> Api::call(std::string_view method, std::string_view path, std::string_view body,
                              const Waiting& waiting) {
  auto reply = ask(method, path, body, waiting);
  if (!reply) return std::move(reply).error();
  if (reply->status == 200) return std::move(reply->body);
  const auto read = control::readJson(reply->body);
  const Node* description = read && read->kind == Node::Kind::mapping ? read->find("description") : nullptr;
  const std::string said = description ? description->text : std::string();
  return Error{Code::invalid_param,
               !said.empty() ? said : who() + " answers " + std::to_string(reply->status) + " and no reason"};
}

Result<std::unique_ptr<Api>> openServer(const ServerOptions& options) {
  transport::TlsClientOptions client;
  std::string authority;
  GH_TRY(readUrl(options.url, client, authority));
  auto authorities = readPem(options.cacert);
  if (!authorities) return std::move(authorities).error();
  client.authorities = authorities->reveal();
  auto chain = readPem(options.cert);
  if (!chain) return std::move(chain).error();
  client.chain = chain->reveal();
  auto key = readPem(options.key);
  if (!key) return std::move(key).error();
  client.key = std::move(*key);
  return std::unique_ptr<Api>(new ServerApi(std::move(client), options.url, std::move(authority)));
}

Result<std::unique_ptr<Api>> openHere(const Config& config, bool mayMake) {
  if (store::StoreLock::held(config.storePath))
    return std::unique_ptr<Api>(new ControlApi(config.controlSocket));
  return openLocal(config, mayMake);
}

} // namespace gatehouse::host
