#pragma once
#include "base/Node.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// The subset of OpenAPI 3.0's schemas that openapi.yaml uses: $ref, allOf, oneOf, type, nullable, enum,
/// properties, required, additionalProperties, items, minItems, maxItems, uniqueItems, minimum, maximum,
/// minLength, maxLength. `pattern` and `format` are not judged; any other word ends the test, so that no
/// schema asks for what is not looked at.
///
/// Threads: any. Errors: CppUnit's, for a schema that is none. Owns: nothing; the document outlives it.
class JsonSchema {
public:
  explicit JsonSchema(const Node& document)
      : document_(document) {}

  /// What is wrong with a value, a sentence each with the path to it; empty: it fits.
  [[nodiscard]] std::vector<std::string> misfits(const Node& value, const Node& schema) const;
  /// "#/components/schemas/User" -> its node; what is not a reference is itself.
  [[nodiscard]] const Node& resolved(const Node& node) const;

private:
  void judge(const Node& value, const Node& schema, const std::string& path,
             std::vector<std::string>& wrong) const;
  void judgeObject(const Node& value, const Node& schema, const std::string& path,
                   std::vector<std::string>& wrong) const;
  void judgeList(const Node& value, const Node& schema, const std::string& path,
                 std::vector<std::string>& wrong) const;

  const Node& document_;
};

} // namespace gatehouse::test
