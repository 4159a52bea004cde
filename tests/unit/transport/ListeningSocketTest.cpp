// Protects: the doors. A path that is not ours is left alone, and a unix socket is never open to others, not
// for a moment. The sockets here are local: a temporary folder, and port 0 of the loopback.
#include "transport/ListeningSocket.h"
#include "support/ManualClock.h"
#include "support/TempFolder.h"
#include "transport/Acceptor.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::transport;

namespace {

UniqueFd connectTo(const Address& address) {
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  CPPUNIT_ASSERT_EQUAL(0, ::connect(fd.get(), address.data(), address.length()));
  return fd;
}

UniqueFd connectTo(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  CPPUNIT_ASSERT_EQUAL(0, ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  return fd;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

struct Door final : AcceptHandler {
  std::vector<UniqueFd> sockets;
  std::vector<Address> peers;
  std::vector<int> failures;
  void onAccepted(UniqueFd socket, const Address& peer) override {
    sockets.push_back(std::move(socket));
    peers.push_back(peer);
  }
  void onAcceptFailed(int error) override { failures.push_back(error); }
};

int option(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  CPPUNIT_ASSERT_EQUAL(0, ::getsockopt(fd, level, name, &value, &length));
  return value;
}

} // namespace

class ListeningSocketTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ListeningSocketTest);
  CPPUNIT_TEST(testAPortInUseIsSaidInASentence);
  CPPUNIT_TEST(testAUnixSocketIsOursAlone);
  CPPUNIT_TEST(testADeadSocketIsReplacedAndALivingOneIsNot);
  CPPUNIT_TEST(testWhatIsNoSocketStays);
  CPPUNIT_TEST(testOnlyItsOwnPathIsRemoved);
  CPPUNIT_TEST(testTheKernelSaysWhoThePeerIs);
  CPPUNIT_TEST(testAcceptedSocketsAreReadyForUse);
  CPPUNIT_TEST(testAtMostSixteenAreAcceptedATurn);
  CPPUNIT_TEST(testAPausedAcceptorLeavesConnectionsWaiting);
  CPPUNIT_TEST(testWithoutDescriptorsPeersAreTurnedAwayAndTheLoopRests);
  CPPUNIT_TEST_SUITE_END();

  test::ManualClock clock_;
  test::TempFolder folder_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::create(clock_).value();

  static std::shared_ptr<const ListeningSocket> loopback() {
    return std::make_shared<const ListeningSocket>(listenTcp(Address::parse("127.0.0.1:0").value()).value());
  }

public:
  void testAPortInUseIsSaidInASentence() {
    const auto first = loopback();
    CPPUNIT_ASSERT(first->localAddress().port() != 0);
    const auto second = listenTcp(first->localAddress());
    CPPUNIT_ASSERT_EQUAL(first->text() + " is in use by another process", second.error().description);
    const auto elsewhere = listenTcp(Address::parse("192.0.2.1:0").value());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.1:0 is no address of this machine"),
                         elsewhere.error().description);
    CPPUNIT_ASSERT((::fcntl(first->fd(), F_GETFD) & FD_CLOEXEC) != 0);
    CPPUNIT_ASSERT((::fcntl(first->fd(), F_GETFL) & O_NONBLOCK) != 0);
  }
  void testAUnixSocketIsOursAlone() {
    const std::string path = folder_ / "control.sock";
    {
      const auto socket = listenUnix(path);
      CPPUNIT_ASSERT(socket.ok());
      struct stat status {};
      CPPUNIT_ASSERT_EQUAL(0, ::stat(path.c_str(), &status));
      CPPUNIT_ASSERT_EQUAL(mode_t{S_IFSOCK | 0600}, status.st_mode);
    }
    CPPUNIT_ASSERT(!exists(path));
    CPPUNIT_ASSERT(!listenUnix(folder_ / std::string(120, 'x')).ok());
    CPPUNIT_ASSERT(!listenUnix("").ok());
  }
  void testADeadSocketIsReplacedAndALivingOneIsNot() {
    const std::string path = folder_ / "control.sock";
    {
      const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::memcpy(address.sun_path, path.data(), path.size());
      CPPUNIT_ASSERT_EQUAL(0,
                           ::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    }
    CPPUNIT_ASSERT(exists(path));
    const auto socket = listenUnix(path);
    CPPUNIT_ASSERT(socket.ok());
    CPPUNIT_ASSERT_EQUAL(path + " is in use by another process", listenUnix(path).error().description);
    connectTo(path);
  }
  void testWhatIsNoSocketStays() {
    const std::string file = folder_.write("notes", "keep me");
    CPPUNIT_ASSERT(!listenUnix(file).ok());
    CPPUNIT_ASSERT_EQUAL(std::string("keep me"), test::readFile(file));
    const std::string link = folder_ / "link";
    CPPUNIT_ASSERT_EQUAL(0, ::symlink("nowhere", link.c_str()));
    CPPUNIT_ASSERT(!listenUnix(link).ok());
    CPPUNIT_ASSERT(!exists(folder_ / "nowhere"));
  }
  void testOnlyItsOwnPathIsRemoved() {
    const std::string path = folder_ / "control.sock";
    {
      const auto socket = listenUnix(path);
      CPPUNIT_ASSERT(socket.ok());
      CPPUNIT_ASSERT_EQUAL(0, ::unlink(path.c_str()));
      folder_.write("control.sock", "another's");
    }
    CPPUNIT_ASSERT_EQUAL(std::string("another's"), test::readFile(path));
  }
  void testTheKernelSaysWhoThePeerIs() {
    const auto socket = listenUnix(folder_ / "control.sock");
    const UniqueFd client = connectTo(folder_ / "control.sock");
    const UniqueFd server(::accept(socket.value().fd(), nullptr, nullptr));
    const auto credentials = peerCredentials(server.get());
    CPPUNIT_ASSERT(credentials.ok());
    CPPUNIT_ASSERT_EQUAL(::getuid(), credentials.value().uid);
    CPPUNIT_ASSERT_EQUAL(::getpid(), credentials.value().pid);
    const auto tcp = loopback();
    const UniqueFd remote = connectTo(tcp->localAddress());
    CPPUNIT_ASSERT(!peerCredentials(remote.get()).ok()); // a TCP peer is nobody's local process
    CPPUNIT_ASSERT(!peerCredentials(-1).ok());
  }
  void testAcceptedSocketsAreReadyForUse() {
    Door door;
    const auto socket = loopback();
    Acceptor acceptor(*loop_, socket, door);
    CPPUNIT_ASSERT(acceptor.start().ok());
    const UniqueFd client = connectTo(socket->localAddress());
    loop_->turn(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, door.sockets.size());
    const int fd = door.sockets.front().get();
    CPPUNIT_ASSERT((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    CPPUNIT_ASSERT(option(fd, IPPROTO_TCP, TCP_NODELAY) != 0 && option(fd, SOL_SOCKET, SO_KEEPALIVE) != 0);
    CPPUNIT_ASSERT_EQUAL(300, option(fd, IPPROTO_TCP, TCP_KEEPIDLE));
    CPPUNIT_ASSERT(door.peers.front().isLoopback() && door.peers.front().port() != 0);
    acceptor.close();
    acceptor.close();
  }
  void testAtMostSixteenAreAcceptedATurn() {
    Door door;
    const auto socket = loopback();
    Acceptor acceptor(*loop_, socket, door);
    CPPUNIT_ASSERT(acceptor.start().ok());
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(connectTo(socket->localAddress()));
    loop_->turn(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{16}, door.sockets.size());
    loop_->turn(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{20}, door.sockets.size());
  }
  void testAPausedAcceptorLeavesConnectionsWaiting() {
    Door door;
    const auto socket = loopback();
    Acceptor acceptor(*loop_, socket, door);
    CPPUNIT_ASSERT(acceptor.start().ok());
    acceptor.pause();
    const UniqueFd client = connectTo(socket->localAddress());
    loop_->turn(0);
    CPPUNIT_ASSERT(door.sockets.empty());
    acceptor.resume();
    loop_->turn(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, door.sockets.size());
  }
  void testWithoutDescriptorsPeersAreTurnedAwayAndTheLoopRests() {
    Door door;
    const auto socket = loopback();
    Acceptor acceptor(*loop_, socket, door);
    CPPUNIT_ASSERT(acceptor.start().ok());
    UniqueFd client = connectTo(socket->localAddress());
    rlimit before{};
    CPPUNIT_ASSERT_EQUAL(0, ::getrlimit(RLIMIT_NOFILE, &before));
    rlimit full = before;
    full.rlim_cur = static_cast<rlim_t>(::dup(client.get())); // the first free number: not one more fits
    ::close(static_cast<int>(full.rlim_cur));
    CPPUNIT_ASSERT_EQUAL(0, ::setrlimit(RLIMIT_NOFILE, &full));
    loop_->turn(1000);
    CPPUNIT_ASSERT_EQUAL(0, ::setrlimit(RLIMIT_NOFILE, &before));
    CPPUNIT_ASSERT(door.sockets.empty());
    CPPUNIT_ASSERT((door.failures == std::vector<int>{EMFILE}));
    char byte = 0;
    CPPUNIT_ASSERT(::recv(client.get(), &byte, 1, 0) <= 0); // it knows
    CPPUNIT_ASSERT(!acceptor.watching());
    clock_.advance(Acceptor::restMs);
    loop_->turn(0);
    CPPUNIT_ASSERT(acceptor.watching());
    const UniqueFd next = connectTo(socket->localAddress());
    loop_->turn(1000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, door.sockets.size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ListeningSocketTest);
