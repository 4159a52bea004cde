// check --offline: for a pipeline that has the files and nothing else.
#include "host/Commands.h"

#include "base/Text.h"
#include "control/manifest/Manifest.h"
#include "host/CommandLine.h"
#include "host/PresentNames.h"
#include "model/AclRules.h"
#include "model/Subject.h"

#include <ostream>

namespace gatehouse::host {
namespace {

std::string_view sourceOf(control::SourceReference::From from) {
  switch (from) {
  case control::SourceReference::From::file: return "file";
  case control::SourceReference::From::env: return "env";
  case control::SourceReference::From::credential: return "credential";
  }
  return "file";
}

template <class T>
void listSecrets(const std::vector<control::Wanted<T>>& list, const Streams& streams) {
  for (const control::Wanted<T>& wanted : list)
    for (const control::SourceReference& reference : wanted.references)
      streams.out << wanted.file << ':' << reference.at.line << ':' << reference.at.column << ": "
                  << reference.path << ": not opened: " << sourceOf(reference.from) << ' '
                  << printable(reference.name) << '\n';
}

/// What the tables cannot say and needs no server either: the grammar of ACLs and of subject lines.
void checkGrammar(const control::Manifest& manifest, std::vector<Mistake>& mistakes) {
  for (const auto& wanted : manifest.redisAcls)
    if (const auto rules = model::parseAcl(wanted.object.acl); !rules)
      mistakes.push_back(wanted.mistake("acl: " + rules.error().description));
}

} // namespace

int checkOffline(const Config* config, const std::vector<std::string>& files, const Streams& streams) {
  if (files.empty()) {
    if (!config) {
      streams.err << "gatehouse: nothing to check: name manifests, or a configuration with --config FILE\n";
      return kWrongUsage;
    }
    streams.out << config->file << ": its form is good\n";
    return kDone;
  }
  auto names = builtinNames();
  if (!names) {
    streams.err << "gatehouse: " << names.error().description << '\n';
    return kFailed;
  }
  const control::Manifest manifest = control::readManifest(files, **names);
  std::vector<Mistake> mistakes = manifest.mistakes;
  checkGrammar(manifest, mistakes);
  for (const Mistake& mistake : mistakes) streams.err << mistake.line() << '\n';
  if (!mistakes.empty()) return kWrongConfiguration;
  listSecrets(manifest.certificates, streams);
  listSecrets(manifest.databases, streams);
  listSecrets(manifest.users, streams);
  if (config) streams.out << config->file << ": its form is good\n";
  streams.out << manifest.files.size() << (manifest.files.size() == 1 ? " manifest" : " manifests")
              << ": form and references are good\n";
  return kDone;
}

} // namespace gatehouse::host
