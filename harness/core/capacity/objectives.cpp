#include "harness/core/capacity/objectives.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"

namespace streamgauge::capacity {

namespace {

Met met(bool kept) {
  return kept ? Met::kept : Met::broken;
}

Judged streams(const Measured& m) {
  std::string text = fmt::format("{} open", format_count(m.open));
  if (m.cut > 0) text += fmt::format(", {} ended", format_count(m.cut));
  return {"streams", met(m.open == m.streams && m.cut == 0), std::move(text),
          fmt::format("{} open to the end", format_count(m.streams))};
}

Judged publishing(const Measured& m) {
  const std::uint64_t all = m.published + m.publish_failed;
  if (all == 0) return {"publish", Met::not_judged, "nothing was published", "all accepted"};
  return {"publish", met(m.publish_failed == 0),
          fmt::format("{} of {} refused", format_count(m.publish_failed), format_count(all)),
          "all accepted"};
}

Judged latency(const Measured& m, const Objectives& wanted) {
  const std::string bound = "p99 " + format_duration(wanted.p99);
  if (!m.p99) return {"p99", Met::not_judged, "nothing was delivered", bound};
  return {"p99", met(*m.p99 <= wanted.p99), "p99 " + format_duration(*m.p99), bound};
}

Judged backlog(const Measured& m) {
  const std::string bound = fmt::format("{:.0f} ms/s", 1000 * growth_max);
  if (!m.p50) return {"backlog", Met::not_judged, "nothing was delivered", bound};
  const bool seen = scaled(m.length, std::max(m.growth, 0.0)) > growth_seen_from;
  return {"backlog", met(m.growth <= growth_max || !seen),
          fmt::format("delay grew {:.0f} ms/s", 1000 * std::max(m.growth, 0.0)), bound};
}

/// What a check of the scenario said. Undecided is not broken: the load itself was not refuted.
Judged checked(std::string id, std::optional<Verdict> verdict, const std::string& text,
               std::string bound) {
  Met how = Met::not_judged;
  if (verdict == Verdict::pass || verdict == Verdict::info) how = Met::kept;
  if (verdict == Verdict::fail || verdict == Verdict::warn) how = Met::broken;
  return {std::move(id), how, text, std::move(bound)};
}

Judged memory(const Measured& m, std::uint64_t most) {
  const std::string bound = format_size(most);
  if (!m.memory_peak_bytes) {
    return {"memory", Met::not_judged, "the target's memory is not known here", bound};
  }
  std::string peak = format_size(*m.memory_peak_bytes);
  if (*m.memory_peak_bytes > most && peak == bound) {  // three digits are too few
    peak += " and " + format_size(*m.memory_peak_bytes - most);
  }
  return {"memory", met(*m.memory_peak_bytes <= most), std::move(peak), bound};
}

std::vector<Judged> all_judged(const Measured& m, const Objectives& wanted) {
  std::vector<Judged> judged{streams(m), publishing(m), latency(m, wanted), backlog(m)};
  if (wanted.loss) {
    judged.push_back(checked("loss", m.loss, m.loss_text, "0"));
    judged.push_back(checked("duplicates", m.duplicates, m.duplicates_text, "0"));
  }
  if (wanted.heartbeats) {
    judged.push_back(checked("heartbeats", m.heartbeats, m.heartbeats_text, "as stated"));
  }
  if (wanted.memory_bytes_max) judged.push_back(memory(m, *wanted.memory_bytes_max));
  return judged;
}

bool only_late(const std::vector<Judged>& judged) {
  return std::all_of(judged.begin(), judged.end(), [](const Judged& each) {
    return each.met != Met::broken || each.id == "p99" || each.id == "backlog";
  });
}

bool saturated(const std::optional<Busy>& target) {
  return target && target->wanted() > saturated_above;
}

/// Why what was missed proves nothing of the target; empty: it does.
std::string generator_at_fault(const Measured& m, const std::vector<Judged>& judged,
                               const Objectives& wanted) {
  const auto missed = [&](std::string_view id) {
    return std::any_of(judged.begin(), judged.end(), [&](const Judged& each) {
      return each.id == id && each.met == Met::broken;
    });
  };
  if (missed("memory")) return {};  // nobody else's load changes what the target holds
  if (m.generator.wanted() > saturated_above) {
    return fmt::format("the generator was saturated: {}", busy_text(m.generator));
  }
  if (!m.starved.empty()) return m.starved;
  if (!only_late(judged)) return {};
  const bool late_by_lag = missed("p99") && !missed("backlog") && *m.p99 - m.lag_p99 <= wanted.p99;
  if (late_by_lag && !saturated(m.target)) {
    return fmt::format("p99 is above its bound by less than the harness's own lag ({} at p99)",
                       format_duration(m.lag_p99));
  }
  if (m.target && m.target->wanted() < idle_below && m.publisher_late > wanted.p99 / 2) {
    return fmt::format(
        "the publisher fell behind its schedule (by {}) while the target had time to spare ({}): "
        "one connection publishes one event after the other",
        format_duration(m.publisher_late), busy_text(*m.target));
  }
  return {};
}

std::string missed_text(const std::vector<Judged>& judged) {
  std::string text;
  for (const Judged& each : judged) {
    if (each.met != Met::broken) continue;
    text += fmt::format("{}{} ({}; wanted: {})", text.empty() ? "" : "; ", each.id, each.measured,
                        each.bound);
  }
  return text;
}

}  // namespace

std::string_view to_string(Met met) {
  switch (met) {
    case Met::kept:
      return "kept";
    case Met::broken:
      return "broken";
    case Met::not_judged:
      return "not judged";
  }
  return "?";
}

std::string busy_text(const Busy& busy) {
  std::string text =
      fmt::format("its busiest thread ({}) ran {:.0f} % of the time", busy.thread, 100 * busy.ran);
  if (busy.waited >= 0.05) {
    text += fmt::format(" and waited for a processor {:.0f} % of it", 100 * busy.waited);
  }
  return text;
}

double growth(const std::vector<Duration>& medians, Duration stretch) {
  constexpr std::size_t stretches_min = 8;
  if (medians.size() < stretches_min || stretch <= Duration{}) return 0;
  const auto quarter = static_cast<std::ptrdiff_t>(medians.size() / 4);
  const auto middle = [](std::vector<Duration> some) {
    std::nth_element(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2),
                     some.end());
    return some[some.size() / 2];
  };
  const Duration first = middle({medians.begin(), medians.begin() + quarter});
  const Duration last = middle({medians.end() - quarter, medians.end()});
  const auto apart = static_cast<double>(static_cast<std::ptrdiff_t>(medians.size()) - quarter);
  return to_seconds(last - first) / (apart * to_seconds(stretch));
}

TrialVerdict judge(const Measured& measured, const Objectives& objectives) {
  TrialVerdict verdict;
  verdict.objectives = all_judged(measured, objectives);
  const std::string missed = missed_text(verdict.objectives);
  if (!measured.died.empty()) {
    verdict.outcome = Outcome::broken;
    verdict.reason = "the target died: " + measured.died;
    return verdict;
  }
  if (missed.empty()) return verdict;
  const std::string fault = generator_at_fault(measured, verdict.objectives, objectives);
  verdict.outcome = fault.empty() ? Outcome::broken : Outcome::generator;
  verdict.reason = fault.empty() ? missed : fault + "; missed: " + missed;
  if (fault.empty() && saturated(measured.target)) {
    verdict.reason += "; the target was saturated: " + busy_text(*measured.target);
  }
  return verdict;
}

}  // namespace streamgauge::capacity
