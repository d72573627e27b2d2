#include "harness/core/check/band.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "harness/core/base/units.hpp"

namespace streamgauge {

namespace {

// Timer granularity and clock sampling per wake-up, also on a machine without any noise.
constexpr Duration grain = std::chrono::milliseconds{2};

bool worse(const Observations::One& a, const Observations::One& b) {
  return std::tuple{-a.length.count(), a.at, a.stream} <
         std::tuple{-b.length.count(), b.at, b.stream};
}

}  // namespace

Duration widening_of_worst(const Noise& noise) {
  return 2 * noise.lag_max + grain;
}
Duration widening_of_percentile(const Noise& noise) {
  return 2 * noise.lag_p99 + grain;
}

Reach reach_of_worst(Duration measured, Duration bound, Duration tolerance, const Noise& noise) {
  if (measured <= bound + grain) return Reach::within;
  if (!noise.measured || noise.lag_max > tolerance) return Reach::drowned;
  return measured <= bound + widening_of_worst(noise) ? Reach::within : Reach::beyond;
}

Reach reach_of_percentile(Duration measured, Duration bound, const Noise& noise) {
  if (measured <= bound + grain) return Reach::within;
  if (!noise.measured || noise.lag_p99 > bound) return Reach::drowned;
  if (measured <= bound + widening_of_percentile(noise)) return Reach::within;
  return measured <= bound + widening_of_worst(noise) ? Reach::drowned : Reach::beyond;
}

std::string widened_text(Duration widening, const Noise& noise) {
  if (!noise.measured) return "(lag unknown)";
  const auto sign = widening < Duration{} ? "" : "+";  // a lower bound is widened downwards
  return fmt::format("({}{} lag)", sign, format_duration(widening));
}

std::string range_text(Duration low, Duration high) {
  using std::chrono::milliseconds;
  auto from = format_duration(low);
  auto to = format_duration(high);
  if (from == to && low != high) {  // three digits are too few
    if (high >= std::chrono::seconds{1}) {
      from = fmt::format("{:.0f} ms", to_seconds(low) * 1e3);
      to = fmt::format("{:.0f} ms", to_seconds(high) * 1e3);
    } else if (high >= milliseconds{1}) {
      from = fmt::format("{:.0f} us", to_seconds(low) * 1e6);
      to = fmt::format("{:.0f} us", to_seconds(high) * 1e6);
    }
  }
  if (from == to) return to;
  const auto unit = from.find(' ');
  if (from.substr(unit) == to.substr(to.find(' '))) from.resize(unit);
  return fmt::format("{}\u2013{}", from, to);
}

std::string drowned_reason(const Noise& noise, Duration tolerance) {
  if (!noise.measured) {
    return "beyond the bound, but the scheduling lag of this machine was not measured, so it "
           "cannot be told from noise; run again with lag sampling";
  }
  return fmt::format(
      "beyond the bound, but threads of this machine waited up to {} for a processor, too long for "
      "a margin of {}; run again on a quieter machine or with a larger --time-scale",
      format_duration(noise.lag_max), format_duration(tolerance));
}

void Observations::keep(const One& one) {
  if (worst_.size() == worst_max && !worse(one, worst_.back())) return;
  worst_.insert(std::upper_bound(worst_.begin(), worst_.end(), one, worse), one);
  if (worst_.size() > worst_max) worst_.pop_back();
}

void Observations::add(Duration length, Instant at, StreamId stream) {
  histogram_.record(length);
  keep({length, at, stream});
}

void Observations::merge(const Observations& other) {
  histogram_.merge(other.histogram_);
  for (const auto& one : other.worst_) keep(one);
}

Duration Observations::at_percentile(double percentile) const {
  return std::min(histogram_.at_percentile(percentile), worst());
}

std::uint64_t Observations::count_above(Duration bound) const {
  std::uint64_t above = 0;
  histogram_.each_bucket([&](const latency::Histogram::Bucket& bucket) {
    if (bucket.low > bound) above += bucket.count;
  });
  // A bucket that straddles the bound hides values just above it; the exact worst do not.
  const auto exact = static_cast<std::uint64_t>(std::count_if(
      worst_.begin(), worst_.end(), [&](const One& one) { return one.length > bound; }));
  return std::max(above, exact);
}

std::vector<Evidence> Observations::evidence_above(Duration bound, std::string_view what) const {
  std::vector<Evidence> evidence;
  for (const auto& one : worst_) {
    if (one.length <= bound) continue;
    evidence.push_back(
        {one.at, one.stream, fmt::format("{} {}", what, format_duration(one.length))});
  }
  return evidence;
}

}  // namespace streamgauge
