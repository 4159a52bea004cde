// Protects: the rows of /v1/logs. One per object, but a transaction with thousands of one kind and verb
// leaves one row of them, so that what others did stays in the log.
#include "control/Audit.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::control;

class AuditTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AuditTest);
  CPPUNIT_TEST(testEachObjectHasARow);
  CPPUNIT_TEST(testAThousandOfOneKindAndVerbHaveTheirRows);
  CPPUNIT_TEST(testMoreAreToldInOneRow);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEachObjectHasARow() {
    const auto rows = audit::auditRows("ada", "192.0.2.1", {{"updated", "user", 7, "job", {"email"}, {}}}, 5);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.size());
    CPPUNIT_ASSERT_EQUAL(std::string("ada updated user job: email"), rows[0].description);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, rows[0].uid);
  }

  void testAThousandOfOneKindAndVerbHaveTheirRows() {
    std::vector<Done> done = many(1000, "created", "user");
    for (Done& one : many(1000, "updated", "user")) done.push_back(std::move(one));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2000}, audit::auditRows("ada", "", done, 5).size());
  }

  void testMoreAreToldInOneRow() {
    std::vector<Done> done = many(2, "created", "role");
    for (Done& one : many(100'000, "created", "user")) done.push_back(std::move(one));
    for (Done& one : many(1001, "deleted", "user")) done.push_back(std::move(one));
    for (Done& one : many(3, "updated", "user")) done.push_back(std::move(one));
    const auto rows = audit::auditRows("ada", "192.0.2.1", done, 5);
    CPPUNIT_ASSERT_EQUAL(std::size_t{7}, rows.size());
    CPPUNIT_ASSERT_EQUAL(std::string("ada created 100000 objects of the kind user"), rows[2].description);
    CPPUNIT_ASSERT_EQUAL(std::string("user_created"), rows[2].type);
    CPPUNIT_ASSERT_EQUAL(std::string("ada deleted 1001 objects of the kind user"), rows[3].description);
    CPPUNIT_ASSERT(rows[2].name.empty() && rows[2].uid == 0 && rows[2].fields.empty());
    CPPUNIT_ASSERT(rows[3].time == 5 && rows[3].who == "ada" && rows[3].peer == "192.0.2.1");
    CPPUNIT_ASSERT_EQUAL(std::string("n1"), rows[1].name); // what is few stays whole
  }

private:
  static std::vector<Done> many(std::size_t count, std::string_view verb, std::string_view kind) {
    std::vector<Done> out;
    for (std::size_t i = 0; i < count; ++i)
      out.push_back({verb, kind, static_cast<std::int64_t>(i + 1), "n" + std::to_string(i), {}, {}});
    return out;
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuditTest);
