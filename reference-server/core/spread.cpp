#include "reference-server/core/spread.hpp"

#include <algorithm>
#include <cmath>

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

std::uint64_t whole_seconds(Duration d) {
  return static_cast<std::uint64_t>(std::max(std::ceil(to_seconds(d)), 1.0));
}

}  // namespace

std::optional<std::uint64_t> retry_after_s(const LimitTerms& limits, Flaws flaws, double random) {
  if (flaws.has(Flaw::no_retry_after)) return std::nullopt;
  const Duration stated = limits.retry_after.value_or(5s);
  const std::uint64_t first = whole_seconds(stated);
  const bool fixed = limits.retry_after && !limits.retry_after_spread;
  if (fixed || flaws.has(Flaw::same_retry_after)) return first;
  const std::uint64_t last = std::max(whole_seconds(2 * stated), first + 2);
  return first + static_cast<std::uint64_t>(random * static_cast<double>(last - first + 1));
}

Duration retry_hint(Duration promised, double share, double random) {
  return scaled(promised, 1.0 + share * random);
}

DrainPlan plan_drain(const std::optional<DrainTerms>& terms, std::optional<Duration> delay) {
  DrainPlan plan;
  plan.grace = terms ? terms->grace : Duration{10s};
  // Something is left for the last ones to be written.
  const Duration usable = plan.grace - plan.grace / 10;
  if (terms && terms->spread) {
    // A little more than promised: the first end may be seen late, and the last one early.
    plan.spread = std::min(*terms->spread + *terms->spread / 20, usable);
  }
  plan.first_close = delay.value_or(terms ? std::min(plan.grace / 5, usable - plan.spread) : 0s);
  return plan;
}

std::vector<Duration> closing_times(std::size_t streams, Duration spread, bool alone_goes_first) {
  if (streams == 1) return {alone_goes_first ? Duration::zero() : spread};
  std::vector<Duration> times;
  for (std::size_t i = 0; i < streams; ++i) {
    times.push_back(spread * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(streams - 1));
  }
  return times;
}

}  // namespace streamgauge::server
