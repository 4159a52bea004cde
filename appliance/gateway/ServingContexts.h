#pragma once
#include "base/Clock.h"
#include "control/Ports.h"
#include "gateway/Listener.h"
#include "transport/TlsContext.h"

#include <map>
#include <memory>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// What serves one Snapshot: a TLS context for each network listener. Built whole before anything is
/// committed (R11).
///
/// Threads: immutable; shared by the workers.
class ServingContexts final : public control::Prepared {
public:
  /// Errors: what the stored certificates or settings cannot serve, naming the certificate or the field.
  static Result<std::shared_ptr<const ServingContexts>> build(std::span<const Listener> listeners,
                                                              const model::Snapshot& next,
                                                              const control::StoredCertificates& stored,
                                                              const Clock& clock);

  /// Null for a listener that nobody can come in by: it requires certificates, and there is no CA to verify
  /// them under. Also for the control socket, which has no TLS.
  [[nodiscard]] std::shared_ptr<const transport::TlsContext> contextOf(const std::string& listener) const;

private:
  std::map<std::string, std::shared_ptr<const transport::TlsContext>> contexts_;
};

} // namespace gatehouse::gateway
