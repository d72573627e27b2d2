// What a load must keep to count as held, and the judgment of one trial by it. Pure.
//
// A trial that misses an objective proves something of the target only when the harness had time to
// spare: otherwise what was measured is the harness. The evidence for that is the kernel's account
// of its threads (and of the target's, where it was started here), and its own scheduling lag.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/capacity/search.hpp"
#include "harness/core/check/check.hpp"

namespace streamgauge::capacity {

/// Beside them it is always demanded that every stream opens and stays open, that publications are
/// accepted, and that no backlog grows.
struct Objectives {
  Duration p99 = std::chrono::milliseconds{250};    // delivery, from the intended send time
  bool loss = true;                                 // nothing lost or twice
  bool heartbeats = true;                           // as the contract states them
  std::optional<std::uint64_t> memory_bytes_max{};  // of the target, at its peak
};

/// Shares of the time in which it was loaded.
struct Busy {
  std::string thread;
  double ran = 0, waited = 0;  // waited: could have run, but had no processor
  [[nodiscard]] double wanted() const { return ran + waited; }
};

/// A thread that wants to run for more than this has no time left.
inline constexpr double saturated_above = 0.9;
/// A target whose busiest thread wants less has time: what is late is not late by its doing.
inline constexpr double idle_below = 0.75;
/// The delay of deliveries may grow by so much a second; an overload of 2 % makes it grow faster.
inline constexpr double growth_max = 0.02;
inline constexpr Duration growth_seen_from = std::chrono::milliseconds{20};

/// What one trial measured. Empty optionals: could not be measured here.
struct Measured {
  std::uint32_t streams = 0, open = 0;  // asked for; open to the end
  std::uint64_t cut = 0;                // connections that ended by themselves
  double rate = 0;                      // asked for: events per second and stream
  Duration length{};                    // of the load
  std::uint64_t published = 0, publish_failed = 0, deliveries = 0;
  double deliveries_per_s = 0;  // within the load
  std::optional<Duration> p50, p99, p999, longest;
  double growth = 0;  // of the median delay, seconds a second
  std::optional<Verdict> loss, duplicates, heartbeats;
  std::string loss_text, duplicates_text, heartbeats_text;  // measured, or why it was not judged
  std::optional<std::uint64_t> memory_start_bytes, memory_peak_bytes;
  std::optional<double> target_cpu_us_per_delivery;

  Busy generator;                // its busiest thread
  std::optional<Busy> target;    // its busiest thread
  std::string starved;           // why the target had no processor; empty: it had
  std::optional<double> others;  // share of all processors that went to other programs
  Duration lag_p99{};            // of the harness
  Duration publisher_late{};     // at worst
  std::string died;              // how the target died; empty: it lives
};

enum class Met : std::uint8_t { kept, broken, not_judged };
[[nodiscard]] std::string_view to_string(Met met);

struct Judged {
  std::string id;  // streams, publish, p99, backlog, loss, heartbeats, memory
  Met met = Met::not_judged;
  std::string measured, bound;
  friend bool operator==(const Judged&, const Judged&) = default;
};

struct TrialVerdict {
  Outcome outcome = Outcome::held;
  std::vector<Judged> objectives;
  std::string reason;  // why not held; empty: it was
};

[[nodiscard]] TrialVerdict judge(const Measured& measured, const Objectives& objectives);

/// "its busiest thread (sg-swarm) ran 97 % of the time and waited for a processor 2 % of it"
[[nodiscard]] std::string busy_text(const Busy& busy);

/// The growth of a delay over a load: from the medians of equal stretches of time, the first
/// quarter of them against the last. Seconds a second; 0 with fewer than eight stretches.
[[nodiscard]] double growth(const std::vector<Duration>& medians, Duration stretch);

}  // namespace streamgauge::capacity
