// Protects: a store whose disk is full. A write is refused with a sentence and nothing of it happens; reads
// and logins go on; who is taken away is gone at once, from the space that is kept aside, and stays gone;
// once there is room all goes on without help, and space is kept aside again.
#include "HouseFixture.h"
#include "support/SmallDisk.h"

#include <filesystem>
#include <iostream>

using namespace gatehouse::test;

namespace {

constexpr int aSecond = 1000;
constexpr std::uintmax_t keptAside = 8 << 20; // bytes of a whole reserve

/// A house whose state stands on that disk.
class FullHouse : public House {
public:
  explicit FullHouse(const SmallDisk& disk)
      : state_(disk / "state") {
    namespace fs = std::filesystem;
    CPPUNIT_ASSERT_EQUAL(0, server.stop());
    const TempFolder& folder = server.folder();
    fs::create_directory(state_);
    fs::permissions(state_, fs::perms::owner_all);
    for (const auto& file : fs::directory_iterator(folder / "state"))
      if (file.path().extension() != ".reserve" && file.path().extension() != ".lock")
        fs::copy(file.path(), state_ / file.path().filename());
    std::string text = readFile(server.configFile());
    const std::string before = "path: state/gatehouse.db";
    text.replace(text.find(before), before.size(), "path: " + (state_ / "gatehouse.db").string());
    folder.write("gatehouse.yaml", text);
    server.start();
  }
  [[nodiscard]] std::uintmax_t reserve() const {
    std::error_code none;
    const auto size = std::filesystem::file_size(state_ / "gatehouse.db.reserve", none);
    return none ? 0 : size;
  }
  /// POST of a certificate user.
  HttpAnswer post(const std::string& name) {
    return control("POST", "/v1/users",
                   "{\"name\":" + jsonText(name) +
                       ",\"auth_method\":\"certificate\",\"certificate_subject_line\":" +
                       jsonText(TestPki::subjectLine(name)) + ",\"role_uids\":[1]}");
  }
  /// Writes until one is refused, and gives that answer.
  HttpAnswer untilRefused() {
    for (int i = 0; i < 20'000; ++i)
      if (HttpAnswer answer = post("filler-" + std::to_string(i)); answer.status != 200) return answer;
    CPPUNIT_FAIL("the disk is not full");
    return {};
  }

private:
  std::filesystem::path state_;
};

std::string path(std::int64_t uid) { return "/v1/users/" + std::to_string(uid); }

} // namespace

class DiskStoreTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DiskStoreTest);
  CPPUNIT_TEST(testAFullDiskRefusesWritesAndStillTakesAway);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAFullDiskRefusesWritesAndStillTakesAway() {
    const SmallDisk disk(16);
    if (!disk.mounted()) {
      std::cout << "NOT RUN: a full disk under the store: no file system can be mounted here" << std::endl;
      return;
    }
    FullHouse house(disk);
    const std::int64_t eve = house.addByCertificate("eve"), bob = house.addByCertificate("bob");
    house.addByCertificate("ada");
    CPPUNIT_ASSERT_EQUAL(keptAside, house.reserve());
    HttpsClient hers = house.connect(house.pki.client("eve")), adas = house.connect(house.pki.client("ada"));
    CPPUNIT_ASSERT_EQUAL(200, hers.request("GET", whoAmI).status);
    CPPUNIT_ASSERT_EQUAL(200, adas.request("GET", whoAmI).status);

    disk.fillUp();
    const HttpAnswer refused = house.untilRefused();
    CPPUNIT_ASSERT_EQUAL_MESSAGE(refused.body, 503, refused.status);
    CPPUNIT_ASSERT_MESSAGE(refused.body, refused.body.find("full") != std::string::npos);
    const HttpAnswer users = house.control("GET", "/v1/users");
    CPPUNIT_ASSERT_EQUAL(200, users.status);

    // Reads and logins go on: connections that are open, new ones, and passwords.
    CPPUNIT_ASSERT_EQUAL(200, adas.request("GET", "/v1/users").status);
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client("bob")));
    CPPUNIT_ASSERT_EQUAL(200, house.status({basic(house.keeper, house.keeperPassword)}));
    CPPUNIT_ASSERT_EQUAL(401, house.status({basic(house.keeper, "wrong")}));

    // Who is taken away is gone.
    const HttpAnswer deleted = house.control("DELETE", path(eve));
    CPPUNIT_ASSERT_EQUAL_MESSAGE(deleted.body + house.server.log(), 200, deleted.status);
    CPPUNIT_ASSERT(hers.closedWithin(aSecond));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client("eve")));
    const HttpAnswer narrowed = house.control("PUT", path(bob), R"({"role_uids":[]})");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(narrowed.body, 200, narrowed.status);
    CPPUNIT_ASSERT_EQUAL(std::string("none"), house.roleOf(house.pki.client("bob")));
    CPPUNIT_ASSERT_EQUAL(200, adas.request("GET", whoAmI).status);
    // What was given free for that is for nobody else.
    CPPUNIT_ASSERT(house.reserve() < keptAside);
    CPPUNIT_ASSERT_EQUAL(503, house.post("late").status);

    // It is durable.
    house.server.kill9();
    house.server.start();
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client("eve")));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client("ada")));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client("late")));

    disk.giveBack();
    CPPUNIT_ASSERT_MESSAGE(house.server.log(), eventually([&] { return house.post("early").status == 200; }));
    CPPUNIT_ASSERT(eventually([&] { return house.reserve() == keptAside; }));
    CPPUNIT_ASSERT_EQUAL(200, house.status(house.pki.client("early")));
    CPPUNIT_ASSERT_EQUAL(401, house.status(house.pki.client("eve")));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DiskStoreTest);
