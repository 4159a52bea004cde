#include "control/manifest/Export.h"

#include "base/Json.h"
#include "base/Text.h"
#include "control/manifest/Builtin.h"
#include "control/manifest/Kinds.h"
#include "control/manifest/ManifestText.h"
#include "store/Reader.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace gatehouse::control {
namespace {

constexpr std::size_t pageSize = 100; // users a piece

void reference(std::string& out, std::string_view field, std::string_view name) {
  out += ',';
  json::text(out, field);
  out += ":{\"file\":";
  json::text(out, secretFile(name, field));
  out += '}';
}

/// `{...}` of members that are each led by a comma.
void writeObject(std::string& out, const std::string& members) {
  out += '{';
  if (!members.empty()) out.append(members, 1);
  out += '}';
}

class ManifestListing final : public Listing {
public:
  Result<bool> next(store::Reader& reader, std::string& out) override {
    if (!names_) return begin(reader, out);
    auto page = reader.usersByName(after_, pageSize);
    if (!page) return std::move(page).error();
    if (page->revision != revision_)
      return Error{Code::conflict, "the state has changed while it was exported; export it again"};
    for (const store::UserRecord& row : page->users) {
      entry(out, kindWords<model::User>.list);
      const model::User& user = row.judged.user;
      std::string members;
      writeManifestMembers(model::View(user), *names_, members);
      if (row.judged.hasVerifier) reference(members, "password", user.name);
      writeObject(out, members);
      after_ = user.name;
    }
    if (page->users.size() == pageSize) return true;
    close(out);
    out += "\n}\n";
    return false;
  }

private:
  /// The policy, which is small.
  Result<bool> begin(store::Reader& reader, std::string& out) {
    auto rows = reader.policy();
    if (!rows) return std::move(rows).error();
    revision_ = rows->revision;
    model::Snapshot named;
    for (const store::RoleRow& row : rows->roles) named.roles.emplace(row.role.uid, row.role);
    for (const store::RedisAclRow& row : rows->redisAcls) named.redisAcls.emplace(row.acl.uid, row.acl);
    names_.emplace(named);
    out += "{";
    settings(out, kindWords<model::ClusterSettings>.list, model::View(rows->settings.settings));
    settings(out, kindWords<model::ClusterPolicy>.list, model::View(rows->clusterPolicy.policy));
    for (const store::CertificateRow& row : rows->certificates)
      if (!row.generated) certificate(out, row);
    close(out);
    sorted(rows->redisAcls, &store::RedisAclRow::acl,
           [&](const model::RedisAcl& acl, const auto* fresh) { object(out, acl, fresh); });
    close(out);
    sorted(rows->roles, &store::RoleRow::role, [&](const model::Role& role, const auto* fresh) {
      // Over a builtin role also what is the default of others.
      object(out, role, fresh,
             fresh && role.management == model::Management::none ? R"(,"management":"none")" : "");
    });
    close(out);
    sorted(rows->databases, &store::DatabaseRow::database,
           [&](const model::Database& database, const auto* fresh) { object(out, database, fresh); });
    close(out);
    return true;
  }

  void settings(std::string& out, std::string_view word, model::View object) {
    std::string members;
    writeManifestMembers(object, *names_, members);
    if (members.empty()) return;
    key(out, word);
    writeObject(out, members);
  }

  void certificate(std::string& out, const store::CertificateRow& row) {
    entry(out, kindWords<model::ClusterCertificate>.list);
    std::string members;
    writeManifestMembers(model::View(row.certificate), *names_, members);
    if (!row.key.empty()) reference(members, "key", row.certificate.name);
    writeObject(out, members);
  }

  static const BuiltinRole* freshOf(const model::Role& role) { return builtinOf(role); }
  static const BuiltinAcl* freshOf(const model::RedisAcl& acl) { return builtinOf(acl); }
  static const BuiltinAcl* freshOf(const model::Database&) { return nullptr; }
  static bool isFresh(const model::Role& role, const BuiltinRole& fresh) {
    return role.name == fresh.name && role.management == fresh.management && role.inert.json.empty();
  }
  static bool isFresh(const model::RedisAcl& acl, const BuiltinAcl& fresh) {
    return acl.name == fresh.name && acl.acl == fresh.acl && acl.inert.json.empty();
  }
  static bool isFresh(const model::Database&, const BuiltinAcl&) { return false; }

  /// Those that a fresh store has not, by name.
  template <class Row, class T, class Write>
  static void sorted(const std::vector<Row>& rows, T Row::*member, const Write& write) {
    std::vector<const T*> objects;
    for (const Row& row : rows) {
      const auto* fresh = freshOf(row.*member);
      if (!fresh || !isFresh(row.*member, *fresh)) objects.push_back(&(row.*member));
    }
    std::sort(objects.begin(), objects.end(), [](const T* a, const T* b) { return a->name < b->name; });
    for (const T* one : objects) write(*one, freshOf(*one));
  }

  template <class T, class Fresh>
  void object(std::string& out, const T& object, const Fresh* fresh, std::string_view more = {}) {
    entry(out, kindWords<T>.list);
    std::string members;
    writeManifestMembers(model::View(object), *names_, members);
    members += more;
    if (fresh && object.name != fresh->name) {
      members += ",\"renamed_from\":";
      json::text(members, fresh->name);
    }
    writeObject(out, members);
  }

  // ---- commas and brackets

  void key(std::string& out, std::string_view word) {
    out += first_ ? "\n" : ",\n";
    first_ = false;
    json::text(out, word);
    out += ": ";
  }
  /// Begins the next entry of a list.
  void entry(std::string& out, std::string_view list) {
    if (list_ == list) {
      out += ",\n  ";
      return;
    }
    key(out, list);
    out += "[\n  ";
    list_ = list;
  }
  void close(std::string& out) {
    if (!list_.empty()) out += "\n]";
    list_ = {};
  }

  std::optional<ObjectNames> names_; // once the policy is written
  model::Revision revision_ = 0;
  std::string after_; // name of the last user written
  std::string_view list_;
  bool first_ = true;
};

} // namespace

std::unique_ptr<Listing> exportManifest() { return std::make_unique<ManifestListing>(); }

std::string secretFile(std::string_view name, std::string_view field) {
  // A user may be called `../x`: only what is plain in a file's name is written as it is.
  std::string out = "secrets/";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '@' || (c == '.' && out != "secrets/");
    if (plain)
      out += c;
    else
      out += '%' + hex(std::string_view(&c, 1));
  }
  return out + '.' + std::string(field);
}

} // namespace gatehouse::control
