#pragma once
#include "base/Clock.h"
#include "control/Ports.h"
#include "gateway/DatabaseDoors.h"
#include "gateway/Listener.h"
#include "transport/TlsContext.h"

#include <map>
#include <memory>
#include <span>
#include <string>

namespace gatehouse::gateway {

/// What serves one Snapshot: the databases' doors, and a TLS context for each network listener. Built whole
/// before anything is committed (R11).
///
/// Threads: immutable; shared by the workers.
class ServingContexts final : public control::Prepared {
public:
  /// Errors: what the stored certificates or settings cannot serve, naming the certificate, the field or the
  /// database.
  static Result<std::shared_ptr<const ServingContexts>>
  build(std::span<const Listener> listeners, DatabaseDoors doors, const model::Snapshot& next,
        const control::StoredCertificates& stored, const Clock& clock);

  /// How a listener is entered.
  struct Entry {
    std::shared_ptr<const transport::TlsContext> tls; // null: see plain
    bool plain = false; // without TLS, where a database's tls_mode is `disabled`
    /// Nobody can come in: certificates are required, and there is nothing to verify them under.
    [[nodiscard]] bool closed() const noexcept { return !tls && !plain; }
  };
  /// Closed also for a listener that this Snapshot does not know. Not for the control socket.
  [[nodiscard]] Entry entryOf(const std::string& listener) const;
  [[nodiscard]] const DatabaseDoors& doors() const noexcept { return doors_; }

private:
  std::map<std::string, Entry> entries_; // by the listener's name
  DatabaseDoors doors_;
};

} // namespace gatehouse::gateway
