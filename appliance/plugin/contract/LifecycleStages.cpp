// The stages that every plugin goes through.
#include "plugin/contract/Findings.h"
#include "plugin/contract/Probes.h"
#include "plugin/contract/ProcessState.h"
#include "plugin/contract/Stages.h"
#include "plugin/contract/TrialSession.h"

namespace gatehouse::plugin::contract {

void tryLifecycle(const Trial& trial) {
  TrialHost host(trial.plugin, trial.settings, 0);
  const ProcessState before = ProcessState::now();
  findings::trying("configure, as a dry check does");
  gh_instance* dry = host.configure();
  if (dry == nullptr) return;
  before.compare("configure");

  findings::trying("a second configure, and start beside the first instance");
  gh_instance* second = host.run();
  if (second == dry) findings::add("lifecycle", "two configures gave the same instance");
  findings::trying("stop of an instance that was never started");
  host.stop(dry);
  if (second == nullptr) return;
  before.compare("start");
  findings::trying("stop");
  host.stop(second);

  findings::trying("a third instance, after the others have been stopped");
  if (gh_instance* third = host.run()) host.stop(third);
}

void tryGrowth(const Trial& trial) {
  findings::trying("a host whose structs are 16 bytes longer: configure");
  TrialHost host(trial.plugin, trial.settings, 16);
  gh_instance* instance = host.run();
  if (instance == nullptr) return;
  if (trial.plugin.authenticator) {
    findings::trying("a host whose structs are 16 bytes longer: verify");
    gh_evidence evidence{};
    evidence.kind = trial.plugin.kinds.front();
    evidence.login = evidence.secret = evidence.subject_key = {"contract", 8};
    (void)host.verify(instance, evidence, {GH_OK, trial.plugin.methods.front(), "contract"});
  } else {
    for (const Probe& probe : probes()) {
      findings::trying("a host whose structs are 16 bytes longer: " + probe.name);
      const Manners manners{"", GH_OK};
      TrialSession session(host, instance, manners);
      session.client(probe.bytes, 0);
      session.clientEnds();
    }
  }
  findings::trying("stop");
  host.stop(instance);
}

} // namespace gatehouse::plugin::contract
