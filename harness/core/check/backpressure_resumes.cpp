// backpressure.resumes: a reader that stopped and goes on reading gets live events again.
//
// A writer that waits for a "drain" that never comes leaves such a reader open and silent (F11).
// Judged is the first event published after the reader went on: its delay, a second allowed for the
// backlog before it, or that it never came.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

namespace {

class Resumes final : public Fold<Resumes> {
 public:
  static constexpr Duration plain_bound = std::chrono::milliseconds{250};
  static constexpr Duration backlog = std::chrono::seconds{1};

  explicit Resumes(const CheckContext& context)
      : run_(context.run),
        closes_(context.contract.queue && context.contract.queue->overflow == Overflow::disconnect),
        bound_(backlog + (context.contract.delivery && context.contract.delivery->latency_p99
                              ? std::max(plain_bound, *context.contract.delivery->latency_p99)
                              : plain_bound)),
        timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
      return;
    }
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (event->envelope && event->envelope->run == run_)
        on_event(record, state, *event->envelope);
      return;
    }
    const bool waited = waits(state);
    state.life.on(record);
    if (std::holds_alternative<fact::ReadingResumed>(record.fact)) {
      state.waiting = state.life.open;
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      if (waited && closed->ending != Ending::local) ++cut_;
      state.left_at = record.at;
      if (closed->ending != Ending::local) state.waiting = false;
    } else if (std::holds_alternative<fact::Connecting>(record.fact) ||
               std::holds_alternative<fact::ReadingStopped>(record.fact)) {
      state.waiting = false;
      state.left_at = Instant{};
    }
  }

  void absorb(const Resumes& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    trail_.merge(other.trail_);
    first_.merge(other.first_);
    cut_ += other.cut_;
  }

  Finding judge(const Noise& noise) const override {
    const auto widening = widening_of_worst(noise);
    Observations stuck;
    std::uint64_t cut = cut_;
    streams_.each([&](StreamId id, const State& state) {
      if (!waits(state)) return;
      if (state.life.gone) {
        ++cut;
        return;
      }
      const auto end =
          state.left_at == Instant{} ? timeline_.end() : std::min(state.left_at, timeline_.end());
      const auto due = trail_.begun_from(state.life.channel, state.life.resumed_at);
      if (!due || end <= state.life.resumed_at || trail_.overflowed()) return;
      if (timeline_.frozen_between(state.life.resumed_at, end)) return;
      const auto last = trail_.answered_by(state.life.channel, end - bound_ - widening);
      if (last < *due || trail_.expected(state.life.channel, *due, last) == 0) return;
      stuck.add(end - state.life.resumed_at, end, id);
    });
    const auto late = first_.count_above(bound_ + widening);
    auto result =
        finding(Verdict::pass,
                stuck.count() > 0 ? fmt::format("{} went on, {} got nothing for {}", first_.count(),
                                                stuck.count(), format_duration(stuck.worst()))
                                  : fmt::format("{} went on, first event after {}", first_.count(),
                                                format_duration(first_.worst())),
                fmt::format("{} {}", format_duration(bound_), widened_text(widening, noise)));
    result.counts = {{"went on", first_.count()},
                     {"late", late},
                     {"stuck", stuck.count()},
                     {"closed by the target", cut}};
    if (stuck.count() > 0 && noise.measured && noise.lag_max <= bound_) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} readers that went on stayed connected and got nothing of what was published since, "
          "for up to {}; write on as soon as the socket takes bytes again (F11)",
          stuck.count(), format_duration(stuck.worst()));
      result.evidence = stuck.evidence_above(Duration{}, "nothing new since it went on, for");
      return result;
    }
    const auto reach = reach_of_worst(first_.worst(), bound_, bound_, noise);
    if (stuck.count() > 0 || reach == Reach::drowned) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, bound_);
    } else if (reach == Reach::beyond) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} readers that went on got their first new event late, the worst after {}; wake the "
          "writer when the socket takes bytes, not at the next heartbeat or event",
          late, format_duration(first_.worst()));
      result.evidence = first_.evidence_above(bound_ + widening, "first new event after");
    } else if (first_.count() == 0 && cut > 0 && closes_) {
      result.verdict = Verdict::skip;
      result.reason = "the contract closes the stream of a reader whose queue is full, and it was";
    } else if (first_.count() == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          "no reader went on, kept its connection and had an event published afterwards; one is "
          "needed";
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    Instant left_at{};
    bool waiting = false;  // has gone on, and nothing new has come
  };
  [[nodiscard]] static bool waits(const State& state) { return state.waiting; }

  void on_event(const Record& record, State& state, const sse::Envelope& envelope) {
    if (!state.waiting || envelope.intended < state.life.resumed_at) return;
    state.waiting = false;
    if (timeline_.frozen_between(envelope.intended, record.at)) return;
    first_.add(record.at - envelope.intended, record.at, record.stream);
  }

  std::uint32_t run_;
  bool closes_;
  Duration bound_;
  Timeline timeline_;
  PerStream<State> streams_;
  PublishTrail trail_;
  Observations first_;
  std::uint64_t cut_ = 0;
};

}  // namespace

CheckSpec backpressure_resumes() {
  return {.id = "backpressure.resumes",
          .level = Level::must,
          .requirement = "A reader that stopped and goes on gets live events again.",
          .source = "contract delivery.latency_p99 (or 250 ms); FIELD F11",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<Resumes>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Event, fact::Published>(),
          .timing = true};
}

}  // namespace streamgauge
