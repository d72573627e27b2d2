// heartbeat.first-within: the first heartbeat of a connection comes in time after the head.
//
// Where the timer is reset by other bytes, connections on which an event came first say nothing.
// A stream on a channel without events that never gets any is heartbeat.on-empty-stream's.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

namespace {

class FirstWithin final : public Fold<FirstWithin> {
 public:
  explicit FirstWithin(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    HeartbeatFold::State before;
    const auto step = fold_.on(record, before);
    if (before.connection_beats > 0 || !counts(before)) return;
    if (step == HeartbeatFold::Step::beat) {
      add(arrived_, record.stream, before, record.at);
    } else if (step == HeartbeatFold::Step::ended) {
      if (!(before.beats == 0 && fold_.on_empty_channel(before))) {
        add(awaited_, record.stream, before, record.at);
      }
    }
  }

  void absorb(const FirstWithin& other) {
    fold_.merge(other.fold_);
    arrived_.merge(other.arrived_);
    awaited_.merge(other.awaited_);
  }

  Finding judge(const Noise& noise) const override {
    auto awaited = awaited_;
    fold_.streams().each([&](StreamId id, const HeartbeatFold::State& state) {
      if (!state.life.open || state.connection_beats > 0 || !counts(state)) return;
      if (state.beats == 0 && fold_.on_empty_channel(state)) return;
      add(awaited, id, state, fold_.timeline().end());
    });
    const auto margin = fold_.margin();
    const auto bound = fold_.terms().first_within + margin;
    const auto widening = widening_of_worst(noise);
    auto result =
        finding(Verdict::pass,
                fmt::format("worst {} (p50 {}) of {}", format_duration(arrived_.worst()),
                            format_duration(arrived_.at_percentile(50)), arrived_.count()),
                fmt::format("{} {}", format_duration(bound), widened_text(widening, noise)));
    const auto late = arrived_.count_above(bound + widening);
    const auto never = awaited.count_above(bound + widening);
    result.counts = {{"connections", arrived_.count()}, {"late", late}, {"never", never}};
    switch (reach_of_worst(std::max(arrived_.worst(), awaited.worst()), bound, margin, noise)) {
      case Reach::within:
        if (arrived_.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason = "no connection was watched from its head to its first heartbeat";
        return result;
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, margin);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = fmt::format(
            "{} connections had their first heartbeat too late (worst {}) and {} waited for it in "
            "vain; start the timer when the stream opens, within the first period",
            late, format_duration(arrived_.worst()), never);
        break;
    }
    result.evidence = awaited.evidence_above(bound + widening, "no heartbeat since the head for");
    for (auto& one : arrived_.evidence_above(bound + widening, "first heartbeat after")) {
      if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(one);
    }
    return result;
  }

 private:
  [[nodiscard]] bool counts(const HeartbeatFold::State& state) const {
    if (!state.life.open) return false;
    return fold_.terms().under_traffic == HeartbeatUnderTraffic::fixed || state.traffic == 0;
  }

  /// Only waits that can be judged from their very beginning.
  void add(Observations& into, StreamId stream, const HeartbeatFold::State& state,
           Instant at) const {
    const auto wait = at - state.life.opened_at;
    if (fold_.judged_whole(state, state.life.opened_at, at)) into.add(wait, at, stream);
  }

  HeartbeatFold fold_;
  Observations arrived_;
  Observations awaited_;
};

}  // namespace

CheckSpec heartbeat_first_within() {
  return {.id = "heartbeat.first-within",
          .level = Level::must,
          .requirement = "The first heartbeat of a connection arrives in time after the head.",
          .source = "contract heartbeat.first_within",
          .needs = {},
          .not_stated = &no_heartbeat,
          .make = &make_check<FirstWithin>,
          .wants = HeartbeatFold::wants,
          .timing = true};
}

}  // namespace streamgauge
