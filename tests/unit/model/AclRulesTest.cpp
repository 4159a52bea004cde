// Protects: a RedisAcl is parsed by grammar and never pasted (R14). What redis-server would take for
// something else than a permission must not get through.
#include "model/AclRules.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::model;

namespace {

using Words = std::vector<std::string>;

AclRules parsed(std::string_view text) {
  const Result<AclRules> rules = parseAcl(text);
  CPPUNIT_ASSERT_MESSAGE(rules.ok() ? "" : rules.error().description, rules.ok());
  return *rules;
}
void refuses(std::string_view text, std::string_view says) {
  const Result<AclRules> rules = parseAcl(text);
  CPPUNIT_ASSERT_MESSAGE(std::string(text), !rules.ok());
  CPPUNIT_ASSERT(rules.error().code == Code::invalid_param);
  CPPUNIT_ASSERT_MESSAGE(rules.error().description,
                         rules.error().description.find(says) != std::string::npos);
}

CommandTable table() {
  CommandTable t;
  t.version = "7.0.15";
  t.commands = {"get",        "set",    "config", "config|get",     "acl",
                "acl|whoami", "select", "client", "client|tracking"};
  t.categories = {"read", "write", "admin", "dangerous"};
  return t;
}
void unknown(std::string_view text, std::string_view says) {
  const Status status = checkAcl(parsed(text), table());
  CPPUNIT_ASSERT_MESSAGE(std::string(text), !status.ok());
  CPPUNIT_ASSERT(status.error().code == Code::invalid_param);
  CPPUNIT_ASSERT_MESSAGE(status.error().description,
                         status.error().description.find(says) != std::string::npos);
}

} // namespace

class AclRulesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AclRulesTest);
  CPPUNIT_TEST(testEveryWordOfTheGrammarIsRead);
  CPPUNIT_TEST(testSelectorsAreOneLevelOfParentheses);
  CPPUNIT_TEST(testTheEmptyTextGrantsNothing);
  CPPUNIT_TEST(testWordsThatAreNoPermissionsAreRefusedByName);
  CPPUNIT_TEST(testWhatTheServersParserWouldTakeApartIsRefused);
  CPPUNIT_TEST(testParenthesesThatDoNotFitAreRefused);
  CPPUNIT_TEST(testPatternsBehindAllKeysAreRefused);
  CPPUNIT_TEST(testTheTextIsBounded);
  CPPUNIT_TEST(testCommandsAndCategoriesMustBeTheServers);
  CPPUNIT_TEST_SUITE_END();

public:
  void testEveryWordOfTheGrammarIsRead() {
    const AclRules rules =
        parsed("+get -SET +config|get -Config|Set +@read -@ADMIN allcommands nocommands ~a* %R~b %W~c "
               "%RW~d resetkeys allkeys resetchannels &ch* allchannels +ft.search +json.get");
    const Words expected = {"+get",    "-set",        "+config|get", "-config|set", "+@read",
                            "-@admin", "allcommands", "nocommands",  "~a*",         "%R~b",
                            "%W~c",    "%RW~d",       "resetkeys",   "allkeys",     "resetchannels",
                            "&ch*",    "allchannels", "+ft.search",  "+json.get"};
    CPPUNIT_ASSERT(rules.root == expected);
    CPPUNIT_ASSERT(rules.selectors.empty());
    CPPUNIT_ASSERT(parsed("  +get   ~a  ") == parsed("+get ~a"));
    CPPUNIT_ASSERT(parsed("~Caf\xC3\xA9:[a-z]?{1}*").root == Words{"~Caf\xC3\xA9:[a-z]?{1}*"}); // as written
  }

  void testSelectorsAreOneLevelOfParentheses() {
    const AclRules rules = parsed("+get (+set ~a) ~b ( +@read  %R~c )");
    CPPUNIT_ASSERT((rules.root == Words{"+get", "~b"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rules.selectors.size());
    CPPUNIT_ASSERT((rules.selectors[0] == Words{"+set", "~a"}));
    CPPUNIT_ASSERT((rules.selectors[1] == Words{"+@read", "%R~c"}));
  }

  void testTheEmptyTextGrantsNothing() {
    CPPUNIT_ASSERT(parsed("") == AclRules{});
    CPPUNIT_ASSERT(parsed("   ") == AclRules{});
  }

  // All of these are accepted at a user's root by redis-server 7.0.15: nopass opens the user, >x adds a
  // second password, reset wipes what stood before (measured).
  void testWordsThatAreNoPermissionsAreRefusedByName() {
    for (const char* word : {"nopass",
                             ">x",
                             "<x",
                             "#0123",
                             "!0123",
                             "on",
                             "off",
                             "reset",
                             "resetpass",
                             "skip-sanitize-payload",
                             "sanitize-payload",
                             "clearselectors",
                             "get",
                             "@read",
                             "*",
                             "ALLKEYS",
                             "allkeys2",
                             "%~a",
                             "%r~a",
                             "%WR~a",
                             "%R",
                             "%RR~a",
                             "%X~a",
                             "user",
                             "db=1",
                             "alldbs"})
      refuses(std::string("+get ") + word + " ~a", "`" + std::string(word) + "` at character 6");
    for (const char* word : {"+", "-", "+@", "-@", "+|", "+a|", "+|a", "+a|b|c", "+@a|b", "+@@a", "++a",
                             "+a+b", "+a@b", "+a*", "+g\xC3\xA9t", "-!", "+a=b"})
      refuses(std::string("~a ") + word, "names no command");
    refuses("+get ~", "has no pattern");
    refuses("+get %R~", "has no pattern");
    refuses("+get &", "has no pattern");
  }

  void testWhatTheServersParserWouldTakeApartIsRefused() {
    refuses("(+@all ~* \"~b -@admin)", "quotes"); // redis-server answers +OK with an empty selector
    refuses("~a\"", "quotes");
    refuses("~'a", "quotes");
    refuses("~a\\x20", "backslashes");
    for (const char c : {'\t', '\n', '\r', '\v', '\f', '\x01', '\x1F', '\x7F', '\0'})
      refuses(std::string("+get") + c + "~a", "control character");
    for (const char* c1 : {"\xC2\x80", "\xC2\x85", "\xC2\x9F"})
      refuses(std::string("+get ~a") + c1 + "b", "control character");
    CPPUNIT_ASSERT(parseAcl("+get ~a\xC2\xA0z\xC3\xA9").ok());
    refuses("~\xFF", "UTF-8");
    refuses("~\xC3", "UTF-8");
  }

  void testParenthesesThatDoNotFitAreRefused() {
    refuses("((+get))", "within a selector");
    refuses("(+get (~a))", "within a selector");
    refuses("(+get ~a", "not closed");
    refuses("(", "not closed");
    refuses("+get )", "closes no selector");
    refuses(")", "closes no selector");
    refuses("()", "empty selector");
    refuses("+get ( )", "empty selector");
    refuses("~a)", "parenthesis");
    refuses("~a(b", "parenthesis");
    refuses("(~a(b)", "parenthesis");
    refuses("+get(~a)", "parenthesis");
    refuses("(+get)(+set)", "lacks a space");
    refuses("(+get ~a))", "lacks a space");
    refuses("(+get ~a)b", "lacks a space");
  }

  // redis-server refuses the pattern, and with it the whole user: it could not be projected.
  void testPatternsBehindAllKeysAreRefused() {
    refuses("~* ~a", "all keys");
    refuses("allkeys %R~a", "all keys");
    refuses("+get (~* ~a)", "all keys");
    refuses("&* &a", "all channels");
    refuses("allchannels &a", "all channels");
    for (const char* text : {"~a ~*", "~* ~*", "~* allkeys ~*", "~* resetkeys ~a", "&* resetchannels &a",
                             "&a &*", "~* (~a)", "%RW~* ~a", "%R~* %W~a"})
      (void)parsed(text);
  }

  void testTheTextIsBounded() {
    (void)parsed("~" + std::string(aclTextLimit - 1, 'a'));
    refuses("~" + std::string(aclTextLimit, 'a'), "bytes");
    std::string deep(1000, '(');
    refuses(deep, "within a selector");
  }

  void testCommandsAndCategoriesMustBeTheServers() {
    CPPUNIT_ASSERT(
        checkAcl(parsed("+get -config|get +@all -@all +@read ~x (+set -@admin &c)"), table()).ok());
    CPPUNIT_ASSERT(checkAcl({}, table()).ok());
    CPPUNIT_ASSERT(checkAcl(parsed("allcommands ~*"), CommandTable{}).ok());
    unknown("+gett", "did you mean `get`");
    unknown("+@reed", "did you mean `read`");
    unknown("+get (+@read -nosuch)", "`-nosuch` names no command of redis-server 7.0.15");
    unknown("-@nosuchcat", "no category");
    unknown("-client|setinfo", "no command"); // of a later version
    unknown("+select|0", "no command");       // a first argument, no subcommand
    unknown("-get|k", "no command");
    unknown("+all", "no command");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AclRulesTest);
