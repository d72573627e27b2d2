// backpressure.isolation: readers that stop do not slow those that read.
//
// Compared are the deliveries to readers that never stopped, in the control phase and in the fault
// phase (told apart by the intended send time). Head-of-line blocking shows as latency, as
// publishes that are never answered, or as silence at healthy readers while publishes are accepted.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class Isolation final : public Fold<Isolation> {
 public:
  static constexpr std::uint64_t events_min = 50;  // in each of the two phases

  explicit Isolation(const CheckContext& context)
      : context_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (event->envelope) on_event(record, *event->envelope);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      on_published(record, *published);
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      auto& state = streams_[record.stream];
      state.life.on(record);
      if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
        state.slow = reads_slowly(context_.scenario, joined->group);
      }
    }
  }

  void absorb(const Isolation& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    control_.merge(other.control_);
    fault_.merge(other.fault_);
    unanswered_.merge(other.unanswered_);
    unanswered_control_ += other.unanswered_control_;
    if (accepted_.size() < other.accepted_.size()) accepted_.resize(other.accepted_.size());
    for (std::size_t i = 0; i < other.accepted_.size(); ++i) accepted_[i] += other.accepted_[i];
    took_.merge(other.took_);
    late_.merge(other.late_);
  }

  Finding judge(const Noise& noise) const override {
    const auto before = control_.at_percentile(99);
    const auto during = fault_.at_percentile(99);
    Duration margin = std::chrono::milliseconds{100};
    if (context_.contract.delivery && context_.contract.delivery->latency_p99) {
      margin = std::max(margin, *context_.contract.delivery->latency_p99);
    }
    const auto bound = std::max(3 * before, before + margin);
    std::uint64_t stopped = 0, due = 0;
    streams_.each([&](StreamId, const State& state) {
      if (state.life.ever_stopped) ++stopped;
      // Only streams that never broke off: what reached others cannot be reckoned.
      if (!healthy(state) || state.life.attempt > 1 || !state.life.ever_open) return;
      if (state.life.closed && state.life.ending != Ending::local) return;
      if (state.life.channel < accepted_.size()) due += accepted_[state.life.channel];
    });
    auto result = finding(Verdict::pass,
                          fmt::format("p99 {}, {} with {} stopped", format_duration(before),
                                      format_duration(during), stopped),
                          fmt::format("p99 {} {}", format_duration(bound),
                                      widened_text(widening_of_percentile(noise), noise)));
    result.counts = {{"deliveries before", control_.count()},
                     {"deliveries during", fault_.count()},
                     {"due during", due},
                     {"unanswered publishes", unanswered_.total()},
                     {"readers stopped", stopped}};
    if (stopped == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no reader stopped reading";
    } else if (unanswered_.total() > 0 && unanswered_control_ == 0) {
      blocked(result, noise, fmt::format("{} publishes were never answered", unanswered_.total()));
      result.evidence = unanswered_.items();
    } else if (due >= events_min && fault_.count() < due / 2) {
      blocked(result, noise,
              fmt::format("healthy readers got {} of {} events", fault_.count(), due));
    } else if (control_.count() < events_min || fault_.count() < events_min) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format("only {} deliveries before and {} during, {} of each are needed",
                                  control_.count(), fault_.count(), events_min);
    } else {
      judge_latency(result, noise, before, during, bound, margin);
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    bool slow = false;
  };
  [[nodiscard]] static bool healthy(const State& state) {
    return !state.slow && !state.life.ever_stopped;
  }

  void on_event(const Record& record, const sse::Envelope& envelope) {
    if (envelope.run != context_.run || envelope.kind == sse::EnvelopeKind::probe) return;
    const auto& state = streams_[record.stream];
    if (!healthy(state) || envelope.intended < state.life.opened_at) return;
    if (timeline_.frozen_between(envelope.intended, record.at)) return;
    const auto kind = timeline_.kind_at(envelope.intended);
    const auto took = std::max(record.at - envelope.intended, Duration{});
    if (kind == PhaseKind::control) control_.add(took, record.at, record.stream);
    if (kind == PhaseKind::fault) fault_.add(took, record.at, record.stream);
  }

  void on_published(const Record& record, const fact::Published& published) {
    const auto kind = timeline_.kind_at(published.intended);
    if (timeline_.frozen_between(published.intended, record.at)) return;
    if (kind == PhaseKind::control && published.status == 0) ++unanswered_control_;
    if (kind != PhaseKind::fault) return;
    late_.record(published.late);
    took_.record(published.took);
    if (published.status == 0) {
      unanswered_.add({record.at, no_stream,
                       fmt::format("publish of seq {} not answered in {}", published.seq,
                                   format_duration(published.took))});
    } else if (published.status >= 200 && published.status <= 299 &&
               published.kind != sse::EnvelopeKind::probe) {
      if (accepted_.size() <= published.channel)
        accepted_.resize(std::size_t{published.channel} + 1);
      ++accepted_[published.channel];
    }
  }

  static void blocked(Finding& result, const Noise& noise, std::string what) {
    constexpr Duration hopeless = std::chrono::seconds{1};
    const bool noisy = !noise.measured || noise.lag_max > hopeless;
    result.verdict = noisy ? Verdict::inconclusive : Verdict::fail;
    result.reason = noisy ? drowned_reason(noise, hopeless)
                          : what +
                                " while other readers did not read: one of them blocks the "
                                "fan-out; queue for each subscriber and never wait for one";
  }

  void judge_latency(Finding& result, const Noise& noise, Duration before, Duration during,
                     Duration bound, Duration margin) const {
    const auto reach = reach_of_percentile(during, bound, noise);
    if (reach == Reach::within) return;
    result.evidence =
        fault_.evidence_above(bound + widening_of_percentile(noise), "delivered after");
    // The publisher waits for answers one after the other: a target that answers late makes it
    // late. Only lateness beyond what the answers took is the generator's own.
    const bool own_lateness =
        (noise.generator_saturated || late_.at_percentile(99) > margin) && took_.max() < margin;
    if (reach == Reach::drowned || own_lateness) {
      result.verdict = Verdict::inconclusive;
      result.reason = reach == Reach::drowned
                          ? drowned_reason(noise, margin)
                          : "the publisher could not keep its own schedule, so the target's share "
                            "cannot be told; publish less";
      return;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "readers that read waited {} at p99 while others had stopped (before: {}); queue for each "
        "subscriber and never wait for one (or the target is too slow for the load of this phase)",
        format_duration(during), format_duration(before));
  }

  const CheckContext& context_;
  Timeline timeline_;
  PerStream<State> streams_;
  Observations control_;
  Observations fault_;
  EvidenceList unanswered_;
  std::uint64_t unanswered_control_ = 0;
  std::vector<std::uint64_t> accepted_;  // in the fault phase, by channel
  latency::Histogram took_;
  latency::Histogram late_;
};

}  // namespace

CheckSpec backpressure_isolation() {
  return {.id = "backpressure.isolation",
          .level = Level::must,
          .requirement = "Readers that stop do not delay the others.",
          .source = "contract queue; contract delivery.latency_p99",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<Isolation>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Event, fact::Published>(),
          .timing = true};
}

}  // namespace streamgauge
