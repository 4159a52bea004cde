#pragma once
#include "model/Field.h"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::model {

/// One entry of `mtls_authorized_subjects` (facts §2.3). Empty optional members mean absent.
struct AuthorizedSubject {
  std::string CN;
  std::vector<std::string> OU;
  std::string O, L, ST, C;
  bool operator==(const AuthorizedSubject&) const = default;
};
template <>
const Table& table<AuthorizedSubject>();
/// The same table, for the rows of other objects that hold such entries.
extern const Table authorizedSubjectTable;

enum class SubjectValidation : std::uint8_t { disabled, san_cn, full_subject };
inline constexpr std::string_view subjectValidations[] = {"disabled", "san_cn", "full_subject"};

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };
inline constexpr std::string_view tlsVersions[] = {"1.2", "1.3"};

/// `/v1/cluster`: the one object that says how this cluster lets people in.
struct ClusterSettings {
  bool mtls_certificate_authentication = false;
  SubjectValidation mtls_client_cert_subject_validation_type = SubjectValidation::disabled;
  std::vector<AuthorizedSubject> mtls_authorized_subjects;
  bool control_plane_basic_authentication = true;
  bool password_complexity = false;
  std::int64_t password_min_length = 8;          // bytes; counts while password_complexity is on
  std::int64_t password_expiration_duration = 0; // days; 0: never
  TlsVersion min_control_TLS_version = TlsVersion::v1_2;
  TlsVersion min_data_TLS_version = TlsVersion::v1_2;
  std::string control_cipher_suites = "DEFAULT:!3DES";
  std::string name;         // node.name of gatehouse.yaml
  std::string created_time; // ISO 8601
  std::int64_t cnm_https_port = 9443;
  std::optional<std::string> proxy_certificate;
  Inert inert;
  bool operator==(const ClusterSettings&) const = default;
};
template <>
const Table& table<ClusterSettings>();

} // namespace gatehouse::model
