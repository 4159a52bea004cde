#include "control/rest/Actions.h"
#include "control/rest/Authorize.h"
#include "control/rest/Bootstrap.h"
#include "control/rest/Certificates.h"
#include "control/rest/Cluster.h"
#include "control/rest/ClusterPolicy.h"
#include "control/rest/DatabaseAccess.h"
#include "control/rest/DatabaseCertificates.h"
#include "control/rest/Databases.h"
#include "control/rest/JsonSchema.h"
#include "control/rest/License.h"
#include "control/rest/Logs.h"
#include "control/rest/Manifests.h"
#include "control/rest/Nodes.h"
#include "control/rest/Ocsp.h"
#include "control/rest/Passwords.h"
#include "control/rest/RedisAcls.h"
#include "control/rest/Roles.h"
#include "control/rest/Router.h"
#include "control/rest/UserPermissions.h"
#include "control/rest/Users.h"

#include <array>

/// The table of all that is served: the one place where a path, who may use it, and who handles it meet.
namespace gatehouse::control {
namespace {

using P = Permission;

constexpr std::size_t strangersBody = 64 * 1024; // bytes

/// An Endpoint in the making: what is not said of it is as Endpoint has it.
struct Row : Endpoint {
  constexpr Row(std::string_view m, std::string_view p, Permission needed, std::string_view sentence) {
    method = m;
    path = p;
    permission = needed;
    summary = sentence;
  }
  [[nodiscard]] constexpr Row takes(Described what) const {
    Row row = *this;
    row.request = what;
    row.body = true;
    return row;
  }
  [[nodiscard]] constexpr Row mayTake(Described what) const {
    Row row = takes(what);
    row.mayLackBody = true;
    return row;
  }
  [[nodiscard]] constexpr Row answers(Described what) const {
    Row row = *this;
    row.answer = what;
    return row;
  }
  [[nodiscard]] constexpr Row withTag() const {
    Row row = *this;
    row.tagged = true;
    return row;
  }
  /// For nobody too: who may is the handler's to judge. A stranger's body is small.
  [[nodiscard]] constexpr Row toAnybody() const {
    Row row = *this;
    row.open = true;
    row.bodyLimit = strangersBody;
    return row;
  }
  [[nodiscard]] constexpr Row alsoWhenExpired() const {
    Row row = *this;
    row.expiredMay = true;
    return row;
  }
  [[nodiscard]] constexpr Row alsoToOneself() const {
    Row row = *this;
    row.orOneself = true;
    return row;
  }
};

constexpr Row reads(std::string_view path, P needed, Read read, std::string_view sentence) {
  Row row("GET", path, needed, sentence);
  row.read = read;
  return row;
}
constexpr Row works(std::string_view method, std::string_view path, P needed, Work work,
                    std::string_view sentence) {
  Row row(method, path, needed, sentence);
  row.work = work;
  return row;
}
constexpr Row worksInBulk(std::string_view path, P needed, Bulk bulk, std::string_view sentence) {
  Row row("POST", path, needed, sentence);
  row.bulk = bulk;
  row.bodyLimit = std::size_t{64} << 20;
  return row;
}
constexpr Row writes(std::string_view method, std::string_view path, P needed, Plan plan,
                     std::string_view sentence) {
  Row row(method, path, needed, sentence);
  row.plan = plan;
  return row;
}

template <class T>
constexpr Described one{model::table<T>, false, {}};
template <class T>
constexpr Described many{model::table<T>, true, {}};
constexpr Described shape(std::string_view name) { return {nullptr, false, name}; }
constexpr Described empty = shape("Empty");

using model::ClusterCertificate, model::ClusterPolicy, model::ClusterSettings, model::Database,
    model::RedisAcl, model::Role, model::User;

constexpr std::array table = std::to_array<Endpoint>({
    // ---- cluster
    reads("/v1/cluster", P::view_cluster_info, cluster::get, "The settings of the cluster.")
        .answers(one<ClusterSettings>)
        .withTag(),
    writes("PUT", "/v1/cluster", P::update_cluster, cluster::update, "Changes settings of the cluster.")
        .takes(one<ClusterSettings>)
        .answers(one<ClusterSettings>)
        .withTag(),
    reads("/v1/cluster/certificates", P::view_cluster_info, certificates::get,
          "The cluster's certificates, without private keys.")
        .answers(shape("Certificates")),
    writes("PUT", "/v1/cluster/certificates", P::update_cluster, certificates::put,
           "Puts certificates, all of them or none.")
        .takes(shape("CertificateList"))
        .answers(empty),
    writes("PUT", "/v1/cluster/update_cert", P::update_cluster, certificates::putOne,
           "Puts one certificate (the older form).")
        .takes(one<ClusterCertificate>)
        .answers(empty),
    writes("DELETE", "/v1/cluster/certificates/{name}", P::update_cluster, certificates::remove,
           "Removes a certificate that nothing needs.")
        .answers(empty),

    writes("POST", "/v1/cluster/certificates/rotate", P::update_cluster, certificates::rotate,
           "Makes certificates that Gatehouse generated anew.")
        .mayTake(shape("RotateRequest"))
        .answers(empty),
    reads("/v1/cluster/policy", P::view_cluster_info, cluster_policy::get,
          "How logins are limited, and what new objects are like.")
        .answers(one<ClusterPolicy>)
        .withTag(),
    writes("PUT", "/v1/cluster/policy", P::update_cluster, cluster_policy::update,
           "Changes the cluster's policy.")
        .takes(one<ClusterPolicy>)
        .answers(empty)
        .withTag(),
    writes("PUT", "/v1/cluster/policy/restore_default", P::update_cluster, cluster_policy::restoreDefault,
           "Puts the cluster's policy back to its defaults.")
        .mayTake(empty)
        .answers(empty)
        .withTag(),
    writes("PATCH", "/v1/cluster/change_password_hashing_algorithm", P::update_cluster,
           cluster::changeHashing, "Refused: passwords are hashed with scrypt.")
        .takes(shape("HashingAlgorithm")),
    reads("/v1/cluster/actions", P::view_status_of_cluster_action, actions::ofCluster,
          "Actions of the cluster as a whole: none.")
        .answers(shape("ClusterActions")),
    reads("/v1/cluster/actions/{name}", P::view_status_of_cluster_action, actions::ofClusterByName,
          "One action of the cluster as a whole: there is none."),

    // ---- the machine, and what is documented and not offered
    reads("/v1/nodes", P::view_all_nodes_info, nodes::list, "The nodes: one.").answers(many<ClusterNode>),
    reads("/v1/nodes/{uid}", P::view_node_info, nodes::get, "The node.").answers(one<ClusterNode>),
    writes("PUT", "/v1/nodes/{uid}", P::update_node, nodes::update,
           "Takes the node as it is; nothing of it can be changed.")
        .takes(one<ClusterNode>)
        .answers(one<ClusterNode>),
    reads("/v1/license", P::view_license, license::get, "There is no licence."),
    writes("PUT", "/v1/license", P::install_new_license, license::put, "Refused: no licence is kept.")
        .takes(shape("License")),
    reads("/v1/ocsp", P::view_ocsp_config, ocsp::get, "Refused: OCSP stapling is not offered."),
    writes("PUT", "/v1/ocsp", P::config_ocsp, ocsp::put, "Refused: OCSP stapling is not offered.")
        .takes(shape("Ocsp")),
    reads("/v1/ocsp/status", P::view_ocsp_status, ocsp::get, "Refused: OCSP stapling is not offered."),
    writes("POST", "/v1/ocsp/test", P::test_ocsp_status, ocsp::test, "Refused: OCSP stapling is not offered.")
        .mayTake(empty),
    reads("/v1/logs", P::view_logged_events, logs::list, "What was done, by whom.")
        .answers(shape("LogEntries")),
    reads("/v1/jsonschema", P::view_cluster_info, jsonschema::get, "JSON Schemas of the objects.")
        .answers(shape("JsonSchema")),

    // ---- manifests
    reads("/v1/manifest", P::update_cluster, manifests::get, "The whole state as a manifest.")
        .answers(shape("Manifest")),
    worksInBulk("/v1/plan", P::update_cluster, manifests::plan,
                "Tells what a manifest would do, and writes nothing.")
        .takes(shape("PlanRequest"))
        .answers(shape("ManifestPlan")),
    worksInBulk("/v1/apply", P::update_cluster, manifests::apply,
                "Makes what a manifest says, on the revision that it was planned for.")
        .takes(shape("ApplyRequest"))
        .answers(shape("ManifestPlan")),

    // ---- users
    reads("/v1/users", P::view_all_users_info, users::list, "All users.").answers(many<User>),
    writes("POST", "/v1/users", P::create_new_user, users::create, "Makes a user.")
        .takes(one<User>)
        .answers(one<User>),
    reads("/v1/users/role", P::authenticated, users::role, "The caller's strongest management word.")
        .answers(shape("CallerRole")),
    reads("/v1/users/{uid}", P::view_user_info, users::get, "One user.")
        .answers(one<User>)
        .withTag()
        .alsoToOneself(),
    writes("PUT", "/v1/users/{uid}", P::update_user, users::update, "Changes a user.")
        .takes(one<User>)
        .answers(one<User>)
        .withTag()
        .alsoToOneself(),
    writes("DELETE", "/v1/users/{uid}", P::delete_user, users::remove, "Removes a user.")
        .answers(shape("ActionUid"))
        .withTag(),

    writes("POST", "/v1/users/{uid}/unlock", P::update_user, users::unlock,
           "Ends a lock that failed logins brought about.")
        .mayTake(empty)
        .answers(one<User>),
    writes("PUT", "/v1/users/password", P::authenticated, passwords::put,
           "Replaces all passwords of a user with one.")
        .takes(one<passwords::NewPassword>)
        .answers(empty)
        .alsoWhenExpired(),
    writes("POST", "/v1/users/password", P::authenticated, passwords::add,
           "Gives a user one more valid password.")
        .takes(one<passwords::NewPassword>)
        .answers(empty),
    writes("DELETE", "/v1/users/password", P::authenticated, passwords::remove,
           "Takes one of several passwords from a user.")
        .takes(one<passwords::OldPassword>)
        .answers(empty),
    works("POST", "/v1/users/authorize", P::authenticated, authorize::authorize,
          "A token for who has proven who it is.")
        .mayTake(one<authorize::Wish>)
        .answers(shape("Token"))
        .toAnybody(),
    works("POST", "/v1/users/refresh_jwt", P::authenticated, authorize::refresh,
          "Another token for who came by one.")
        .mayTake(one<authorize::Renewal>)
        .answers(shape("Token")),
    reads("/v1/users/permissions", P::authenticated, user_permissions::list,
          "What each management role may do.")
        .answers(shape("PermissionsByRole")),
    reads("/v1/users/permissions/{name}", P::authenticated, user_permissions::get,
          "What one management role may do.")
        .answers(shape("PermissionsByRole")),

    // ---- the beginning
    reads("/v1/bootstrap", P::authenticated, bootstrap::get,
          "How far the cluster is; for anybody while it has no administrator.")
        .answers(shape("Bootstrap"))
        .toAnybody(),
    writes("POST", "/v1/bootstrap/create_cluster", P::authenticated, bootstrap::create,
           "Makes the first administrator: on the control socket, or with the one-time token.")
        .takes(shape("CreateCluster"))
        .answers(shape("Bootstrap"))
        .toAnybody(),
    works("POST", "/v1/bootstrap/join_cluster", P::authenticated, bootstrap::refuse,
          "Not done: there is one node.")
        .mayTake(empty)
        .answers(empty)
        .toAnybody(),
    works("POST", "/v1/bootstrap/recover_cluster", P::authenticated, bootstrap::refuse,
          "Not done: a backup of the store is restored instead.")
        .mayTake(empty)
        .answers(empty)
        .toAnybody(),
    works("POST", "/v1/bootstrap/validate/create_cluster", P::authenticated, bootstrap::validate,
          "Whether create_cluster would do.")
        .takes(shape("CreateCluster"))
        .answers(empty)
        .toAnybody(),
    works("POST", "/v1/bootstrap/validate/join_cluster", P::authenticated, bootstrap::refuse,
          "Not done: there is one node.")
        .mayTake(empty)
        .answers(empty)
        .toAnybody(),
    works("POST", "/v1/bootstrap/validate/recover_cluster", P::authenticated, bootstrap::refuse,
          "Not done: a backup of the store is restored instead.")
        .mayTake(empty)
        .answers(empty)
        .toAnybody(),

    // ---- roles and Redis ACLs
    reads("/v1/roles", P::view_all_roles_info, roles::list, "All roles.").answers(many<Role>),
    writes("POST", "/v1/roles", P::create_role, roles::create, "Makes a role.")
        .takes(one<Role>)
        .answers(one<Role>),
    reads("/v1/roles/{uid}", P::view_role_info, roles::get, "One role.").answers(one<Role>).withTag(),
    writes("PUT", "/v1/roles/{uid}", P::update_role, roles::update, "Changes a role.")
        .takes(one<Role>)
        .answers(one<Role>)
        .withTag(),
    writes("DELETE", "/v1/roles/{uid}", P::delete_role, roles::remove, "Removes a role that no user has.")
        .answers(shape("ActionUid"))
        .withTag(),
    reads("/v1/redis_acls", P::view_all_redis_acls_info, redis_acls::list, "All Redis ACLs.")
        .answers(many<RedisAcl>),
    writes("POST", "/v1/redis_acls", P::create_redis_acl, redis_acls::create, "Makes a Redis ACL.")
        .takes(one<RedisAcl>)
        .answers(one<RedisAcl>),
    reads("/v1/redis_acls/{uid}", P::view_redis_acl_info, redis_acls::get, "One Redis ACL.")
        .answers(one<RedisAcl>)
        .withTag(),
    writes("PUT", "/v1/redis_acls/{uid}", P::update_redis_acl, redis_acls::update, "Changes a Redis ACL.")
        .takes(one<RedisAcl>)
        .answers(one<RedisAcl>)
        .withTag(),
    writes("DELETE", "/v1/redis_acls/{uid}", P::delete_redis_acl, redis_acls::remove,
           "Removes a Redis ACL that no database names.")
        .answers(shape("ActionUid"))
        .withTag(),

    works("POST", "/v1/redis_acls/validate", P::create_redis_acl, redis_acls::validate,
          "Whether a Redis ACL would be taken (the older form of dry_run).")
        .takes(shape("AclText"))
        .answers(empty),

    // ---- databases
    reads("/v1/bdbs", P::view_all_bdbs_info, databases::list, "All databases.").answers(many<Database>),
    writes("POST", "/v1/bdbs", P::create_bdb, databases::create, "Makes a database.")
        .takes(one<Database>)
        .answers(one<Database>),
    reads("/v1/bdbs/{uid}", P::view_bdb_info, databases::get, "One database.")
        .answers(one<Database>)
        .withTag(),
    writes("PUT", "/v1/bdbs/{uid}", P::update_bdb, databases::update, "Changes a database.")
        .takes(one<Database>)
        .answers(one<Database>)
        .withTag(),
    writes("DELETE", "/v1/bdbs/{uid}", P::delete_bdb, databases::remove,
           "Removes a database; its files stay aside for a week.")
        .answers(one<Database>)
        .withTag(),

    writes("POST", "/v2/bdbs", P::create_bdb, databases::createByPlan, "Makes a database (the newer form).")
        .takes(shape("DatabaseByPlan"))
        .answers(one<Database>),
    writes("PUT", "/v1/bdbs/{uid}/flush", P::update_bdb_with_action, database_access::flush,
           "Refused: whoever may do it sends FLUSHALL.")
        .mayTake(empty),
    writes("PUT", "/v1/bdbs/{uid}/reset_admin_pass", P::update_bdb_with_action,
           database_access::resetAdminPass, "Refused: there is no such password.")
        .mayTake(empty),
    writes("PUT", "/v1/bdbs/{uid}/passwords", P::update_bdb, database_access::putPasswords,
           "Replaces all passwords of the database's default user by one.")
        .takes(shape("DatabasePassword"))
        .answers(empty)
        .withTag(),
    writes("POST", "/v1/bdbs/{uid}/passwords", P::update_bdb, database_access::addPassword,
           "Adds a password of the database's default user.")
        .takes(shape("DatabasePassword"))
        .answers(empty)
        .withTag(),
    writes("DELETE", "/v1/bdbs/{uid}/passwords", P::update_bdb, database_access::removePassword,
           "Removes a password of the database's default user.")
        .takes(shape("DatabasePassword"))
        .answers(empty)
        .withTag(),
    reads("/v1/bdbs/certificates", P::view_all_bdbs_info, database_certificates::list,
          "The certificates of all databases that have their own.")
        .answers(many<DatabaseCertificate>),
    reads("/v1/bdbs/{uid}/certificates", P::view_bdb_info, database_certificates::get,
          "The database's own certificate.")
        .answers(one<DatabaseCertificate>)
        .withTag(),
    writes("POST", "/v1/bdbs/{uid}/certificates", P::update_bdb, database_certificates::put,
           "Puts a certificate that the database shows instead of the cluster's.")
        .takes(one<DatabaseCertificate>)
        .answers(one<DatabaseCertificate>)
        .withTag(),
    writes("DELETE", "/v1/bdbs/{uid}/certificates", P::update_bdb, database_certificates::remove,
           "Removes the database's own certificate; it shows the cluster's again.")
        .answers(empty)
        .withTag(),
    reads("/v1/bdbs/{uid}/availability", P::view_bdb_info, database_access::availability,
          "Whether clients of the database are served.")
        .answers(empty),
    reads("/v1/local/bdbs/{uid}/endpoint/availability", P::view_bdb_info, database_access::availability,
          "Whether clients of the database are served by this node.")
        .answers(empty),
    works("POST", "/v1/bdbs/{uid}/command", P::view_bdb_info, database_access::command,
          "Runs a command at the database, as the caller's own user.")
        .takes(shape("Command"))
        .answers(shape("CommandReply")),

    // ---- what is under way
    reads("/v1/actions", P::view_status_of_cluster_action, actions::list,
          "The last actions, and how far they are.")
        .answers(shape("Actions")),
    reads("/v1/actions/{name}", P::view_status_of_cluster_action, actions::get, "One action.")
        .answers(shape("Action")),
    reads("/v1/actions/bdb/{uid}", P::view_status_of_cluster_action, actions::ofDatabase,
          "The actions of a database.")
        .answers(shape("ActionList")),
    reads("/v2/actions", P::view_status_of_cluster_action, actions::list,
          "The last actions, and how far they are (the newer form).")
        .answers(shape("Actions")),
    reads("/v2/actions/{name}", P::view_status_of_cluster_action, actions::get,
          "One action (the newer form).")
        .answers(shape("Action")),
});

} // namespace

std::span<const Endpoint> endpoints() noexcept { return table; }

} // namespace gatehouse::control
