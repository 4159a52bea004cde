#pragma once
#include "control/Operation.h"
#include "control/rest/Query.h"
#include "control/rest/Router.h"

#include <cstdint>
#include <memory>
#include <string>

namespace gatehouse::control {

/// What all kinds of Operation know of their request.
struct Asked {
  Caller caller;
  std::shared_ptr<const model::Snapshot> policy; // the worker's
  const Endpoint* endpoint = nullptr;
  std::string path, parameter;
  Query query;
  std::int64_t ifMatch = -1; // as Draft's
  std::int64_t stateId = -1; // CLUSTER-STATE-ID; -1: none
  bool typed = false;        // its Content-Type says JSON
};

/// Judges a request by its head, in this order: cross-site (403), identity (401), version (505), path (404),
/// method (405, with `allow` filled), right (403), content type (400), length (413), query, If-Match (412).
///
/// Threads: any; never blocks. Errors: as said.
Result<Asked> judgeRequest(const Caller&, const Head&, const Policy&, std::string& allow);

/// Whether this refusal is that of somebody who is nobody and had to be somebody: the session keeps that
/// record.
[[nodiscard]] bool refusesStranger(const Caller&, const Error&) noexcept;

/// What a 401 answers. The reason is for the audit record alone, but for an expired password: its owner can
/// mend it.
[[nodiscard]] Error unauthenticated(std::string_view reason);

/// The most that an endpoint's body may have, in bytes.
[[nodiscard]] std::size_t bodyLimitOf(const Endpoint&) noexcept;
/// body_too_large (413).
[[nodiscard]] Error bodyTooLarge(std::size_t limit);
/// invalid_header (400) for a body that is not said to be JSON.
[[nodiscard]] Error notJson();

} // namespace gatehouse::control
