#include "base/Text.h"
#include "control/Diff.h"
#include "control/Encoder.h"
#include "control/InertValues.h"
#include "control/Seed.h"
#include "control/ValueReader.h"
#include "store/Reader.h"

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
    for (const auto& role : manifest.roles) names_.add(role.object.name); // the same order: the same uids
  }

  Result<std::vector<std::string>> run(store::Reader& reader) {
    auto policy = reader.policy();
    if (!policy) return std::move(policy).error();
    for (const auto& wanted : manifest_.cluster) compare("cluster", wanted, present_.settings);
    certificates(*policy);
    roles(*policy);
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
    if (!at) return "nothing";
    if (field.shape.refersTo != model::ObjectKind::role || !field.place.items) {
      std::string out;
      encodeField(field, at, out);
      return printable(out, 120);
    }
    std::string out = "[";
    for (std::size_t i = 0; i < field.place.items->count(at); ++i)
      out += (i > 0 ? ", " : "") +
             names_.name(*static_cast<const std::int64_t*>(field.place.items->item(at, i)));
    return printable(out + ']', 120);
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
      if (!wanted.given.contains(field.name) || !field.stored || isReferred(wanted, field.name)) continue;
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
  template <class T>
  static bool isReferred(const Wanted<T>& wanted, std::string_view field) {
    for (const SourceReference& reference : wanted.references)
      if (reference.field == field) return true;
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

  void roles(const store::PolicyRows& rows) {
    std::set<std::string> named;
    for (const auto& wanted : manifest_.roles) {
      const std::string what = "roles[" + wanted.object.name + ']';
      named.insert(wanted.object.name);
      const auto uid = names_.uid(model::ObjectKind::role, wanted.object.name);
      const auto found = present_.roles.find(uid.value_or(0));
      if (found == present_.roles.end())
        onlyInManifest(what);
      else
        compare(what, wanted, found->second);
    }
    for (const store::RoleRow& row : rows.roles)
      if (row.origin == store::Origin::manifest && !named.contains(row.role.name))
        onlyInStore("roles[" + row.role.name + ']');
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
  RoleNames names_;
  std::vector<std::string> said_;
  bool notCompared_ = false;
};

} // namespace

Result<std::vector<std::string>> differences(const Manifest& manifest, const model::Snapshot& present,
                                             store::Reader& reader) {
  return Comparison(manifest, present).run(reader);
}

} // namespace gatehouse::control
