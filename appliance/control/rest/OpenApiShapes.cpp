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

    // ---- users
    NamedShape{"CallerRole", R"(type: object
additionalProperties: false
required: [role]
properties:
  role: {type: string, enum: [none, db_viewer, db_member, cluster_viewer, cluster_member, user_manager, admin]})"},

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
    NamedShape{"Actions", R"(type: object
additionalProperties: false
required: [actions, state-machines]
properties:
  actions: {$ref: "#/components/schemas/ActionList"}
  state-machines: {$ref: "#/components/schemas/ActionList"})"},
};

constexpr std::array<QueryParameter, 0> queries = {};

constexpr std::array<FurtherStatus, 0> statuses = {};

} // namespace

std::span<const NamedShape> namedShapes() noexcept { return shapes; }
std::span<const QueryParameter> queryParameters() noexcept { return queries; }
std::span<const FurtherStatus> furtherStatuses() noexcept { return statuses; }

} // namespace gatehouse::control
