// Was the generator, or the machine, the thing that was measured? Pure.
//
// Judged by what the kernel says of each thread: how long it ran, and how long it could have run
// but had to wait for a processor. Lateness alone does not tell: a thread that has little to do is
// late on a busy machine, too, and for that the bounds are widened by the lag as measured.
#pragma once

#include <string>
#include <vector>

#include "harness/net/processor_use.hpp"

namespace streamgauge::run {

struct PhaseUse {
  std::string phase;
  Instant began{};
  Duration length{};
  Duration machine_busy{};           // all programs, on all processors together
  net::ThreadTimes harness;          // of this phase alone
  net::ProcessorTime target;         // zero when it was not started by the harness
  net::ThreadTime target_busiest{};  // of its threads, the one that wanted most
  Duration own_ran{};                // this process and all that it started: target, hops
};

struct Stretch {
  Instant from{}, to{};
  [[nodiscard]] bool holds(Instant at) const { return from <= at && at <= to; }
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

struct Saturation {
  bool measured = false;
  std::string phase;   // in which the generator's busiest thread was busiest
  std::string thread;  // its name
  double ran = 0;      // shares of that phase's length
  double waited = 0;
  bool generator_saturated = false;

  bool target_starved = false;
  double target_waited = 0;  // of the time in which the target could have run
  double target_share = 0;   // of all processors' time
  double others_share = 0;   // of all processors' time: harness and other programs
};

/// A thread that ran or wanted to run for more than this is saturated: its queue never empties.
constexpr double saturated_above = 0.9;
/// A target is starved when it waited for more than this of the time in which it could have run,
/// over all phases (or, for what is late in one phase only, in that), while others had more than
/// that of the machine: one that fills the machine itself is just slow.
constexpr double starved_above = 1.0 / 3;
constexpr double others_above = 0.25;
/// A target with less to do than that is late only by single waits, as the harness is: the lag
/// tells them. One with more falls behind, and its delays add up.
constexpr double target_wanted_min = 0.5;  // of one processor
/// Shorter phases tell nothing.
constexpr Duration phase_min = std::chrono::milliseconds{500};

[[nodiscard]] Saturation saturation(const std::vector<PhaseUse>& phases, unsigned processors);

/// When a target that was not starved over the whole run had to wait: what arrived late then.
struct Want {
  std::vector<Stretch> when;  // starved phases, each with as long again for what was left to do
  std::string why;            // of the worst of them; empty when there is none
};
[[nodiscard]] Want starved_phases(const std::vector<PhaseUse>& phases, unsigned processors);

/// "the generator was not saturated: its busiest thread ran 48 % of phase 'steady' ..."
[[nodiscard]] std::string generator_sentence(const Saturation& load);
/// Of a starved target: "the target waited for a processor 62 % of the time ..."; `phase`: where it
/// did, when not in all.
[[nodiscard]] std::string starved_sentence(const Saturation& load, std::string_view phase = {});

}  // namespace streamgauge::run
