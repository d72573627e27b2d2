// heartbeat.under-traffic: events neither starve heartbeats nor stop them for good.
//
// fixed: from heartbeat to heartbeat never more than a period and its margin, events or not; judged
// are the gaps with an event inside. reset: no silence after an event is longer than that.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

namespace {

class UnderTraffic final : public Fold<UnderTraffic> {
 public:
  static constexpr int periods_min = 3;

  explicit UnderTraffic(const CheckContext& context)
      : fold_(context), fixed_(fold_.terms().under_traffic == HeartbeatUnderTraffic::fixed) {}

  void on(const Record& record) override {
    HeartbeatFold::State before;
    const auto step = fold_.on(record, before);
    switch (step) {
      case HeartbeatFold::Step::traffic:
        if (!fixed_) measure(gaps_, record.stream, before, record.at);
        [[fallthrough]];
      case HeartbeatFold::Step::ended:
      case HeartbeatFold::Step::beat: {
        if (step != HeartbeatFold::Step::traffic) {
          measure(gaps_, record.stream, before, record.at);
        }
        // Traffic flows while events follow each other within a period.
        const auto since = record.at - before.last_traffic;
        if (before.traffic > 0 && step == HeartbeatFold::Step::traffic &&
            since <= fold_.terms().every &&
            fold_.judged_whole(before, before.last_traffic, record.at)) {
          flowing_[record.stream] += since;
        }
        break;
      }
      case HeartbeatFold::Step::opened:
        flowing_[record.stream] = Duration{};
        break;
      case HeartbeatFold::Step::none:
      case HeartbeatFold::Step::comment:
        break;
    }
  }

  void absorb(const UnderTraffic& other) {
    fold_.merge(other.fold_);
    gaps_.merge(other.gaps_);
    flowing_.merge(other.flowing_);
  }

  Finding judge(const Noise& noise) const override {
    auto gaps = gaps_;
    fold_.streams().each([&](StreamId id, const HeartbeatFold::State& state) {
      if (state.life.open) measure(gaps, id, state, fold_.timeline().end());
    });
    Duration flowing{};
    flowing_.each([&](StreamId, Duration length) { flowing = std::max(flowing, length); });
    const auto margin = fold_.margin();
    const auto widening = widening_of_worst(noise);
    const auto what = fixed_ ? "gap between heartbeats" : "silence after an event";
    auto result = finding(
        Verdict::pass,
        fmt::format("worst {} {} of {}", fixed_ ? "gap" : "silence", format_duration(gaps.worst()),
                    gaps.count()),
        fmt::format("{} {}", format_duration(fold_.upper()), widened_text(widening, noise)));
    const auto late = gaps.count_above(fold_.upper() + widening);
    result.counts = {{"gaps", gaps.count()}, {"too long", late}};
    switch (reach_of_worst(gaps.worst(), fold_.upper(), margin, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, margin);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason =
            fixed_
                ? fmt::format(
                      "while events flowed, {} gaps between heartbeats were too long, the worst "
                      "{}; do not let events reset or starve the heartbeat, or state "
                      "under_traffic: reset",
                      late, format_duration(gaps.worst()))
                : fmt::format(
                      "after an event the stream fell silent {} times for too long, the worst "
                      "{}; restart the heartbeat timer with each write instead of leaving it off",
                      late, format_duration(gaps.worst()));
        break;
      case Reach::within:
        if (flowing >= periods_min * fold_.terms().every) return result;
        result.verdict = Verdict::inconclusive;
        result.reason = fmt::format(
            "events flowed without a pause for only {}, {} heartbeat periods are needed; publish "
            "faster or for longer",
            format_duration(flowing), periods_min);
        return result;
    }
    result.evidence = gaps.evidence_above(fold_.upper() + widening, what);
    return result;
  }

 private:
  void measure(Observations& into, StreamId stream, const HeartbeatFold::State& state,
               Instant to) const {
    if (state.traffic == 0) return;
    Instant from = std::max(state.last_traffic, state.last_beat);
    if (fixed_) {
      from = state.connection_beats > 0 ? state.last_beat
                                        : state.life.opened_at + fold_.terms().first_within;
      if (state.last_traffic < state.last_beat) return;  // no event inside: heartbeat.cadence's
    } else if (state.last_beat > state.last_traffic) {
      return;
    }
    const auto gap = fold_.judged(state, from, to);
    // Shorter ones cannot offend, and there is one for each event.
    if (gap > (fixed_ ? Duration{} : fold_.terms().every / 2)) into.add(gap, to, stream);
  }

  HeartbeatFold fold_;
  bool fixed_;
  Observations gaps_;
  PerStream<Duration> flowing_;
};

}  // namespace

CheckSpec heartbeat_under_traffic() {
  return {.id = "heartbeat.under-traffic",
          .level = Level::must,
          .requirement = "Heartbeats keep their pace while events flow.",
          .source = "contract heartbeat.under_traffic",
          .needs = {Capability::publish},
          .not_stated = &no_heartbeat,
          .make = &make_check<UnderTraffic>,
          .wants = HeartbeatFold::wants,
          .timing = true};
}

}  // namespace streamgauge
