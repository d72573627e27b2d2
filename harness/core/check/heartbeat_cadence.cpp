// heartbeat.cadence and heartbeat.on-empty-stream: while nothing else is sent, a heartbeat comes
// every period.
//
// Judged is every silence: from the last byte (heartbeat or event) to the next one, or to the end.
// A silence longer than the period and its margin is a missing heartbeat, whether the timer is
// reset by traffic or not. That heartbeats come too often is judged at the median of the gaps; that
// they come in bursts is heartbeat.no-burst's. A stream on a channel without events that never got
// a heartbeat is on-empty-stream's alone, so that a server with just that flaw is told apart from
// one with a broken timer.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

namespace {

enum class Population : std::uint8_t { all, empty_channels };

class Cadence : public Fold<Cadence> {
 public:
  static constexpr std::uint64_t gaps_min = 3;

  Cadence(const CheckContext& context, Population population)
      : fold_(context), population_(population) {}

  void on(const Record& record) override {
    HeartbeatFold::State before;
    const auto step = fold_.on(record, before);
    if (step == HeartbeatFold::Step::none || step == HeartbeatFold::Step::opened ||
        step == HeartbeatFold::Step::comment) {
      return;
    }
    if (!concerns(before)) return;
    if (step == HeartbeatFold::Step::beat) {
      ++beats_;
      const bool quiet = before.connection_beats > 0 && before.last_traffic <= before.last_beat;
      const auto gap = record.at - before.last_beat;
      if (quiet && fold_.judged_whole(before, before.last_beat, record.at)) gaps_.record(gap);
    }
    measure(silences_, record.stream, before, record.at);
  }

  void absorb(const Cadence& other) {
    fold_.merge(other.fold_);
    silences_.merge(other.silences_);
    gaps_.merge(other.gaps_);
    beats_ += other.beats_;
  }

  Finding judge(const Noise& noise) const override {
    auto silences = silences_;
    std::uint64_t watched = 0;
    std::uint64_t without = 0;
    fold_.streams().each([&](StreamId id, const HeartbeatFold::State& state) {
      if (!state.life.ever_open || !concerns(state)) return;
      ++watched;
      if (state.life.open) measure(silences, id, state, fold_.timeline().end());
      if (state.beats == 0 && long_enough(state)) ++without;
    });
    if (population_ == Population::all && beats_ == 0) silences = with_empty_streams(silences);
    return verdict(noise, silences, watched, without);
  }

 private:
  [[nodiscard]] bool concerns(const HeartbeatFold::State& state) const {
    return population_ == Population::all || fold_.on_empty_channel(state);
  }

  /// The stream was open for longer than the first heartbeat may take.
  [[nodiscard]] bool long_enough(const HeartbeatFold::State& state) const {
    const auto end = state.life.open ? fold_.timeline().end() : state.life.closed_at;
    return end - state.life.opened_at > fold_.terms().first_within + fold_.margin();
  }

  void measure(Observations& into, StreamId stream, const HeartbeatFold::State& state,
               Instant to) const {
    if (population_ == Population::all && state.beats == 0 && fold_.on_empty_channel(state)) return;
    measure_any(into, stream, state, to);
  }

  void measure_any(Observations& into, StreamId stream, const HeartbeatFold::State& state,
                   Instant to) const {
    // The first heartbeat has a bound of its own; from then on there must be one every period.
    const auto due = state.connection_beats == 0
                         ? state.life.opened_at + fold_.terms().first_within -
                               (population_ == Population::all ? Duration{} : fold_.terms().every)
                         : state.last_beat;
    const auto silence = fold_.judged(state, std::max(due, state.last_traffic), to);
    // Shorter ones cannot offend, and under traffic there is one for each event.
    if (silence > fold_.terms().every / 2) into.add(silence, to, stream);
  }

  /// No heartbeat at all, anywhere: then the streams on empty channels do count.
  [[nodiscard]] Observations with_empty_streams(Observations silences) const {
    fold_.streams().each([&](StreamId id, const HeartbeatFold::State& state) {
      if (!state.life.ever_open || !fold_.on_empty_channel(state)) return;
      const auto first = state.life.opened_at + fold_.terms().first_within;
      const auto end = state.life.open ? fold_.timeline().end() : state.life.closed_at;
      auto open = state;  // as it was until its end
      open.life.open = true;
      const auto silence = fold_.judged(open, first, end);
      if (silence > Duration{}) silences.add(silence, end, id);
    });
    return silences;
  }

  [[nodiscard]] Finding verdict(const Noise& noise, const Observations& silences,
                                std::uint64_t watched, std::uint64_t without) const {
    const auto& terms = fold_.terms();
    const auto margin = fold_.margin();
    const auto widening = widening_of_worst(noise);
    const auto median = gaps_.at_percentile(50);
    auto result = finding(Verdict::pass, measured_text(silences),
                          fmt::format("{} \u00b1{:.0f} % {}", format_duration(terms.every),
                                      terms.tolerance * 100, widened_text(widening, noise)));
    const auto late = silences.count_above(fold_.upper() + widening);
    result.counts = {{"streams", watched},
                     {"heartbeats", beats_},
                     {"gaps", gaps_.count()},
                     {"missing", late},
                     {"streams without", without}};
    switch (reach_of_worst(silences.worst(), fold_.upper(), margin, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, margin);
        result.evidence = silences.evidence_above(fold_.upper() + widening, "silence of");
        return result;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = missing_reason(late, without, watched, silences.worst());
        result.evidence = silences.evidence_above(fold_.upper() + widening, "silence of");
        return result;
      case Reach::within:
        break;
    }
    if (gaps_.count() >= gaps_min) {
      const auto lowest = terms.every - margin - widening_of_percentile(noise);
      if (median >= lowest) return result;
      if (!noise.measured || noise.lag_p99 > margin) {
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, margin);
        return result;
      }
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "half of the gaps are {} or shorter although a heartbeat is stated for every {}; beat no "
          "more often than stated, or state what is sent",
          format_duration(median), format_duration(terms.every));
      return result;
    }
    result.verdict = Verdict::inconclusive;
    result.reason = watched == 0
                        ? std::string(population_ == Population::all
                                          ? "no stream was open"
                                          : "no stream was open on a channel without events")
                        : fmt::format(
                              "only {} gaps between heartbeats in quiet stretches, {} are "
                              "needed; observe for longer",
                              gaps_.count(), gaps_min);
    return result;
  }

  /// The longest silence, when it is longer than any gap between two heartbeats, is what matters.
  [[nodiscard]] std::string measured_text(const Observations& silences) const {
    const auto worst = silences.worst();
    if (gaps_.empty()) return fmt::format("no gap; silent for {}", format_duration(worst));
    const auto gaps =
        fmt::format("{} over {} gaps", range_text(gaps_.min(), gaps_.max()), gaps_.count());
    if (worst <= gaps_.max()) return gaps;
    return fmt::format("{}; silent {}", gaps, format_duration(worst));
  }

  [[nodiscard]] std::string missing_reason(std::uint64_t late, std::uint64_t without,
                                           std::uint64_t watched, Duration worst) const {
    if (population_ == Population::empty_channels) {
      return fmt::format(
          "{} of {} streams on a channel without events went without a heartbeat for up to {}; run "
          "the heartbeat timer from the stream's opening, not from its first event",
          std::max<std::uint64_t>(without, std::min(late, watched)), watched,
          format_duration(worst));
    }
    if (beats_ == 0) {
      return fmt::format(
          "no heartbeat of the stated form arrived on {} streams in up to {}; send the heartbeat "
          "that the contract states, or state the one that is sent (see heartbeat.form)",
          watched, format_duration(worst));
    }
    return fmt::format(
        "{} silences were longer than a heartbeat allows, the longest {}, and {} streams never had "
        "a heartbeat; send one in every period in which nothing else is sent",
        late, format_duration(worst), without);
  }

  HeartbeatFold fold_;
  Population population_;
  Observations silences_;
  latency::Histogram gaps_;
  std::uint64_t beats_ = 0;
};

}  // namespace

CheckSpec heartbeat_cadence() {
  return {.id = "heartbeat.cadence",
          .level = Level::must,
          .requirement = "While nothing else is sent, a heartbeat arrives every period.",
          .source = "WHATWG HTML 9.2.7 (authoring notes); contract heartbeat.every",
          .needs = {},
          .not_stated = &no_heartbeat,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<Cadence>(context, Population::all);
          },
          .wants = HeartbeatFold::wants,
          .timing = true};
}

CheckSpec heartbeat_on_empty_stream() {
  return {.id = "heartbeat.on-empty-stream",
          .level = Level::must,
          .requirement = "A stream that never has an event gets heartbeats at the same pace.",
          .source = "contract heartbeat.on_empty_stream",
          .needs = {},
          .not_stated = [](const Contract& contract) -> std::string {
            if (!contract.heartbeat) return "heartbeat";
            return contract.heartbeat->on_empty_stream ? "" : "heartbeat.on_empty_stream";
          },
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<Cadence>(context, Population::empty_channels);
          },
          .wants = HeartbeatFold::wants,
          .timing = true};
}

}  // namespace streamgauge
