// Protects: acknowledged writes where the disk is full (design §7, R20): what was acknowledged is there
// afterwards, what was not is refused or its session ends, and all goes on without help once there is room.
#include "DatabaseFaultHouse.h"
#include "support/SmallDisk.h"

#include <iostream>

using namespace gatehouse::test;
using namespace std::chrono;

class DatabaseFaultDiskTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DatabaseFaultDiskTest);
  CPPUNIT_TEST(testAFullDiskLosesNoAcknowledgedWrite);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAFullDiskLosesNoAcknowledgedWrite() {
    const SmallDisk disk(24);
    if (!disk.mounted()) {
      std::cout << "NOT RUN: a full disk: no file system can be mounted here" << std::endl;
      return;
    }
    ServerOptions options = FaultHouse::options();
    options.extra += "engines: {directory: " + disk.path() + "/engines}\n";
    std::filesystem::create_directory(disk.path() + "/engines");
    std::filesystem::permissions(disk.path() + "/engines", std::filesystem::perms::owner_all);
    FaultHouse house(std::move(options), "\"aof_policy\":\"appendfsync-always\"");
    disk.fill(16 << 20);
    TaggedLoad load(house.ways(8), {.valueBytes = 4'096, .keeps = true});
    // With `always` redis-server ends rather than to say yes to what it could not write.
    CPPUNIT_ASSERT_MESSAGE(
        house.server.log(),
        eventually([&] { return load.report().ended > 0 && house.status(house.cache.uid) == "recovery"; },
                   seconds(90)));
    CPPUNIT_ASSERT(disk.room() < (1 << 20));
    CPPUNIT_ASSERT_MESSAGE(load.report().firstWrong, load.report().wrong == 0);
    // Reading and administering go on; nothing that is acknowledged meanwhile is less durable.
    house.must("GET", "/v1/bdbs");
    disk.giveBack();
    const std::uint64_t before = load.report().right;
    CPPUNIT_ASSERT_MESSAGE(house.server.log(),
                           eventually([&] { return load.report().right > before + 50; }, seconds(90)));
    load.stop();
    house.assertClean(load);
    house.waitActive(house.cache.uid);
    const auto peer = house.byCertificate();
    for (const auto& [key, value] : load.acknowledged())
      CPPUNIT_ASSERT_MESSAGE("an acknowledged write is lost: " + key, value == peer->say({"GET", key}));
    CPPUNIT_ASSERT(!load.acknowledged().empty());
    std::cout << "writes acknowledged around a full disk: " << load.acknowledged().size() << std::endl;
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseFaultDiskTest);
