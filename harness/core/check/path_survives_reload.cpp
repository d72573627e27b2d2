// path.survives-reload: streams outlive a proxy's reload or restart, or come back after it.
//
// Whether something is lost on the way is told by delivery.*; here it is asked who was open before
// and is not open again. A stream that the old process keeps has stayed, which is as good: how many
// did is told, because old processes pile up behind them (F21).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class SurvivesReload final : public Fold<SurvivesReload> {
 public:
  static constexpr Duration within_else = std::chrono::seconds{5};

  explicit SurvivesReload(const CheckContext& context)
      : scenario_(context.scenario),
        timeline_(context.scenario),
        within_(context.contract.storm ? context.contract.storm->recovered_within : within_else),
        direct_(context.path.empty()) {}

  void on(const Record& record) override {
    if (const auto* changed = std::get_if<fact::HopChanged>(&record.fact)) {
      if (changed->what == HopEvent::died) return;
      if (changed->what == HopEvent::restarted) {
        restarted_ = record.at;
      } else {
        stayed_ += stayed_since_turn();
        turned_ = record.at;
        ++turns_;
      }
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    State& state = streams_[record.stream];
    state.life.on(record);
    if (!turned_) return;
    if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      if (state.life.opened_at < *turned_ && state.life.ever_open && !state.away &&
          closed->ending != Ending::local) {
        state.away = record.at;
      }
    } else if (state.away && state.life.open) {
      returned(record, state);
    }
  }

  void absorb(const SurvivesReload& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    returns_.merge(other.returns_);
    if (!turned_) turned_ = other.turned_;
    if (!restarted_) restarted_ = other.restarted_;
    turns_ = std::max(turns_, other.turns_);
    stayed_ += other.stayed_;
  }

  Finding judge(const Noise& noise) const override {
    std::uint64_t stayed = stayed_;
    EvidenceList missing;
    streams_.each([&](StreamId id, const State& state) {
      if (policy_of(state) == PolicyKind::none || !state.life.ever_open) return;
      if (state.away) {
        missing.add({*state.away, id, "ended, and was not open again when the run was over"});
      } else if (turned_ && state.life.opened_at < *turned_ &&
                 state.life.open_at(timeline_.end())) {
        ++stayed;
      }
    });
    const auto widening = widening_of_worst(noise);
    auto result = finding(
        Verdict::pass,
        fmt::format("{} stayed, {} back in {}, {} not", stayed, returns_.count(),
                    format_duration(returns_.worst()), missing.total()),
        fmt::format("back in {} {}", format_duration(within_), widened_text(widening, noise)));
    result.counts = {{"stayed", stayed}, {"back", returns_.count()}, {"not back", missing.total()}};
    if (direct_ || turns_ == 0) {
      result.verdict = Verdict::skip;
      result.reason = direct_ ? "there is no proxy on the path that could be reloaded"
                              : "no proxy of the path was reloaded or restarted";
      return result;
    }
    if (missing.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} streams that were open before the proxy was reloaded or restarted did not come back; "
          "clients must reconnect whenever a stream ends, and the proxy must take them",
          missing.total());
      result.evidence = missing.items();
    } else if (reach_of_worst(returns_.worst(), within_, within_, noise) == Reach::drowned) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, within_);
    } else if (reach_of_worst(returns_.worst(), within_, within_, noise) == Reach::beyond) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "after the proxy could be reached again, it took {} until the last stream "
          "was back",
          format_duration(returns_.worst()));
      result.evidence = returns_.evidence_above(within_ + widening, "back after");
    } else if (stayed + returns_.count() == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no stream of a client that reconnects was open when the proxy was reloaded";
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    std::optional<Instant> away;  // since when
  };

  /// Open now, and before the last reload or restart.
  [[nodiscard]] std::uint64_t stayed_since_turn() const {
    std::uint64_t stayed = 0;
    streams_.each([&](StreamId, const State& state) {
      const bool was_open = turned_ && state.life.open && state.life.opened_at < *turned_;
      if (was_open && policy_of(state) != PolicyKind::none) ++stayed;
    });
    return stayed;
  }

  [[nodiscard]] PolicyKind policy_of(const State& state) const {
    return state.life.group < scenario_.groups.size()
               ? scenario_.groups[state.life.group].policy.kind
               : PolicyKind::none;
  }

  /// Counted from when the proxy could be reached again.
  void returned(const Record& record, State& state) {
    const Instant from = restarted_ ? std::max(*state.away, *restarted_) : *state.away;
    returns_.add(std::max(record.at - from, Duration{}), record.at, record.stream);
    state.away.reset();
  }

  const Scenario& scenario_;
  Timeline timeline_;
  Duration within_;
  bool direct_;
  PerStream<State> streams_;
  Observations returns_;
  std::optional<Instant> turned_, restarted_;
  std::uint64_t turns_ = 0;
  std::uint64_t stayed_ = 0;  // before the last turn
};

}  // namespace

CheckSpec path_survives_reload() {
  return {.id = "path.survives-reload",
          .level = Level::must,
          .requirement = "Streams outlive a reload or restart of a proxy, or come back after it.",
          .source = "contract storm.recovered_within; FIELD F19, F21",
          .needs = {},
          .not_stated = nullptr,
          .make = &make_check<SurvivesReload>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::HopChanged>(),
          .timing = true};
}

}  // namespace streamgauge
