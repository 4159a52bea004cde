#include "control/rest/Certificates.h"

#include "base/Json.h"

#include <utility>

namespace gatehouse::control::certificates {
namespace {

using Requests = std::vector<CertificateRequest>;

/// Clients that always send all members send "" for the key that mtls_trusted_ca has not: it is none. Whose
/// certificate needs one is told so.
void dropEmptyKey(Node& body) {
  std::erase_if(body.members, [](const Node::Member& member) {
    const Node& value = member.value;
    return member.key == "key" && value.kind == Node::Kind::scalar && value.style == Node::Style::quoted &&
           value.text.empty();
  });
}

Result<CertificateRequest> read(Node& body, std::string place) {
  dropEmptyKey(body);
  model::ClusterCertificate certificate;
  DecodeOptions options;
  options.path = place;
  Decoded decoded = decode(body, model::Edit(certificate), options);
  if (!decoded.ok()) return asError(decoded.findings);
  CertificateRequest request;
  request.name = std::move(certificate.name);
  request.certificate = std::move(certificate.certificate);
  request.key = decoded.secrets.take("key");
  request.place = std::move(place);
  return request;
}

Task taskOf(Requests requests) {
  Task task;
  task.apply = [shared = std::make_shared<const Requests>(std::move(requests))](
                   Draft& draft, const Enrolled&) -> Result<Written> {
    GH_TRY(putCertificates(draft, *shared));
    return Written{};
  };
  return task;
}

Error wrongBody() {
  return {Code::invalid_schema,
          "the body is {\"certificates\":[{\"name\":...,\"certificate\":...,\"key\":...}]} and nothing else"};
}

} // namespace

Result<Answer> get(const Reading& reading, store::Reader&) {
  Answer answer;
  answer.body = "{";
  for (const auto& [name, certificate] : reading.policy->certificates) {
    if (answer.body.size() > 1) answer.body += ',';
    json::text(answer.body, name + "_cert");
    answer.body += ':';
    json::text(answer.body, certificate.certificate);
  }
  answer.body += '}';
  return answer;
}

Result<Task> put(const Reading&, store::Reader&, Node& body) {
  if (body.kind != Node::Kind::mapping || body.members.size() != 1 ||
      body.members.front().key != "certificates" || body.members.front().value.kind != Node::Kind::sequence)
    return wrongBody();
  std::vector<Node>& items = body.members.front().value.items;
  if (items.size() > std::size(model::certificateNames))
    return Error{Code::invalid_param, "certificates: more than there are names"};
  Requests requests;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto request = read(items[i], "certificates[" + std::to_string(i) + ']');
    if (!request) return std::move(request).error();
    requests.push_back(std::move(*request));
  }
  return taskOf(std::move(requests));
}

Result<Task> putOne(const Reading&, store::Reader&, Node& body) {
  auto request = read(body, {});
  if (!request) return std::move(request).error();
  constexpr std::string_view suffix = "_cert";
  if (std::string_view(request->name).ends_with(suffix))
    request->name.resize(request->name.size() - suffix.size());
  Requests requests;
  requests.push_back(std::move(*request));
  return taskOf(std::move(requests));
}

Result<Task> rotate(const Reading&, store::Reader&, Node& body) {
  std::string name;
  if (!body.members.empty() || body.kind != Node::Kind::mapping) {
    const Node* given = body.find("name");
    if (body.members.size() != 1 || !given || given->kind != Node::Kind::scalar ||
        given->style != Node::Style::quoted || given->text.empty())
      return Error{Code::invalid_schema, "the body is {\"name\":...}, or {} for all that can be rotated"};
    name = given->text;
  }
  Task task;
  task.apply = [name](Draft& draft, const Enrolled&) -> Result<Written> {
    GH_TRY(rotateCertificates(draft, name));
    return Written{};
  };
  return task;
}

Result<Task> remove(const Reading& reading, store::Reader&, Node&) {
  Task task;
  task.apply = [name = reading.parameter](Draft& draft, const Enrolled&) -> Result<Written> {
    GH_TRY(deleteCertificate(draft, name));
    return Written{};
  };
  return task;
}

} // namespace gatehouse::control::certificates
