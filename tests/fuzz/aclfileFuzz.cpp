// Protects: a Redis ACL file from anybody becomes YAML that the strict reader takes, with users who come in
// by certificate alone and rules that the grammar knows.
#include "control/manifest/AclFile.h"
#include "model/AclRules.h"
#include "yaml/YamlReader.h"

#include <cstdint>
#include <cstdlib>

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto import = gatehouse::control::importAclFile({reinterpret_cast<const char*>(data), size});
  if (!import.ok()) {
    must(import.error().description.size() < 1024); // bounded, whatever was sent
    return 0;
  }
  const gatehouse::yaml::Document read = gatehouse::yaml::readYaml("import.yaml", import->manifest);
  must(read.ok());
  must(read.empty == (import->users == 0));
  if (read.empty) return 0;
  const gatehouse::Node *acls = read.root.find("redis_acls"), *users = read.root.find("users");
  must(acls != nullptr && users != nullptr && read.root.find("roles") != nullptr);
  must(acls->items.size() == import->users && users->items.size() == import->users);
  for (const gatehouse::Node& acl : acls->items) must(gatehouse::model::parseAcl(acl.find("acl")->text).ok());
  for (const gatehouse::Node& user : users->items)
    must(user.find("auth_method")->text == "certificate" && user.find("password") == nullptr);
  return 0;
}
