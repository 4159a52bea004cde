#include "control/rest/ClusterPolicy.h"

#include "store/Reader.h"

#include <utility>

namespace gatehouse::control::cluster_policy {
namespace {

Task taskOf(Merge<model::ClusterPolicy> merge) {
  Task task;
  task.apply = [merge = std::move(merge)](Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = updateClusterPolicy(draft, merge);
    if (!outcome) return std::move(outcome).error();
    Written written;
    written.revision = outcome->revision;
    return written;
  };
  return task;
}

} // namespace

Result<Answer> get(const Reading& reading, store::Reader& reader) {
  auto row = reader.clusterPolicy();
  if (!row) return std::move(row).error();
  Answer answer;
  answer.body = encode(model::View(row->policy), reading.fields);
  answer.fields.emplace_back("ETag", entityTag(row->revision));
  return answer;
}

Result<Task> update(const Reading&, store::Reader&, Node& body) {
  return taskOf(mergeOf<model::ClusterPolicy>(keepBody(std::move(body)), false));
}

Result<Task> restoreDefault(const Reading&, store::Reader&, Node&) {
  return taskOf([](model::ClusterPolicy& policy) -> Result<Given> {
    policy = {};
    return Given{};
  });
}

} // namespace gatehouse::control::cluster_policy
