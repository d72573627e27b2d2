// How long a drain takes: drain.within-grace, drain.exit-within and drain.spread.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/drain_fold.hpp"

namespace streamgauge {

namespace {

using namespace std::chrono_literals;

class WithinGrace final : public Fold<WithinGrace> {
 public:
  explicit WithinGrace(const CheckContext& context)
      : fold_(context), grace_(context.contract.drain->grace) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const WithinGrace& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    auto result = finding(Verdict::inconclusive, "",
                          fmt::format("{} {}", format_duration(grace_),
                                      widened_text(widening_of_worst(noise), noise)));
    const auto* stop = fold_.order();
    const auto streams = fold_.drained();
    if (!stop || streams.size() < drained_min) {
      result.reason = stop ? too_few_drained(streams.size(), drained_min) : not_ordered;
      return result;
    }
    Observations ends;
    std::uint64_t open = 0, early = 0;
    for (const auto& stream : streams) {
      const auto& tenure = *stream.tenure;
      const auto end = tenure.by_target() ? tenure.ended : until(*stop, tenure);
      if (!tenure.by_target()) {
        ++open;
        if (end - stop->at < grace_) ++early;  // not watched for long enough to tell
      }
      ends.add(end - stop->at, end, stream.id);
    }
    result.measured = open == 0 ? fmt::format("{} streams ended in {}", streams.size(),
                                              format_duration(ends.worst()))
                                : fmt::format("{} of {} streams never ended", open, streams.size());
    result.counts = {{"streams", streams.size()}, {"never ended", open}};
    if (early > 0 && early == open) {
      result.reason = fmt::format(
          "the run was over before the grace was for {} open streams; let it go on for {} after "
          "the order",
          open, format_duration(grace_));
      return result;
    }
    judge_time(ends, open, noise, result);
    return result;
  }

 private:
  /// Until when a stream that did not end was seen open.
  [[nodiscard]] Instant until(const TargetTrail::Change& stop, const Tenure& tenure) const {
    auto end = fold_.timeline().end();
    if (tenure.over) end = std::min(end, tenure.ended);
    const auto* killed = fold_.target().next(TargetEvent::lingers, stop.at);
    return killed ? std::min(end, killed->at) : end;
  }

  void judge_time(const Observations& ends, std::uint64_t open, const Noise& noise,
                  Finding& result) const {
    const auto tolerance = grace_ / 4;
    const auto reach = reach_of_worst(ends.worst(), grace_, tolerance, noise);
    if (reach != Reach::within) result.evidence = ends.evidence_above(grace_, "open for");
    if (reach == Reach::within && open == 0) {
      result.verdict = Verdict::pass;
    } else if (reach == Reach::drowned && open == 0) {
      result.reason = drowned_reason(noise, tolerance);
    } else {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} streams were still open {} after the order to stop; end every stream within the "
          "grace: a server that waits for streams to end by themselves waits for ever",
          std::max(open, ends.count_above(grace_)), format_duration(grace_));
    }
  }

  DrainFold fold_;
  Duration grace_;
};

class ExitWithin final : public Fold<ExitWithin> {
 public:
  explicit ExitWithin(const CheckContext& context)
      : timeline_(context.scenario),
        within_(context.contract.drain->exit_within.value_or(context.contract.drain->grace + 1s)) {}

  void on(const Record& record) override {
    timeline_.on(record);
    target_.on(record);
  }
  void absorb(const ExitWithin& other) {
    timeline_.merge(other.timeline_);
    target_.merge(other.target_);
  }

  Finding judge(const Noise& noise) const override {
    auto result = finding(Verdict::inconclusive, "",
                          fmt::format("code 0 in {} {}", format_duration(within_),
                                      widened_text(widening_of_worst(noise), noise)));
    const auto* stop = target_.next(TargetEvent::stop_ordered);
    if (!stop) {
      result.reason = not_ordered;
      return result;
    }
    const auto* exited = target_.next(TargetEvent::exited, stop->at);
    const auto* lingers = target_.next(TargetEvent::lingers, stop->at);
    if (exited && !(lingers && lingers->at < exited->at)) {
      judge_exit(exited->at - stop->at, *exited, noise, result);
    } else {
      judge_lingering(lingers ? lingers->at - stop->at : timeline_.end() - stop->at, result);
    }
    return result;
  }

 private:
  void judge_exit(Duration took, const TargetTrail::Change& exited, const Noise& noise,
                  Finding& result) const {
    const auto how = exited.code < 0 ? fmt::format("signal {}", -exited.code)
                                     : fmt::format("code {}", exited.code);
    result.measured = fmt::format("{} after {}", how, format_duration(took));
    if (exited.code != 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "the target ended by {} instead of exiting with 0; handle the stop signal, drain, and "
          "exit in order",
          how);
      result.evidence = {{exited.at, no_stream, fmt::format("exited by {}", how)}};
      return;
    }
    switch (reach_of_worst(took, within_, within_ / 4, noise)) {
      case Reach::within:
        result.verdict = Verdict::pass;
        return;
      case Reach::drowned:
        result.reason = drowned_reason(noise, within_ / 4);
        return;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = fmt::format(
            "the target took {} to exit after the order to stop; exit when the last stream has "
            "ended, at the latest at the end of the grace",
            format_duration(took));
    }
  }

  void judge_lingering(Duration waited, Finding& result) const {
    result.measured = fmt::format("still there after {}", format_duration(waited));
    if (waited < within_) {
      result.reason = fmt::format(
          "the run was over {} after the order to stop, before the target had to be gone; let it "
          "go on for {}",
          format_duration(waited), format_duration(within_));
      return;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "the target was still running {} after the order to stop; do not wait for streams that "
        "never end: end them, and exit",
        format_duration(waited));
  }

  Timeline timeline_;
  TargetTrail target_;
  Duration within_;
};

class Spread final : public Fold<Spread> {
 public:
  static constexpr std::size_t streams_min = 20;

  explicit Spread(const CheckContext& context)
      : fold_(context), spread_(context.contract.drain->spread.value_or(Duration{})) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Spread& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    auto result = finding(Verdict::inconclusive, "",
                          fmt::format("over {}, third in a tenth", format_duration(spread_ / 2)));
    const auto* stop = fold_.order();
    std::vector<Instant> ends;
    for (const auto& stream : fold_.drained()) {
      if (stream.tenure->by_target()) ends.push_back(stream.tenure->ended);
    }
    if (!stop || ends.size() < streams_min) {
      result.reason = stop ? too_few_drained(ends.size(), streams_min) : not_ordered;
      return result;
    }
    std::sort(ends.begin(), ends.end());
    const auto took = ends.back() - ends.front();
    const auto tenth = spread_ / 10;
    std::size_t peak = 0;
    for (std::size_t first = 0, last = 0; last < ends.size(); ++last) {
      while (ends[last] - ends[first] >= tenth) ++first;
      peak = std::max(peak, last - first + 1);
    }
    const auto most = most_in(tenth, ends.size());
    result.measured = fmt::format("{} ends over {}, peak {} in {}", ends.size(),
                                  format_duration(took), peak, format_duration(tenth));
    result.counts = {{"ends", ends.size()}, {"peak", peak}};
    // Threads that waited for a processor see ends of a longer time as ends of one instant.
    const auto widening = widening_of_worst(noise);
    const bool hasty = took + widening < spread_ / 2;
    const bool crowded = static_cast<double>(peak) > most_in(tenth + widening, ends.size());
    if (!hasty && static_cast<double>(peak) <= most) {
      result.verdict = Verdict::pass;
    } else if (!noise.measured || !(hasty || crowded)) {
      result.reason = drowned_reason(noise, tenth);
    } else {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} of {} streams ended within {} though the contract spreads them over {}; end them one "
          "after the other, so that their clients do not return together",
          hasty ? ends.size() : peak, ends.size(), format_duration(hasty ? took : tenth),
          format_duration(spread_));
      result.evidence = {{ends.front(), no_stream, "first end"}, {ends.back(), no_stream, "last"}};
    }
    return result;
  }

 private:
  /// So many of `ends` may fall into `window`: a third of them in a tenth of the spread, evenly
  /// spread ones in a longer one; where few are few, what chance makes of them.
  [[nodiscard]] double most_in(Duration window, std::size_t ends) const {
    const auto all = static_cast<double>(ends);
    const auto evenly = all * to_seconds(window) / to_seconds(spread_);
    return std::max(all / 3, evenly + 4 * std::sqrt(evenly));
  }

  DrainFold fold_;
  Duration spread_;
};

}  // namespace

CheckSpec drain_within_grace() {
  return {.id = "drain.within-grace",
          .level = Level::must,
          .requirement = "A target told to stop ends every stream within its grace.",
          .source = "contract drain.grace",
          .needs = {Capability::drain},
          .not_stated = &no_drain,
          .make = &make_check<WithinGrace>,
          .wants = DrainFold::wants,
          .timing = true};
}

CheckSpec drain_exit_within() {
  return {.id = "drain.exit-within",
          .level = Level::must,
          .requirement = "A target told to stop exits in order, with code 0, in time.",
          .source = "contract drain.exit_within",
          .needs = {Capability::drain, Capability::local_process},
          .not_stated = &no_drain,
          .make = &make_check<ExitWithin>,
          .wants = Timeline::wants | TargetTrail::wants,
          .timing = true};
}

CheckSpec drain_spread() {
  return {.id = "drain.spread",
          .level = Level::must,
          .requirement = "A target told to stop ends its streams spread over time.",
          .source = "contract drain.spread",
          .needs = {Capability::drain},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.drain && contract.drain->spread ? "" : "drain.spread";
          },
          .make = &make_check<Spread>,
          .wants = DrainFold::wants,
          .timing = true};
}

}  // namespace streamgauge
