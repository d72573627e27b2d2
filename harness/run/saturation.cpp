#include "harness/run/saturation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace streamgauge::run {

namespace {

double share(Duration part, Duration whole) {
  if (whole <= Duration{}) return 0;
  return std::clamp(static_cast<double>(part.count()) / static_cast<double>(whole.count()), 0.0,
                    1.0);
}

void weigh_generator(const PhaseUse& use, Saturation& load) {
  for (const auto& [id, thread] : use.harness) {
    const double ran = share(thread.time.ran, use.length);
    const double waited = share(thread.time.waited, use.length);
    load.measured = true;
    if (!load.thread.empty() && ran + waited <= load.ran + load.waited) continue;
    load.phase = use.phase;
    load.thread = thread.name;
    load.ran = ran;
    load.waited = waited;
  }
}

/// Over all phases together: a moment of want in one of them excuses nothing in the others.
void weigh_target(const PhaseUse& sum, unsigned processors, Saturation& load) {
  const Duration wanted = sum.target.ran + sum.target.waited;
  const Duration capacity = sum.length * processors;
  load.target_waited = share(sum.target.waited, wanted);
  load.target_share = share(sum.target.ran, capacity);
  load.others_share = share(sum.machine_busy - sum.target.ran, capacity);
  load.target_starved = share(wanted, sum.length) >= target_wanted_min &&
                        load.target_waited > starved_above && load.others_share > others_above;
}

}  // namespace

Saturation saturation(const std::vector<PhaseUse>& phases, unsigned processors) {
  Saturation load;
  PhaseUse sum;
  for (const PhaseUse& use : phases) {
    sum.length += use.length;
    sum.machine_busy += use.machine_busy;
    sum.target += use.target;
    if (use.length >= phase_min) weigh_generator(use, load);
  }
  if (sum.length >= phase_min) weigh_target(sum, std::max(processors, 1u), load);
  load.generator_saturated = load.measured && load.ran + load.waited > saturated_above;
  return load;
}

Want starved_phases(const std::vector<PhaseUse>& phases, unsigned processors) {
  Want want;
  double worst = 0;
  for (const PhaseUse& use : phases) {
    const Saturation load = saturation({use}, processors);
    if (!load.target_starved) continue;
    want.when.push_back({use.began, use.began + 2 * use.length});
    if (load.target_waited <= worst) continue;
    worst = load.target_waited;
    want.why = starved_sentence(load, use.phase);
  }
  return want;
}

std::string generator_sentence(const Saturation& load) {
  if (!load.measured) return "whether the generator was saturated could not be measured";
  std::string use = fmt::format("its busiest thread ({}) ran {:.0f} % of phase '{}'", load.thread,
                                100 * load.ran, load.phase);
  // Waiting is worth a word when it is worse than the work.
  if (load.waited > std::max(load.ran, 0.1)) {
    use += fmt::format(" and waited for a processor {:.0f} % of it", 100 * load.waited);
  }
  if (!load.generator_saturated) return "the generator was not saturated: " + use;
  return fmt::format("the generator was saturated, its figures are about itself{}: {}",
                     load.ran > saturated_above ? " (take fewer streams or more --threads)"
                                                : " (the machine has too much to do)",
                     use);
}

std::string starved_sentence(const Saturation& load, std::string_view phase) {
  return fmt::format(
      "the machine was saturated{}: the target had to wait for a processor {:.0f} % of "
      "the time in which it could have run (it had {:.0f} % of the processors' time, the harness "
      "and other programs {:.0f} %), so that its delays may be the machine's; take fewer streams, "
      "a quieter or a larger machine",
      phase.empty() ? "" : fmt::format(" in phase '{}'", phase),
      100 * load.target_waited, 100 * load.target_share, 100 * load.others_share);
}

}  // namespace streamgauge::run
