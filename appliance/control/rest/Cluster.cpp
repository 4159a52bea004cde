#include "control/rest/Cluster.h"

#include "control/change/SnapshotBuilder.h"
#include "control/codec/Encoder.h"
#include "store/Reader.h"

#include <utility>

namespace gatehouse::control::cluster {

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto rows = reader.policy();
  if (!rows) return std::move(rows).error();
  model::ClusterSettings settings = rows->settings.settings;
  fillComputed(settings, *rows, reading.around.facts);
  Answer answer;
  answer.body = encode(model::View(settings));
  answer.fields.emplace_back("ETag", entityTag(rows->settings.revision));
  return answer;
}

Result<Task> update(const Reading&, store::Reader&, Node& body) {
  Task task;
  task.apply = [merge = mergeOf<model::ClusterSettings>(keepBody(std::move(body)), false)](
                   Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = updateCluster(draft, merge);
    if (!outcome) return std::move(outcome).error();
    return Written{encode(model::View(outcome->object)), outcome->revision};
  };
  return task;
}

Result<Task> changeHashing(const Reading&, store::Reader&, Node& body) {
  if (!body.find("algorithm")) return Error{Code::missing_field, "algorithm: is missing"};
  return Error{
      Code::invalid_param,
      "algorithm: passwords are hashed with scrypt, and with no other algorithm; nothing was changed"};
}

} // namespace gatehouse::control::cluster
