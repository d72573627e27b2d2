// path.end-propagates: what ends at the target ends at the client.
//
// The target is told to end the streams of a group (its command `close`). A path that keeps the
// client's side open leaves clients with a stream on which nothing will ever come.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class EndPropagates final : public Fold<EndPropagates> {
 public:
  static constexpr Duration within = std::chrono::seconds{1};

  explicit EndPropagates(const CheckContext& context)
      : timeline_(context.scenario), ordered_(context.scenario.groups.size()) {}

  void on(const Record& record) override {
    if (const auto* command = std::get_if<fact::Commanded>(&record.fact)) {
      const bool done = command->status >= 200 && command->status < 300;
      if (!done || command->name != "close" || command->group >= ordered_.size()) return;
      auto& order = ordered_[command->group];
      const Order now{record.at - command->took, record.at};
      if (!order || now.begun < order->begun) order = now;
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    State& state = streams_[record.stream];
    if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
      state.group = joined->group;
    } else if (std::holds_alternative<fact::Connected>(record.fact) && !state.connected) {
      state.connected = record.at;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      if (!state.closed) state.closed = record.at;
      state.by_target = closed->ending != Ending::local;
    }
  }

  void absorb(const EndPropagates& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
      if (!ordered_[i]) ordered_[i] = other.ordered_[i];
    }
  }

  Finding judge(const Noise& noise) const override {
    Observations ends;
    Observations open;
    streams_.each([&](StreamId id, const State& state) { judge_one(id, state, ends, open); });
    const auto widening = widening_of_worst(noise);
    const auto late = ends.count_above(within + widening);
    auto result =
        finding(Verdict::pass,
                fmt::format("{} ended, the last after {}, {} did not", ends.count(),
                            format_duration(ends.worst()), open.count()),
                fmt::format("{} {}", format_duration(within), widened_text(widening, noise)));
    result.counts = {{"ended", ends.count()}, {"late", late}, {"still open", open.count()}};
    if (open.count() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "the target had ended {} streams that were still open at the client {} later: the path "
          "does not pass the end on",
          open.count(), format_duration(open.worst()));
      result.evidence = open.evidence_above({}, "still open after");
      return result;
    }
    switch (reach_of_worst(ends.worst(), within, within, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, within);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = fmt::format(
            "{} ends that the target had made reached the client late (the last after {}): the "
            "path passes an end on only when something else happens",
            late, format_duration(ends.worst()));
        result.evidence = ends.evidence_above(within + widening, "ended after");
        break;
      case Reach::within:
        if (ends.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason =
            "the target ended no stream on order: it needs the command 'close' for a group with "
            "open streams";
    }
    return result;
  }

 private:
  struct Order {
    Instant begun{};
    Instant answered{};
  };
  struct State {
    std::optional<Instant> connected;  // the first time
    std::optional<Instant> closed;     // likewise
    std::uint16_t group = 0;
    bool by_target = false;
  };

  void judge_one(StreamId id, const State& state, Observations& ends, Observations& open) const {
    if (state.group >= ordered_.size() || !ordered_[state.group] || !state.connected) return;
    const Order& order = *ordered_[state.group];
    if (*state.connected > order.begun || (state.closed && *state.closed < order.begun)) return;
    const bool ended = state.closed && state.by_target;
    if (ended) {
      const auto after = *state.closed - order.answered;
      ends.add(std::max(after, Duration{}), *state.closed, id);
    } else if (timeline_.end() - order.answered > within) {
      open.add(timeline_.end() - order.answered, timeline_.end(), id);
    }
  }

  Timeline timeline_;
  PerStream<State> streams_;
  std::vector<std::optional<Order>> ordered_;  // by group: its first one
};

}  // namespace

CheckSpec path_end_propagates() {
  return {.id = "path.end-propagates",
          .level = Level::must,
          .requirement = "A stream that the target ends, ends at the client.",
          .source = "FIELD section 4: abort propagated both ways",
          .needs = {Capability::close},
          .not_stated = nullptr,
          .make = &make_check<EndPropagates>,
          .wants = Timeline::wants |
                   facts<fact::Joined, fact::Connected, fact::Closed, fact::Commanded>(),
          .timing = true};
}

}  // namespace streamgauge
