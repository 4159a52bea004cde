#include "base/Text.h"
#include "control/codec/Diff.h"
#include "control/codec/Encoder.h"
#include "control/codec/InertValues.h"
#include "control/codec/ValueReader.h"
#include "control/manifest/Seed.h"
#include "store/Reader.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

constexpr std::size_t pageSize = 1000; // users

/// Compares the objects that the manifest names with those of the store.
class Comparison {
public:
  Comparison(const Manifest& manifest, const model::Snapshot& present)
      : manifest_(manifest)
      , present_(present)
      , names_(present) {
    // The order in which they were read: the same provisional uids.
    for (const auto& role : manifest.roles) names_.add(model::ObjectKind::role, role.object.name);
    for (const auto& acl : manifest.redisAcls) names_.add(model::ObjectKind::redis_acl, acl.object.name);
  }

  Result<std::vector<std::string>> run(store::Reader& reader) {
    auto policy = reader.policy();
    if (!policy) return std::move(policy).error();
    for (const auto& wanted : manifest_.cluster) compare("cluster", wanted, present_.settings);
    certificates(*policy);
    redisAcls(*policy);
    roles(*policy);
    databases(*policy);
    GH_TRY(users(reader));
    if (notCompared_) said_.emplace_back("secrets and files that the manifest refers to were not compared");
    return std::move(said_);
  }

private:
  void onlyInManifest(const std::string& what) {
    said_.push_back(what + " is in the manifest, not in the store");
  }
  void onlyInStore(const std::string& what) {
    said_.push_back(what + " came from a manifest, but is in none any more; it stays");
  }

  std::string shown(const model::Field& field, const void* object) const {
    const void* at = field.place.find(object);
    return at ? printable(written(field, at), 120) : "nothing";
  }
  /// As a manifest writes it: by names.
  std::string written(const model::Field& field, const void* at) const {
    if (!field.place.items) return value(field.shape, at);
    std::string out = "[";
    for (std::size_t i = 0; i < field.place.items->count(at); ++i)
      out += (i > 0 ? ", " : "") + value(field.shape, field.place.items->item(at, i));
    return out + ']';
  }
  std::string value(const model::Shape& shape, const void* at) const {
    if (shape.refersTo != model::ObjectKind::none)
      return names_.name(shape.refersTo, *static_cast<const std::int64_t*>(at));
    std::string out;
    if (shape.kind != model::Kind::object) {
      model::Field plain;
      plain.shape = shape;
      encodeField(plain, at, out);
      return out;
    }
    for (const model::Field& member : shape.table->fields)
      if (const void* held = member.place.held ? member.place.find(at) : nullptr)
        out += (out.empty() ? "{" : ", ") + std::string(wordOf(member, Dialect::yaml)) + ": " +
               written(member, held);
    return out + '}';
  }

  static std::string inertText(const model::Field& field, const model::View& object) {
    const InertValues values =
        openInert(*static_cast<const model::Inert*>(object.table->inert.find(object.object)));
    const auto found = values.find(field.name);
    const std::string text = found == values.end() ? defaultJson(field) : found->second;
    return text.empty() ? "nothing" : printable(text, 120);
  }

  template <class T>
  void compare(const std::string& what, const Wanted<T>& wanted, const T& stored) {
    const auto say = [&](const model::Field& field, const std::string& here, const std::string& there) {
      said_.push_back(what + '.' + std::string(wordOf(field, Dialect::yaml)) + ": manifest " + here +
                      ", store " + there);
    };
    if (!wanted.references.empty()) notCompared_ = true;
    for (const model::Field& field : model::table<T>().fields) {
      if (!wanted.given.contains(field.name) || !field.stored || isReferred(wanted, field)) continue;
      if (field.place.held) {
        if (!sameField(field, &wanted.object, &stored))
          say(field, shown(field, &wanted.object), shown(field, &stored));
      } else if (field.standing == model::Standing::inert) {
        const std::string here = inertText(field, model::View(wanted.object));
        const std::string there = inertText(field, model::View(stored));
        if (here != there) say(field, here, there);
      }
    }
  }
  /// Whether a source stands for the value, or for an entry's.
  template <class T>
  static bool isReferred(const Wanted<T>& wanted, const model::Field& field) {
    const std::string place = join(wanted.path, wordOf(field, Dialect::yaml));
    for (const SourceReference& reference : wanted.references)
      if (reference.path == place || reference.path.starts_with(place + '[')) return true;
    return false;
  }

  void certificates(const store::PolicyRows& rows) {
    std::set<std::string> named;
    for (const auto& wanted : manifest_.certificates) {
      const std::string what = "certificates[" + wanted.object.name + ']';
      named.insert(wanted.object.name);
      const auto found = present_.certificates.find(wanted.object.name);
      if (found == present_.certificates.end())
        onlyInManifest(what);
      else
        compare(what, wanted, found->second);
    }
    for (const store::CertificateRow& row : rows.certificates)
      if (row.origin == store::Origin::manifest && !named.contains(row.certificate.name))
        onlyInStore("certificates[" + row.certificate.name + ']');
  }

  /// Objects that are found by name: those of the manifest, then those that only the store has.
  template <class T, class Rows, class ObjectOf>
  void named(const std::string& list, const std::vector<Wanted<T>>& wishes, const Rows& rows,
             const ObjectOf& objectOf) {
    std::set<std::string> named;
    for (const Wanted<T>& wanted : wishes) {
      const std::string what = list + '[' + wanted.object.name + ']';
      named.insert(wanted.object.name);
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
        return objectOf(row).name == wanted.object.name;
      });
      if (found == rows.end())
        onlyInManifest(what);
      else
        compare(what, wanted, objectOf(*found));
    }
    for (const auto& row : rows)
      if (row.origin == store::Origin::manifest && !named.contains(objectOf(row).name))
        onlyInStore(list + '[' + objectOf(row).name + ']');
  }
  void redisAcls(const store::PolicyRows& rows) {
    named("redis_acls", manifest_.redisAcls, rows.redisAcls,
          [](const store::RedisAclRow& row) -> const model::RedisAcl& { return row.acl; });
  }
  void roles(const store::PolicyRows& rows) {
    named("roles", manifest_.roles, rows.roles,
          [](const store::RoleRow& row) -> const model::Role& { return row.role; });
  }
  void databases(const store::PolicyRows& rows) {
    named("bdbs", manifest_.databases, rows.databases,
          [](const store::DatabaseRow& row) -> const model::Database& { return row.database; });
  }

  Status users(store::Reader& reader) {
    std::set<std::string> named;
    for (const auto& wanted : manifest_.users) {
      const std::string what = "users[" + wanted.object.name + ']';
      named.insert(folded(wanted.object.name));
      auto found = reader.userByLogin(wanted.object.name);
      if (!found) return std::move(found).error();
      if (!found->record || folded(found->record->judged.user.name) != folded(wanted.object.name))
        onlyInManifest(what);
      else
        compare(what, wanted, found->record->judged.user);
    }
    for (std::int64_t after = 0;;) {
      auto page = reader.users(after, pageSize);
      if (!page) return std::move(page).error();
      for (const store::UserRecord& record : page->users) {
        after = record.judged.user.uid;
        if (record.origin == store::Origin::manifest && !named.contains(folded(record.judged.user.name)))
          onlyInStore("users[" + record.judged.user.name + ']');
      }
      if (page->users.size() < pageSize) return {};
    }
  }

  const Manifest& manifest_;
  const model::Snapshot& present_;
  ObjectNames names_;
  std::vector<std::string> said_;
  bool notCompared_ = false;
};

} // namespace

Result<std::vector<std::string>> differences(const Manifest& manifest, const model::Snapshot& present,
                                             store::Reader& reader) {
  return Comparison(manifest, present).run(reader);
}

} // namespace gatehouse::control
