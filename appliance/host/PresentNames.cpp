#include "host/PresentNames.h"

#include "base/Text.h"
#include "control/change/SnapshotBuilder.h"
#include "control/codec/JsonReader.h"
#include "host/JsonParts.h"
#include "host/TemporaryFolder.h"
#include "store/Reader.h"
#include "store/Store.h"

namespace gatehouse::host {
namespace {

/// Calls `act(uid, name)` for each object of a list.
template <class F>
Status eachName(Api& api, std::string_view path, const F& act) {
  auto list = api.call("GET", path);
  if (!list) return std::move(list).error();
  JsonItems items(*list);
  for (;;) {
    auto item = items.next();
    if (!item) return std::move(item).error();
    if (item->empty()) return {};
    auto object = control::readJson(*item);
    if (!object) return std::move(object).error();
    const Node *uid = object->find("uid"), *name = object->find("name");
    const auto number = uid ? toInteger(uid->text) : std::nullopt;
    if (number && name) act(*number, name->text);
  }
}

} // namespace

Result<std::shared_ptr<const model::Snapshot>> builtinNames() {
  const TemporaryFolder folder;
  if (folder.path().empty())
    return Error{Code::unavailable, "no temporary folder can be made to look at a new store in"};
  auto store = store::Store::open((folder.path() / "new.db").string());
  if (!store) return std::move(store).error();
  auto reader = (*store)->reader();
  if (!reader) return std::move(reader).error();
  auto rows = (*reader)->policy();
  if (!rows) return std::move(rows).error();
  return control::buildSnapshot(*rows, {}, nullptr);
}

Result<std::shared_ptr<const model::Snapshot>> presentNames(Api& api) {
  auto names = std::make_shared<model::Snapshot>();
  GH_TRY(eachName(api, "/v1/roles", [&](std::int64_t uid, const std::string& name) {
    names->roles[uid].uid = uid;
    names->roles[uid].name = name;
  }));
  GH_TRY(eachName(api, "/v1/redis_acls", [&](std::int64_t uid, const std::string& name) {
    names->redisAcls[uid].uid = uid;
    names->redisAcls[uid].name = name;
  }));
  GH_TRY(eachName(api, "/v1/bdbs", [&](std::int64_t uid, const std::string& name) {
    names->databases[uid].database.uid = uid;
    names->databases[uid].database.name = name;
  }));
  return std::shared_ptr<const model::Snapshot>(std::move(names));
}

} // namespace gatehouse::host
