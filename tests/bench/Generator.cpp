// The client side of tests/bench/run: full handshakes, logins, requests over kept connections, idle
// connections, over HTTP or RESP, and (StoreSide) a store with many users. Each command prints one line of
// numbers; any failure is a sentence on standard error and exit code 1, never a smaller number.
#include "StoreSide.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// The same wishes for both servers: X25519, one cipher, no resumption. P-256 is there for the certificates:
/// in TLS 1.2 the list of groups holds for their keys too (RFC 8422, 5.1.1).
Context contextOf(const std::string& credentials, const std::string& version) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const int wanted = version == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX* c = context.get();
  if (SSL_CTX_set_min_proto_version(c, wanted) != 1 || SSL_CTX_set_max_proto_version(c, wanted) != 1 ||
      SSL_CTX_set_cipher_list(c, "ECDHE-ECDSA-AES256-GCM-SHA384") != 1 ||
      SSL_CTX_set_ciphersuites(c, "TLS_AES_256_GCM_SHA384") != 1 ||
      SSL_CTX_set1_groups_list(c, "X25519:P-256") != 1)
    fail("TLS cannot be set up");
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate_chain_file(c, (credentials + ".pem").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(c, (credentials + ".key").c_str(), SSL_FILETYPE_PEM) != 1)
    fail("no certificate or key at " + credentials);
  return context;
}

/// A blocking connection with its handshake done.
class Connection {
public:
  Connection(SSL_CTX* context, std::uint16_t port)
      : ssl_(SSL_new(context)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    const timeval most{30, 0};
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      fail(std::string("no connection: ") + std::strerror(errno));
    SSL_set_fd(ssl_, socket_);
    if (SSL_connect(ssl_) != 1) fail("a handshake failed: " + reason());
    if (SSL_session_reused(ssl_)) fail("a handshake was resumed");
  }
  ~Connection() {
    SSL_free(ssl_);
    ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits until the server has taken the handshake to its end, and has closed.
  void finish() {
    SSL_shutdown(ssl_);
    char byte;
    ERR_clear_error();
    const int got = SSL_read(ssl_, &byte, 1);
    const int why = SSL_get_error(ssl_, got);
    if (got > 0 || (why != SSL_ERROR_ZERO_RETURN && ERR_peek_error() != 0 &&
                    ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING))
      fail("the server did not accept the certificate: " + reason());
  }
  void send(const std::string& request) {
    if (SSL_write(ssl_, request.data(), static_cast<int>(request.size())) <= 0)
      fail("a request could not be sent");
  }
  /// Reads what is there; true when one answer is complete. It must be a 200, or a RESP bulk string.
  bool receive() {
    char piece[16 * 1024];
    const int got = SSL_read(ssl_, piece, sizeof piece);
    if (got <= 0) fail("the server closed a connection: " + reason());
    answer_.append(piece, static_cast<std::size_t>(got));
    if (answer_[0] == '$') {
      const std::size_t line = answer_.find("\r\n");
      if (line == std::string::npos || answer_.size() < line + 4 + std::stoul(answer_.substr(1)))
        return false;
      answer_.clear();
      return true;
    }
    const std::size_t head = answer_.find("\r\n\r\n");
    if (head == std::string::npos && answer_[0] == 'H') return false;
    const std::size_t length = answer_.find("Content-Length: ");
    if (answer_[0] != 'H' || answer_.compare(9, 3, "200") != 0 || length > head)
      fail("not the answer that was wanted: " + answer_);
    if (answer_.size() < head + 4 + std::stoul(answer_.substr(length + 16))) return false;
    answer_.clear();
    return true;
  }
  [[nodiscard]] int fd() const { return socket_; }

  Clock::time_point asked;

private:
  static std::string reason() {
    const unsigned long code = ERR_peek_last_error();
    const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text != nullptr ? text : std::strerror(errno);
  }
  SSL* ssl_;
  int socket_ = -1;
  std::string answer_;
};

/// What is asked: `path` over HTTP; `resp` is a command whose answer proves who is logged in.
std::string question(const std::string& path) {
  if (path == "resp") return "*2\r\n$3\r\nACL\r\n$6\r\nWHOAMI\r\n";
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

/// Handshakes by two threads, each with one question unless `path` is empty: per second.
void handshakes(std::uint16_t port, const std::string& credentials, const std::string& version, int count,
                const std::string& path) {
  const Context context = contextOf(credentials, version);
  std::atomic<int> left{count};
  std::exception_ptr wrong[2];
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (std::exception_ptr& own : wrong)
    threads.emplace_back([&] {
      try {
        while (left.fetch_sub(1) > 0) {
          Connection connection(context.get(), port);
          if (!path.empty()) {
            connection.send(question(path));
            while (!connection.receive()) continue;
          }
          connection.finish();
        }
      } catch (...) {
        own = std::current_exception();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& one : wrong)
    if (one) std::rethrow_exception(one);
  std::printf("%.1f\n", count / seconds(Clock::now() - begin));
}

/// One thread, one request at a time on each connection: per second, and the median and 99th percentile in
/// ms.
void requests(std::uint16_t port, const std::string& credentials, const std::string& path, int connections,
              int count) {
  const Context context = contextOf(credentials, "1.3");
  const std::string request = question(path);
  std::vector<std::unique_ptr<Connection>> all;
  const int loop = ::epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Connection>(context.get(), port));
    all.back()->send(request); // the first is not counted: it may cost more than the others
    while (!all.back()->receive()) continue;
    epoll_event wish{};
    wish.events = EPOLLIN;
    wish.data.u32 = static_cast<std::uint32_t>(i);
    ::epoll_ctl(loop, EPOLL_CTL_ADD, all.back()->fd(), &wish);
  }
  std::printf("ready\n"); // the CPU of opening is not that of the requests
  std::fflush(stdout);
  if (std::getchar() == EOF) fail("nobody waits for the requests");

  std::vector<double> took;
  took.reserve(static_cast<std::size_t>(count));
  int sent = 0;
  const auto ask = [&](Connection& connection) {
    connection.asked = Clock::now();
    connection.send(request);
    ++sent;
  };
  const auto begin = Clock::now();
  for (const auto& connection : all) ask(*connection);
  epoll_event events[64];
  while (took.size() < static_cast<std::size_t>(count)) {
    const int ready = ::epoll_wait(loop, events, 64, 30'000);
    if (ready == 0) fail("no answer within 30 s");
    for (int i = 0; i < ready; ++i) {
      Connection& connection = *all[events[i].data.u32];
      if (!connection.receive()) continue;
      took.push_back(seconds(Clock::now() - connection.asked) * 1000);
      if (sent < count) ask(connection);
    }
  }
  const double time = seconds(Clock::now() - begin);
  ::close(loop);
  std::sort(took.begin(), took.end());
  std::printf("%.0f %.2f %.2f\n", count / time, took[took.size() / 2], took[took.size() * 99 / 100]);
}

/// One thread for each connection, each changing a user of its own, one write after another: durable writes
/// per second. The users are those that `fill` made, from `firstUid` on.
void writes(std::uint16_t port, const std::string& credentials, int firstUid, int connections, int count) {
  const Context context = contextOf(credentials, "1.3");
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < connections; ++i) all.push_back(std::make_unique<Connection>(context.get(), port));
  std::vector<std::exception_ptr> wrong(all.size());
  std::vector<std::thread> threads;
  const int each = count / connections;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < all.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        const std::string path = "/v1/users/" + std::to_string(firstUid + static_cast<int>(i));
        for (int n = 0; n < each; ++n) { // each differs from what is there, so each is a Revision
          const std::string body = "{\"bdbs_email_alerts\":[\"" + std::to_string(n + 1) + "\"]}";
          all[i]->send("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
          while (!all[i]->receive()) continue;
        }
      } catch (...) {
        wrong[i] = std::current_exception();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& one : wrong)
    if (one) std::rethrow_exception(one);
  std::printf("%.1f\n", each * connections / seconds(Clock::now() - begin));
}

/// Opens them, asks once on each, says "ready", and holds them until it is given a line.
void idle(std::uint16_t port, const std::string& credentials, const std::string& path, int connections) {
  const Context context = contextOf(credentials, "1.3");
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Connection>(context.get(), port));
    all.back()->send(question(path));
    while (!all.back()->receive()) continue;
  }
  std::printf("ready\n");
  std::fflush(stdout);
  if (std::getchar() == EOF) fail("nobody waits for the connections");
}

/// Waits until this port, or this unix socket, takes a connection; polls each millisecond, for 60 s.
void await(const std::string& where) {
  const bool local = where.find('/') != std::string::npos;
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (Clock::now() < until) {
    const int fd = ::socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in network{};
    network.sin_family = AF_INET;
    network.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_un unixSocket{};
    unixSocket.sun_family = AF_UNIX;
    if (local)
      std::strncpy(unixSocket.sun_path, where.c_str(), sizeof unixSocket.sun_path - 1);
    else
      network.sin_port = htons(static_cast<std::uint16_t>(std::stoi(where)));
    const sockaddr* to =
        local ? reinterpret_cast<sockaddr*>(&unixSocket) : reinterpret_cast<sockaddr*>(&network);
    const bool there = ::connect(fd, to, local ? sizeof unixSocket : sizeof network) == 0;
    ::close(fd);
    if (there) return;
    ::poll(nullptr, 0, 1);
  }
  fail(where + " does not answer");
}

/// A port that nobody has now.
void freePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("no free port");
  ::close(fd);
  std::printf("%d\n", ntohs(address.sin_port));
}

int run(const std::vector<std::string>& words) {
  const std::string command = words.empty() ? "" : words[0];
  const std::size_t given = words.size();
  const auto number = [&](std::size_t i) { return std::stoi(words[i]); };
  const auto port = [&] { return static_cast<std::uint16_t>(number(1)); };
  if (command == "handshakes" && (given == 5 || given == 6))
    handshakes(port(), words[2], words[3], number(4), given == 6 ? words[5] : "");
  else if (command == "requests" && given == 6)
    requests(port(), words[2], words[3], number(4), number(5));
  else if (command == "writes" && given == 6)
    writes(port(), words[2], number(3), number(4), number(5));
  else if (command == "idle" && given == 5)
    idle(port(), words[2], words[3], number(4));
  else if (command == "await" && given == 2)
    await(words[1]);
  else if (command == "free-port" && given == 1)
    freePort();
  else if (command == "fill" && given == 3)
    return gatehouse::bench::fill(words[1], number(2));
  else if (command == "lookups" && given == 4)
    return gatehouse::bench::lookups(words[1], number(2), number(3));
  else {
    std::fprintf(stderr, "usage: bench-generator handshakes PORT CREDENTIALS 1.2|1.3 COUNT [PATH]\n"
                         "       bench-generator requests PORT CREDENTIALS PATH CONNECTIONS COUNT\n"
                         "       bench-generator writes PORT CREDENTIALS FIRST_UID CONNECTIONS COUNT\n"
                         "       bench-generator idle PORT CREDENTIALS PATH CONNECTIONS\n"
                         "       bench-generator await PORT|SOCKET | free-port\n"
                         "       bench-generator fill STORE USERS | lookups STORE USERS COUNT\n"
                         "CREDENTIALS: CREDENTIALS.pem and CREDENTIALS.key; PATH `resp`: ACL WHOAMI\n");
    return 64;
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench-generator: %s\n", e.what());
    return 1;
  }
}
