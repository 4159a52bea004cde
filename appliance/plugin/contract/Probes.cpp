#include "plugin/contract/Probes.h"

#include <cstdint>
#include <vector>

namespace gatehouse::plugin::contract {
namespace {

using namespace std::string_literals;

/// The same in every run.
std::string noise(std::size_t size) {
  std::string out;
  std::uint64_t state = 0x9e3779b97f4a7c15;
  while (out.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out += static_cast<char>(state);
  }
  return out;
}

std::vector<Probe> make() {
  const std::string get = "GET /v1/users?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string login =
      "GET /v1/users HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWRhOnNlY3JldA==\r\n\r\n";
  const std::string put = "PUT /v1/cluster HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                          "Content-Length: 11\r\n\r\n{\"name\":12}";
  const std::string chunked = "POST /v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  const std::string ping = "*1\r\n$4\r\nPING\r\n";
  const std::string auth = "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$6\r\nsecret\r\n";
  return {
      {"nothing at all", ""},
      {"one byte", "x"},
      {"lines of text", "hello\nworld\r\n\r\nand a last line without an end"},
      {"an HTTP request", get},
      {"three pipelined HTTP requests", get + login + get},
      {"an HTTP request with a login", login},
      {"an HTTP request with a body", put + get},
      {"an HTTP request with a chunked body", chunked + put},
      {"an HTTP request that is cut off", put.substr(0, put.size() - 4)},
      {"a malformed HTTP request",
       "GET  /\x01 HTTP/9\nHost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
      {"RESP commands", ping + auth + "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n" + ping},
      {"inline RESP commands", "PING\r\nAUTH ada secret\r\nPING \"a b\"\r\n"},
      {"malformed RESP", ping + "*-2\r\n$99999999999999999999\r\n*1\r\n$4\r\nPINGxx"},
      {"a TLS client hello",
       "\x16\x03\x01\x00\x2e\x01\x00\x00\x2a\x03\x03"s + noise(32) + "\x00\x00\x02\x13\x01\x01\x00"s},
      {"zero bytes", std::string(300, '\0')},
      {"bytes of all values", noise(2000)},
  };
}

} // namespace

std::span<const Probe> probes() {
  static const std::vector<Probe> all = make();
  return all;
}

} // namespace gatehouse::plugin::contract
