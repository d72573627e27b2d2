// delivery.first-last-skew: how long after the first subscriber the last one gets an event.
//
// First and last arrival of an event may be on different threads, so they are kept for a sample of
// the sequence numbers: every n-th of a channel, n doubling whenever 1024 are kept. Any two
// threads' samples agree on the multiples of the larger n, so that merging is exact. Events with a
// freeze between intention and arrival are left out, as are replays and readers that stop.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class SkewSamples {
 public:
  static constexpr std::size_t max = 1024;
  struct Sample {
    Instant first = Instant::max();
    Instant last = Instant::min();
    std::uint32_t arrivals = 0;
    bool spoilt = false;
  };

  /// The sample for `seq`, or null when it is not one of those that are kept.
  Sample* find(std::uint64_t seq) {
    if (seq % stride_ != 0) return nullptr;
    while (seq / stride_ >= max) widen();
    if (seq % stride_ != 0) return nullptr;
    const auto index = static_cast<std::size_t>(seq / stride_);
    if (index >= samples_.size()) samples_.resize(index + 1);
    return &samples_[index];
  }
  void merge(SkewSamples other) {
    while (stride_ < other.stride_) widen();
    while (other.stride_ < stride_) other.widen();
    if (samples_.size() < other.samples_.size()) samples_.resize(other.samples_.size());
    for (std::size_t i = 0; i < other.samples_.size(); ++i) {
      auto& into = samples_[i];
      const auto& from = other.samples_[i];
      into.first = std::min(into.first, from.first);
      into.last = std::max(into.last, from.last);
      into.arrivals += from.arrivals;
      into.spoilt = into.spoilt || from.spoilt;
    }
  }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

 private:
  void widen() {
    for (std::size_t i = 0; 2 * i < samples_.size(); ++i) samples_[i] = samples_[2 * i];
    samples_.resize((samples_.size() + 1) / 2);
    stride_ *= 2;
  }

  std::vector<Sample> samples_;  // [i] is of seq i * stride_
  std::uint64_t stride_ = 1;
};

class FirstLastSkew final : public Fold<FirstLastSkew> {
 public:
  static constexpr std::uint64_t events_min = 20;

  explicit FirstLastSkew(const CheckContext& context)
      : run_(context.run),
        bound_(context.contract.delivery
                   ? context.contract.delivery->first_last_skew.value_or(Duration{})
                   : Duration{}),
        scenario_(context.scenario),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (event->envelope) on_event(record, *event->envelope);
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
        state.channel = joined->channel;
        if (channels_.size() <= joined->channel) channels_.resize(std::size_t{joined->channel} + 1);
      }
    }
  }

  void absorb(const FirstLastSkew& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    if (channels_.size() < other.channels_.size()) channels_.resize(other.channels_.size());
    for (std::size_t i = 0; i < other.channels_.size(); ++i) channels_[i].merge(other.channels_[i]);
  }

  Finding judge(const Noise& noise) const override {
    Observations skews;
    for (const auto& channel : channels_) {
      for (const auto& sample : channel.samples()) {
        if (sample.arrivals < 2 || sample.spoilt) continue;
        skews.add(sample.last - sample.first, sample.last, no_stream);
      }
    }
    const auto p50 = skews.at_percentile(50);
    const auto widening = widening_of_percentile(noise);
    auto result =
        finding(Verdict::pass,
                fmt::format("p50 {}, worst {} of {}", format_duration(p50),
                            format_duration(skews.worst()), skews.count()),
                fmt::format("p50 {} {}", format_duration(bound_), widened_text(widening, noise)));
    result.counts = {{"events", skews.count()}};
    if (skews.count() < events_min) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          fmt::format("only {} sampled events reached two subscribers or more, {} are needed",
                      skews.count(), events_min);
      return result;
    }
    const auto reach = reach_of_percentile(p50, bound_, noise);
    if (reach == Reach::within) return result;
    result.evidence = skews.evidence_above(bound_ + widening, "first to last");
    if (reach == Reach::drowned || noise.generator_saturated) {
      result.verdict = Verdict::inconclusive;
      result.reason = reach == Reach::drowned ? drowned_reason(noise, bound_)
                                              : "the harness itself was saturated while reading";
      return result;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "for half of the events the last subscriber waited {} or longer after the first; write to "
        "subscribers without waiting for any of them",
        format_duration(p50));
    return result;
  }

 private:
  struct State {
    Instant opened_at{};
    std::uint16_t channel = 0;
    bool excluded = false;
  };

  void on_event(const Record& record, const sse::Envelope& envelope) {
    if (envelope.run != run_) return;
    const auto& state = streams_[record.stream];
    if (state.excluded || envelope.intended < state.opened_at) return;
    if (state.channel >= channels_.size()) return;
    auto* sample = channels_[state.channel].find(envelope.seq);
    if (!sample) return;
    sample->first = std::min(sample->first, record.at);
    sample->last = std::max(sample->last, record.at);
    ++sample->arrivals;
    if (timeline_.frozen_between(envelope.intended, record.at)) sample->spoilt = true;
  }

  std::uint32_t run_;
  Duration bound_;
  const Scenario& scenario_;
  Timeline timeline_;
  PerStream<State> streams_;
  std::vector<SkewSamples> channels_;
};

}  // namespace

CheckSpec delivery_first_last_skew() {
  return {.id = "delivery.first-last-skew",
          .level = Level::must,
          .requirement = "Half of the events reach the last subscriber soon after the first.",
          .source = "contract delivery.first_last_skew",
          .needs = {Capability::publish},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.delivery && contract.delivery->first_last_skew
                       ? ""
                       : "delivery.first_last_skew";
          },
          .make = &make_check<FirstLastSkew>,
          .wants = Timeline::wants |
                   facts<fact::Joined, fact::Headers, fact::ReadingStopped, fact::Event>(),
          .timing = true};
}

}  // namespace streamgauge
