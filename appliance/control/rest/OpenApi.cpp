#include "control/rest/OpenApi.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/change/Permissions.h"
#include "model/Role.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace gatehouse::control {
namespace {

constexpr std::string_view preamble =
    R"(# Written from the route table and the field tables of the server; edit those, not this.
openapi: 3.0.3
info:
  title: Gatehouse REST API
  version: "1"
  description: |
    Users, roles, Redis ACLs, databases, certificates and settings, in the words of Redis Software's REST API.
    Success is always 200. Errors are JSON and name what is wrong; 405, 408, 413, 500, 503 and 505 may answer
    any request. Whoever has proven nothing is answered 401 for every path but the open ones (`security: [{}]`).
    Lengths are counted in bytes of UTF-8. `OPTIONS` of every path answers `Allow`. `x-api-version: 1` may be sent.
    `x-permission` is the permission that an operation takes, `x-roles` the management words that have it;
    `x-or-oneself` says that a user may do it to itself without the permission.
servers:
  - {url: "https://localhost:9443", description: "An http_rest listener of gatehouse.yaml."}
security:
  - basic: []
  - token: []
  - {} # a client certificate in the TLS handshake: OpenAPI 3.0 has no word for it (3.1: mutualTLS)
)";

constexpr std::string_view components = R"(components:
  securitySchemes:
    basic:
      {type: http, scheme: basic, description: "Name or e-mail address, and password. Off while control_plane_basic_authentication is false."}
    token:
      {type: http, scheme: bearer, bearerFormat: JWT, description: "Of POST /v1/users/authorize; the scheme may be written `Bearer` or `JWT`. Bound to the client certificate that it was issued over, if there was one."}
  parameters:
    dry_run: {name: dry_run, in: query, allowEmptyValue: true, schema: {type: boolean}, description: "Validate and answer as if it was done; change nothing."}
    force: {name: force, in: query, allowEmptyValue: true, schema: {type: boolean}, description: "Do it even if it closes the caller's own way in."}
    fields: {name: fields, in: query, schema: {type: string}, description: "Names of fields with commas between: answer these alone."}
    if_match: {name: If-Match, in: header, schema: {type: string}, description: "ETag of the object as it was read: 412 if it has changed since."}
    cluster_state_id: {name: CLUSTER-STATE-ID, in: header, schema: {type: string}, description: "Revision of the whole state as it was read: 409 if anything has changed since."}
  headers:
    ETag: {schema: {type: string}, description: "Revision of the object, for If-Match."}
  responses:
    Error:
      description: "What is wrong, and what to do."
      content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}
  schemas:
)";

std::string inQuotes(std::string_view text) {
  std::string out;
  json::text(out, text);
  return out;
}

std::string referenceTo(std::string_view schema) {
  return "{$ref: \"#/components/schemas/" + std::string(schema) + "\"}";
}

/// The schema of a body, as flow YAML.
std::string schemaOf(const Described& what, std::string_view suffix) {
  const std::string one =
      what.table ? referenceTo(schemaName(what.table().word) + std::string(suffix)) : referenceTo(what.shape);
  return what.many ? "{type: array, items: " + one + '}' : one;
}

class Writer {
public:
  std::string take() {
    out_ = preamble;
    out_ += "paths:\n";
    std::vector<std::string_view> paths;
    for (const Endpoint& endpoint : endpoints())
      if (std::find(paths.begin(), paths.end(), endpoint.path) == paths.end()) paths.push_back(endpoint.path);
    for (const std::string_view path : paths) {
      out_.append("  ").append(path).append(":\n");
      for (const Endpoint& endpoint : endpoints())
        if (endpoint.path == path) operation(endpoint);
    }
    out_ += components;
    std::vector<const model::Table*> tables;
    for (const Endpoint& endpoint : endpoints())
      for (const Described& what : {endpoint.request, endpoint.answer})
        if (what.table && std::find(tables.begin(), tables.end(), &what.table()) == tables.end())
          tables.push_back(&what.table());
    appendTableSchemas(tables, out_);
    for (const NamedShape& shape : namedShapes()) {
      if (shape.yaml.empty()) continue; // no body at all
      out_.append("    ").append(shape.name).append(":\n");
      indented(shape.yaml);
    }
    return std::move(out_);
  }

private:
  void line(std::string_view text) { out_.append("      ").append(text).append("\n"); }

  void indented(std::string_view yaml) {
    while (!yaml.empty()) {
      const std::string_view text = yaml.substr(0, yaml.find('\n'));
      line(text);
      yaml.remove_prefix(std::min(text.size() + 1, yaml.size()));
    }
  }

  void operation(const Endpoint& endpoint) {
    out_.append("    ").append(folded(endpoint.method)).append(":\n");
    line("operationId: " + operationId(endpoint));
    line("tags: [" + tag(endpoint.path) + ']');
    line("summary: " + inQuotes(endpoint.summary));
    rights(endpoint);
    parameters(endpoint);
    if (endpoint.body) {
      const Described& what = endpoint.request;
      // What is no object of the store is never there before.
      const bool creates = what.table &&
                           (endpoint.method == "POST" || what.table().kind == model::ObjectKind::none) &&
                           !neededOf(what.table()).empty();
      line("requestBody:");
      if (!endpoint.mayLackBody) line("  required: true");
      line("  content: {application/json: {schema: " +
           (what.shape == "Empty" ? "{type: object}" : schemaOf(what, creates ? "Create" : "")) + "}}");
    }
    responses(endpoint);
  }

  /// "get_v1_users_uid"
  static std::string operationId(const Endpoint& endpoint) {
    std::string id = folded(endpoint.method);
    for (const char c : endpoint.path) {
      if (c == '{' || c == '}') continue;
      id += c == '/' || c == '-' ? '_' : c;
    }
    return id;
  }
  /// The word behind the version.
  static std::string tag(std::string_view path) {
    const std::string_view rest = path.substr(path.find('/', 1) + 1);
    return std::string(rest.substr(0, rest.find('/')));
  }

  void rights(const Endpoint& endpoint) {
    if (endpoint.open) {
      line("security: [{}] # also for who has proven nothing");
      return;
    }
    if (endpoint.permission == Permission::authenticated) return;
    const PermissionRow& needed = row(endpoint.permission);
    line("x-permission: " + std::string(needed.word));
    std::string roles;
    for (std::size_t i = 0; i < std::size(model::managements); ++i)
      if (needed.roles.has(static_cast<model::Management>(i)))
        roles.append(roles.empty() ? "" : ", ").append(model::managements[i]);
    line("x-roles: [" + roles + ']');
    if (endpoint.orOneself) line("x-or-oneself: true");
  }

  void parameters(const Endpoint& endpoint) {
    std::vector<std::string> all;
    std::string_view path = endpoint.path;
    for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
      const std::string name(path.substr(at + 1, path.find('}', at) - at - 1));
      all.push_back("{name: " + name + ", in: path, required: true, schema: {type: " +
                    (name == "uid" ? "integer, format: int64, minimum: 1" : "string") + "}}");
    }
    const auto shared = [&](std::string_view name) {
      all.push_back("{$ref: \"#/components/parameters/" + std::string(name) + "\"}");
    };
    if (endpoint.plan) {
      shared("dry_run");
      shared("force");
      shared("cluster_state_id");
    }
    if (endpoint.plan && endpoint.tagged) shared("if_match");
    if (endpoint.read && endpoint.answer.table) shared("fields");
    for (const QueryParameter& own : queryParameters())
      if (own.method == endpoint.method && own.path == endpoint.path)
        all.push_back("{name: " + std::string(own.name) + ", in: query, schema: {" + std::string(own.schema) +
                      "}, description: " + inQuotes(own.sentence) + '}');
    if (all.empty()) return;
    line("parameters:");
    for (const std::string& parameter : all) line("  - " + parameter);
  }

  void responses(const Endpoint& endpoint) {
    line("responses:");
    if (!endpoint.answer.empty()) success(endpoint);
    const bool parameter = endpoint.path.find('{') != std::string_view::npos;
    refusal("400", true);
    refusal("401", true);
    refusal("403", true);
    refusal("404", parameter || alsoAnswers(endpoint, "404"));
    refusal("406", !endpoint.read || alsoAnswers(endpoint, "406"));
    refusal("409", !endpoint.read);
    refusal("412", endpoint.plan != nullptr || endpoint.bulk != nullptr);
    refusal("413", endpoint.body);
    refusal("503", true);
    refusal("default", true);
  }
  void success(const Endpoint& endpoint) {
    const bool none = endpoint.answer.shape == "Empty";
    line("  \"200\":");
    line(none ? "    description: \"Done; no body.\"" : "    description: \"Done.\"");
    const bool creates = endpoint.plan && endpoint.method == "POST" && endpoint.answer.table;
    if (creates || (endpoint.tagged && endpoint.method != "DELETE"))
      line("    headers: {ETag: {$ref: \"#/components/headers/ETag\"}}");
    if (!none) line("    content: {application/json: {schema: " + schemaOf(endpoint.answer, "Answer") + "}}");
  }
  static bool alsoAnswers(const Endpoint& endpoint, std::string_view status) {
    const auto all = furtherStatuses();
    return std::any_of(all.begin(), all.end(), [&](const FurtherStatus& f) {
      return f.method == endpoint.method && f.path == endpoint.path && f.status == status;
    });
  }
  void refusal(std::string_view status, bool applies) {
    if (applies)
      line("  " + (status == "default" ? std::string(status) : inQuotes(status)) +
           ": {$ref: \"#/components/responses/Error\"}");
  }

  std::string out_;
};

} // namespace

std::string openApi() { return Writer().take(); }

} // namespace gatehouse::control
