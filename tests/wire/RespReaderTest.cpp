// Protects: nothing is passed on that Redis could read differently. Every malformed or odd frame that
// Redis's own parser is known to take, wait for or hang up on, by itself and behind a good command.
#include "resp/InlineWords.h"
#include "resp/RequestReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace gatehouse::resp;
using namespace std::string_literals;
using Event = RequestReader::Event;

namespace {

/// What a reader tells of these bytes: "pass <bytes>", "[A|B]" for a whole command, "fail <why>", ...
std::string told(RequestReader& reader, std::string_view bytes, std::size_t size) {
  std::string out, left;
  for (std::size_t at = 0; at < bytes.size() || at == 0; at += size) {
    left += bytes.substr(at, size);
    for (;;) {
      const std::string given = left; // of its own: reading past it is seen
      const RequestReader::Step step = reader.step(given);
      CPPUNIT_ASSERT(step.size <= given.size());
      left.erase(0, step.size);
      if (step.event == Event::pass) out += given.substr(0, step.size);
      if (step.event == Event::command) {
        out += "[";
        for (std::size_t i = 0; i < reader.words().size(); ++i)
          out += (i > 0 ? "|" : "") + std::string(reader.words()[i]);
        out += "]";
        reader.words().clear();
      }
      if (step.event == Event::begins) {
        out += "(" + std::string(reader.name()) + ")";
        left.erase(0, reader.skip());
      }
      if (step.event == Event::tooLong) {
        out += "<" + std::to_string(reader.words().size()) + " of " + std::to_string(reader.count());
        reader.words().clear();
      }
      if (step.event == Event::filled) {
        out += std::string(step.fillers, '-');
        if (!reader.inside()) out += ">";
      }
      if (step.event == Event::skipped) out += ";";
      if (step.event == Event::failed) return out + "fail " + std::string(reader.failure());
      if (step.event == Event::more) break;
    }
  }
  return out + (left.empty() ? "" : "+" + std::to_string(left.size())) + (reader.inside() ? "..." : "");
}

std::string told(std::string_view bytes) {
  RequestReader reader;
  return told(reader, bytes, bytes.size() + 1);
}

const std::string ping = "*1\r\n$4\r\nPING\r\n";

} // namespace

class RespReaderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RespReaderTest);
  CPPUNIT_TEST(testGoodCommandsPassAsTheyStand);
  CPPUNIT_TEST(testAPipelineIsOnePiece);
  CPPUNIT_TEST(testMalformedFramesFailAndNothingOfThemPasses);
  CPPUNIT_TEST(testWhatSaysNothingIsNothing);
  CPPUNIT_TEST(testHeldCommandsAreWhole);
  CPPUNIT_TEST(testABodyOfAnyLengthStreams);
  CPPUNIT_TEST(testInlineLinesAreSplitAsRedisDoes);
  CPPUNIT_TEST(testInlineLinesThatRedisRefusesOrWaitsFor);
  CPPUNIT_TEST(testALineHasALimitThatDoesNotDependOnItsPieces);
  CPPUNIT_TEST(testStrangersHaveTighterLimits);
  CPPUNIT_TEST(testATooLongLoginIsFilled);
  CPPUNIT_TEST(testCommandsCanBeStoppedAtAndSkipped);
  CPPUNIT_TEST(testWhoMayWaitIsRemembered);
  CPPUNIT_TEST_SUITE_END();

public:
  void testGoodCommandsPassAsTheyStand() {
    for (const std::string& bytes :
         {ping, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$7\r\na\r\nb\0c\n\r\n"s, "*1\r\n$0\r\n\r\n"s,
          "*2\r\n$4\r\nAUTX\r\n$0\r\n\r\n"s, "*2\r\n$5\r\nRESET\r\n$1\r\nx\r\n"s,
          "*1\r\n$20\r\n01234567890123456789\r\n"s})
      for (std::size_t size = 1; size <= bytes.size(); ++size) {
        RequestReader reader;
        CPPUNIT_ASSERT_EQUAL(bytes, told(reader, bytes, size));
      }
    CPPUNIT_ASSERT_EQUAL("*2147483647\r\n$4\r\nPING\r\n..."s, told("*2147483647\r\n$4\r\nPING\r\n"));
    CPPUNIT_ASSERT_EQUAL("*1\r\n$536870912\r\nx..."s, told("*1\r\n$536870912\r\nx"));
  }

  void testAPipelineIsOnePiece() {
    std::string bytes;
    for (int i = 0; i < 100; ++i) bytes += ping + "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
    RequestReader reader;
    const RequestReader::Step step = reader.step(bytes);
    CPPUNIT_ASSERT(step.event == Event::pass && step.size == bytes.size());
  }

  void testMalformedFramesFailAndNothingOfThemPasses() {
    const std::pair<std::string, const char*> frames[] = {
        {"*-0\r\n", "invalid multibulk length"},
        {"*00\r\n", "invalid multibulk length"},
        {"*01\r\n$4\r\nPING\r\n", "invalid multibulk length"},
        {"*+1\r\n$4\r\nPING\r\n", "invalid multibulk length"},
        {"* 1\r\n$4\r\nPING\r\n", "invalid multibulk length"},
        {"*\r\n", "invalid multibulk length"},
        {"*-\r\n", "invalid multibulk length"},
        {"*1\n$4\r\nPING\r\n", "invalid multibulk length"},
        {"*2147483648\r\n", "invalid multibulk length"},
        {"*99999999999999999999\r\n", "invalid multibulk length"},
        {"*1\rX$4\r\nPING\r\n", "invalid multibulk length"}, // Redis takes this one: a desync
        {"*1\r\r$4\r\nPING\r\n", "invalid multibulk length"},
        {"*1\0\r\n$4\r\nPING\r\n"s, "invalid multibulk length"}, // Redis waits
        {"*1\r\n$4\rXPING\r\n", "invalid bulk length"},
        {"*1\r\n$4\0\r\nPING\r\n"s, "invalid bulk length"},
        {"*1\r\n$4\nPING\r\n", "invalid bulk length"},
        {"*1\r\n$04\r\nPING\r\n", "invalid bulk length"},
        {"*1\r\n$-1\r\n", "invalid bulk length"},
        {"*1\r\n$-0\r\n", "invalid bulk length"},
        {"*1\r\n$+4\r\nPING\r\n", "invalid bulk length"},
        {"*1\r\n$\r\nPING\r\n", "invalid bulk length"},
        {"*1\r\n$536870913\r\n", "invalid bulk length"},
        {"*1\r\n$1e20\r\n", "invalid bulk length"},
        {"*1\r\n$99999999999\r\n", "invalid bulk length"},
        {"*1\r\n:4\r\nPING\r\n", "expected '$'"},
        {"*1\r\n\r\n$4\r\nPING\r\n", "expected '$'"},
        {"*1\r\nPING\r\n", "expected '$'"},
        {"*1\r\n$4\r\nPINGXY", "a bulk string that does not end where it should"},
        {"*1\r\n$4\r\nPING\n\n", "a bulk string that does not end where it should"},
        {"*1\r\n$4\r\nPING\rX", "a bulk string that does not end where it should"},
        {"*1\r\n$4\r\nPINGS\r\n", "a bulk string that does not end where it should"},
        {"*2\r\n$3\r\nGET\r\n$1\r\nkX\r\n", "a bulk string that does not end where it should"},
        {"*2\r\n$4\r\nAUTH\r\n$1\r\nkX\r\n", "a bulk string that does not end where it should"},
        {"*2\r\n$4\r\nAUTH\r\n$01\r\nk\r\n", "invalid bulk length"},
    };
    for (const auto& [frame, why] : frames) {
      CPPUNIT_ASSERT_EQUAL("fail "s + why, told(frame));
      CPPUNIT_ASSERT_EQUAL(ping + "fail " + why, told(ping + frame));
      CPPUNIT_ASSERT_EQUAL("fail "s + why, told(frame + ping)); // for good
      for (std::size_t size = 1; size < frame.size(); ++size) { // in pieces: never the whole of it
        RequestReader reader;
        const std::string said = told(reader, frame, size);
        CPPUNIT_ASSERT_MESSAGE(said, said.size() < frame.size() + 5 + std::string(why).size());
        CPPUNIT_ASSERT_EQUAL("fail "s + why, said.substr(said.find("fail ")));
        CPPUNIT_ASSERT_EQUAL(said.substr(0, said.find("fail ")), frame.substr(0, said.find("fail ")));
      }
    }
  }

  void testWhatSaysNothingIsNothing() {
    CPPUNIT_ASSERT_EQUAL(""s, told("*0\r\n*-1\r\n*-5\r\n*-2147483648\r\n\r\n\n\r\r\n \t\v\f\r \n"));
    CPPUNIT_ASSERT_EQUAL(ping + ping, told(ping + "*0\r\n\r\n" + ping + "*-1\r\n"));
  }

  void testHeldCommandsAreWhole() {
    const std::string bytes = "*3\r\n$4\r\naUtH\r\n$1\r\nu\r\n$3\r\np\r\n\r\n" + ping +
                              "*1\r\n$5\r\nHELLO\r\n*1\r\n$5\r\nreset\r\n*2\r\n$4\r\nQUIT\r\n$0\r\n\r\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      RequestReader reader;
      CPPUNIT_ASSERT_EQUAL("[aUtH|u|p\r\n]" + ping + "[HELLO][reset][QUIT|]", told(reader, bytes, size));
    }
    CPPUNIT_ASSERT_EQUAL("..."s, told("*2\r\n$4\r\nAUTH\r\n$9\r\nsec"));
  }

  void testABodyOfAnyLengthStreams() {
    RequestReader reader;
    const std::string head = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5000000\r\n", piece(50'000, 'x');
    CPPUNIT_ASSERT_EQUAL(head.size(), reader.step(head).size);
    for (int i = 0; i < 100; ++i) {
      const RequestReader::Step step = reader.step(piece);
      CPPUNIT_ASSERT(step.event == Event::pass && step.size == piece.size() && reader.inside());
      CPPUNIT_ASSERT(reader.words().empty());
    }
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, reader.step("\r\n").size);
    CPPUNIT_ASSERT(!reader.inside());
  }

  void testInlineLinesAreSplitAsRedisDoes() {
    const std::pair<std::string, std::string> lines[] = {
        {"PING\n", "[PING]"},
        {"PING\r\r\n", "[PING]"},
        {" \t PING \v a\fb \r\n", "[PING|a\fb]"},
        {"a\rb\n", "[a|b]"}, // a lone CR is a blank
        {"PI\"NG\"\n", "[PING]"},
        {"'PING' x\n", "[PING|x]"},
        {"\"\\x50ING\"\n", "[PING]"},
        {"\"\\x5\" \"\\xg0\"\n", "[x5|xg0]"},
        {"\"\\n\\r\\t\\b\\a\\\\\\q\"\n", "[\n\r\t\b\a\\q]"},
        {"'\\n' 'it\\'s'\n", "[\\n|it's]"},
        {"a\"b c\"\n", "[ab c]"},
        {"\"\"\n", "[]"},
        {"\"a\"\v\"b\"\n", "[a|b]"},
        {" *1\n$4\n", "[*1][$4]"},
        {"\x80\xff\n", "[\x80\xff]"},
        {"a'b'\n", "[ab]"},
    };
    for (const auto& [line, words] : lines)
      for (std::size_t size = 1; size <= line.size(); ++size) {
        RequestReader reader;
        CPPUNIT_ASSERT_EQUAL(words, told(reader, line, size));
      }
  }

  void testInlineLinesThatRedisRefusesOrWaitsFor() {
    for (const char* line :
         {"\"P\"ING\n", "'P'ING\n", "\"open\n", "'open\n", "a \"b\"c\n", "\"a\\\"\n", "'a\\'\n"})
      CPPUNIT_ASSERT_EQUAL("fail unbalanced quotes in request"s, told(line));
    CPPUNIT_ASSERT_EQUAL("fail a NUL in an inline request"s, told("PI\0NG\r\n"s));
    CPPUNIT_ASSERT_EQUAL("fail a NUL in an inline request"s, told("\0\n"s));
    CPPUNIT_ASSERT_EQUAL("+4"s, told("PING"));
    CPPUNIT_ASSERT_EQUAL("+5"s, told("PING\r"));
  }

  void testALineHasALimitThatDoesNotDependOnItsPieces() {
    const std::string longest = "PING" + std::string(65'531, ' ') + "\n", tooLong = " " + longest;
    CPPUNIT_ASSERT_EQUAL("[PING]"s, told(longest));
    CPPUNIT_ASSERT_EQUAL("fail too big inline request"s, told(tooLong));
    for (const std::size_t size : {1000u, 16'384u, 65'535u}) {
      RequestReader one, other, small(4096);
      CPPUNIT_ASSERT_EQUAL("[PING]"s, told(one, longest, size));
      CPPUNIT_ASSERT_EQUAL("fail too big inline request"s, told(other, tooLong, size));
      CPPUNIT_ASSERT_EQUAL("fail too big inline request"s, told(small, longest, size));
    }
  }

  void testStrangersHaveTighterLimits() {
    const auto stranger = [](std::string_view bytes) {
      RequestReader reader;
      reader.stopAtCommands(true);
      reader.limitAsStranger(true);
      return told(reader, bytes, bytes.size());
    };
    CPPUNIT_ASSERT_EQUAL("fail unauthenticated multibulk length"s, stranger("*11\r\n"));
    CPPUNIT_ASSERT_EQUAL("fail unauthenticated bulk length"s, stranger("*1\r\n$16385\r\n"));
    CPPUNIT_ASSERT_EQUAL("(GET)fail unauthenticated bulk length"s, stranger("*2\r\n$3\r\nGET\r\n$16385\r\n"));
    CPPUNIT_ASSERT_EQUAL("()..."s, stranger("*10\r\n$16384\r\nx"));
    CPPUNIT_ASSERT_EQUAL("*11\r\n$16385\r\n..."s, told("*11\r\n$16385\r\n"));
  }

  void testATooLongLoginIsFilled() {
    const std::string big(40'000, 'x');
    const std::string bytes =
        "*4\r\n$4\r\nAUTH\r\n$40000\r\n" + big + "\r\n$40000\r\n" + big + "\r\n$1\r\nx\r\n" + ping;
    for (const std::size_t size : {std::size_t{1000}, bytes.size()}) {
      RequestReader reader;
      CPPUNIT_ASSERT_EQUAL(
          "<2 of 4-->" + ping, size == bytes.size() ? told(reader, bytes, size) : [&] {
            std::string said = told(reader, bytes, size);
            return said;
          }());
    }
    std::string many = "*20\r\n$5\r\nHELLO\r\n";
    for (int i = 0; i < 19; ++i) many += "$1\r\nx\r\n";
    CPPUNIT_ASSERT_EQUAL("<16 of 20---->" + ping, told(many + ping));
  }

  void testCommandsCanBeStoppedAtAndSkipped() {
    const std::string bytes =
        "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nAUTH\r\n*1\r\n$17\r\n01234567890123456\r\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      RequestReader reader;
      reader.stopAtCommands(true);
      CPPUNIT_ASSERT_EQUAL("(GET);[AUTH]();"s, told(reader, bytes, size));
    }
    RequestReader reader;
    reader.stopAtCommands(true);
    CPPUNIT_ASSERT(reader.step(ping).event == Event::begins);
    CPPUNIT_ASSERT(reader.step(ping).event == Event::begins); // nothing was taken
    reader.stopAtCommands(false);
    CPPUNIT_ASSERT_EQUAL(ping, told(reader, ping, ping.size()));
  }

  void testWhoMayWaitIsRemembered() {
    for (const char* name : {"BLPOP", "xreadgroup", "Wait", "BZMPOP", "BRPOPLPUSH"}) {
      RequestReader reader;
      told(reader, std::string(name) + " x\n", 1);
      CPPUNIT_ASSERT_MESSAGE(name, reader.sawWaiting());
      RequestReader other;
      told(other, "*1\r\n$" + std::to_string(std::string(name).size()) + "\r\n" + name + "\r\n" + ping, 3);
      CPPUNIT_ASSERT_MESSAGE(name, other.sawWaiting());
    }
    RequestReader reader;
    told(reader, ping + "WATCH x\nXADD s\nBITCOUNT k\n", 1000);
    CPPUNIT_ASSERT(!reader.sawWaiting());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RespReaderTest);
