#include "harness/core/scenario/scenario.hpp"

#include <algorithm>

#include "harness/core/scenario/words.hpp"

namespace streamgauge {
namespace {

constexpr Duration heartbeat_when_unstated = std::chrono::seconds{1};
constexpr Duration eviction_when_unstated = std::chrono::seconds{5};

// About 30 years: beyond any run, far from where nanoseconds overflow.
constexpr double span_ns_max = 1e18;

Duration times(Duration unit, double factor) {
  const double ns = static_cast<double>(unit.count()) * factor;
  return Duration{static_cast<Duration::rep>(std::clamp(ns, 0.0, span_ns_max) + 0.5)};
}

}  // namespace

Duration resolve(const Span& span, const Contract& contract) {
  switch (span.unit) {
    case TimeUnit::absolute:
      return span.absolute;
    case TimeUnit::heartbeat:
      return times(contract.heartbeat ? contract.heartbeat->every : heartbeat_when_unstated,
                   span.factor);
    case TimeUnit::eviction:
      return times(contract.eviction ? contract.eviction->stalled_after : eviction_when_unstated,
                   span.factor);
  }
  return span.absolute;
}

std::string_view to_string(PhaseKind kind) {
  return scenario_words::word(scenario_words::phase_kind, kind);
}
std::string_view to_string(PolicyKind kind) {
  return scenario_words::word(scenario_words::policy_kind, kind);
}

}  // namespace streamgauge
