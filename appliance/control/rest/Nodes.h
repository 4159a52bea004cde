#pragma once
#include "control/rest/Resource.h"
#include "model/Field.h"

#include <string>
#include <vector>

namespace gatehouse::control {

/// The machine that Gatehouse runs on, as clients of a cluster ask for it. Nothing of it is stored.
struct ClusterNode {
  std::int64_t uid = 1;
  std::string addr; // the first address beyond loopback, or 127.0.0.1
  std::vector<std::string> external_addr;
  std::string status = "active";
  bool accept_servers = true;
  std::string software_version, architecture, os_version, rack_id;
  std::int64_t cores = 0;
  std::int64_t total_memory = 0; // bytes
  std::int64_t shard_count = 0;  // databases
};

} // namespace gatehouse::control

namespace gatehouse::model {
template <>
const Table& table<control::ClusterNode>();
} // namespace gatehouse::model

/// /v1/nodes: one node.
namespace gatehouse::control::nodes {

/// Of this machine: system calls alone, no file is read.
[[nodiscard]] ClusterNode thisNode(const model::Snapshot&);

Result<Answer> list(const Reading&, store::Reader&);
Result<Answer> get(const Reading&, store::Reader&);
/// A node that is as it is already is a 200; nothing of it can be changed (406).
Result<Task> update(const Reading&, store::Reader&, Node& body);

} // namespace gatehouse::control::nodes
