// Protects: the strict reader. What YAML lets mean two things must be refused where it stands, and all of it
// at once; a wish that was read differently from how it was written is a wrong "yes".
#include "yaml/YamlReader.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

using namespace gatehouse;
using namespace gatehouse::yaml;
using namespace std::string_literals;

class YamlReaderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(YamlReaderTest);
  CPPUNIT_TEST(testScalarsKeepTheirText);
  CPPUNIT_TEST(testEveryNodeKnowsWhereItStands);
  CPPUNIT_TEST(testDuplicateKeysAreRefused);
  CPPUNIT_TEST(testAKeyWithoutAValueIsAMistakeEverywhere);
  CPPUNIT_TEST(testWhatYamlAddsToPlainDataIsRefused);
  CPPUNIT_TEST(testKeysAreWords);
  CPPUNIT_TEST(testUnquotedTextStaysOnItsLine);
  CPPUNIT_TEST(testAllMistakesComeAtOnce);
  CPPUNIT_TEST(testMistakesEndAtTheirLimit);
  CPPUNIT_TEST(testBytesThatHideAreRefused);
  CPPUNIT_TEST(testEscapesCannotBringControlCharactersIn);
  CPPUNIT_TEST(testDepthIsBoundedHoweverItIsWritten);
  CPPUNIT_TEST(testSizeIsBounded);
  CPPUNIT_TEST(testManyKeysStayCheap);
  CPPUNIT_TEST(testOneDocumentOnly);
  CPPUNIT_TEST(testAnEmptyTextIsToldApart);
  CPPUNIT_TEST(testTheRootIsAMapping);
  CPPUNIT_TEST(testSyntaxFaultsHaveAPlace);
  CPPUNIT_TEST(testOnlyRegularFilesAreRead);
  CPPUNIT_TEST_SUITE_END();

  static Document read(std::string_view text) { return readYaml("f.yaml", text); }

  static std::string only(std::string_view text) {
    const Document document = read(text);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(text), std::size_t{1}, document.mistakes.size());
    return document.mistakes[0].line();
  }

public:
  void testScalarsKeepTheirText() {
    const Document document =
        read("a: no\nb: 010\nc: 1.20\nd: 'no'\ne: \"x\\ty\"\nf: |\n  l1\n  l2\ng: [1, \"2\"]\n");
    CPPUNIT_ASSERT(document.ok() && !document.empty);
    const Node& root = document.root;
    CPPUNIT_ASSERT_EQUAL("no"s, root.find("a")->text);
    CPPUNIT_ASSERT_EQUAL("010"s, root.find("b")->text);
    CPPUNIT_ASSERT_EQUAL("1.20"s, root.find("c")->text);
    CPPUNIT_ASSERT(root.find("a")->style == Node::Style::bare);
    CPPUNIT_ASSERT(root.find("d")->style == Node::Style::quoted);
    CPPUNIT_ASSERT_EQUAL("x\ty"s, root.find("e")->text);
    CPPUNIT_ASSERT_EQUAL("l1\nl2\n"s, root.find("f")->text);
    CPPUNIT_ASSERT(root.find("f")->style == Node::Style::quoted);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, root.find("g")->items.size());
    CPPUNIT_ASSERT(root.find("g")->items[1].style == Node::Style::quoted);
    CPPUNIT_ASSERT_EQUAL(""s, read("a: ''").root.find("a")->text); // empty, and said so: a value
  }
  void testEveryNodeKnowsWhereItStands() {
    const Document document = read("\xEF\xBB\xBF# c\r\nk\xC3\xA9y: {a: 1}\r\nlist:\r\n  - x\r\n");
    CPPUNIT_ASSERT(document.ok());
    const Node::Member& first = document.root.members[0];
    CPPUNIT_ASSERT(first.at.line == 2 && first.at.column == 1);
    CPPUNIT_ASSERT(first.value.at.line == 2 && first.value.at.column == 6); // in characters, not bytes
    const Node& x = document.root.find("list")->items[0];
    CPPUNIT_ASSERT(x.at.line == 4 && x.at.column == 5);
  }
  void testDuplicateKeysAreRefused() {
    CPPUNIT_ASSERT_EQUAL("f.yaml:3:1: duplicate key `a`, first on line 1"s, only("a: 1\nb: 2\na: 3\n"));
    CPPUNIT_ASSERT_EQUAL("f.yaml:2:10: users[0]: duplicate key `n`, first on line 2"s,
                         only("users:\n- {n: 1, \"n\": 2}\n"));
    CPPUNIT_ASSERT(read("a: {x: 1}\nb: {x: 1}\n").ok());
  }
  void testAKeyWithoutAValueIsAMistakeEverywhere() { // R9
    CPPUNIT_ASSERT_EQUAL(
        "f.yaml:2:3: cluster.certificate: `certificate` has no value; remove the key or give it one"s,
        only("cluster:\n  certificate:\n  x: 1\n"));
    for (const char* empty : {"a:", "a: ~", "a: null", "a: Null", "a: NULL", "{a}", "{a: }",
                              "a: # was: [x]\n", "b: [1, ~]", "b:\n-\n- 1\n", "{? a}"})
      CPPUNIT_ASSERT_MESSAGE(empty, !read(empty).ok());
    CPPUNIT_ASSERT(read("a: 'null'\nb: \"~\"\nc: []\nd: {}\n").ok());
  }
  void testWhatYamlAddsToPlainDataIsRefused() {
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:4: a: an anchor; write the value where it is used"s, only("a: &x 1\n"));
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:4: a: a tag; fields have fixed types here"s, only("a: !!str 1\n"));
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:4: a: a tag; fields have fixed types here"s, only("a: ! 1\n"));
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:1: a merge key; write the keys themselves"s, only("<<: {a: 1}\n"));
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:1: a directive; remove the line"s, only("%YAML 1.2\n---\na: 1\n"));
    const Document alias = read("a: &x [1]\nb: *x\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, alias.mistakes.size());
    CPPUNIT_ASSERT_EQUAL("f.yaml:2:4: b: an alias; write the value itself"s, alias.mistakes[1].line());
    for (const char* bad :
         {"a: !<tag:x> 1", "a: !local [1]", "a: !!map {b: 1}", "!!map {a: 1}", "a: !!null ''", "a: &x"})
      CPPUNIT_ASSERT_MESSAGE(bad, !read(bad).ok());
  }
  void testKeysAreWords() {
    for (const char* bad : {"[a]: 1", "{a: 1}: 1", "? [a, b]\n: 1\n", "? {a: 1}\n: 1\n", ": 1", "~: 1",
                            "null: 1", "&x a: 1", "!!str a: 1"})
      CPPUNIT_ASSERT_MESSAGE(bad, !read(bad).ok());
  }
  void testUnquotedTextStaysOnItsLine() {
    for (const char* bad : {"a: 1\n  - 2\n", "a: b\n  c\n", "a: [x\n  y]\n"})
      CPPUNIT_ASSERT_MESSAGE(bad, !read(bad).ok());
    CPPUNIT_ASSERT(read("a: [x,\n  y]\nb:\n  c d  # e\nf: \"g\n  h\"\n'i': >\n  j\n  k\n").ok());
  }
  void testAllMistakesComeAtOnce() {
    const Document document = read("a: 1\na: 2\nb:\nc: &x y\nd: [1, null]\n<<: {}\n");
    CPPUNIT_ASSERT_EQUAL(std::size_t{5}, document.mistakes.size());
    for (std::size_t i = 0; i < 5; ++i)
      CPPUNIT_ASSERT_EQUAL(static_cast<int>(i) + 2, document.mistakes[i].at.line);
  }
  void testMistakesEndAtTheirLimit() {
    std::string text, bytes;
    for (int i = 0; i < 1000; ++i) text += "a:\n", bytes += "\t";
    CPPUNIT_ASSERT_EQUAL(std::size_t{100}, read(text).mistakes.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{100}, read(bytes).mistakes.size());
  }
  void testBytesThatHideAreRefused() {
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:5: control character 0x00"s, only("a: b\0c"s));
    CPPUNIT_ASSERT_EQUAL("f.yaml:2:4: a tab; indent with spaces, and write \\t inside double quotes"s,
                         only("x: 1\na: \tb\n"));
    CPPUNIT_ASSERT_EQUAL("f.yaml:1:4: byte 0xff is not UTF-8; save the file as UTF-8"s, only("a: \xFF\xFE"));
    for (const std::string& bad : {"a: \x1B[31m"s, "a: b\rc"s, "a: \x7F"s, "a: \xC2\x85"s, "\xFE\xFF\0a"s,
                                   "a\0:\0"s, "a: \xED\xA0\x80"s})
      CPPUNIT_ASSERT(!read(bad).ok());
  }
  void testEscapesCannotBringControlCharactersIn() {
    for (const char* bad : {R"(a: "\0")", R"(a: "\x1b")", R"(a: "\u0000")", R"(a: "\x7f")", R"(a: "\N")",
                            R"(a: "\ud800")", R"(a: "\U00110000")", R"("\0": 1)"})
      CPPUNIT_ASSERT_MESSAGE(bad, !read(bad).ok());
    CPPUNIT_ASSERT_EQUAL("l1\nl2\t\xC3\xA9"s, read(R"(a: "l1\nl2\t\u00e9")").root.find("a")->text);
  }
  void testDepthIsBoundedHoweverItIsWritten() {
    const auto repeat = [](std::string_view piece, int count) {
      std::string out;
      for (int i = 0; i < count; ++i) out += piece;
      return out;
    };
    CPPUNIT_ASSERT(read("a: " + repeat("[", 31) + repeat("]", 31)).ok());
    CPPUNIT_ASSERT_EQUAL("nested deeper than 32 levels"s,
                         read("a: " + repeat("[", 32) + repeat("]", 32)).mistakes[0].text);
    for (const char* piece :
         {"[", "{", "{a: ", "[a: ", "- ", "? ", "[{", "[? ", "{? ", ": ", "!!seq [", "&a [", "{[", "? - "})
      for (const std::string& start : {""s, "a: "s, "a:\n - "s})
        CPPUNIT_ASSERT_MESSAGE(start + piece, !read(start + repeat(piece, 20000)).ok());
  }
  void testSizeIsBounded() {
    Limits limits;
    limits.bytes = 10;
    CPPUNIT_ASSERT(readYaml("f", "a: 3456789", limits).ok());
    CPPUNIT_ASSERT_EQUAL("f: larger than 10 bytes"s, readYaml("f", "a: 34567890", limits).mistakes[0].line());
  }
  void testManyKeysStayCheap() {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "k" + std::to_string(i) + ": 1\n";
    CPPUNIT_ASSERT_EQUAL(std::size_t{50'000}, read(text).root.members.size());
  }
  void testOneDocumentOnly() {
    CPPUNIT_ASSERT(read("---\na: 1\n...\n").ok());
    CPPUNIT_ASSERT_EQUAL(
        "f.yaml:2:1: a second document, or stray text, begins here; a file holds one document"s,
        only("a: 1\n---\nb: 2\n"));
    for (const char* bad :
         {"a: 1\n---\n", "---\n---\na: 1\n", "{a: 1} {b: 2}", "{a: 1} b", "a: 1\n...\nb: 1\n"})
      CPPUNIT_ASSERT_MESSAGE(bad, !read(bad).ok());
  }
  void testAnEmptyTextIsToldApart() {
    for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF"}) {
      const Document document = read(text);
      CPPUNIT_ASSERT_MESSAGE(text,
                             document.ok() && document.empty && document.root.kind == Node::Kind::mapping);
    }
    CPPUNIT_ASSERT(!read("{}").empty);
  }
  void testTheRootIsAMapping() {
    for (const char* bad : {"- a\n", "[a]", "word", "a:1", "'text'"})
      CPPUNIT_ASSERT_MESSAGE(bad, !read(bad).ok());
  }
  void testSyntaxFaultsHaveAPlace() {
    for (const char* bad :
         {"a: [1", "a: {b", "a: 'x", "a: \"x", "a: b: c", "a: 'x' y\n", "a:\n    b: 1\n  c: 2\n", "a: @x",
          "a: `x", "]", "}", "a: ]", "a: \"\\q\"", "a: |9x\n", "- a\nb: 1\n", "a: *nobody"}) {
      const Document document = read(bad);
      CPPUNIT_ASSERT_MESSAGE(bad, !document.ok() && document.mistakes[0].at.line > 0);
    }
  }
  void testOnlyRegularFilesAreRead() {
    const test::TempFolder folder;
    CPPUNIT_ASSERT(readYamlFile(folder.write("good.yaml", "a: 1\n")).ok());
    CPPUNIT_ASSERT_EQUAL(folder / "none.yaml" + ": cannot be read: No such file or directory",
                         readYamlFile(folder / "none.yaml").mistakes[0].line());
    CPPUNIT_ASSERT_EQUAL("cannot be read: not a regular file"s,
                         readYamlFile(folder.path().string()).mistakes[0].text);
    CPPUNIT_ASSERT_EQUAL(0, ::mkfifo((folder / "fifo").c_str(), 0600));
    CPPUNIT_ASSERT_EQUAL("cannot be read: not a regular file"s,
                         readYamlFile(folder / "fifo").mistakes[0].text);
    Limits limits;
    limits.bytes = 4;
    CPPUNIT_ASSERT_EQUAL("larger than 4 bytes"s,
                         readYamlFile(folder.write("big.yaml", "a: 12\n"), limits).mistakes[0].text);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(YamlReaderTest);
