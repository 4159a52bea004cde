// Protects: on a disk that is really full, writes are refused with a sentence, reads go on, and what takes
// rights away still succeeds, from the space that was kept aside. On a file system of its own; where none may
// be mounted there is nothing to see.
#include "ManagementFixture.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::control;

namespace {

constexpr int cannotMount = 77;

/// A management whose store is on a small disk that others fill.
class OnAFullDisk : public test::ManagementFixture {
public:
  void revocationsSucceed(const std::string& disk) {
    setUp();
    const std::int64_t gone = make("gone", "5"), less = make("less", "5,4");
    make("boss", "1");
    fill(disk + "/filler");
    control::Answer refused;
    for (int i = 0; i < 400 && refused.errorCode.empty(); ++i) // what the log has room for is soon used up
      refused =
          root("POST", "/v1/roles", R"({"name":"role )" + std::to_string(i) + R"(","management":"none"})");
    expect(503, "unavailable", refused, "full");
    const std::size_t published = serving_->published.size();
    const model::Revision before = revision();
    expectOk(root("GET", "/v1/users/" + std::to_string(gone)));

    expectOk(root("DELETE", path("users", gone)));
    CPPUNIT_ASSERT(!reader_->userByLogin("gone")->record);
    CPPUNIT_ASSERT_EQUAL(before + 1, revision());
    CPPUNIT_ASSERT_EQUAL(published + 1, serving_->published.size()); // and acted upon
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events_.count({"store.full"}));
    // There is room now, and it is not for this.
    expect(503, "unavailable", root("POST", "/v1/roles", R"({"name":"more","management":"none"})"), "full");
    expectOk(root("PUT", path("users", less), R"({"role_uids":[5]})"));
    expectOk(root("GET", "/v1/users"));
    tearDown();
  }

private:
  static void fill(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string page(4096, 'x');
    while (::write(fd, page.data(), page.size()) == static_cast<ssize_t>(page.size())) {
    }
    CPPUNIT_ASSERT_EQUAL(ENOSPC, errno);
    ::close(fd);
  }
};

int inTheChild(const std::string& disk) {
  if (::mkdir(disk.c_str(), 0700) != 0) return 1;
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return cannotMount;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", disk.c_str(), "tmpfs", 0, "size=16m,mode=0700") != 0)
    return cannotMount;
  ::setenv("TMPDIR", disk.c_str(), 1);
  try {
    OnAFullDisk().revocationsSucceed(disk);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}

} // namespace

class FullDiskTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FullDiskTest);
  CPPUNIT_TEST(testRightsAreTakenOnAFullDisk);
  CPPUNIT_TEST_SUITE_END();

public:
  void testRightsAreTakenOnAFullDisk() {
    const test::TempFolder folder;
    const pid_t child = ::fork();
    CPPUNIT_ASSERT(child >= 0);
    if (child == 0) ::_exit(inTheChild(folder / "disk"));
    int status = 0;
    CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
    CPPUNIT_ASSERT(WIFEXITED(status));
    if (WEXITSTATUS(status) != cannotMount) CPPUNIT_ASSERT_EQUAL_MESSAGE("see above", 0, WEXITSTATUS(status));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(FullDiskTest);
