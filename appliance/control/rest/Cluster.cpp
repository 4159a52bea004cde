#include "control/rest/Cluster.h"

#include "control/codec/Encoder.h"
#include "store/Reader.h"

#include <utility>

namespace gatehouse::control::cluster {

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto row = reader.settings();
  if (!row) return std::move(row).error();
  const model::ClusterSettings& inForce = reading.policy->settings; // what is computed is the same there
  row->settings.name = inForce.name;
  row->settings.cnm_https_port = inForce.cnm_https_port;
  row->settings.proxy_certificate = inForce.proxy_certificate;
  Answer answer;
  answer.body = encode(model::View(row->settings), reading.fields);
  answer.fields.emplace_back("ETag", entityTag(row->revision));
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
