#pragma once
#include "control/rest/WritePipeline.h"

#include <map>

/// What WritePipeline keeps of a request; its own business.
namespace gatehouse::control {

struct WritePipeline::Waiting {
  WriteRequest request;
  bool rehearsal = false;         // the pass at hand is rolled back, and a password judged
  std::string verifier;           // made of the request's password
  std::set<std::string> compared; // verifiers that the password was compared with ...
  std::vector<std::string> fits;  // ... and those that it fits
};

struct WritePipeline::Attempt {
  Status refused; // why nothing came of it
  Written written;
  std::vector<Done> done;
  std::string who, actionUid;
  std::int64_t now = 0;
  std::set<std::int64_t> unlocks;
  std::vector<std::string> compare;
  model::Revision at = 0; // the Revision that it made, or found
  bool committed = false;
  bool takesAway = false;   // ... and gives nothing
  bool full = false;        // refused for want of space
  bool startsGroup = false; // cannot share its COMMIT with those before it
  Policy next;              // when committed
  store::Change change;     // when committed
};

} // namespace gatehouse::control
