#pragma once
#include "base/Clock.h"
#include "base/Event.h"
#include "gateway/Counters.h"
#include "plugin/HostServices.h"

namespace gatehouse::gateway {

/// The tables of functions that plugins find by name (plugin_abi.h): each finds out whose call it is inside
/// of, and asks the Session or the DirectoryView behind it.
///
/// Threads: any. Owns: nothing; clock, sink and counters outlive every plugin.
class ServiceTables final : public plugin::HostServices {
public:
  ServiceTables(const Clock& clock, EventSink& events, Counters& counters);
  ~ServiceTables() override;
  ServiceTables(const ServiceTables&) = delete;
  ServiceTables& operator=(const ServiceTables&) = delete;

  [[nodiscard]] std::span<const plugin::OfferedService> offered() const noexcept override;
  [[nodiscard]] const void* service(std::string_view name, std::uint32_t version) const noexcept override;
};

} // namespace gatehouse::gateway
