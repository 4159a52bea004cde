#include "control/rest/Nodes.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

namespace gatehouse::control {
namespace {

using model::boolean, model::integer, model::list, model::read_only, model::text, model::empty;

constexpr model::Field fields[] = {
    read_only<&ClusterNode::uid>("uid", integer(1, 1), 1, "Number of the node: there is one."),
    read_only<&ClusterNode::addr>("addr", text(0, 64), "", "An address of the machine."),
    read_only<&ClusterNode::external_addr>("external_addr", list(text(0, 64), 64), empty,
                                           "Addresses that clients are told beside it: none."),
    read_only<&ClusterNode::status>("status", text(0, 16), "active", "How it is."),
    read_only<&ClusterNode::accept_servers>("accept_servers", boolean(), true, "Whether it takes databases."),
    read_only<&ClusterNode::software_version>("software_version", text(0, 32), "", "Version of Gatehouse."),
    read_only<&ClusterNode::architecture>("architecture", text(0, 64), "", "Architecture of the machine."),
    read_only<&ClusterNode::os_version>("os_version", text(0, 128), "", "Kernel and its release."),
    read_only<&ClusterNode::rack_id>("rack_id", text(0, 64), "", "Always empty."),
    read_only<&ClusterNode::cores>("cores", integer(0, INT32_MAX), 0, "Cores that it may use.").moving(),
    read_only<&ClusterNode::total_memory>("total_memory", integer(0, INT64_MAX), 0,
                                          "Memory of the machine, in bytes.")
        .moving(),
    read_only<&ClusterNode::shard_count>("shard_count", integer(0, INT64_MAX), 0, "Databases that it has.")
        .moving(),
};
constexpr model::Table nodeTable = {
    "node", model::ObjectKind::none, fields, "The machine that Gatehouse runs on.", {}};
static_assert(sound(nodeTable));

/// The first address that is up and not loopback, IPv4 before IPv6.
std::string address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return "127.0.0.1";
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(all, freeifaddrs);
  for (const int family : {AF_INET, AF_INET6}) {
    for (const ifaddrs* one = all; one; one = one->ifa_next) {
      if (!one->ifa_addr || one->ifa_addr->sa_family != family) continue;
      if ((one->ifa_flags & IFF_UP) == 0 || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
      const void* bytes =
          family == AF_INET
              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr)
              : &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
      char out[INET6_ADDRSTRLEN] = {};
      if (inet_ntop(family, bytes, out, sizeof out)) return out;
    }
  }
  return "127.0.0.1";
}

} // namespace
} // namespace gatehouse::control

namespace gatehouse::model {
template <>
const Table& table<control::ClusterNode>() {
  return control::nodeTable;
}
} // namespace gatehouse::model

namespace gatehouse::control::nodes {

ClusterNode thisNode(const model::Snapshot& policy) {
  ClusterNode node;
  node.addr = address();
  node.software_version = GATEHOUSE_VERSION;
  node.shard_count = static_cast<std::int64_t>(policy.databases.size());
  utsname names{};
  if (uname(&names) == 0) {
    node.architecture = names.machine;
    node.os_version = std::string(names.sysname) + ' ' + names.release;
  }
  struct sysinfo info {};
  if (sysinfo(&info) == 0)
    node.total_memory = static_cast<std::int64_t>(info.totalram) * static_cast<std::int64_t>(info.mem_unit);
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) node.cores = CPU_COUNT(&set);
  return node;
}

Result<Answer> list(const Reading& reading, store::Reader&) {
  Answer answer;
  answer.body = '[' + encode(model::View(thisNode(*reading.policy)), reading.fields) + ']';
  return answer;
}

namespace {

Status isThisNode(const Reading& reading) {
  if (reading.parameter == "1") return {};
  return Error{Code::node_not_found, "there is no node " + reading.parameter + "; the only one is 1"};
}

} // namespace

Result<Answer> get(const Reading& reading, store::Reader&) {
  GH_TRY(isThisNode(reading));
  Answer answer;
  answer.body = encode(model::View(thisNode(*reading.policy)), reading.fields);
  return answer;
}

Result<Task> update(const Reading& reading, store::Reader&, Node& body) {
  GH_TRY(isThisNode(reading));
  const ClusterNode before = thisNode(*reading.policy);
  ClusterNode node = before;
  DecodeOptions options;
  options.before = model::View(before);
  Decoded decoded = decode(body, model::Edit(node), options);
  for (Finding& finding : decoded.findings)
    if (finding.code == Code::invalid_param) finding.code = Code::unsupported_value;
  if (!decoded.ok()) return asError(decoded.findings);
  Task task;
  task.apply = [answer = encode(model::View(node))](Draft&, const Enrolled&) -> Result<Written> {
    Written written;
    written.body = answer;
    return written;
  };
  return task;
}

} // namespace gatehouse::control::nodes
