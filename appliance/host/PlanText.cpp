#include "host/PlanText.h"

#include "base/Text.h"
#include "control/codec/JsonReader.h"
#include "host/JsonParts.h"

#include <map>

namespace gatehouse::host {
namespace {

using Place = std::function<std::string(std::string_view)>;

constexpr std::size_t shown = 160; // bytes of a value

std::string textOf(const Node& node, std::string_view key) {
  const Node* member = node.kind == Node::Kind::mapping ? node.find(key) : nullptr;
  return member && member->kind == Node::Kind::scalar ? printable(member->text, 4096) : std::string();
}

/// A value on one line: texts as they are, lists in brackets.
std::string value(const Node* node) {
  if (!node) return {};
  switch (node->kind) {
  case Node::Kind::null: return "nothing";
  case Node::Kind::scalar:
    if (node->text.starts_with("-----BEGIN "))
      return "PEM of " + std::to_string(node->text.size()) + " bytes";
    return node->text.empty() ? "\"\"" : printable(node->text, shown);
  case Node::Kind::sequence: {
    std::string out = "[";
    for (const Node& item : node->items) (out.size() > 1 ? out += ", " : out) += value(&item);
    return out + ']';
  }
  case Node::Kind::mapping: break;
  }
  std::string out = "{";
  for (const Node::Member& member : node->members)
    (out.size() > 1 ? out += ", " : out) += printable(member.key, 64) + ": " + value(&member.value);
  return out + '}';
}

std::string nameOf(const Node& node) {
  const std::string kind = textOf(node, "kind"), name = textOf(node, "name");
  return name.empty() ? kind : kind + '/' + name;
}

std::string listed(const Node& node, std::string_view key) {
  const Node* fields = node.kind == Node::Kind::mapping ? node.find(key) : nullptr;
  std::string out;
  if (fields)
    for (const Node& field : fields->items) (out.empty() ? out : out += ", ") += printable(field.text, 200);
  return out;
}

/// Calls `act` for each item of a list.
template <class F>
Status each(std::string_view list, const F& act) {
  JsonItems items(list);
  for (;;) {
    auto item = items.next();
    if (!item) return std::move(item).error();
    if (item->empty()) return {};
    auto node = control::readJson(*item);
    if (!node) return std::move(node).error();
    act(*node);
  }
}

class Writer {
public:
  Writer(std::string& out, const Place& place)
      : out_(out)
      , place_(place) {}

  /// held, not_owned, ...: one line each, under a title.
  Result<std::size_t> notices(std::string_view title, char sign, std::string_view list) {
    std::size_t count = 0;
    GH_TRY(each(list, [&](const Node& notice) {
      if (count++ == 0) (out_ += title) += '\n';
      ((out_ += "  ") += sign) += ' ';
      out_ += nameOf(notice);
      if (const std::string fields = listed(notice, "fields"); !fields.empty()) out_ += " (" + fields + ')';
      if (const std::string text = textOf(notice, "text"); !text.empty()) out_ += ": " + text;
      out_ += '\n';
    }));
    if (count > 0) out_ += '\n';
    return count;
  }

  Result<std::size_t> changes(std::string_view list) {
    std::size_t count = 0;
    GH_TRY(each(list, [&](const Node& change) {
      ++count;
      const std::string action = textOf(change, "action");
      ++actions_[action];
      const std::string former = textOf(change, "former_name");
      out_ += signOf(action);
      out_ += ' ';
      out_ += former.empty() ? nameOf(change)
                             : textOf(change, "kind") + '/' + former + " -> " + textOf(change, "name");
      if (const std::string reason = textOf(change, "reason"); !reason.empty()) out_ += "  (" + reason + ')';
      out_ += '\n';
      if (const Node* fields = change.find("fields"))
        for (const Node& field : fields->items) one(action, field);
      if (const Node* remarks = change.find("remarks"))
        for (const Node& remark : remarks->items) out_ += "    # " + printable(remark.text, 400) + '\n';
    }));
    if (count > 0) out_ += '\n';
    return count;
  }

  Result<std::size_t> mistakes(std::string_view list) {
    std::size_t count = 0;
    GH_TRY(each(list, [&](const Node& mistake) {
      ++count;
      const std::string path = textOf(mistake, "path"), text = textOf(mistake, "text");
      out_ += place_(path.empty() ? text : path + ": " + text) + '\n';
    }));
    return count;
  }

  Status impact(std::string_view object) {
    auto members = jsonMembers(object);
    if (!members) return std::move(members).error();
    for (const auto& [key, list] : *members) {
      if (key == "gains" || key == "loses") {
        const std::string_view verb = key == "gains" ? " would gain: " : " would lose: ";
        GH_TRY(each(list, [&](const Node& who) {
          out_ += textOf(who, "user");
          out_ += verb;
          out_ += value(who.find("what")) + '\n';
        }));
      } else if (key == "closes") {
        GH_TRY(each(list, [&](const Node& session) {
          out_ += "the connection from " + textOf(session, "peer") + " to " + textOf(session, "listener") +
                  " as " + textOf(session, "user") + " would close: " + textOf(session, "reason") + '\n';
        }));
      } else if (key == "stays") {
        (out_ += list) += list == "1" ? " open connection would stay\n" : " open connections would stay\n";
      } else if (key == "unused_certificates") {
        GH_TRY(each(list, [&](const Node& certificate) {
          out_ += "no open connection would stand on " + textOf(certificate, "subject") + " of " +
                  textOf(certificate, "list") + '\n';
        }));
      }
    }
    out_ += '\n';
    return {};
  }

  void sum(const PlanSummary& summary) {
    if (summary.changes == 0) {
      out_ += "Nothing to do: everything is as the manifests say";
      out_ += summary.held + summary.destroys > 0 ? ", but for what stands above.\n" : ".\n";
      return;
    }
    std::string text;
    const auto add = [&](std::string_view action, std::string_view verb) {
      if (const auto found = actions_.find(action); found != actions_.end())
        (text.empty() ? text : text += ", ") += std::to_string(found->second) + " to " + std::string(verb);
    };
    add("create", "make");
    add("update", "change");
    add("remove", "remove");
    add("rename", "rename");
    add("adopt", "take over");
    out_ += text + ", on revision " + std::to_string(summary.revision) + ".\n";
  }

private:
  static std::string_view signOf(std::string_view action) {
    if (action == "create") return "+";
    if (action == "remove") return "-";
    if (action == "rename") return "->";
    return "~";
  }

  void one(std::string_view action, const Node& field) {
    const Node *before = field.find("before"), *after = field.find("after");
    out_ += "    " + textOf(field, "name") + ": ";
    if (!before || action == "create")
      out_ += value(after);
    else
      out_ += value(before) + " -> " + (after ? value(after) : "nothing");
    out_ += '\n';
  }

  std::string& out_;
  const Place& place_;
  std::map<std::string, std::size_t, std::less<>> actions_;
};

} // namespace

Result<PlanSummary> writePlan(std::string& out, std::string_view answer, const Place& place) {
  auto read = jsonMembers(answer);
  if (!read) return std::move(read).error();
  std::map<std::string_view, std::string_view> members(read->begin(), read->end());
  const auto list = [&](std::string_view key) {
    const auto found = members.find(key);
    return found == members.end() ? std::string_view("[]") : found->second;
  };
  PlanSummary summary;
  const auto revision = toInteger(list("revision"));
  if (!revision) return Error{Code::invalid_schema, "the server's answer is no plan"};
  summary.revision = *revision;

  Writer writer(out, place);
  const auto put = [](std::size_t& into, Result<std::size_t> count) -> Status {
    if (!count) return std::move(count).error();
    into = *count;
    return {};
  };
  std::size_t ignored = 0;
  GH_TRY(put(summary.mistakes, writer.mistakes(list("mistakes"))));
  GH_TRY(put(summary.held,
             writer.notices("Held back: somebody took it away over REST; --release NAME lets it come back",
                            '!', list("held"))));
  GH_TRY(put(summary.destroys,
             writer.notices("Destroys data, and does so only with --destroy NAME", '!', list("destroys"))));
  GH_TRY(put(ignored, writer.notices("Changed over REST since a manifest wrote it", '~', list("drift"))));
  GH_TRY(
      put(ignored, writer.notices("Not a manifest's: --adopt NAME takes it over", '?', list("not_owned"))));
  GH_TRY(put(ignored, writer.notices("No manifest names it any more, and it stays: --prune removes it", '?',
                                     list("left"))));
  GH_TRY(put(summary.changes, writer.changes(list("changes"))));
  if (const auto impact = members.find("impact"); impact != members.end() && impact->second != "null")
    GH_TRY(writer.impact(impact->second));
  if (summary.mistakes == 0) writer.sum(summary);
  return summary;
}

} // namespace gatehouse::host
