// buffering.heartbeats-pass: the path passes each heartbeat of an idle stream on by itself.
//
// heartbeat.cadence judges the server's pace; here it is asked whether a heartbeat that was due
// came later, with others or pushed out by data: then it was sent, and held on the way.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"
#include "harness/core/check/hold_trace.hpp"

namespace streamgauge {

namespace {

class HeartbeatsPass final : public Fold<HeartbeatsPass> {
 public:
  static constexpr std::uint64_t gaps_min = 3;

  explicit HeartbeatsPass(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    if (std::holds_alternative<fact::Deafened>(record.fact) ||
        std::holds_alternative<fact::Aborted>(record.fact)) {
      disturbed_[record.stream] = true;
      return;
    }
    if (std::holds_alternative<fact::Connecting>(record.fact)) disturbed_[record.stream] = false;
    if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      trace_.on_head(headers->head);
    }
    HeartbeatFold::State before;
    const auto step = fold_.on(record, before);
    using Step = HeartbeatFold::Step;
    if (step != Step::beat && step != Step::traffic && step != Step::ended) return;
    if (disturbed_[record.stream]) return;
    const auto silence = measure(before, record.at);
    if (step == Step::beat) {
      if (silence > Duration{}) ++gaps_;
      const bool with_last =
          before.connection_beats > 0 && record.at - before.last_beat <= together;
      if (with_last && fold_.judged_whole(before, before.last_beat, record.at)) ++clumped_;
    } else if (step == Step::traffic && before.connection_beats > 0 &&
               record.at - before.last_beat <= together && late_[record.stream]) {
      ++pushed_out_;
    }
    late_[record.stream] = silence > fold_.upper();
    if (silence > fold_.terms().every / 2) silences_.add(silence, record.at, record.stream);
  }

  void absorb(const HeartbeatsPass& other) {
    fold_.merge(other.fold_);
    disturbed_.merge(other.disturbed_);
    late_.merge(other.late_);
    silences_.merge(other.silences_);
    trace_.merge(other.trace_);
    gaps_ += other.gaps_;
    clumped_ += other.clumped_;
    pushed_out_ += other.pushed_out_;
  }

  Finding judge(const Noise& noise) const override {
    auto silences = silences_;
    fold_.streams().each([&](StreamId id, const HeartbeatFold::State& state) {
      const auto* disturbed = disturbed_.find(id);
      if (!state.life.open || (disturbed && *disturbed)) return;
      const auto silence = measure(state, fold_.timeline().end());
      if (silence > fold_.terms().every / 2) silences.add(silence, fold_.timeline().end(), id);
    });
    const auto upper = fold_.upper();
    const auto widening = widening_of_worst(noise);
    const auto late = silences.count_above(upper + widening);
    auto result = finding(
        Verdict::pass,
        fmt::format("worst silence {}, {} in clumps", format_duration(silences.worst()), clumped_),
        fmt::format("{} {}", format_duration(upper), widened_text(widening, noise)));
    result.counts = {{"heartbeats after silence", gaps_},
                     {"late", late},
                     {"in clumps", clumped_},
                     {"pushed out by data", pushed_out_}};
    switch (reach_of_worst(silences.worst(), upper, fold_.margin(), noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, fold_.margin());
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = reason(late, silences.worst());
        break;
      case Reach::within:
        if (gaps_ >= gaps_min) return result;
        result.verdict = Verdict::inconclusive;
        result.reason = fmt::format(
            "only {} heartbeats came on idle streams, {} are needed; let streams idle for longer",
            gaps_, gaps_min);
        return result;
    }
    result.evidence = silences.evidence_above(upper + widening, "silence of");
    return result;
  }

 private:
  /// The silence that ends at `to`, as far as it may be judged.
  [[nodiscard]] Duration measure(const HeartbeatFold::State& state, Instant to) const {
    const auto due = state.connection_beats == 0
                         ? state.life.opened_at + fold_.terms().first_within - fold_.terms().every
                         : state.last_beat;
    return fold_.judged(state, std::max(due, state.last_traffic), to);
  }

  [[nodiscard]] std::string reason(std::uint64_t late, Duration worst) const {
    const auto what = fmt::format(
        "{} silences of idle streams were longer than a heartbeat allows "
        "(the longest {})",
        late, format_duration(worst));
    if (!trace_.encoding().empty() && clumped_ + pushed_out_ > 0) {
      return fmt::format("{}: {}", what, trace_.cause(worst, false));
    }
    if (pushed_out_ > 0) {
      return fmt::format(
          "{}, and {} heartbeats came only when data pushed them out: the path holds "
          "small writes back; switch buffering off for event streams",
          what, pushed_out_);
    }
    if (clumped_ > 0) {
      return fmt::format(
          "{}, and {} heartbeats came in clumps: the path collects them; switch "
          "buffering off for event streams",
          what, clumped_);
    }
    return what +
           ": none was sent, or the path holds them; compare with a direct path, then mend "
           "the server's timer or switch buffering off";
  }

  HeartbeatFold fold_;
  PerStream<bool> disturbed_;
  PerStream<bool> late_;
  Observations silences_;
  HoldTrace trace_;
  std::uint64_t gaps_ = 0;
  std::uint64_t clumped_ = 0;
  std::uint64_t pushed_out_ = 0;
};

}  // namespace

CheckSpec buffering_heartbeats_pass() {
  return {.id = "buffering.heartbeats-pass",
          .level = Level::must,
          .requirement = "Each heartbeat of an idle stream is passed on by itself.",
          .source = "contract heartbeat.every; FIELD F1, F5",
          .needs = {},
          .not_stated = &no_heartbeat,
          .make = &make_check<HeartbeatsPass>,
          .wants = HeartbeatFold::wants | facts<fact::Deafened, fact::Aborted>(),
          .timing = true};
}

}  // namespace streamgauge
