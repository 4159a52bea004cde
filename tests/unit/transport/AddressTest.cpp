// Protects: who a peer is counted as, and what an operator may write for an address.
#include "transport/Address.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::transport;
using namespace std::string_literals;

class AddressTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AddressTest);
  CPPUNIT_TEST(testAddressesAreReadAndSaidAgain);
  CPPUNIT_TEST(testWhatIsNoAddressIsRefusedByName);
  CPPUNIT_TEST(testOnePeerIsOneKey);
  CPPUNIT_TEST_SUITE_END();

public:
  void testAddressesAreReadAndSaidAgain() {
    for (const char* text : {"0.0.0.0:9443", "127.0.0.1:0", "[::]:9443", "[::1]:65535", "[2001:db8::1]:1"})
      CPPUNIT_ASSERT_EQUAL(std::string(text), Address::parse(text).value().text());
    CPPUNIT_ASSERT_EQUAL("192.0.2.1:5000"s, Address::parse("[::ffff:192.0.2.1]:5000").value().text());
    CPPUNIT_ASSERT_EQUAL(9443, static_cast<int>(Address::parse("[::]:9443").value().port()));
    CPPUNIT_ASSERT(Address::parse("127.9.9.9:1").value().isLoopback() &&
                   Address::parse("[::1]:1").value().isLoopback());
    CPPUNIT_ASSERT(!Address::parse("0.0.0.0:1").value().isLoopback());
    CPPUNIT_ASSERT_EQUAL("local"s, Address().text());
  }
  void testWhatIsNoAddressIsRefusedByName() {
    for (const std::string& bad : {""s,
                                   ":"s,
                                   ":80"s,
                                   "localhost:80"s,
                                   "127.0.0.1"s,
                                   "127.0.0.1:"s,
                                   "127.0.0.1:65536"s,
                                   "127.0.0.1:-1"s,
                                   "127.0.0.1:+1"s,
                                   "127.0.0.1:080"s,
                                   "127.0.0.1: 80"s,
                                   "127.1:80"s,
                                   "127.0.0.01:80"s,
                                   "::1:80"s,
                                   "[::1]80"s,
                                   "[]:80"s,
                                   "[127.0.0.1]:80"s,
                                   "[::1%nowhere-at-all]:80"s,
                                   "127.0.0.1\0:80"s,
                                   "0x7f000001:80"s,
                                   "*:80"s,
                                   std::string(200, '1') + ":1"}) {
      const auto result = Address::parse(bad);
      CPPUNIT_ASSERT_MESSAGE(bad, !result.ok());
      CPPUNIT_ASSERT(result.error().code == Code::invalid_param);
      CPPUNIT_ASSERT(result.error().description.size() < 250);
    }
  }
  void testOnePeerIsOneKey() {
    const auto key = [](const char* text) { return Address::parse(text).value().key(); };
    CPPUNIT_ASSERT(key("192.0.2.1:1") == key("192.0.2.1:2"));
    CPPUNIT_ASSERT(!(key("192.0.2.1:1") == key("192.0.2.2:1")));
    CPPUNIT_ASSERT(key("[2001:db8:0:1::1]:1") == key("[2001:db8:0:1:ffff::2]:1")); // one /64
    CPPUNIT_ASSERT(!(key("[2001:db8:0:1::1]:1") == key("[2001:db8:0:2::1]:1")));
    CPPUNIT_ASSERT(key("[::ffff:192.0.2.1]:1") == key("192.0.2.1:1"));
    CPPUNIT_ASSERT(!(key("[::192.0.2.1]:1") == key("192.0.2.1:1")));
    CPPUNIT_ASSERT_EQUAL(0, static_cast<int>(Address().key().family));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AddressTest);
