#pragma once
#include "control/rest/Router.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::control {

/// The description of the REST API in OpenAPI 3.0.3, made from the route table, the permission matrix and the
/// field tables: plugins/http_rest/openapi.yaml is its text.
///
/// Threads: any. Errors: none.
[[nodiscard]] std::string openApi();

/// A body that no field table describes: its name, and its schema as it stands in openapi.yaml, without
/// indentation.
struct NamedShape {
  std::string_view name, yaml;
};
/// All that a route's Described may name.
[[nodiscard]] std::span<const NamedShape> namedShapes() noexcept;

/// A parameter of the query that one endpoint knows, beside those that all know.
struct QueryParameter {
  std::string_view method, path, name, schema, sentence;
};
[[nodiscard]] std::span<const QueryParameter> queryParameters() noexcept;

/// A status that one endpoint answers, beside those that follow from what it is.
struct FurtherStatus {
  std::string_view method, path, status;
};
[[nodiscard]] std::span<const FurtherStatus> furtherStatuses() noexcept;

/// What REST wants of a creation, where that is not what the table wants of a manifest.
struct CreationNeeds {
  std::string_view table; // its word
  std::span<const std::string_view> fields;
};
[[nodiscard]] std::span<const CreationNeeds> creationNeeds() noexcept;
/// The fields that a creation must give.
[[nodiscard]] std::vector<std::string_view> neededOf(const model::Table&);

/// "redis_acl" -> "RedisAcl": what a table's schema is called.
[[nodiscard]] std::string schemaName(std::string_view word);

/// Appends the schemas of these tables and of those that their fields hold, each once: `Role`, which is all
/// that may be written; `RoleCreate`, where a creation must give something; `RoleAnswer`, which names all
/// that every answer has.
void appendTableSchemas(std::span<const model::Table* const> tables, std::string& out);

} // namespace gatehouse::control
