// Protects: the JSON reader. What could be read two ways must be refused, numbers must stay as written (Poco
// reads 2^64 as 0, lesson of reference measurements), and no text may exhaust the stack.
#include "control/codec/JsonReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace gatehouse;
using control::readJson;

namespace {

std::string refusal(std::string_view text) {
  const auto read = readJson(text);
  CPPUNIT_ASSERT_MESSAGE(std::string(text.substr(0, 80)), !read.ok());
  CPPUNIT_ASSERT(read.error().code == Code::invalid_schema);
  return read.error().description;
}

Node tree(std::string_view text) {
  auto read = readJson(text);
  CPPUNIT_ASSERT_MESSAGE(std::string(text) + (read.ok() ? "" : ": " + read.error().description), read.ok());
  return std::move(*read);
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

class JsonReaderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JsonReaderTest);
  CPPUNIT_TEST(testATreeKeepsTextOrderAndKind);
  CPPUNIT_TEST(testNumbersKeepTheirText);
  CPPUNIT_TEST(testWhatIsNoJsonIsRefused);
  CPPUNIT_TEST(testDuplicateMembersAreRefused);
  CPPUNIT_TEST(testNulIsRefused);
  CPPUNIT_TEST(testOnlyUtf8IsRead);
  CPPUNIT_TEST(testDepthIsBounded);
  CPPUNIT_TEST(testTheNumberOfValuesIsBounded);
  CPPUNIT_TEST(testAnErrorNamesThePlace);
  CPPUNIT_TEST(testAWipedTreeHoldsNoText);
  CPPUNIT_TEST_SUITE_END();

public:
  void testATreeKeepsTextOrderAndKind() {
    const Node root = tree(R"( {"b": [1, "x", true, null], "a": {"k": "\u00e9\n\ud83d\ude00"}, "": false} )");
    CPPUNIT_ASSERT(root.kind == Node::Kind::mapping);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, root.members.size());
    CPPUNIT_ASSERT_EQUAL(std::string("b"), root.members[0].key);
    const Node& list = root.members[0].value;
    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, list.items.size());
    CPPUNIT_ASSERT(list.items[0].style == Node::Style::bare && list.items[0].text == "1");
    CPPUNIT_ASSERT(list.items[1].style == Node::Style::quoted && list.items[1].text == "x");
    CPPUNIT_ASSERT(list.items[2].style == Node::Style::bare && list.items[2].text == "true");
    CPPUNIT_ASSERT(list.items[3].kind == Node::Kind::null);
    CPPUNIT_ASSERT_EQUAL(std::string("\xC3\xA9\n\xF0\x9F\x98\x80"), root.find("a")->find("k")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("false"), root.find("")->text);
    CPPUNIT_ASSERT(tree("[]").kind == Node::Kind::sequence);
    CPPUNIT_ASSERT_EQUAL(std::string("7"), tree("7").text);
  }

  void testNumbersKeepTheirText() {
    for (const char* number : {"0", "-0", "1.0", "1e5", "1E+2", "18446744073709551616", "9223372036854775808",
                               "-9223372036854775809", "-9223372036854775808"}) {
      const Node root = tree("{\"a\":[\"9\",{\"5\":\"\\\"6\"}," + std::string(number) + "]}");
      CPPUNIT_ASSERT_EQUAL(std::string(number), root.find("a")->items[2].text);
      CPPUNIT_ASSERT(root.find("a")->items[2].style == Node::Style::bare);
    }
  }

  void testWhatIsNoJsonIsRefused() {
    for (const char* text : {"",
                             "  ",
                             "nul",
                             "tru",
                             "truex",
                             "{",
                             "[",
                             "\"a",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "[1,]",
                             "[,1]",
                             "[1 2]",
                             "{\"a\":1 \"b\":2}",
                             "{1:2}",
                             "{a:1}",
                             "'a'",
                             "01",
                             "+1",
                             "1.",
                             ".5",
                             "-",
                             "1e",
                             "0x10",
                             "NaN",
                             "Infinity",
                             "1e400",
                             "123456789012345678901234567890",
                             "1 2",
                             "{} x",
                             "{}}",
                             "{}{}",
                             "/*a*/1",
                             "{}//x",
                             "# x\n1",
                             "\"a\nb\"",
                             "\"\\x\"",
                             "\v1",
                             "[\"a\"\"b\"]",
                             "\"\\ud800\"",
                             "\"\\ude00\"",
                             "\"\\u12\"",
                             "\xEF\xBB\xBF{}"})
      refusal(text);
  }

  void testDuplicateMembersAreRefused() {
    const std::string said = refusal(R"({"users":[{"name":"a"},{"name":"a","b":1,"name":"c"}]})");
    CPPUNIT_ASSERT_MESSAGE(said, contains(said, "`name`") && contains(said, "users[1]"));
    refusal(R"({"a":1,"\u0061":2})"); // the same member in other letters
    tree(R"({"a":{"a":{"a":1}}})");
  }

  void testNulIsRefused() { // lesson 1: a value that ends early for one reader only
    refusal(R"({"a":"x\u0000y"})");
    refusal(R"({"a\u0000":1})");
    refusal(std::string_view("{\"a\":1}\0", 8));
    refusal(std::string_view("{\"a\":\"\0\"}", 9));
    CPPUNIT_ASSERT_EQUAL(std::string("\\u0000"),
                         tree(R"(["\\u0000"])").items[0].text); // a backslash, then text
  }

  void testOnlyUtf8IsRead() {
    refusal("\"\xff\"");
    refusal("\"\xC0\x80\"");
    refusal("{\"\xED\xA0\x80\":1}");
    refusal("\"a\xE2\x82\"");
  }

  void testDepthIsBounded() {
    for (const int depth : {65, 66, 10'000, 500'000}) {
      const auto n = static_cast<std::size_t>(depth);
      refusal(std::string(n, '[') + std::string(n, ']'));
      refusal(std::string(n, '['));
      std::string objects;
      for (std::size_t i = 0; i < n; ++i) objects += "{\"a\":";
      refusal(objects);
    }
    tree(std::string(64, '[') + std::string(64, ']'));
  }

  void testTheNumberOfValuesIsBounded() { // else 64 MiB of them are gigabytes
    for (const std::string value : {"0,", "[],", "\"\","}) {
      std::string text = "[";
      for (std::size_t i = 0; i < control::jsonValues; ++i) text += value;
      text.back() = ']';
      CPPUNIT_ASSERT(contains(refusal(text), "more than 4000000 values"));
    }
  }

  void testAnErrorNamesThePlace() {
    CPPUNIT_ASSERT(contains(refusal(R"({"users":[{},{"name":tru}]})"), "users[1].name: "));
    CPPUNIT_ASSERT(refusal("{\"" + std::string(5000, 'a') + "\":x}").size() < 600); // bounded
    CPPUNIT_ASSERT(!contains(refusal("{\"a\x07\":1}"), "\x07"));
  }

  void testAWipedTreeHoldsNoText() {
    Node root = tree(R"({"password":"a long enough secret to live on the heap","l":["x"]})");
    control::wipe(root);
    CPPUNIT_ASSERT(root.find("password")->text.empty() && root.find("l")->items[0].text.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JsonReaderTest);
