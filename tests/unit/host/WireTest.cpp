// Protects: what commands believe of a server. Half an answer must never look like one, and a tree's text
// must come back as it was.
#include "host/Wire.h"
#include "host/BootstrapFile.h"
#include "host/JsonParts.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::host;
using namespace std::string_literals;

namespace {

/// Answers with these pieces, one at a time; then the end.
class ScriptedWire final : public Wire {
public:
  explicit ScriptedWire(std::string answer, std::size_t piece = 1000)
      : answer_(std::move(answer))
      , piece_(piece) {}
  std::string sent;
  bool refuses = false; // after the head

  Status send(std::string_view bytes, const Waiting&) override {
    if (refuses && !sent.empty()) return Error{Code::unavailable, "broken"};
    sent += bytes;
    return {};
  }
  Result<std::string> receive(const Waiting&) override {
    std::string out = answer_.substr(0, piece_);
    answer_.erase(0, out.size());
    return out;
  }

private:
  std::string answer_;
  std::size_t piece_;
};

std::vector<std::string> itemsOf(std::string_view list) {
  std::vector<std::string> out;
  JsonItems items(list);
  for (;;) {
    const auto item = items.next();
    if (!item) return {"bad"};
    if (item->empty()) return out;
    out.emplace_back(*item);
  }
}

} // namespace

class WireTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(WireTest);
  CPPUNIT_TEST(testARequestIsFramedAndItsAnswerReadAtEveryChunkSize);
  CPPUNIT_TEST(testWhatIsCutShortOrSmuggledIsNoAnswer);
  CPPUNIT_TEST(testARefusalCountsThoughTheBodyWasNotTaken);
  CPPUNIT_TEST(testJsonComesInPieces);
  CPPUNIT_TEST(testTheOneTimeWordIsForItsOwnerAloneAndGoes);
  CPPUNIT_TEST_SUITE_END();

public:
  void testARequestIsFramedAndItsAnswerReadAtEveryChunkSize() {
    const std::string plain = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    const std::string chunked =
        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    for (std::size_t piece = 1; piece < 40; ++piece) {
      ScriptedWire one(plain, piece), two(chunked, piece);
      const auto first = exchange(one, "gw:9443", "POST", "/v1/plan", "{}", {});
      CPPUNIT_ASSERT(first.ok() && first->status == 200 && first->body == "hello");
      CPPUNIT_ASSERT(one.sent.starts_with("POST /v1/plan HTTP/1.1\r\nHost: gw:9443\r\n"));
      CPPUNIT_ASSERT(one.sent.ends_with("Content-Length: 2\r\n\r\n{}"));
      const auto second = exchange(two, "gw", "GET", "/v1/users", {}, {});
      CPPUNIT_ASSERT(second.ok() && second->status == 404 && second->body == "hello");
    }
  }

  void testWhatIsCutShortOrSmuggledIsNoAnswer() {
    for (const std::string& answer : {
             ""s,
             "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"s,
             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"s,
             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello"s,
             "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"s,
             "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nhello"s,
             "HTTP/1.1 200 OK\r\n\r\nhello"s, // until the end: a broken connection would look like it
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"s,
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n"s,
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"s,
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"s,
             "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"s,
             "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"s,
             "SSH-2.0-x\r\n\r\n"s,
             "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"s,
             "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n",
         }) {
      ScriptedWire wire(answer);
      CPPUNIT_ASSERT_MESSAGE(answer.substr(0, 100), !exchange(wire, "h", "GET", "/", {}, {}).ok());
    }
  }

  void testARefusalCountsThoughTheBodyWasNotTaken() {
    ScriptedWire wire("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}");
    wire.refuses = true;
    const auto reply = exchange(wire, "h", "POST", "/v1/apply", "{}", {});
    CPPUNIT_ASSERT(reply.ok() && reply->status == 401);
    ScriptedWire silent("");
    silent.refuses = true;
    const auto broken = exchange(silent, "h", "POST", "/v1/apply", "{}", {});
    CPPUNIT_ASSERT_EQUAL("broken"s, broken.error().description);
  }

  void testJsonComesInPieces() {
    const auto members = jsonMembers(R"( {"a" : [1, {"x": "}"}] ,"b":"\"]", "c":{ } } )");
    CPPUNIT_ASSERT(members.ok());
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, members->size());
    CPPUNIT_ASSERT_EQUAL(R"([1, {"x": "}"}])"s, std::string((*members)[0].second));
    CPPUNIT_ASSERT_EQUAL(R"("\"]")"s, std::string((*members)[1].second));
    CPPUNIT_ASSERT((itemsOf(R"([ {"a":[1,2]} , "x,]" ,3])") ==
                    std::vector<std::string>{R"({"a":[1,2]})", R"("x,]")", "3"}));
    CPPUNIT_ASSERT(itemsOf("[]").empty() && itemsOf(" [ ] ").empty());
    for (const char* bad : {"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 ", "{}", "[1]x", "[[1]"})
      CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, "bad"s, itemsOf(bad).empty() ? "" : itemsOf(bad).back());
    for (const char* bad : {"", "{", "[]", R"({"a"})", R"({"a":})", R"({a:1})", R"({"a":1)", R"({"a":1}x)"})
      CPPUNIT_ASSERT_MESSAGE(bad, !jsonMembers(bad).ok());
  }

  void testTheOneTimeWordIsForItsOwnerAloneAndGoes() {
    const test::TempFolder folder;
    const std::string stale = folder.write("bootstrap.token", "of a server that was killed");
    {
      const BootstrapFile file(folder / "gatehouse.db");
      CPPUNIT_ASSERT(!std::filesystem::exists(stale));
      CPPUNIT_ASSERT(file.write("word").ok());
      CPPUNIT_ASSERT_EQUAL("word\n"s, test::readFile(file.path()));
      CPPUNIT_ASSERT(std::filesystem::status(stale).permissions() ==
                     (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
      CPPUNIT_ASSERT(!file.write("twice").ok()); // never over what stands there
      file.remove();
      CPPUNIT_ASSERT(!std::filesystem::exists(stale));
      CPPUNIT_ASSERT(file.write("word").ok());
    }
    CPPUNIT_ASSERT(!std::filesystem::exists(stale));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(WireTest);
