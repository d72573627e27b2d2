// Times told to, or kept from, many clients at once: spread, so that they do not come back as one.
//
// Pure: randomness comes in as a number in [0, 1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/contract/contract.hpp"
#include "reference-server/core/flaws.hpp"

namespace streamgauge::server {

/// The seconds of Retry-After (RFC 9110, 10.2.3: whole ones); nullopt: the field is left out. What
/// the contract states, at least 1; to be spread over twice the time, and over at least three
/// values. Without a statement it is spread from 5 s on.
[[nodiscard]] std::optional<std::uint64_t> retry_after_s(const LimitTerms& limits, Flaws flaws,
                                                         double random);

/// The `retry:` before an end that the server chose: what was promised, and up to `share` more.
[[nodiscard]] Duration retry_hint(Duration promised, double share, double random);

/// How a drain goes, counted from the order.
struct DrainPlan {
  Duration first_close{};  // readiness has been gone for that long
  Duration spread{};       // from the first to the last closing
  Duration grace{};        // then the rest is reset
};
/// `delay`: nullopt takes a fifth of the grace, less where the spread needs it.
[[nodiscard]] DrainPlan plan_drain(const std::optional<DrainTerms>& terms,
                                   std::optional<Duration> delay);

/// When each of a shard's streams is to close, from the first closing on: even, from nothing to
/// `spread`. A shard's only stream goes first or last, whichever the shard is.
[[nodiscard]] std::vector<Duration> closing_times(std::size_t streams, Duration spread,
                                                  bool alone_goes_first);

}  // namespace streamgauge::server
