// storm.recovery: every client that was cut is back, to stay, within the stated time.
//
// The time runs from when the target can be reached again: the cut itself where only the path
// broke, the restart where the target was killed. Who was still waiting when the target came back
// later than the scenario had ordered is timed from its next attempt.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/storm_fold.hpp"

namespace streamgauge {

namespace {

class Recovery final : public Fold<Recovery> {
 public:
  explicit Recovery(const CheckContext& context) : fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Recovery& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    const auto waves = fold_.waves();
    const auto within = fold_.recovered_within();
    const auto widening = widening_of_worst(noise);
    const auto bound =
        fmt::format("all within {} {}", format_duration(within), widened_text(widening, noise));
    if (waves.empty()) return finding(Verdict::inconclusive, "", bound, fold_.no_wave());
    Tally tally;
    for (const auto& wave : waves) add(wave, tally);
    auto result = finding(Verdict::pass, measured(tally), bound);
    result.counts = {{"waves", waves.size()},
                     {"cut", tally.cut},
                     {"back", tally.back.count()},
                     {"gave up", tally.gave_up},
                     {"flaps", tally.flaps},
                     {"waiting on after a longer outage", tally.outwaited},
                     {"half back after ms", ms(tally.back, 50)},
                     {"90 % after ms", ms(tally.back, 90)},
                     {"99 % after ms", ms(tally.back, 99)}};
    result.evidence = tally.missing.items();
    if (tally.never_restarted) {
      result.verdict = Verdict::inconclusive;
      result.reason = "the target was killed and not started again: nobody could come back";
    } else if (tally.gave_up + tally.overdue > 0) {
      result.verdict = Verdict::fail;
      result.reason = missing_reason(tally);
    } else if (tally.pending > 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "the run ended before {} of {} clients had to be back; let it go on for {} after a cut",
          tally.pending, tally.cut, format_duration(within));
    } else {
      judge_time(tally, noise, result);
    }
    return result;
  }

 private:
  struct Tally {
    Observations back;
    std::uint64_t cut = 0, gave_up = 0, overdue = 0, pending = 0, flaps = 0, outwaited = 0;
    std::map<std::int16_t, std::uint64_t> statuses;  // last answers of those who are not back
    EvidenceList missing;
    bool never_restarted = false;
  };

  void add(const Wave& wave, Tally& tally) const {
    for (const auto& [stream, absence] : wave.members) {
      ++tally.cut;
      tally.flaps += absence->flaps;
      const auto from = fold_.reachable(*absence);
      if (!from) {
        tally.never_restarted = true;
      } else if (absence->returned()) {
        auto took = absence->back - *from;
        if (took > fold_.recovered_within() && fold_.outwaited(*absence)) {
          ++tally.outwaited;
          took = absence->back - std::max(*from, absence->arrived);
        }
        tally.back.add(took, absence->back, stream);
      } else {
        const bool overdue = fold_.timeline().end() - *from >= fold_.recovered_within();
        auto& which = absence->gave_up ? tally.gave_up : overdue ? tally.overdue : tally.pending;
        ++which;
        ++tally.statuses[absence->status];
        tally.missing.add({absence->cut, stream, story_of(*absence)});
      }
    }
  }

  static std::string story_of(const Absence& absence) {
    return fmt::format(
        "cut here and never back: {}{}", absence.gave_up ? "gave up for good" : "still trying",
        absence.status == 0 ? std::string{} : fmt::format(" after status {}", absence.status));
  }

  static std::uint64_t ms(const Observations& back, double percentile) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(back.at_percentile(percentile))
            .count());
  }

  static std::string measured(const Tally& tally) {
    if (tally.back.count() < tally.cut) {
      return fmt::format("{} of {} back", tally.back.count(), tally.cut);
    }
    return fmt::format("all {} back in {}, half in {}", tally.cut,
                       format_duration(tally.back.worst()),
                       format_duration(tally.back.at_percentile(50)));
  }

  static std::string missing_reason(const Tally& tally) {
    std::string answered;
    for (const auto& [status, count] : tally.statuses) {
      if (status != 0) answered += fmt::format(", {} last answered {}", count, status);
    }
    return fmt::format(
        "{} of {} clients never came back ({} of them gave up for good{}); admit those who return, "
        "and refuse only with what makes a client come again",
        tally.gave_up + tally.overdue, tally.cut, tally.gave_up, answered);
  }

  void judge_time(const Tally& tally, const Noise& noise, Finding& result) const {
    const auto within = fold_.recovered_within();
    const auto tolerance = within / 4;
    const auto reach = reach_of_worst(tally.back.worst(), within, tolerance, noise);
    if (reach == Reach::within) return;
    result.evidence = tally.back.evidence_above(within, "back after");
    if (reach == Reach::drowned) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, tolerance);
      return;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "{} of {} clients came back too late, the last after {}; admit those who return without "
        "delay, and let them wait less between attempts",
        tally.back.count_above(within), tally.cut, format_duration(tally.back.worst()));
  }

  StormFold fold_;
};

}  // namespace

CheckSpec storm_recovery() {
  return {.id = "storm.recovery",
          .level = Level::must,
          .requirement = "After all streams were cut at once, every client is back in time.",
          .source = "contract storm.recovered_within",
          .needs = {},
          .not_stated = &no_storm,
          .make = &make_check<Recovery>,
          .wants = StormFold::wants,
          .timing = true};
}

}  // namespace streamgauge
