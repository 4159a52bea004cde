// Protects: the tests that judge answers by openapi.yaml. Their judge sees what is wrong, each kind of it.
#include "support/JsonSchema.h"
#include "control/codec/JsonReader.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;

class JsonSchemaTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JsonSchemaTest);
  CPPUNIT_TEST(testWhatFitsAndWhatDoesNot);
  CPPUNIT_TEST(testEveryMisfitIsToldWithItsPlace);
  CPPUNIT_TEST(testAWordThatIsNotJudgedEndsTheTest);
  CPPUNIT_TEST_SUITE_END();

  static Node read(const std::string& json) {
    auto node = control::readJson(json);
    CPPUNIT_ASSERT_MESSAGE(json, node.ok());
    return std::move(*node);
  }
  static std::vector<std::string> misfits(const std::string& value, const std::string& schema) {
    const Node document = read(R"({"defs":{"Port":{"type":"integer","minimum":1,"maximum":65535}}})");
    return test::JsonSchema(document).misfits(read(value), read(schema));
  }

public:
  void testWhatFitsAndWhatDoesNot() {
    struct Case {
      const char *schema, *fits, *misfits;
    };
    for (const Case& each : {
             Case{R"({"type":"string"})", R"("1")", "1"},
             {R"({"type":"string"})", R"("true")", "true"},
             {R"({"type":"integer"})", "1", R"("1")"},
             {R"({"type":"integer"})", "1", "1.5"},
             {R"({"type":"number"})", "1.5", "true"},
             {R"({"type":"boolean"})", "true", R"("true")"},
             {R"({"type":"array"})", "[]", "{}"},
             {R"({"type":"object"})", "{}", "[]"},
             {R"({"type":"string","nullable":true})", "null", "1"},
             {R"({"type":"string"})", R"("")", "null"},
             {R"({"type":"string","minLength":2})", R"("ab")", R"("a")"},
             {R"({"type":"string","maxLength":2})", "\"\xc3\xa4\xc3\xa4\"", R"("abc")"},
             {R"({"type":"string","enum":["a","b"]})", R"("b")", R"("c")"},
             {R"({"type":"array","enum":[[]]})", "[]", "[1]"},
             {R"({"$ref":"#/defs/Port"})", "65535", "65536"},
             {R"({"$ref":"#/defs/Port"})", "1", "0"},
             {R"({"items":{"$ref":"#/defs/Port"}})", "[1,2]", "[1,0]"},
             {R"({"type":"array","minItems":1})", "[1]", "[]"},
             {R"({"type":"array","maxItems":1})", "[1]", "[1,2]"},
             {R"({"type":"array","uniqueItems":true})", "[1,2]", "[1,1]"},
             {R"({"required":["a"]})", R"({"a":1})", R"({"b":1})"},
             {R"({"properties":{"a":{"type":"string"}}})", R"({"b":1})", R"({"a":1})"},
             {R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"b":1})"},
             {R"({"additionalProperties":{"type":"string"}})", R"({"a":"1"})", R"({"a":1})"},
             {R"({"allOf":[{"type":"object"},{"required":["a"]}]})", R"({"a":1})", "{}"},
             {R"({"oneOf":[{"type":"string"},{"type":"integer"}]})", "1", "true"},
             {R"({"oneOf":[{"type":"number"},{"type":"integer"}]})", "1.5", "1"},
         }) {
      CPPUNIT_ASSERT_MESSAGE(each.schema, misfits(each.fits, each.schema).empty());
      CPPUNIT_ASSERT_MESSAGE(std::string(each.schema) + " <- " + each.misfits,
                             !misfits(each.misfits, each.schema).empty());
    }
  }
  void testEveryMisfitIsToldWithItsPlace() {
    const auto found =
        misfits(R"({"list":[{"port":0},{"port":1}],"more":1})",
                R"({"additionalProperties":false,"required":["name"],"properties":{"list":{"type":"array",)"
                R"("items":{"properties":{"port":{"$ref":"#/defs/Port"}}}}}})");
    const std::vector<std::string> wanted = {": lacks name", ".list[0].port: 0 is too small",
                                             ".more: is not in the schema"};
    CPPUNIT_ASSERT(wanted == found);
  }
  void testAWordThatIsNotJudgedEndsTheTest() {
    CPPUNIT_ASSERT_THROW(misfits("1", R"({"multipleOf":2})"), CPPUNIT_NS::Exception);
    CPPUNIT_ASSERT_THROW(misfits("1", R"({"$ref":"#/defs/Nothing"})"), CPPUNIT_NS::Exception);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JsonSchemaTest);
