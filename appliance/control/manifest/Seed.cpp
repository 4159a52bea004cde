#include "control/manifest/Seed.h"

#include "store/Transaction.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

/// Whether an error is the manifest's to mend; any other (the store's) ends the seeding.
bool isMistake(const Error& error) { return row(error.code).blame == Blame::peer; }

/// The field's limit: a source is never read further than what fits into it.
std::size_t mostOf(const model::Table& table, std::string_view field) {
  const model::Field* row = table.find(field);
  return row ? static_cast<std::size_t>(row->shape.most) : 0;
}

template <class T>
std::optional<Secret> openField(const Wanted<T>& wanted, std::string_view field, const SecretSource& source,
                                std::vector<Mistake>& mistakes) {
  for (const SourceReference& reference : wanted.references) {
    if (reference.field != field) continue;
    auto opened = source.open(reference, mostOf(model::table<T>(), field));
    if (opened) return std::move(*opened);
    mistakes.push_back({wanted.file, reference.at, reference.path, opened.error().description});
  }
  return std::nullopt;
}

/// Lays a manifest's object onto the one of the store, as a request's body is laid; the names of roles have
/// their uids by now.
template <class T>
Merge<T> mergeOf(const Node& node, const ObjectNames& names, bool create) {
  return [&node, &names, create](T& object) -> Result<Given> {
    const T before = object;
    DecodeOptions options;
    options.dialect = Dialect::yaml;
    if (!create) options.before = model::View(before);
    options.names = &names;
    Decoded decoded = decode(node, model::Edit(object), options);
    if (!decoded.ok()) return asError(decoded.findings);
    return std::move(decoded.given);
  };
}

/// Whether a role of the user could not be made: the manifest's own names were all known when it was read.
bool waitsForRole(const Wanted<model::User>& wanted, const ObjectNames& names) {
  const Node* roles = wanted.node.find("roles");
  return roles && std::any_of(roles->items.begin(), roles->items.end(), [&](const Node& name) {
           return !names.uid(model::ObjectKind::role, name.text);
         });
}

/// The same of a database's roles and ACLs.
bool waitsForOthers(const Wanted<model::Database>& wanted, const ObjectNames& names) {
  const Node* entries = wanted.node.find("roles_permissions");
  if (!entries) return false;
  const auto lacks = [&](const Node& entry, std::string_view word, model::ObjectKind kind) {
    const Node* name = entry.find(word);
    return name && !names.uid(kind, name->text);
  };
  return std::any_of(entries->items.begin(), entries->items.end(), [&](const Node& entry) {
    return lacks(entry, "role", model::ObjectKind::role) ||
           lacks(entry, "redis_acl", model::ObjectKind::redis_acl);
  });
}

/// The tree of a database with the certificates that its list names by source; null when one could not be
/// opened.
Node openDatabase(const Wanted<model::Database>& wanted, const SecretSource& source,
                  std::vector<Mistake>& mistakes) {
  Node node = wanted.node;
  bool whole = true;
  const auto list = std::find_if(node.members.begin(), node.members.end(), [](const Node::Member& member) {
    return member.key == "authentication_ssl_client_certs";
  });
  for (const SourceReference& reference : wanted.references) {
    auto opened = source.open(reference, mostOf(model::table<model::ClientCert>(), reference.field));
    if (!opened) {
      mistakes.push_back({wanted.file, reference.at, reference.path, opened.error().description});
      whole = false;
      continue;
    }
    for (Node& entry : list->value.items)
      for (Node::Member& member : entry.members) {
        Node& value = member.value;
        if (value.kind != Node::Kind::mapping || value.at.line != reference.at.line ||
            value.at.column != reference.at.column)
          continue;
        const Position at = value.at;
        value = Node();
        value.kind = Node::Kind::scalar;
        value.style = Node::Style::quoted;
        value.at = at;
        value.text = opened->reveal();
      }
  }
  return whole ? node : Node();
}

/// Whether a source of the certificate could not be opened: nothing that is opened is empty.
bool lacksSource(const Wanted<model::ClusterCertificate>& wanted, const CertificateRequest& opened) {
  return std::any_of(wanted.references.begin(), wanted.references.end(),
                     [&](const SourceReference& reference) {
                       return reference.field == "key" ? opened.key.empty() : opened.certificate.empty();
                     });
}

/// Gathers what the changes say; false when the error is not the manifest's.
template <class T, class R>
bool accept(const Wanted<T>& wanted, const R& result, std::vector<Mistake>& mistakes) {
  if (result.ok()) return true;
  if (!isMistake(result.error())) return false;
  mistakes.push_back(wanted.mistake(result.error().description));
  return true;
}

} // namespace

OpenedSecrets openSecrets(const Manifest& manifest, const SecretSource& source, const Enroll& enroll) {
  OpenedSecrets opened;
  for (const auto& wanted : manifest.certificates) {
    CertificateRequest request;
    request.name = wanted.object.name;
    request.certificate = wanted.object.certificate;
    if (auto text = openField(wanted, "certificate", source, opened.mistakes))
      request.certificate = text->reveal();
    if (auto key = openField(wanted, "key", source, opened.mistakes)) request.key = std::move(*key);
    opened.certificates.push_back(std::move(request));
  }
  for (const auto& wanted : manifest.databases)
    opened.databases.push_back(openDatabase(wanted, source, opened.mistakes));
  for (const auto& wanted : manifest.users) {
    std::string verifier;
    if (const auto password = openField(wanted, "password", source, opened.mistakes)) {
      // A certificate user has no password (R4): its change will say so, and nothing is made of the secret.
      if (wanted.object.auth_method == model::AuthMethod::certificate) {
        opened.verifiers.emplace_back();
        continue;
      }
      auto made = enroll(wanted.object.auth_method, *password);
      if (made)
        verifier = std::move(*made);
      else
        opened.mistakes.push_back(wanted.mistake("password: " + made.error().description));
    }
    opened.verifiers.push_back(std::move(verifier));
  }
  return opened;
}

Result<std::vector<Mistake>> seed(Draft& draft, const Manifest& manifest, const OpenedSecrets& opened) {
  std::vector<Mistake> mistakes = opened.mistakes;
  draft.origin = store::Origin::manifest;

  // First what others need: a trusted CA before the setting that wants one, roles before their users.
  for (std::size_t i = 0; i < manifest.certificates.size(); ++i) {
    if (lacksSource(manifest.certificates[i], opened.certificates[i]))
      continue; // the source's mistake was told
    CertificateRequest request;
    request.name = opened.certificates[i].name;
    request.certificate = opened.certificates[i].certificate;
    request.key = opened.certificates[i].key.copy();
    std::vector<CertificateRequest> one;
    one.push_back(std::move(request));
    const Status put = putCertificates(draft, one);
    if (!accept(manifest.certificates[i], put, mistakes)) return put.error();
  }
  const ObjectNames present(draft.next);
  for (const auto& wanted : manifest.cluster) {
    const auto updated = updateCluster(draft, mergeOf<model::ClusterSettings>(wanted.node, present, false));
    if (!accept(wanted, updated, mistakes)) return updated.error();
  }
  for (const auto& wanted : manifest.redisAcls) { // a builtin one of that name is changed instead
    const auto uid = present.uid(model::ObjectKind::redis_acl, wanted.object.name);
    const Merge<model::RedisAcl> merge = mergeOf<model::RedisAcl>(wanted.node, present, !uid);
    const auto made = uid ? updateRedisAcl(draft, *uid, merge) : createRedisAcl(draft, merge);
    if (!accept(wanted, made, mistakes)) return made.error();
  }
  for (const auto& wanted : manifest.roles) {
    const auto uid = present.uid(model::ObjectKind::role, wanted.object.name);
    const Merge<model::Role> merge = mergeOf<model::Role>(wanted.node, present, !uid);
    const auto made = uid ? updateRole(draft, *uid, merge) : createRole(draft, merge);
    if (!accept(wanted, made, mistakes)) return made.error();
  }
  const ObjectNames names(draft.next);
  for (std::size_t i = 0; i < manifest.databases.size(); ++i) {
    const auto& wanted = manifest.databases[i];
    if (waitsForOthers(wanted, names)) continue;                // their mistakes were told
    if (opened.databases[i].kind == Node::Kind::null) continue; // its source's mistake was told
    const auto uid = present.uid(model::ObjectKind::bdb, wanted.object.name);
    const DatabaseRequest request{mergeOf<model::Database>(opened.databases[i], names, !uid), 0};
    const auto made = uid ? updateDatabase(draft, *uid, request) : createDatabase(draft, request);
    if (!accept(wanted, made, mistakes)) return made.error();
  }
  for (std::size_t i = 0; i < manifest.users.size(); ++i) {
    const auto& wanted = manifest.users[i];
    if (waitsForRole(wanted, names)) continue; // the role's mistake was told
    UserRequest request;
    request.merge = mergeOf<model::User>(wanted.node, names, true);
    request.password = wanted.given.contains("password");
    request.enrolled.verifier = opened.verifiers[i];
    if (request.password && request.enrolled.verifier.empty() &&
        wanted.object.auth_method == model::AuthMethod::regular)
      continue; // its secret's mistake was told
    const auto made = createUser(draft, request);
    if (!accept(wanted, made, mistakes)) return made.error();
  }
  return mistakes;
}

Error asError(const std::vector<Mistake>& mistakes) {
  Error error{Code::invalid_param, {}};
  for (const Mistake& mistake : mistakes)
    error.description += (error.description.empty() ? "" : "\n") + mistake.line();
  return error;
}

std::string howToMakeAnAdministrator() {
  return "nobody can administer this cluster over REST; make a user whose role has `management: admin`: in a "
         "manifest before the first start, or over the control socket with `curl --unix-socket` and POST "
         "/v1/users";
}

} // namespace gatehouse::control
