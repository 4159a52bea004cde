// Protects: /v1/bdbs/{uid}/command: a reply of an engine is always JSON in the answer, whatever bytes it
// holds; and its caller is judged as at the database's own listener.
#include "gateway/EngineCommand.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace std::string_literals;

class EngineCommandTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineCommandTest);
  CPPUNIT_TEST(testEachKindOfReply);
  CPPUNIT_TEST(testBytesThatAreNoTextAreReplaced);
  CPPUNIT_TEST(testATokenIsTheLoginThatItWasGivenFor);
  CPPUNIT_TEST(testAUnixSocketMeetsEveryMinimumOfTls);
  CPPUNIT_TEST_SUITE_END();

public:
  static std::string json(std::string_view bytes) {
    const resp::ReadReply read = resp::readReply(bytes);
    CPPUNIT_ASSERT(read.progress == resp::Progress::complete);
    std::string out;
    gateway::appendReply(out, read.reply);
    return out;
  }
  void testEachKindOfReply() {
    CPPUNIT_ASSERT_EQUAL("\"OK\""s, json("+OK\r\n"));
    CPPUNIT_ASSERT_EQUAL("-42"s, json(":-42\r\n"));
    CPPUNIT_ASSERT_EQUAL("\"two\\r\\nlines\""s, json("$10\r\ntwo\r\nlines\r\n"));
    CPPUNIT_ASSERT_EQUAL("null"s, json("$-1\r\n"));
    CPPUNIT_ASSERT_EQUAL("null"s, json("*-1\r\n"));
    CPPUNIT_ASSERT_EQUAL("[]"s, json("*0\r\n"));
    CPPUNIT_ASSERT_EQUAL("[\"a\",[1,null],\"ERR no\"]"s,
                         json("*3\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n-ERR no\r\n"));
  }
  void testBytesThatAreNoTextAreReplaced() {
    CPPUNIT_ASSERT_EQUAL("\"a\xef\xbf\xbd"
                         "b\""s,
                         json("$3\r\na\xff"
                              "b\r\n"));
  }
  static model::Admission at7(model::EvidenceKind kind, bool control, model::AuthMethod method) {
    model::Admission proven;
    proven.kind = kind;
    proven.control = control;
    proven.tlsVersion = control ? 0 : 0x0303;
    proven.userUid = 5;
    proven.userRevision = 9;
    proven.chain.notAfter = 77;
    model::User user;
    user.auth_method = method;
    return *gateway::admissionAt(7, proven, user);
  }
  void testATokenIsTheLoginThatItWasGivenFor() {
    using enum model::EvidenceKind;
    const model::Admission certificates = at7(token, false, model::AuthMethod::certificate);
    CPPUNIT_ASSERT(certificates.kind == certificate && certificates.chain.notAfter == 77);
    const model::Admission passwords = at7(token, false, model::AuthMethod::regular);
    CPPUNIT_ASSERT(passwords.kind == password);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, passwords.database);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{5}, passwords.userUid);
    CPPUNIT_ASSERT_EQUAL(model::Revision{9}, passwords.userRevision);
    // Whatever else it is stays what it is: judge refuses what is no proof at a database.
    CPPUNIT_ASSERT(at7(password, false, model::AuthMethod::certificate).kind == password);
    CPPUNIT_ASSERT(at7(local, true, model::AuthMethod::regular).kind == local);
  }
  void testAUnixSocketMeetsEveryMinimumOfTls() {
    using enum model::EvidenceKind;
    const model::Admission there = at7(password, true, model::AuthMethod::regular);
    CPPUNIT_ASSERT(!there.control && there.tlsVersion == 0x0304);
    CPPUNIT_ASSERT(at7(password, false, model::AuthMethod::regular).tlsVersion == 0x0303);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineCommandTest);
