// buffering.headers-prompt: the path passes the response head on while it has nothing else to pass.
//
// wire.headers-prompt judges any head; here it is asked what held it back. Told by what came with
// it: nothing ever (F1), the first body bytes (F3), a bundle of them (a buffer or compressor, F5).
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/hold_trace.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class HeadsPass final : public Fold<HeadsPass> {
 public:
  static constexpr std::uint64_t heads_many = 200;  // fewer: none may be late
  static constexpr std::uint32_t bundle_min = 3;

  explicit HeadsPass(const CheckContext& context)
      : within_(context.contract.headers.within), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (std::holds_alternative<fact::Connected>(record.fact)) {
      state = {record.at, {}, 0, Stage::waiting, false};
    } else if (std::holds_alternative<fact::Deafened>(record.fact) ||
               std::holds_alternative<fact::Aborted>(record.fact)) {
      state.stage = Stage::none;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (state.stage != Stage::waiting) return;
      trace_.on_head(headers->head);
      state.stage = Stage::answered;
      state.answered_at = record.at;
      const auto took = record.at - state.connected_at;
      state.late = took > within_;
      if (!timeline_.frozen_between(state.connected_at, record.at)) {
        heads_.add(took, record.at, record.stream);
      }
    } else if (std::holds_alternative<fact::Closed>(record.fact)) {
      if (state.stage == Stage::waiting) wait(never_, record.stream, state, record.at);
      state.stage = Stage::none;
    } else if (state.stage == Stage::answered && state.late &&
               record.at - state.answered_at <= together) {  // a comment, an event, a retry
      ++state.with_head;
      if (state.with_head == 1) ++with_body_;
      if (state.with_head == bundle_min) ++bundled_;
    }
  }

  void absorb(const HeadsPass& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    heads_.merge(other.heads_);
    never_.merge(other.never_);
    trace_.merge(other.trace_);
    with_body_ += other.with_body_;
    bundled_ += other.bundled_;
  }

  Finding judge(const Noise& noise) const override {
    auto never = never_;  // and those that are still waiting at the end
    streams_.each([&](StreamId id, const State& state) {
      if (state.stage == Stage::waiting) wait(never, id, state, timeline_.end());
    });
    const auto widening = widening_of_worst(noise);
    const auto late = heads_.count_above(within_ + widening);
    const auto unanswered = never.count_above(within_ + widening);
    auto result = finding(
        Verdict::pass,
        unanswered > 0
            ? fmt::format("{} of {} never came", unanswered, heads_.count() + unanswered)
            : fmt::format("worst {} of {} heads", format_duration(heads_.worst()), heads_.count()),
        fmt::format("{} {}", format_duration(within_), widened_text(widening, noise)));
    result.counts = {{"heads", heads_.count()},
                     {"late", late},
                     {"late with body", with_body_},
                     {"never", unanswered}};
    const bool lone =
        unanswered == 0 && late * 100 <= heads_.count() && heads_.count() >= heads_many;
    const auto worst = lone ? Duration{} : std::max(heads_.worst(), never.worst());
    switch (reach_of_worst(worst, within_, within_, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, within_);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = reason(late, unanswered, std::max(heads_.worst(), never.worst()));
        break;
      case Reach::within:
        if (heads_.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason = "no response head was seen, one is needed, nor was any awaited long enough";
        return result;
    }
    result.evidence = never.evidence_above(within_ + widening, "no response head after");
    for (auto& one : heads_.evidence_above(within_ + widening, "response head after")) {
      if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(one);
    }
    return result;
  }

 private:
  enum class Stage : std::uint8_t { none, waiting, answered };
  struct State {
    Instant connected_at{};
    Instant answered_at{};
    std::uint32_t with_head = 0;  // comments, events, retries that came with it
    Stage stage = Stage::none;
    bool late = false;
  };

  void wait(Observations& into, StreamId stream, const State& state, Instant until) const {
    if (until <= state.connected_at) return;
    if (timeline_.frozen_between(state.connected_at, until)) return;
    into.add(until - state.connected_at, until, stream);
  }

  [[nodiscard]] std::string reason(std::uint64_t late, std::uint64_t unanswered,
                                   Duration worst) const {
    const auto what = fmt::format("{} response heads came late and {} never (the longest wait {})",
                                  late, unanswered, format_duration(worst));
    if (!trace_.encoding().empty()) {
      return fmt::format(
          "{}: the compressor ({}) keeps them until it has enough (F5); flush it "
          "after the head",
          what, trace_.encoding());
    }
    if (unanswered >= late) {
      return what +
             ": the path holds even the head until its buffer fills, or the server never "
             "answers (F1); switch response buffering off for event streams";
    }
    if (bundled_ * 2 >= late) {
      return what +
             ", together with all that had been sent meanwhile: a buffer on the path that "
             "had to fill (F1); switch response buffering off for event streams";
    }
    if (with_body_ * 2 >= late) {
      return what +
             ", together with the first body bytes (F3); the head must be flushed when the "
             "stream opens, not with the first event";
    }
    return what + ", by themselves; look for a delay in accepting or forwarding new streams";
  }

  Duration within_;
  Timeline timeline_;
  PerStream<State> streams_;
  Observations heads_;
  Observations never_;
  HoldTrace trace_;
  std::uint64_t with_body_ = 0;
  std::uint64_t bundled_ = 0;
};

}  // namespace

CheckSpec buffering_headers_prompt() {
  return {.id = "buffering.headers-prompt",
          .level = Level::must,
          .requirement = "The path passes the response head on before there is a body.",
          .source = "contract headers.within; FIELD F1, F3",
          .needs = {},
          .not_stated = nullptr,
          .make = &make_check<HeadsPass>,
          .wants =
              Timeline::wants | facts<fact::Connected, fact::Headers, fact::Deafened, fact::Aborted,
                                      fact::Closed, fact::Comment, fact::Event, fact::Retry>(),
          .timing = true};
}

}  // namespace streamgauge
