#pragma once
#include "control/manifest/Plan.h"
#include "store/Rows.h"

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::control {

/// The keys by which an object can bring back what REST took away (R22).
struct HoldKeys {
  std::vector<std::string> names; // folded: names, former names and e-mail addresses are one namespace
  std::string subjectKey;         // hex; empty: none

  void add(std::string_view name);
};

/// What REST took away and manifests must not bring back, found by any of its keys.
///
/// Threads: a value.
class HoldsInForce {
public:
  /// `released`: those of these names are not in force any more.
  HoldsInForce(std::vector<store::Hold> holds, const PlanOptions::NameSet& released);

  /// What holds do to a wanted row.
  struct Verdict {
    const store::Hold* stops = nullptr; // the whole row; null: none does
    std::set<std::string, std::less<>> fields;
    const store::Hold* ofField = nullptr; // one of those that hold the fields
  };
  /// A hold on a field of the row that is `there`, by the keys it bears now, leaves its other fields alone.
  /// Any other that is met stops the whole row, for it would come back under another name; but for a hold on
  /// a field that is held anyway.
  [[nodiscard]] Verdict on(std::string_view kind, const HoldKeys& wanted, const HoldKeys& present,
                           bool there) const;
  /// Those of a kind ("user") that meet these keys. Settings have no keys: all of theirs.
  [[nodiscard]] std::vector<const store::Hold*> meeting(std::string_view kind, const HoldKeys&) const;
  [[nodiscard]] static bool meets(const store::Hold&, const HoldKeys&);
  /// Whether one that was released took this field away, or the whole row.
  [[nodiscard]] bool released(std::string_view kind, const HoldKeys&, std::string_view field) const;
  /// Whether there are any of a kind, in force or released.
  [[nodiscard]] bool any(std::string_view kind) const { return kinds_.contains(kind); }

private:
  std::vector<store::Hold> holds_, released_;
  std::set<std::string, std::less<>> kinds_;
  std::unordered_multimap<std::string, std::size_t> byKey_; // "user\nada"
};

} // namespace gatehouse::control
