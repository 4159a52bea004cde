#include "control/rest/OpenApi.h"

#include <array>

namespace gatehouse::control {
namespace {

constexpr std::array shapes = {
    NamedShape{"Empty", ""},
    NamedShape{"Error", R"(type: object
additionalProperties: false
required: [error_code, description, message]
properties:
  error_code: {type: string, description: "A word for programs."}
  description: {type: string, description: "A sentence for people."}
  message: {type: string, description: "The same sentence: both names are in use."})"},
    NamedShape{"ActionUid", R"(type: object
additionalProperties: false
properties:
  action_uid: {type: string, description: "What GET /v1/actions/{name} may be asked about; none after a rehearsal."})"},

    // ---- cluster
    NamedShape{"Certificates", R"(description: "PEM of each certificate that is there; no private keys."
type: object
additionalProperties: {type: string}
properties:
  api_cert: {type: string}
  proxy_cert: {type: string}
  mtls_trusted_ca_cert: {type: string})"},
    NamedShape{"CertificateList", R"(type: object
additionalProperties: false
required: [certificates]
properties:
  certificates:
    type: array
    minItems: 1
    items: {$ref: "#/components/schemas/CertificateCreate"})"},

    NamedShape{"RotateRequest", R"(type: object
additionalProperties: false
properties:
  name: {type: string, description: "Which one; all that were generated, if left out."})"},
    NamedShape{"HashingAlgorithm", R"(type: object
required: [algorithm]
properties:
  algorithm: {type: string})"},
    NamedShape{"License", R"(type: object
properties:
  license: {type: string})"},
    NamedShape{"Ocsp", R"(type: object
properties:
  ocsp_functionality: {type: boolean})"},
    NamedShape{"LogEntries", R"(type: array
items: {$ref: "#/components/schemas/LogEntry"})"},
    NamedShape{
        "LogEntry",
        R"(description: "An administrative audit record. The object's uid is in <kind>_uid: user_uid, role_uid, bdb_uid, ..."
type: object
additionalProperties: {type: string}
required: [time, type, severity, who, description]
properties:
  time: {type: string, description: "ISO 8601, UTC."}
  type: {type: string, description: "user_created, bdb_updated, ..."}
  severity: {type: string}
  who: {type: string, description: "The user that did it, or the local administrator."}
  peer: {type: string, description: "Where the request came from."}
  name: {type: string, description: "Of the object."}
  fields: {type: array, items: {type: string}, description: "What was changed; never the values."}
  revision: {type: integer, format: int64, minimum: 1}
  description: {type: string})"},
    NamedShape{"JsonSchema", R"(description: "One object's JSON Schema, or all of them by name."
type: object)"},

    // ---- users
    NamedShape{"CallerRole", R"(type: object
additionalProperties: false
required: [role]
properties:
  role: {type: string, enum: [none, db_viewer, db_member, cluster_viewer, cluster_member, user_manager, admin]})"},

    NamedShape{"Token", R"(type: object
additionalProperties: false
required: [access_token]
properties:
  access_token: {type: string, description: "A JWT; its content is nobody's business but the server's."})"},
    NamedShape{"PermissionsByRole", R"(description: "By management word."
type: object
additionalProperties:
  type: object
  additionalProperties: false
  required: [api_permissions, ui_permissions]
  properties:
    api_permissions: {type: array, items: {type: string}}
    ui_permissions: {type: array, items: {type: string}, description: "Empty: there is no user interface."})"},

    // ---- the beginning
    NamedShape{"Bootstrap", R"(type: object
additionalProperties: false
required: [bootstrap_status]
properties:
  bootstrap_status:
    type: object
    additionalProperties: false
    required: [state]
    properties:
      state: {type: string, enum: [idle, completed]}
      start_time: {type: string}
      end_time: {type: string}
  local_node_info: {$ref: "#/components/schemas/Node"})"},
    NamedShape{"CreateCluster", R"(type: object
additionalProperties: false
required: [cluster, credentials]
properties:
  action: {type: string, enum: [create_cluster]}
  cluster:
    type: object
    additionalProperties: false
    required: [name]
    properties:
      name: {type: string, minLength: 1, maxLength: 64, description: "node.name of gatehouse.yaml."}
      nodes: {type: array, maxItems: 0, items: {}}
  node: {type: object, description: "Taken and dropped."}
  credentials:
    type: object
    additionalProperties: false
    required: [username, password]
    properties:
      username: {type: string, minLength: 1, maxLength: 254, description: "Name of the first administrator, and its e-mail address if it is one."}
      password: {type: string, minLength: 1, maxLength: 1024, writeOnly: true}
  license: {type: string, maxLength: 0}
  token: {type: string, writeOnly: true, description: "The one-time token; not needed on the control socket."})"},

    // ---- manifests
    NamedShape{
        "Manifest",
        R"(description: "A provisioning manifest as JSON: conf/provision.schema.json. Values only, no references to files."
type: object)"},
    NamedShape{"ManifestOptions", R"(type: object
additionalProperties: false
properties:
  prune: {type: string, enum: ["off", owned], description: "Whether what a manifest made and this one does not name goes."}
  adopt: {type: array, items: {type: string}, description: "Rows of the API that become the manifest's: users/ada."}
  release: {type: array, items: {type: string}, description: "Rows whose holds end."}
  destroy: {type: array, items: {type: string}, description: "Databases that may lose their data."})"},
    NamedShape{"PlanRequest", R"(type: object
additionalProperties: false
required: [manifest]
properties:
  manifest: {$ref: "#/components/schemas/Manifest"}
  options: {$ref: "#/components/schemas/ManifestOptions"}
  impact: {type: boolean, default: false, description: "Tell also who would gain, lose, or be closed."})"},
    NamedShape{"ApplyRequest", R"(type: object
additionalProperties: false
required: [manifest, revision]
properties:
  manifest: {$ref: "#/components/schemas/Manifest"}
  options: {$ref: "#/components/schemas/ManifestOptions"}
  impact: {type: boolean, description: "Ignored: what was sent to plan may be sent."}
  revision: {type: integer, format: int64, minimum: 0, description: "Of the plan: 412 if the state has changed since."})"},
    NamedShape{"ManifestPlan", R"(type: object
additionalProperties: false
required: [revision, changes, held, not_owned, left, destroys, drift]
properties:
  revision: {type: integer, format: int64, minimum: 0, description: "That was planned on; of an apply: the one that it made."}
  changes: {type: array, items: {$ref: "#/components/schemas/ManifestChange"}}
  held: {type: array, items: {$ref: "#/components/schemas/ManifestNotice"}, description: "What REST took away, and no manifest brings back."}
  not_owned: {type: array, items: {$ref: "#/components/schemas/ManifestNotice"}, description: "Rows of the API that stay as they are."}
  left: {type: array, items: {$ref: "#/components/schemas/ManifestNotice"}, description: "Rows that no manifest names any more, and that stay."}
  destroys: {type: array, items: {$ref: "#/components/schemas/ManifestNotice"}, description: "Databases that would lose data."}
  drift: {type: array, items: {$ref: "#/components/schemas/ManifestNotice"}, description: "Rows of a manifest that REST has changed since."}
  mistakes:
    type: array
    items:
      type: object
      additionalProperties: false
      required: [path, text]
      properties:
        file: {type: string}
        line: {type: integer}
        column: {type: integer}
        path: {type: string}
        text: {type: string}
  impact: {$ref: "#/components/schemas/Impact"})"},
    NamedShape{"ManifestChange", R"(type: object
additionalProperties: false
required: [action, kind, name, fields, reason]
properties:
  action: {type: string, enum: [create, update, remove]}
  kind: {type: string}
  name: {type: string}
  former_name: {type: string}
  fields:
    type: array
    items:
      type: object
      additionalProperties: false
      required: [name]
      properties:
        name: {type: string}
        before: {description: "As it is."}
        after: {description: "As it would be; of a secret: `changed`."}
        secret: {type: boolean}
  reason: {type: string}
  remarks: {type: array, items: {type: string}})"},
    NamedShape{"ManifestNotice", R"(type: object
additionalProperties: false
required: [kind, name, text]
properties:
  kind: {type: string}
  name: {type: string}
  fields: {type: array, items: {type: string}}
  who: {type: string}
  revision: {type: integer, format: int64}
  text: {type: string})"},
    NamedShape{"Impact", R"(type: object
additionalProperties: false
required: [gains, loses, closes, stays, unused_certificates]
properties:
  gains: {type: array, items: {$ref: "#/components/schemas/ImpactOnUser"}}
  loses: {type: array, items: {$ref: "#/components/schemas/ImpactOnUser"}}
  closes:
    type: array
    items:
      type: object
      additionalProperties: false
      required: [session, peer, listener, user, reason]
      properties:
        session: {type: integer, format: int64}
        peer: {type: string}
        listener: {type: string}
        user: {type: string}
        reason: {type: string}
  stays: {type: integer, minimum: 0, description: "Open connections that the others are not."}
  unused_certificates:
    type: array
    items:
      type: object
      additionalProperties: false
      required: [list, subject, sha256]
      properties:
        list: {type: string}
        subject: {type: string}
        sha256: {type: string})"},
    NamedShape{"ImpactOnUser", R"(type: object
additionalProperties: false
required: [user, what]
properties:
  user: {type: string}
  what: {type: string})"},

    NamedShape{"AclText", R"(type: object
required: [acl]
properties:
  acl: {type: string, description: "Redis ACL rules."})"},

    // ---- actions
    NamedShape{"Action", R"(type: object
additionalProperties: false
required: [action_uid, name, object_name, status, progress, creation_time]
properties:
  action_uid: {type: string}
  name: {type: string, description: "create_user, SMCreateBDB, ..."}
  object_name: {type: string, description: "user:5, bdb:1, ..."}
  status: {type: string, enum: [running, completed, failed]}
  progress:
    description: "Percent: a number for databases, a text for others."
    oneOf:
      - {type: integer, minimum: 0, maximum: 100}
      - {type: string}
  creation_time: {type: integer, format: int64, description: "Seconds since 1970."}
  error_message: {type: string, description: "Why it failed."})"},
    NamedShape{"ActionList", R"(type: array
items: {$ref: "#/components/schemas/Action"})"},
    NamedShape{"ClusterActions", R"(type: object
additionalProperties: false
required: [actions]
properties:
  actions: {$ref: "#/components/schemas/ActionList"})"},
    NamedShape{"Actions", R"(type: object
additionalProperties: false
required: [actions, state-machines]
properties:
  actions: {$ref: "#/components/schemas/ActionList"}
  state-machines: {$ref: "#/components/schemas/ActionList"})"},

    // ---- databases
    NamedShape{"DatabaseByPlan", R"(type: object
additionalProperties: false
required: [bdb]
properties:
  bdb: {$ref: "#/components/schemas/BdbCreate"}
  recovery_plan: {type: object, nullable: true, description: "Must be empty: no database is made out of another's data."})"},
    NamedShape{"DatabasePassword", R"(type: object
additionalProperties: false
required: [password]
properties:
  password: {type: string, minLength: 1, maxLength: 1024, writeOnly: true})"},
    NamedShape{"Command", R"(type: object
additionalProperties: false
required: [command]
properties:
  command: {type: string, minLength: 1}
  args:
    type: array
    items:
      oneOf:
        - {type: string}
        - {type: number}
        - {type: boolean})"},
    NamedShape{"CommandReply", R"(type: object
additionalProperties: false
required: [response]
properties:
  response: {description: "The engine's reply: a text, a number, a list, null."})"},
};

constexpr std::array queries = {
    QueryParameter{"GET", "/v1/logs", "stime", "type: string", "Not before this time, ISO 8601."},
    QueryParameter{"GET", "/v1/logs", "etime", "type: string", "Not after this time, ISO 8601."},
    QueryParameter{"GET", "/v1/logs", "order", "type: string, enum: [asc, desc], default: desc", "By time."},
    QueryParameter{"GET", "/v1/logs", "limit", "type: integer, minimum: 0", "Most records to answer."},
    QueryParameter{"GET", "/v1/logs", "offset", "type: integer, minimum: 0", "Records to leave out first."},
    QueryParameter{"GET", "/v1/jsonschema", "object", "type: string", "Only this object: user, bdb, ..."},
    QueryParameter{"GET", "/v1/bdbs/certificates", "page", "type: integer, minimum: 1", "Which page."},
    QueryParameter{"GET", "/v1/bdbs/certificates", "page_size", "type: integer, minimum: 1",
                   "Certificates of a page."},
    QueryParameter{"GET", "/v1/bdbs/certificates", "expires_before", "type: string",
                   "Only those that end before this time: ISO 8601, or seconds since 1970."},
    QueryParameter{"GET", "/v1/bdbs/certificates", "tls_mode", "type: string, enum: [disabled, enabled]",
                   "Only those of databases of this tls_mode."},
    QueryParameter{"GET", "/v1/bdbs/{uid}/availability", "extend_check", "type: string, enum: [lag]",
                   "There are no replicas: nothing lags."},
    QueryParameter{"GET", "/v1/bdbs/{uid}/availability", "availability_lag_tolerance_ms",
                   "type: integer, minimum: 0", "There are no replicas: nothing lags."},
    QueryParameter{"GET", "/v1/local/bdbs/{uid}/endpoint/availability", "extend_check",
                   "type: string, enum: [lag]", "There are no replicas: nothing lags."},
};

constexpr std::array statuses = {
    FurtherStatus{"GET", "/v1/license", "404"},           FurtherStatus{"GET", "/v1/ocsp", "406"},
    FurtherStatus{"GET", "/v1/ocsp/status", "406"},       FurtherStatus{"GET", "/v1/jsonschema", "406"},
    FurtherStatus{"PUT", "/v1/users/password", "404"},    FurtherStatus{"POST", "/v1/users/password", "404"},
    FurtherStatus{"DELETE", "/v1/users/password", "404"},
};

constexpr std::string_view ofBdb[] = {"name", "memory_size"}, ofBdbCertificate[] = {"cert", "private_key"},
                           ofNewPassword[] = {"new_password"}, ofOldPassword[] = {"old_password"};
constexpr std::array needs = {
    CreationNeeds{"user", {}}, // named by its e-mail address or its certificate
    CreationNeeds{"bdb", ofBdb},
    CreationNeeds{"bdb certificate", ofBdbCertificate},
    CreationNeeds{"new_password", ofNewPassword},
    CreationNeeds{"old_password", ofOldPassword},
};

} // namespace

std::span<const NamedShape> namedShapes() noexcept { return shapes; }
std::span<const QueryParameter> queryParameters() noexcept { return queries; }
std::span<const CreationNeeds> creationNeeds() noexcept { return needs; }
std::span<const FurtherStatus> furtherStatuses() noexcept { return statuses; }

} // namespace gatehouse::control
