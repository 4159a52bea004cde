// Protects: manifests of many users. The memory of the command and of the server stays within a bound, and
// what was applied is all there.
#include "CommandFixture.h"
#include "DatabaseFaultHouse.h"

#include <fstream>
#include <iostream>

using namespace gatehouse::test;

namespace {

constexpr int many = sanitized ? 2'000 : 20'000;
constexpr std::size_t bound = 300 * 1024; // KiB

std::string manyUsers() {
  std::string out = "roles: [{name: member, management: cluster_viewer}]\nusers:\n";
  for (int i = 0; i < many; ++i) {
    const std::string number = std::to_string(i);
    out += "  - {name: member" + number + ", email: member" + number +
           "@example.com, auth_method: certificate, certificate_subject_line: \"CN=member" + number +
           ", OU=dev, O=Example\", roles: [member]}\n";
  }
  return out;
}

/// KiB that a process had at once.
std::size_t most(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  CPPUNIT_FAIL("a process without memory");
  return 0;
}

} // namespace

class ManifestSizeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestSizeTest);
  CPPUNIT_TEST(testManyUsersAreAppliedInBoundedMemory);
  CPPUNIT_TEST_SUITE_END();

public:
  void testManyUsersAreAppliedInBoundedMemory() {
    House house;
    const std::string file = house.server.folder().write("many.yaml", manyUsers());
    const CommandRun applied = command(house.server, {"apply", file, "--yes"});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(applied.err + applied.out.substr(0, 2000), 0, applied.code);
    expectPart(std::to_string(many + 1) + " to make", applied.out.substr(applied.out.size() - 200));
    const CommandRun settled = command(house.server, {"plan", file});
    CPPUNIT_ASSERT_EQUAL_MESSAGE(settled.err + settled.out.substr(0, 2000), 0, settled.code);
    const std::string last = "member" + std::to_string(many - 1);
    CPPUNIT_ASSERT_EQUAL(std::string("cluster_viewer"), house.roleOf(house.pki.client(last)));
    const CommandRun exported = command(house.server, {"export"});
    expectCode(0, exported);
    CPPUNIT_ASSERT(exported.out.find("name: " + last + '\n') != std::string::npos);

    const std::size_t server = most(house.server.pid());
    std::cout << many << " users: KiB of apply " << applied.most << ", of plan " << settled.most
              << ", of export " << exported.most << ", of the server " << server << std::endl;
    if (sanitized) return;
    for (const std::size_t kib : {applied.most, settled.most, exported.most, server})
      CPPUNIT_ASSERT(kib < bound);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestSizeTest);
