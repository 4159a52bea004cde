#include "plugin/contract/TrialHost.h"

#include "base/Text.h"
#include "plugin/Settings.h"
#include "plugin/contract/Findings.h"
#include "plugin/contract/Lent.h"
#include "plugin/contract/TrialTables.h"

#include <algorithm>
#include <deque>

namespace gatehouse::plugin::contract {
namespace {

thread_local Present* inside = nullptr;

/// "[a, b]" is a list, anything else a scalar: as in YAML's flow style.
Node written(const std::string& text) {
  Node node;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    node.kind = Node::Kind::scalar;
    node.text = text;
    return node;
  }
  node.kind = Node::Kind::sequence;
  std::string_view rest = std::string_view(text).substr(1, text.size() - 2);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    Node one;
    one.kind = Node::Kind::scalar;
    one.text = item;
    node.items.push_back(std::move(one));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return node;
}

} // namespace

TrialHost::Inside::Inside(const Present& now)
    : now_(now)
    , before_(std::exchange(inside, &now_)) {}
TrialHost::Inside::~Inside() { inside = before_; }

Present* TrialHost::present(const char* function) {
  if (inside != nullptr) return inside;
  findings::add("threads",
                std::string("it called ") + function +
                    " from another thread, or outside of any call into it: a plugin makes no thread, "
                    "and its code runs inside calls alone");
  return nullptr;
}

TrialHost::TrialHost(const Descriptor& plugin, std::map<std::string, std::string> settings,
                     std::size_t growth)
    : plugin_(plugin)
    , given_(std::move(settings))
    , growth_(growth) {}
TrialHost::~TrialHost() = default;

std::uint64_t TrialHost::newHandle() noexcept {
  const std::lock_guard guard(lock_);
  return ++handle_;
}

gh_self TrialHost::selfOf(gh_instance* instance) {
  for (const auto& [other, self] : selves_)
    if (other == instance) return self;
  return 0;
}

gh_instance* TrialHost::configure() {
  Node node;
  node.kind = Node::Kind::mapping;
  for (const auto& [name, text] : given_) node.members.push_back({name, {}, written(text)});
  std::vector<Mistake> mistakes;
  const Settings settings = Settings::read(plugin_.settings, &node, "", "settings", mistakes);
  for (const auto& mistake : mistakes)
    findings::add("settings", mistake.path + ": " + mistake.text + " (give it by --settings NAME=VALUE)");
  if (!mistakes.empty()) return nullptr;

  Lent lent;
  std::vector<gh_value> values;
  for (gh_value value : settings.values()) {
    value.text = lent.bytes({value.text.data, value.text.size});
    std::vector<gh_bytes> items;
    for (std::size_t i = 0; i < value.item_count; ++i)
      items.push_back(lent.bytes({value.items[i].data, value.items[i].size}));
    value.items = lent.structs(items.data(), items.size());
    values.push_back(value);
  }
  const gh_host host = {static_cast<std::uint32_t>(sizeof(gh_host) + growth_),
                        GH_ABI_MAJOR,
                        GH_ABI_MINOR,
                        0,
                        &TrialTables::service,
                        &TrialTables::problem};
  const gh_self self = newHandle();
  Present now{this, self, nullptr, nullptr, true};
  const std::size_t before = TrialTables::problems();
  gh_instance* made = nullptr;
  {
    const Inside call(now);
    made = plugin_.functions.configure(
        lent.structs(&host, 1, growth_), self, lent.structs(values.data(), values.size(), growth_),
        static_cast<std::uint32_t>(values.size()), static_cast<std::uint32_t>(sizeof(gh_value) + growth_));
  }
  if (made == nullptr && TrialTables::problems() == before)
    findings::add("lifecycle", "configure gave no instance, and no reason by `problem`");
  if (made != nullptr) selves_.emplace_back(made, self);
  return made;
}

bool TrialHost::start(gh_instance* instance) {
  if (plugin_.functions.start == nullptr) return true;
  const Inside call({this, selfOf(instance)});
  const std::uint32_t status = plugin_.functions.start(instance);
  if (status == GH_OK) return true;
  findings::add("lifecycle", "start answered the status " + std::to_string(status));
  return false;
}

void TrialHost::stop(gh_instance* instance) {
  const Inside call({this, selfOf(instance)});
  plugin_.functions.stop(instance);
  std::erase_if(selves_, [&](const auto& one) { return one.first == instance; });
}

gh_instance* TrialHost::run() {
  gh_instance* instance = configure();
  if (instance == nullptr) return nullptr;
  if (start(instance)) return instance;
  stop(instance); // stop follows configure, started or not
  return nullptr;
}

TrialHost::Verified TrialHost::verify(gh_instance* instance, const gh_evidence& evidence,
                                      const Directory& directory) {
  const auto copied = [](gh_bytes b) { return std::string_view(b.data, b.size); };
  Lent lent;
  gh_evidence mine = evidence;
  mine.size = static_cast<std::uint32_t>(sizeof mine + growth_);
  for (gh_bytes gh_evidence::*text : {&gh_evidence::login, &gh_evidence::secret, &gh_evidence::subject_key,
                                      &gh_evidence::leaf, &gh_evidence::issuer_key})
    mine.*text = lent.bytes(copied(mine.*text));
  mine.deadline = TrialTables::steadyMs + 3000;
  TrialView view{newHandle(), &directory, &lent, newHandle(), false, growth_};
  gh_proposal proposal{};
  proposal.size = sizeof proposal;
  std::uint32_t verdict = 0;
  {
    const Inside call({this, selfOf(instance), nullptr, &view});
    verdict =
        plugin_.authenticator->verify(instance, view.handle, lent.structs(&mine, 1, growth_), &proposal);
  }
  if (verdict < GH_VERDICT_ACCEPT || verdict > GH_VERDICT_FAILURE) {
    findings::add("values", "verify answered an unknown verdict, " + std::to_string(verdict));
    return {GH_VERDICT_FAILURE, view.looked};
  }
  if (verdict != GH_VERDICT_ACCEPT) return {verdict, view.looked};
  if (!view.looked || directory.status != GH_OK || proposal.user != view.reference) {
    findings::add("accepts", "it accepted, and proposed a user whom no lookup of that verify had given");
    return {GH_VERDICT_FAILURE, view.looked};
  }
  if (!plugin_.serves(directory.method)) {
    findings::add("accepts", "it accepted a user of an auth_method that it does not serve");
    return {GH_VERDICT_FAILURE, view.looked};
  }
  return {verdict, view.looked};
}

TrialHost::Enrolled TrialHost::enroll(gh_instance* instance, std::string_view method, std::string_view secret,
                                      std::size_t capacity) {
  constexpr char untouched = '\x5e';
  Lent lent;
  std::string out(capacity + 64, untouched);
  std::size_t used = 0;
  std::uint32_t status = GH_FAILED;
  const gh_bytes lentMethod = lent.bytes(method), lentSecret = lent.bytes(secret);
  {
    const Inside call({this, selfOf(instance)});
    status = plugin_.authenticator->enroll(instance, lentMethod, lentSecret, out.data(), capacity, &used);
  }
  if (out.find_first_not_of(untouched, capacity) != std::string::npos)
    findings::add("enrol", "enroll wrote beyond the capacity that it was given");
  if (status > GH_FAILED)
    findings::add("values", "enroll answered an unknown status, " + std::to_string(status));
  if (status != GH_OK) return {status, ""};
  const auto graphic = [](char c) { return c > ' ' && c < 0x7f; };
  if (used == 0 || used > capacity ||
      !std::all_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(std::min(used, capacity)),
                   graphic)) {
    findings::add("enrol", "enroll made a verifier that is empty, longer than its room, or not printable");
    return {GH_FAILED, ""};
  }
  return {status, out.substr(0, used)};
}

} // namespace gatehouse::plugin::contract
