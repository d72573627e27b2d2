// buffering.events-prompt: single small events at a low rate are passed on one by one.
//
// Judged are events that were published at least 50 ms after the one before. A path that holds them
// does so to most of them, so a tenth may be late for any other reason; those that never came
// although they were due count as late.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/hold_trace.hpp"
#include "harness/core/check/publish_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class EventsPrompt final : public Fold<EventsPrompt> {
 public:
  static constexpr std::uint64_t events_min = 20;
  static constexpr std::uint64_t late_share = 10;  // one in so many
  static constexpr Duration apart = std::chrono::milliseconds{50};
  static constexpr Duration plain_bound = std::chrono::milliseconds{250};

  explicit EventsPrompt(const CheckContext& context)
      : bound_(context.contract.delivery && context.contract.delivery->latency_p99
                   ? *context.contract.delivery->latency_p99
                   : plain_bound),
        timeline_(context.scenario),
        events_(context, apart) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    const auto arrival = events_.on(record);
    if (!arrival) return;
    if (timeline_.frozen_between(record.at - arrival->latency, record.at)) return;
    latencies_.add(arrival->latency, record.at, record.stream);
  }

  void absorb(const EventsPrompt& other) {
    timeline_.merge(other.timeline_);
    events_.merge(other.events_);
    trail_.merge(other.trail_);
    latencies_.merge(other.latencies_);
  }

  Finding judge(const Noise& noise) const override {
    const auto widening = widening_of_worst(noise);
    const auto withheld = withheld_events(widening);
    const auto slow = latencies_.count_above(bound_ + widening);
    const auto due = latencies_.count() + withheld.total;
    const auto p90 = latencies_.at_percentile(90);
    auto result = finding(
        Verdict::pass,
        withheld.total > 0 ? fmt::format("{} late, {} held of {}", slow, withheld.total, due)
                           : fmt::format("{} late of {}, p90 {}", slow, due, format_duration(p90)),
        fmt::format("{} {}", format_duration(bound_), widened_text(widening, noise)));
    result.counts = {{"events", latencies_.count()},
                     {"late", slow},
                     {"never came", withheld.total},
                     {"clumped", events_.trace().clumps()}};
    const bool many = (slow + withheld.total) * late_share > due;
    if (due < events_min) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "only {} events were published by themselves ({} apart), {} are needed; publish at a "
          "lower rate, or for longer",
          due, format_duration(apart), events_min);
    } else if (many && (!noise.measured || noise.lag_max > bound_)) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, bound_);
    } else if (many && noise.generator_saturated) {
      result.verdict = Verdict::inconclusive;
      result.reason = "events came late, but the publisher could not keep its own schedule";
    } else if (many) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "of {} events published by themselves {} came late and {} not at all; {}", due, slow,
          withheld.total, events_.trace().cause(latencies_.worst(), latencies_.count() == 0));
      result.evidence = latencies_.evidence_above(bound_ + widening, "an event was held for");
      for (const auto& one : withheld.evidence.items()) {
        if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(one);
      }
    }
    return result;
  }

 private:
  struct Withheld {
    std::uint64_t total = 0;
    EvidenceList evidence;
  };

  /// Behind the last event of each stream that was open to the end.
  [[nodiscard]] Withheld withheld_events(Duration widening) const {
    constexpr Duration opening = std::chrono::milliseconds{500};
    Withheld withheld;
    if (trail_.overflowed()) return withheld;
    events_.streams().each([&](StreamId id, const LoneEvents::State& state) {
      if (!state.undisturbed || (!state.open && state.left_at == Instant{})) return;
      const auto end = state.open ? timeline_.end() : std::min(state.left_at, timeline_.end());
      const auto first = trail_.begun_from(state.channel, state.opened_at + opening);
      const auto last = trail_.answered_by(state.channel, end - 2 * bound_ - widening);
      if (!first || last < *first) return;
      const auto missing =
          trail_.expected(state.channel, std::max(*first, state.highest + 1), last);
      if (missing == 0) return;
      withheld.total += missing;
      withheld.evidence.add({end, id, fmt::format("{} events have not come", missing)});
    });
    return withheld;
  }

  Duration bound_;
  Timeline timeline_;
  LoneEvents events_;
  PublishTrail trail_;
  Observations latencies_;
};

}  // namespace

CheckSpec buffering_events_prompt() {
  return {.id = "buffering.events-prompt",
          .level = Level::must,
          .requirement = "Single small events at a low rate are passed on one by one.",
          .source = "contract delivery.latency_p99 (or 250 ms); FIELD F1, F5",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<EventsPrompt>,
          .wants = LoneEvents::wants | Timeline::wants | facts<fact::Published>(),
          .timing = true};
}

}  // namespace streamgauge
