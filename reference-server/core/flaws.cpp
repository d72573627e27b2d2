#include "reference-server/core/flaws.hpp"

#include <array>

namespace streamgauge::server {
namespace {

using Ids = std::string_view;

constexpr Ids accel[] = {"wire.x-accel-buffering"};
constexpr Ids prompt[] = {"wire.headers-prompt"};
constexpr Ids prompt_related[] = {"buffering.headers-prompt", "stall.before-headers"};
constexpr Ids burst[] = {"heartbeat.no-burst"};
constexpr Ids burst_related[] = {"heartbeat.under-traffic", "heartbeat.cadence"};
constexpr Ids empty_missing[] = {"heartbeat.on-empty-stream", "heartbeat.first-within"};
constexpr Ids empty_missing_related[] = {"heartbeat.cadence", "heartbeat.under-traffic"};
constexpr Ids attempt[] = {"eviction.by-progress", "eviction.within"};
constexpr Ids attempt_related[] = {"eviction.frees-slot"};
constexpr Ids unbounded[] = {"backpressure.bounded-memory", "backpressure.overflow-as-stated"};
constexpr Ids unbounded_related[] = {"backpressure.lag-notice-exact"};
constexpr Ids head_of_line[] = {"backpressure.isolation"};
constexpr Ids head_of_line_related[] = {"delivery.latency", "delivery.first-last-skew",
                                        "backpressure.overflow-as-stated"};
constexpr Ids injection[] = {"wire.no-injection", "wire.data-intact"};
constexpr Ids injection_related[] = {"wire.grammar"};

constexpr std::array flaws = {
    FlawSpec{Flaw::no_x_accel_buffering,
             "no-x-accel-buffering",
             "the response lacks X-Accel-Buffering: no, so nginx holds the whole stream back",
             "F1, vectorflow",
             accel,
             {}},
    FlawSpec{Flaw::late_headers, "late-headers",
             "status line and headers leave with the first event or heartbeat, not at once",
             "F3, exceptionless", prompt, prompt_related},
    FlawSpec{Flaw::heartbeat_burst, "heartbeat-burst",
             "heartbeats missed while busy or stopped are owed, then flushed back to back",
             "F26, harness", burst, burst_related},
    FlawSpec{Flaw::heartbeat_on_empty_missing, "heartbeat-on-empty-missing",
             "a stream gets no heartbeat until its first event was sent", "F26, harness",
             empty_missing, empty_missing_related},
    FlawSpec{Flaw::liveness_by_attempt, "liveness-by-attempt",
             "progress is stamped on each attempt to write, also a refused one: nobody is evicted",
             "F8, stellarmind", attempt, attempt_related},
    FlawSpec{Flaw::unbounded_queue, "unbounded-queue",
             "whatever a slow subscriber does not take is kept for it, without any bound",
             "F9, vectorflow", unbounded, unbounded_related},
    FlawSpec{Flaw::head_of_line, "head-of-line",
             "a subscriber that would block stops its channel for everybody until it drains", "F13",
             head_of_line, head_of_line_related},
    FlawSpec{Flaw::newline_injection, "newline-injection",
             "type and data are written raw: a line break in them creates fields and events", "F28",
             injection, injection_related},
};
static_assert(flaws.size() == static_cast<std::size_t>(Flaw::count_));

}  // namespace

std::span<const FlawSpec> all_flaws() {
  return flaws;
}

const FlawSpec* find_flaw(std::string_view id) {
  for (const FlawSpec& spec : flaws) {
    if (spec.id == id) return &spec;
  }
  return nullptr;
}

}  // namespace streamgauge::server
