// delivery.latency: from the intended send time to the arrival, at the 99th percentile.
//
// Counted are events intended after the connection's head (others are replay), at readers that
// never stopped and are not slow on purpose, with no freeze between intention and arrival. When the
// publisher itself ran late, or the generator was saturated, a bound that is missed proves nothing,
// unless it was the target's slow answers to publishes that made the publisher late.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class Latency final : public Fold<Latency> {
 public:
  static constexpr std::uint64_t events_min = 100;  // fewer have no 99th percentile

  explicit Latency(const CheckContext& context)
      : run_(context.run),
        bound_(context.contract.delivery
                   ? context.contract.delivery->latency_p99.value_or(Duration{})
                   : Duration{}),
        scenario_(context.scenario),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (event->envelope) on_event(record, *event->envelope);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      late_.record(published->late);
      took_.record(published->took);
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      auto& state = streams_[record.stream];
      if (std::holds_alternative<fact::Headers>(record.fact)) {
        state.opened_at = record.at;
      } else if (std::holds_alternative<fact::ReadingStopped>(record.fact)) {
        state.excluded = true;
      } else if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
        state.excluded = reads_slowly(scenario_, joined->group);
      }
    }
  }

  void absorb(const Latency& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    latency_.merge(other.latency_);
    late_.merge(other.late_);
    took_.merge(other.took_);
  }

  Finding judge(const Noise& noise) const override {
    const auto& histogram = latency_.histogram();
    const auto p99 = latency_.at_percentile(99);
    auto result = finding(Verdict::pass,
                          fmt::format("p99 {}, worst {} of {}", format_duration(p99),
                                      format_duration(latency_.worst()), histogram.count()),
                          fmt::format("p99 {} {}", format_duration(bound_),
                                      widened_text(widening_of_percentile(noise), noise)));
    const auto widened = bound_ + widening_of_percentile(noise);
    result.counts = {{"deliveries", histogram.count()}, {"above", latency_.count_above(widened)}};
    if (histogram.count() < events_min) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format("only {} deliveries could be timed, {} are needed",
                                  histogram.count(), events_min);
      return result;
    }
    const auto reach = reach_of_percentile(p99, bound_, noise);
    if (reach == Reach::within) return result;
    result.evidence = latency_.evidence_above(widened, "delivered after");
    const auto late = late_.at_percentile(99);
    if (reach == Reach::drowned) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, bound_);
    } else if ((noise.generator_saturated || late > bound_ / 2) &&
               took_.at_percentile(99) < bound_ / 2) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "the publisher could not keep its own schedule (late by {} at p99), so the target's "
          "share cannot be told; publish less, or from another machine",
          format_duration(late));
    } else {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "1 % of the deliveries took {} or longer from the intended send time although {} are "
          "stated; flush each event as it is published, and look for what blocks the fan-out",
          format_duration(p99), format_duration(bound_));
    }
    return result;
  }

 private:
  struct State {
    Instant opened_at{};
    bool excluded = false;
  };

  void on_event(const Record& record, const sse::Envelope& envelope) {
    if (envelope.run != run_ || envelope.kind == sse::EnvelopeKind::probe) return;
    const auto& state = streams_[record.stream];
    if (state.excluded || envelope.intended < state.opened_at) return;
    if (timeline_.frozen_between(envelope.intended, record.at)) return;
    latency_.add(std::max(record.at - envelope.intended, Duration{}), record.at, record.stream);
  }

  std::uint32_t run_;
  Duration bound_;
  const Scenario& scenario_;
  Timeline timeline_;
  PerStream<State> streams_;
  Observations latency_;
  latency::Histogram late_;
  latency::Histogram took_;
};

}  // namespace

CheckSpec delivery_latency() {
  return {
      .id = "delivery.latency",
      .level = Level::must,
      .requirement = "Events arrive within the stated time of their intended send time.",
      .source = "contract delivery.latency_p99",
      .needs = {Capability::publish},
      .not_stated = [](const Contract& contract) -> std::string {
        return contract.delivery && contract.delivery->latency_p99 ? "" : "delivery.latency_p99";
      },
      .make = &make_check<Latency>,
      .wants =
          Timeline::wants |
          facts<fact::Joined, fact::Headers, fact::ReadingStopped, fact::Event, fact::Published>(),
      .timing = true};
}

}  // namespace streamgauge
