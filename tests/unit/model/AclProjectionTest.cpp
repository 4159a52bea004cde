// Protects: what breaks out of a database is denied at the root and in every selector, last (R14; lesson 44).
// Each text was also given to redis-server 7.0.15, which took it and refused the break-outs.
#include "model/AclRules.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::model;

namespace {

using Words = std::vector<std::string>;

CommandTable table() {
  CommandTable t;
  t.version = "7.0.15";
  t.commands = {"multi",          "exec",           "discard",          "get",
                "migrate",        "restore-asking", "script|debug",     "client|tracking",
                "function",       "function|load",  "function|restore", "function|delete",
                "function|flush", "config|get",     "config",           "function|list",
                "acl|whoami"};
  t.categories = {"admin", "read", "write", "scripting", "slow", "dangerous"};
  return t;
}

constexpr std::string_view head = "-@admin -migrate -restore-asking -script|debug";
constexpr std::string_view noTracking = " -client|tracking";
constexpr std::string_view noPlanting = " -function|load -function|restore -function|delete -function|flush";

AclRules parsed(std::string_view text) {
  const Result<AclRules> rules = parseAcl(text);
  CPPUNIT_ASSERT_MESSAGE(rules.ok() ? "" : rules.error().description, rules.ok());
  return *rules;
}
/// The selectors of one role, behind the root's words.
Words selectors(std::string_view text) {
  Words all = projectedRules({parsed(text)}, table());
  const auto first = std::find_if(all.begin(), all.end(), [](const std::string& w) { return w[0] == '('; });
  return {first, all.end()};
}
void gives(std::string_view text, const std::string& selector) {
  const Words found = selectors(text);
  CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found.size());
  CPPUNIT_ASSERT_EQUAL(selector, found[0]);
}
std::string with(std::string_view text, std::string_view denials) {
  return '(' + std::string(text) + ' ' + std::string(denials) + ')';
}
std::string all(std::string_view a, std::string_view b = {}, std::string_view c = {}) {
  return std::string(a) + std::string(b) + std::string(c);
}

} // namespace

class AclProjectionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AclProjectionTest);
  CPPUNIT_TEST(testTheRootGrantsTransactionsAndOnesName);
  CPPUNIT_TEST(testEveryRoleAndSelectorStandsAloneWithItsDenialsLast);
  CPPUNIT_TEST(testTrackingIsForThoseWhoHaveAllKeys);
  CPPUNIT_TEST(testNoCategoryGrantsPlantingFunctions);
  CPPUNIT_TEST(testPlantingFunctionsIsGrantedByName);
  CPPUNIT_TEST(testWhatTheServerLacksIsLeftOut);
  CPPUNIT_TEST(testWithoutACommandTableNothingIsProjected);
  CPPUNIT_TEST_SUITE_END();

public:
  void testTheRootGrantsTransactionsAndOnesName() {
    const Words expected = {"+multi",           "+exec",          "+discard",          "+acl|whoami",
                            "-@admin",          "-migrate",       "-restore-asking",   "-script|debug",
                            "-client|tracking", "-function|load", "-function|restore", "-function|delete",
                            "-function|flush"};
    CPPUNIT_ASSERT(projectedRules({}, table()) == expected);
  }

  void testEveryRoleAndSelectorStandsAloneWithItsDenialsLast() {
    gives("+@read ~cache:*", with("+@read ~cache:*", all(head, noTracking, noPlanting)));
    gives("+@all -@admin +config|get ~*", with("+@all -@admin +config|get ~*", all(head, noPlanting)));
    gives("-config +@all ~*", with("-config +@all ~*", all(head, noPlanting)));
    // A denial at the root does not touch a selector, at any position (measured).
    const Words two = selectors("+get ~a (+@all ~*) -config");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, two.size());
    CPPUNIT_ASSERT_EQUAL(with("+get ~a -config", all(head, noTracking, noPlanting)), two[0]);
    CPPUNIT_ASSERT_EQUAL(with("+@all ~*", all(head, noPlanting)), two[1]);
    // Roles are never joined: what one takes away the other keeps, and no key of one meets a command of the
    // other.
    const Words roles = projectedRules({parsed("+get ~a"), parsed(""), parsed("-@all")}, table());
    CPPUNIT_ASSERT_EQUAL(std::size_t{13 + 3}, roles.size());
    CPPUNIT_ASSERT_EQUAL(with("+get ~a", all(head, noTracking, noPlanting)), roles[13]);
    CPPUNIT_ASSERT_EQUAL('(' + all(head, noTracking, noPlanting) + ')',
                         roles[14]); // grants nothing; the server takes it
    CPPUNIT_ASSERT_EQUAL(with("-@all", all(head, noTracking, noPlanting)), roles[15]);
  }

  // CLIENT TRACKING ON BCAST told key names beyond the patterns (measured).
  void testTrackingIsForThoseWhoHaveAllKeys() {
    for (const char* text :
         {"+@all ~*", "+@all allkeys", "+@all ~a ~*", "+@all ~* resetkeys ~a resetkeys allkeys"})
      CPPUNIT_ASSERT_MESSAGE(text, selectors(text)[0].find("tracking") == std::string::npos);
    for (const char* text : {"+@all", "+@all ~a", "+@all ~* resetkeys", "+@all ~* resetkeys ~a",
                             "+@all %RW~*", "+@all %R~*", "+client|tracking ~a*"})
      CPPUNIT_ASSERT_MESSAGE(text, selectors(text)[0].find("-client|tracking") != std::string::npos);
  }

  void testNoCategoryGrantsPlantingFunctions() {
    for (const char* text :
         {"+@all ~*", "allcommands ~*", "+@write ~*", "+@scripting ~*", "-function +@all ~*",
          "+function -@write +@all ~*", "+function -@all +@all ~*", "+function nocommands +@all ~*",
          "+function -@slow +@slow ~*", "+function -@scripting +@write ~*", "+function -function +@all ~*",
          "+function|list ~*",
          "+function|load +function|restore +function|delete +function|flush -@write "
          "+@write ~*"})
      gives(text, with(text, all(head, noPlanting)));
  }

  void testPlantingFunctionsIsGrantedByName() {
    for (const char* text :
         {"+function ~*", "+@all +function ~*", "+function +@all ~*", "-@write +function ~*",
          "+function -@dangerous ~*", "+function -@admin -@read ~*"})
      gives(text, with(text, all(head)));
    gives("+function|load ~*",
          with("+function|load ~*", all(head, " -function|restore -function|delete -function|flush")));
    gives("+function -function|load ~*", with("+function -function|load ~*", all(head, " -function|load")));
    gives("+function|flush +@all ~*",
          with("+function|flush +@all ~*", all(head, " -function|load -function|restore -function|delete")));
    // Each selector for itself.
    const Words two = selectors("+function ~* (+@all ~*)");
    CPPUNIT_ASSERT(two[0].find("function|load") == std::string::npos);
    CPPUNIT_ASSERT(two[1].find("-function|load") != std::string::npos);
  }

  // One unknown word voids a whole SETUSER.
  void testWhatTheServerLacksIsLeftOut() {
    CommandTable small;
    small.commands = {"exec", "migrate", "function|load"};
    small.categories = {"admin"};
    CPPUNIT_ASSERT((projectedRules({parsed("+@all ~a")}, small) ==
                    Words{"+exec", "-@admin", "-migrate", "-function|load",
                          "(+@all ~a -@admin -migrate -function|load)"}));
  }

  void testWithoutACommandTableNothingIsProjected() {
    CPPUNIT_ASSERT(projectedRules({parsed("+@all ~*")}, CommandTable{}).empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AclProjectionTest);
