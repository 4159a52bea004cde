// Protects: one opinion about where each request begins and ends. Whatever two readers of HTTP might
// understand differently (request smuggling) is refused, and how the input is cut changes nothing.
#include "http_rest/RequestParser.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace gatehouse::http_rest;
using namespace std::string_literals;
using Event = RequestParser::Event;

namespace {

/// All that a parser tells of `input`, as one text; the input cut into pieces of `size`.
std::string told(std::string_view input, std::size_t size) {
  RequestParser parser;
  std::string out, body;
  std::size_t at = 0;
  for (;;) {
    const auto step = parser.step(input.substr(at, size));
    at += step.consumed;
    switch (step.event) {
    case Event::more:
      if (at < input.size()) continue;
      return out + body + (parser.inside() ? "[more]" : "[idle]");
    case Event::head: {
      const RequestHead& head = parser.head();
      out += std::string(head.method) + " " + std::string(head.path) + " ?" + std::string(head.query);
      for (const Field& field : head.fields)
        out += " " + std::string(field.name) + "=" + std::string(field.value);
      out += head.chunked ? " [chunked]" : " [" + std::to_string(head.length) + "]";
      if (head.expectsContinue) out += "[expects]";
      if (!head.keepAlive) out += "[closes]";
      parser.forgetHead();
      break;
    }
    case Event::piece: body += step.piece; break;
    case Event::complete:
      out += "{" + body + "}";
      body.clear();
      parser.next();
      break;
    case Event::failed: return out + body + "[" + std::to_string(parser.refusal().status) + "]";
    }
  }
}

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\n" + fields + "\r\n"; }
std::string post(const std::string& fields) { return "POST / HTTP/1.1\r\nHost: h\r\n" + fields; }
std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked\r\n\r\n") + body; }

int statusOf(const std::string& input) {
  const std::string text = told(input, input.size());
  return text.ends_with("]") && text[text.size() - 5] == '[' ? std::stoi(text.substr(text.size() - 4, 3)) : 0;
}

std::string shown(const std::string& input) {
  return input.size() < 300 ? input : input.substr(0, 300) + "...";
}

struct Refused {
  std::string input;
  int status;
};

} // namespace

class RequestParserTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RequestParserTest);
  CPPUNIT_TEST(testAHeadIsTold);
  CPPUNIT_TEST(testBodiesAreTold);
  CPPUNIT_TEST(testRequestsFollowEachOther);
  CPPUNIT_TEST(testRequestLinesAreStrict);
  CPPUNIT_TEST(testFieldsAreStrict);
  CPPUNIT_TEST(testSmugglingIsRefused);
  CPPUNIT_TEST(testChunksAreStrict);
  CPPUNIT_TEST(testLimitsAreExact);
  CPPUNIT_TEST(testEarlyGarbageIsRefusedEarly);
  CPPUNIT_TEST(testNothingDependsOnHowTheInputIsCut);
  CPPUNIT_TEST_SUITE_END();

  void tells(const std::string& expected, const std::string& input) {
    CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(input), expected, told(input, input.size()));
    cutAnywhere(input);
  }
  void refuses(const std::vector<Refused>& table) {
    for (const Refused& row : table) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(row.input), row.status, statusOf(row.input));
      cutAnywhere(row.input);
    }
  }
  static void cutAnywhere(const std::string& input) {
    const std::string whole = told(input, input.size());
    const std::size_t step = input.size() < 500 ? 1 : input.size() / 7;
    for (std::size_t size = 1; size < input.size(); size += step)
      CPPUNIT_ASSERT_EQUAL_MESSAGE(shown(input), whole, told(input, size));
  }

public:
  void testAHeadIsTold() {
    tells("GET /v1/users ?a=1&b=%2F host=gw:9443 x-a=b  c x-empty= [0]{}[idle]",
          "GET /v1/users?a=1&b=%2F HTTP/1.1\r\nHost: gw:9443\r\nX-A:\t b  c \t\r\nX-Empty:\r\n\r\n");
    tells("GET /a%20b;c=d/@ ??[]/ host=h [0][closes]{}[idle]",
          "GET /a%20b;c=d/@??[]/ HTTP/1.0\r\nHost: h\r\n\r\n");
    tells("GET / ? [0][closes]{}[idle]", "GET / HTTP/1.0\r\n\r\n");
    tells("GET / ? host= connection=x, Close ,y [0][closes]{}[idle]",
          get("Host:\r\nConnection: x, Close ,y\r\n"));
    tells("GET / ? host=[::1]:9443 connection=keep-alive [0]{}[idle]",
          get("Host: [::1]:9443\r\nConnection: keep-alive\r\n"));
    tells("[idle]", "");
    tells("[more]", "G");
    tells("[more]", "GET / HTTP/1.1\r\nHost: h\r\n\r");
  }
  void testBodiesAreTold() {
    tells("POST / ? host=h content-length=5 [5]{hello}[idle]", post("Content-Length: 5\r\n\r\nhello"));
    tells("POST / ? host=h content-length=0 [0]{}[idle]", post("Content-Length: 0\r\n\r\n"));
    tells("POST / ? host=h content-length=5 [5]hell[more]", post("Content-Length: 5\r\n\r\nhell"));
    tells("POST / ? host=h content-length=2 expect=100-Continue [2][expects]{ok}[idle]",
          post("Content-Length: 2\r\nExpect: 100-Continue\r\n\r\nok"));
    tells("POST / ? host=h expect=100-continue [0]{}[idle]", post("Expect: 100-continue\r\n\r\n"));
    const std::string head = "POST / ? host=h transfer-encoding=chunked [chunked]";
    tells(head + "{hello world}[idle]", chunked("5\r\nhello\r\n00000006;a=b;\"c d\"\r\n world\r\n0\r\n\r\n"));
    tells(head + "{\r\n0\r\n\r\n}[idle]",
          chunked("7\r\n\r\n0\r\n\r\n\r\n000;end\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n"));
    tells(head + "hel[more]", chunked("A\r\nhel"));
    tells(head + "{}[idle]", chunked("0\r\n\r\n"));
  }
  void testRequestsFollowEachOther() {
    tells("GET / ? host=h [0]{}POST / ? host=h content-length=2 [2]{ab}POST / ? host=h "
          "transfer-encoding=chunked [chunked]{x}GET / ? "
          "host=h [0]{}[idle]",
          get("Host: h\r\n") + post("Content-Length: 2\r\n\r\nab") + chunked("1\r\nx\r\n0\r\n\r\n") +
              get("Host: h\r\n"));
    tells("GET / ? host=h [0]{}[400]", get("Host: h\r\n") + "\r\n" + get("Host: h\r\n"));
  }
  void testRequestLinesAreStrict() {
    const std::string end = " HTTP/1.1\r\nHost: h\r\n\r\n";
    std::vector<Refused> table;
    for (const char* target :
         {"",           "*",    "a",    "http://h/", "//\x7f", "/ /",    "/\t",    "/#a",
          "/a\\b",      "/\"",  "/<",   "/{a}",      "/|",     "/`",     "/^",     "/\xC3\xA9",
          "/%",         "/%4",  "/%g0", "/%0",       "/%00",   "/a%2fb", "/a%2Fb", "/%5c",
          "/%0d%0aX:1", "/%7F", "/[a]", "/?%zz",     "/?#",    "h:80"})
      table.push_back({"GET " + std::string(target) + end, 400});
    for (const char* line :
         {"", "GET", "GET /", "GET / ", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1",
          "GET / HTTP/1.1 ", "GET\t/ HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/11",
          "GET / HTTP/1,1", "GET / HTTP/ 1.1", "GET / HTTPS/1.1", "G(T / HTTP/1.1", "G\xC3\xA9T / HTTP/1.1",
          ": / HTTP/1.1", "GET /"})
      table.push_back({std::string(line) + "\r\nHost: h\r\n\r\n", 400});
    for (const char* version : {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.1"})
      table.push_back({"GET / " + std::string(version) + "\r\nHost: h\r\n\r\n", 505});
    table.push_back({"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505});
    refuses(table);
  }
  void testFieldsAreStrict() {
    refuses({
        {get(""), 400},                           // no Host in HTTP/1.1 (RFC 9112 §3.2)
        {get("Host: a\r\nHost: a\r\n"), 400},     //
        {get("Host: a b\r\n"), 400},              //
        {get("Host: a/b\r\n"), 400},              //
        {get("Host: u@h\r\n"), 400},              //
        {get("Host: a,b\r\n"), 0},                // a sub-delim: odd, but a host
        {get("Host : h\r\n"), 400},               // white space before the colon
        {get("Host: h\r\nX\r\n"), 400},           // no colon
        {get("Host: h\r\n: v\r\n"), 400},         // no name
        {get("Host: h\r\nX Y: v\r\n"), 400},      //
        {get("Host: h\r\nX(: v\r\n"), 400},       //
        {get("Host: h\r\nX: a\r\n b\r\n"), 400},  // folding
        {get(" X: a\r\nHost: h\r\n"), 400},       // white space after the request line
        {get("Host: h\r\nX: a\r\n\tb\r\n"), 400}, //
        {get("Host: h\r\nX: a\0b\r\n"s), 400},    //
        {get("Host: h\r\nX: a\x7f\r\n"), 400},    //
        {get("Host: h\r\nX: a\x01\r\n"), 400},    //
        {get("Host: h\r\nX\x80: a\r\n"), 400},    //
        {get("Host: h\r\nX: a\nY: b\r\n"), 400},  // bare LF
        {get("Host: h\r\nX: a\rY: b\r\n"), 400},  // bare CR
        {get("Host: h\r\nX: a\r\r\n"), 400},      //
        {"GET / HTTP/1.1\nHost: h\n\n", 400},     //
        {"GET / HTTP/1.1\r\nHost: h\r\n\n", 400}, //
        {get("Host: h\r\nAuthorization: Basic YTpi\r\nauthorization: Basic YTpi\r\n"), 400},
        {get("Host: h\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n"), 400},
        {get("Host: h\r\nOrigin: a\r\nOrigin: b\r\n"), 400},
        {get("Host: h\r\nIf-Match: 1\r\nIf-Match: 2\r\n"), 400},
        {get("Host: h\r\nExpect: 200-ok\r\n"), 417},
        {get("Host: h\r\nExpect: 100-continue, x\r\n"), 417},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    });
    tells("GET / ? host=h x=\xff [0]{}[idle]", get("Host: h\r\nX: \xff\r\n")); // obs-text
  }
  void testSmugglingIsRefused() {
    const std::string both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n";
    std::vector<Refused> table = {
        {post(both + "\r\n"), 400}, // CL.TE
        {post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"), 400},
        {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), 400},
        {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"), 400},
        {post("Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"), 400}, // even if equal
        {post("Content-Length: 4\r\ncontent-length: 5\r\n\r\nabcd"), 400},
        {post("Transfer-Encoding : chunked\r\n\r\n"), 400},
        {post("Content-Length : 4\r\n\r\n"), 400},
        {post("X: y\r\n Content-Length: 4\r\n\r\n"), 400},
        {post("X: y\nTransfer-Encoding: chunked\r\n\r\n"), 400},
        {post("\r\nContent-Length: 4"), 0}, // the head was over: what follows is the next request
        {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {post("Transfer\x0b-Encoding: chunked\r\n\r\n"), 400},
        {post("Transfer-Encoding:\x0b chunked\r\n\r\n"), 400},
    };
    for (const char* coding :
         {"Chunked", "chunked, identity", "identity, chunked", "gzip, chunked", "identity", "xchunked",
          "chunked;q=1", "", "\"chunked\"", "chunked,", ",chunked", "chunked chunked"})
      table.push_back({post("Transfer-Encoding: " + std::string(coding) + "\r\n\r\n0\r\n\r\n"), 501});
    for (const char* length : {"", "+4", "-4", "4,4", "4, 4", "0x4", "4 4", "4.0", "4a", "04", "00", "\"4\"",
                               "1e3", "1234567890123456789", "18446744073709551620", "\xd9\xa4"})
      table.push_back({post("Content-Length: " + std::string(length) + "\r\n\r\nabcd"), 400});
    refuses(table);
    // What no reader here knows changes nothing: no underscore, no folding of names, no method override.
    tells("POST / ? host=h content_length=9 x-http-method-override=DELETE [0]{}[idle]",
          post("Content_Length: 9\r\nX-HTTP-Method-Override: DELETE\r\n\r\n"));
  }
  void testChunksAreStrict() {
    refuses({
        {chunked("\r\n"), 400},
        {chunked("g\r\n"), 400},
        {chunked(" 1\r\nx\r\n"), 400},
        {chunked("1 \r\nx\r\n"), 400},
        {chunked("1 ;a\r\nx\r\n"), 400},
        {chunked("+1\r\nx\r\n"), 400},
        {chunked("-1\r\nx\r\n"), 400},
        {chunked("0x1\r\nx\r\n"), 400},
        {chunked("000000001\r\nx\r\n"), 400}, // nine digits
        {chunked("ffffffffffffffff1\r\n"), 400},
        {chunked("1_0\r\n"), 400},
        {chunked("1\nx\r\n"), 400},
        {chunked("1\rx\r\n"), 400},
        {chunked("1;a\nx\r\n"), 400}, // a bare LF inside an extension: seen by some as the line's end
        {chunked("1;a\x01\r\nx\r\n"), 400},
        {chunked("1;\xc3\xa9\r\nx\r\n"), 400},
        {chunked("1\r\nxy\r\n"), 400}, // longer than its size
        {chunked("1\r\nx\n"), 400},
        {chunked("1\r\nx\ry"), 400},
        {chunked("1\r\nx1\r\ny\r\n"), 400},
        {chunked("0\r\nX\r\n\r\n"), 400}, // trailers are field lines
        {chunked("0\r\nX : y\r\n\r\n"), 400},
        {chunked("0\r\n X: y\r\n\r\n"), 400},
        {chunked("0\r\nX: y\n\r\n"), 400},
        {chunked("0\r\nX: \x01\r\n\r\n"), 400},
        {chunked("0\r\n\n"), 400},
    });
  }
  void testLimitsAreExact() {
    const auto line = [](std::size_t target) {
      return "GET /" + std::string(target - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
    };
    CPPUNIT_ASSERT_EQUAL(0, statusOf(line(RequestParser::maxTarget)));
    refuses({{line(RequestParser::maxTarget + 1), 414},
             {line(RequestParser::maxHead * 2), 414},
             {"GET /" + std::string(5000, 'a'), 414}});
    const auto method = [](std::size_t size) {
      return std::string(size, 'M') + " / HTTP/1.1\r\nHost: h\r\n\r\n";
    };
    CPPUNIT_ASSERT_EQUAL(0, statusOf(method(RequestParser::maxMethod)));
    refuses({{method(RequestParser::maxMethod + 1), 501}, {std::string(5000, 'M'), 414}});

    const auto head = [](std::size_t size) {
      const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ", end = "\r\n\r\n";
      return begin + std::string(size - begin.size() - end.size(), 'x') + end;
    };
    CPPUNIT_ASSERT_EQUAL(0, statusOf(head(RequestParser::maxHead)));
    refuses({{head(RequestParser::maxHead + 1), 431},
             {head(RequestParser::maxHead + 2), 431},
             {head(100'000), 431}});

    const auto fields = [](std::size_t count) {
      std::string out = "Host: h\r\n";
      for (std::size_t i = 1; i < count; ++i) out += "X: y\r\n";
      return get(out);
    };
    CPPUNIT_ASSERT_EQUAL(0, statusOf(fields(RequestParser::maxFields)));
    refuses({{fields(RequestParser::maxFields + 1), 431}});

    const auto extension = [](std::size_t size) {
      return chunked("1;" + std::string(size - 4, 'e') + "\r\nx\r\n0\r\n\r\n");
    };
    CPPUNIT_ASSERT_EQUAL(0, statusOf(extension(RequestParser::maxChunkLine)));
    refuses(
        {{extension(RequestParser::maxChunkLine + 1), 400}, {chunked("1;" + std::string(9999, 'e')), 400}});
    std::string many;
    for (int i = 0; i < 30; ++i) many += "1;" + std::string(200, 'e') + "\r\nx\r\n";
    refuses({{chunked(many), 400}}); // CVE-2023-39326: extensions are bytes that nobody counts
    refuses({{chunked("0\r\nX: " + std::string(RequestParser::maxTrailers, 'y')), 431}});
    std::string trailers;
    for (int i = 0; i < 2000; ++i) trailers += "X: y\r\n";
    refuses({{chunked("0\r\n" + trailers + "\r\n"), 431}});
  }
  void testEarlyGarbageIsRefusedEarly() {
    // A peer that speaks TLS, HTTP/2 or Redis to this port is not read for 16 KiB.
    CPPUNIT_ASSERT_EQUAL(400, statusOf("\x16\x03\x01"));
    CPPUNIT_ASSERT_EQUAL(400, statusOf("*1\r\n"));
    CPPUNIT_ASSERT_EQUAL(400, statusOf("\r\n"));
  }
  void testNothingDependsOnHowTheInputIsCut() {
    const std::string input = post("Content-Length: 2\r\n\r\nab") +
                              chunked("3;x\r\nabc\r\n0\r\nA: b\r\n\r\n") + get("Host: h\r\n") +
                              "GET / HTTP/1.1\n";
    const std::string whole = told(input, input.size());
    for (std::size_t size = 1; size <= input.size(); ++size) CPPUNIT_ASSERT_EQUAL(whole, told(input, size));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RequestParserTest);
