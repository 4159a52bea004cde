#include "model/ClusterPolicy.h"

namespace gatehouse::model {
namespace {

constexpr std::string_view kept = "Kept and returned.";
constexpr std::string_view no = "Not offered yet: only its default is accepted.";
constexpr std::string_view pubsubWords[] = {"resetchannels"}, pubsubWordsRefused[] = {"allchannels"};

constexpr Field fields[] = {
    enforced<&ClusterPolicy::login_lockout_threshold>(
        "login_lockout_threshold", integer(0, 10000), 5, Narrows::unknown,
        "Failed password logins until further ones are refused; 0: never."),
    enforced<&ClusterPolicy::login_lockout_counter_reset_after>(
        "login_lockout_counter_reset_after", integer(0, INT32_MAX), 900, Narrows::when_higher,
        "Seconds without a failure after which failures are forgotten."),
    enforced<&ClusterPolicy::login_lockout_duration>(
        "login_lockout_duration", integer(0, INT32_MAX), 1800, Narrows::unknown,
        "Seconds that a lock lasts; 0: until a new password is set, or the user is unlocked."),
    refused("acl_pubsub_default", choice(pubsubWords, pubsubWordsRefused), "resetchannels",
            "Channels are granted by the ACL's own words."),
    refused("data_internode_encryption", boolean(), false, no),
    refused("db_conns_auditing", boolean(), false, no),
    inert("resp3_default", boolean(), true, kept),
    inert("default_provisioned_redis_version", text(0, 16), absent, kept),
    inert("default_sharded_proxy_policy", text(0, 32), "all-master-shards", kept),
    inert("default_non_sharded_proxy_policy", text(0, 32), "single", kept),
    inert("default_shards_placement", text(0, 32), "dense", kept),
    inert("redis_upgrade_policy", text(0, 32), "major", kept),
    refused("default_oss_cluster", boolean(), false, no),
    inert("master_healthcheck_api_auth", boolean(), true, kept),
    inert("metrics_exporter_expose_bdb_name", boolean(), false, kept),
    refused("hide_user_data_from_log", boolean(), false, "No user's data is ever logged."),
    inert("show_internals", boolean(), false, kept),
};
constexpr Table policyTable = {"cluster policy", ObjectKind::cluster_policy, fields,
                               "How logins are limited, and what new objects are like.",
                               place<&ClusterPolicy::inert>()};
static_assert(sound(policyTable));

} // namespace

template <>
const Table& table<ClusterPolicy>() {
  return policyTable;
}

} // namespace gatehouse::model
