// What is asked of `streamgauge capacity`: read from what was typed, and the search that follows
// from it. Pure; every error is a sentence that names the option, the value and what would do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/capacity/axis.hpp"
#include "harness/core/capacity/search.hpp"

namespace streamgauge::capacity {

/// The options' values, empty where an option was not given.
struct Typed {
  std::vector<std::string> axes{};     // --axis
  std::string rate{}, streams{};       // of the axis that is not searched
  std::string p99{}, memory{};         // objectives
  std::string need{}, start{}, max{};  // of the one axis that is searched
  std::string repeat{}, hold{}, cool_down{}, budget{}, size{};
  bool no_heartbeats = false;
};

struct AxisRequest {
  Axis axis = Axis::streams;
  double fixed = 10;  // of the other axis
  std::optional<double> need, start, max;
  friend bool operator==(const AxisRequest&, const AxisRequest&) = default;
};

struct Request {
  std::vector<AxisRequest> axes{{Axis::streams, 10, {}, {}, {}}, {Axis::rate, 1000, {}, {}, {}}};
  std::optional<Duration> p99{};              // none: the contract's, else 250 ms
  std::optional<std::uint64_t> memory_max{};  // bytes
  bool heartbeats = true;
  std::uint32_t size_bytes = 256;  // of an event
  Duration hold = std::chrono::seconds{4};
  Duration cool_down = std::chrono::milliseconds{500};
  Duration budget = std::chrono::minutes{15};
  unsigned repeats = 3;
};

[[nodiscard]] Result<Request> read_request(const Typed& typed);

/// The highest number of streams that is asked for anywhere; 0: none is.
[[nodiscard]] std::uint64_t streams_asked(const Request& request);

/// The search on one axis. `streams_allowed`: what this machine lets one process hold. Where nobody
/// said how far to go, a need is also the end: what is above it was not asked for.
struct PlannedSearch {
  SearchPlan plan;
  std::string ceiling_reason;  // what sets the ceiling; empty: it was asked for
};
[[nodiscard]] PlannedSearch plan_search(const AxisRequest& axis, const Request& request,
                                        std::uint32_t streams_allowed);

}  // namespace streamgauge::capacity
