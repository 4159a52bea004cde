// Protects: plugins/http_rest/openapi.yaml, which must say what the route table and the field tables say.
// To write it anew: GATEHOUSE_WRITE_SCHEMAS=1 build/dev/tests/control OpenApiTest
#include "control/rest/OpenApi.h"
#include "support/TempFolder.h"
#include "yaml/YamlReader.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

using namespace gatehouse;
using namespace gatehouse::control;

class OpenApiTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(OpenApiTest);
  CPPUNIT_TEST(testTheCheckedInDescriptionIsCurrent);
  CPPUNIT_TEST(testEveryEndpointIsDescribed);
  CPPUNIT_TEST(testEveryNamedSchemaIsDefinedOnceAndUsed);
  CPPUNIT_TEST(testWhatIsSaidOfOneEndpointBelongsToOne);
  CPPUNIT_TEST(testItIsYamlAndEveryOperationIsWhole);
  CPPUNIT_TEST_SUITE_END();

  static std::string where(const Endpoint& endpoint) {
    return std::string(endpoint.method) + ' ' + std::string(endpoint.path);
  }
  static bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

public:
  void testTheCheckedInDescriptionIsCurrent() {
    const std::string path =
        (std::filesystem::path(__FILE__).parent_path() / "../../../plugins/http_rest/openapi.yaml")
            .lexically_normal()
            .string();
    if (std::getenv("GATEHOUSE_WRITE_SCHEMAS")) std::ofstream(path) << openApi();
    CPPUNIT_ASSERT_MESSAGE(path + " is not what the tables say; run this test with GATEHOUSE_WRITE_SCHEMAS=1",
                           test::readFile(path) == openApi());
  }

  /// A sentence, and all that goes in and comes out.
  void testEveryEndpointIsDescribed() {
    const std::string text = openApi();
    std::set<std::string> ids;
    for (const Endpoint& endpoint : endpoints()) {
      CPPUNIT_ASSERT_MESSAGE(where(endpoint) + " has no summary", !endpoint.summary.empty());
      if (endpoint.answer.empty()) // it refuses, and says so
        CPPUNIT_ASSERT_MESSAGE(where(endpoint) + " says not what it answers",
                               endpoint.summary.find("Refused") == 0 ||
                                   endpoint.summary.find("Not done") == 0 ||
                                   holds(std::string(endpoint.summary), "there is none") ||
                                   holds(std::string(endpoint.summary), "There is no"));
      CPPUNIT_ASSERT_MESSAGE(where(endpoint) + " says not what it takes",
                             endpoint.body != endpoint.request.empty());
      CPPUNIT_ASSERT_MESSAGE(where(endpoint), holds(text, "\n  " + std::string(endpoint.path) + ":\n"));
    }
    for (std::size_t at = text.find("operationId: "); at != std::string::npos;
         at = text.find("operationId: ", at + 1))
      CPPUNIT_ASSERT(ids.insert(text.substr(at, text.find('\n', at) - at)).second);
    CPPUNIT_ASSERT_EQUAL(endpoints().size(), ids.size());
  }

  void testEveryNamedSchemaIsDefinedOnceAndUsed() {
    const std::string text = openApi();
    std::set<std::string> named, defined;
    const std::string mark = "\"#/components/schemas/";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
      named.insert(text.substr(at + mark.size(), text.find('"', at + mark.size()) - at - mark.size()));
    std::size_t at = text.find("\n  schemas:\n");
    CPPUNIT_ASSERT(at != std::string::npos);
    for (at = text.find("\n    ", at); at != std::string::npos; at = text.find("\n    ", at + 1)) {
      const std::string line = text.substr(at + 5, text.find('\n', at + 1) - at - 5);
      if (line.empty() || line.front() == ' ') continue;
      CPPUNIT_ASSERT_MESSAGE(line + " is there twice", defined.insert(line.substr(0, line.find(':'))).second);
    }
    for (const std::string& name : named)
      CPPUNIT_ASSERT_MESSAGE("the schema " + name + " is named and not defined", defined.contains(name));
    for (const NamedShape& shape : namedShapes())
      CPPUNIT_ASSERT_MESSAGE("nothing uses the schema " + std::string(shape.name),
                             shape.yaml.empty() || named.contains(std::string(shape.name)));
    CPPUNIT_ASSERT(named.contains("RoleCreate") && named.contains("BdbAnswer"));
  }

  void testWhatIsSaidOfOneEndpointBelongsToOne() {
    const auto served = [](std::string_view method, std::string_view path) {
      const auto all = endpoints();
      return std::any_of(all.begin(), all.end(),
                         [&](const Endpoint& e) { return e.method == method && e.path == path; });
    };
    for (const QueryParameter& parameter : queryParameters())
      CPPUNIT_ASSERT_MESSAGE(std::string(parameter.path), served(parameter.method, parameter.path));
    for (const FurtherStatus& further : furtherStatuses())
      CPPUNIT_ASSERT_MESSAGE(std::string(further.path), served(further.method, further.path));
  }

  void testItIsYamlAndEveryOperationIsWhole() {
    const yaml::Document read = yaml::readYaml("openapi.yaml", openApi());
    CPPUNIT_ASSERT_MESSAGE(read.ok() ? "" : read.mistakes.front().line(), read.ok());
    const Node& document = read.root;
    CPPUNIT_ASSERT_EQUAL(std::string("3.0.3"), document.find("openapi")->text);
    std::size_t operations = 0;
    for (const Node::Member& path : document.find("paths")->members)
      for (const Node::Member& operation : path.value.members) {
        ++operations;
        const std::string id = operation.key + ' ' + path.key;
        for (const char* member : {"operationId", "tags", "summary", "responses"})
          CPPUNIT_ASSERT_MESSAGE(id, operation.value.find(member));
        for (const char* status : {"400", "401", "403", "default"})
          CPPUNIT_ASSERT_MESSAGE(id, operation.value.find("responses")->find(status));
        std::ptrdiff_t inPath = 0;
        if (const Node* parameters = operation.value.find("parameters"))
          for (const Node& parameter : parameters->items)
            inPath += parameter.find("in") && parameter.find("in")->text == "path" ? 1 : 0;
        CPPUNIT_ASSERT_EQUAL_MESSAGE(id, std::count(path.key.begin(), path.key.end(), '{'), inPath);
      }
    CPPUNIT_ASSERT_EQUAL(endpoints().size(), operations);
    const Node& user = *document.find("components")->find("schemas")->find("User")->find("properties");
    CPPUNIT_ASSERT(user.find("password")->find("writeOnly") && user.find("uid")->find("readOnly"));
    CPPUNIT_ASSERT_EQUAL(std::string("regular"), user.find("auth_method")->find("enum")->items[0].text);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OpenApiTest);
