#include "control/manifest/Manifest.h"

#include <algorithm>
#include <utility>

namespace gatehouse::control {
namespace {

/// The field's limit: a source is never read further than what fits into it.
std::size_t mostOf(const model::Table& table, std::string_view field) {
  const model::Field* row = table.find(field);
  return row ? static_cast<std::size_t>(row->shape.most) : 0;
}

Node textNode(Position at, std::string_view text) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.style = Node::Style::quoted;
  node.at = at;
  node.text = text;
  return node;
}

/// Puts a text where a source stood in a tree: the mapping at that place.
void replaceAt(Node& node, Position at, std::string_view text) {
  for (Node& item : node.items) replaceAt(item, at, text);
  for (Node::Member& member : node.members) {
    Node& value = member.value;
    if (value.kind == Node::Kind::mapping && value.at.line == at.line && value.at.column == at.column)
      value = textNode(at, text);
    else
      replaceAt(value, at, text);
  }
}

class Revealing {
public:
  Revealing(std::vector<Mistake>& mistakes, const SecretSource& source)
      : mistakes_(mistakes)
      , source_(source) {}

  /// Opens the references of one object. `table` has the fields that they are of. What cannot be opened keeps
  /// its reference.
  template <class T, class Put>
  void open(Wanted<T>& wanted, const model::Table& table, const Put& put) {
    std::erase_if(wanted.references, [&](const SourceReference& reference) {
      const model::Field* field = table.find(reference.field);
      if (!field || field->standing != model::Standing::enforced) return true; // taken and dropped
      auto opened = source_.open(reference, mostOf(table, reference.field));
      if (!opened) {
        mistakes_.push_back({wanted.file, reference.at, reference.path, opened.error().description});
        return false;
      }
      put(reference, std::move(*opened));
      return true;
    });
  }

private:
  std::vector<Mistake>& mistakes_;
  const SecretSource& source_;
};

} // namespace

void reveal(Manifest& manifest, const SecretSource& source) {
  Revealing revealing(manifest.mistakes, source);
  for (auto& wanted : manifest.certificates)
    revealing.open(wanted, model::table<model::ClusterCertificate>(),
                   [&](const SourceReference& reference, Secret text) {
                     if (reference.field != "certificate")
                       return wanted.secrets.add(reference.field, std::move(text));
                     wanted.object.certificate = text.reveal();
                     replaceAt(wanted.node, reference.at, text.reveal());
                   });
  for (auto& wanted : manifest.databases)
    revealing.open(wanted, model::table<model::ClientCert>(),
                   [&](const SourceReference& reference, const Secret& text) {
                     replaceAt(wanted.node, reference.at, text.reveal());
                   });
  for (auto& wanted : manifest.users)
    revealing.open(wanted, model::table<model::User>(), [&](const SourceReference& reference, Secret text) {
      wanted.secrets.add(reference.field, std::move(text));
    });
  for (auto& wanted : manifest.cluster) wanted.references.clear(); // a mail server's password, kept nowhere
}

} // namespace gatehouse::control
