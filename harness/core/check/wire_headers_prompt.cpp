// wire.headers-prompt: the response head comes at once, not with the first body byte.
//
// Among hundreds of heads a few may be late without anything being wrong with the target but the
// processor it waited for: up to one in a hundred may take twice as long. A connection that is
// never answered is nobody's bad luck.
#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

// A head and a body byte of one write are read in one wake-up, or the next one.
constexpr Duration together = std::chrono::milliseconds{5};

class HeadersPrompt final : public Fold<HeadersPrompt> {
 public:
  static constexpr std::uint64_t heads_many = 200;  // fewer: none may be late

  explicit HeadersPrompt(const CheckContext& context)
      : within_(context.contract.headers.within), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (std::holds_alternative<fact::Connected>(record.fact)) {
      state = {record.at, {}, State::Stage::waiting, false};
    } else if (std::holds_alternative<fact::Headers>(record.fact)) {
      if (state.stage != State::Stage::waiting) return;
      state.stage = State::Stage::answered;
      state.answered_at = record.at;
      const auto took = record.at - state.connected_at;
      state.late = took > within_;
      if (!timeline_.frozen_between(state.connected_at, record.at)) {
        heads_.add(took, record.at, record.stream);
      }
    } else if (std::holds_alternative<fact::Closed>(record.fact)) {
      if (state.stage == State::Stage::waiting) unanswered(record.stream, state, record.at);
      state.stage = State::Stage::none;
    } else if (state.stage == State::Stage::answered) {  // the first byte of the body
      state.stage = State::Stage::flowing;
      if (state.late && record.at - state.answered_at <= together) ++late_with_body_;
    }
  }

  void absorb(const HeadersPrompt& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    heads_.merge(other.heads_);
    never_.merge(other.never_);
    late_with_body_ += other.late_with_body_;
  }

  Finding judge(const Noise& noise) const override {
    auto never = never_;  // and those that are still waiting at the end
    streams_.each([&](StreamId id, const State& state) {
      const auto end = timeline_.end();
      if (state.stage != State::Stage::waiting || end <= state.connected_at) return;
      if (timeline_.frozen_between(state.connected_at, end)) return;
      never.add(end - state.connected_at, end, id);
    });
    const auto widened = within_ + widening_of_worst(noise);
    auto result = finding(
        Verdict::pass,
        fmt::format("worst {} of {} heads", format_duration(heads_.worst()), heads_.count()),
        fmt::format("{} {}", format_duration(within_),
                    widened_text(widening_of_worst(noise), noise)));
    const auto late = heads_.count_above(widened);
    const auto unanswered = never.count_above(widened);
    result.counts = {{"heads", heads_.count()}, {"late", late}, {"never answered", unanswered}};
    const auto spread = late * 100 <= heads_.count() && heads_.count() >= heads_many &&
                        heads_.worst() <= 2 * within_ + widening_of_worst(noise);
    const auto worst = std::max(spread ? Duration{} : heads_.worst(), never.worst());
    switch (reach_of_worst(worst, within_, within_, noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, within_);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = reason(late, unanswered, never);
        break;
      case Reach::within:
        if (heads_.count() > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason = "no response head was seen, nor was any awaited for long enough";
        return result;
    }
    result.evidence = never.evidence_above(widened, "accepted, no response head after");
    for (auto& late_head : heads_.evidence_above(widened, "response head after")) {
      if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(late_head);
    }
    return result;
  }

 private:
  struct State {
    enum class Stage : std::uint8_t { none, waiting, answered, flowing };
    Instant connected_at{};
    Instant answered_at{};
    Stage stage = Stage::none;
    bool late = false;
  };

  void unanswered(StreamId stream, const State& state, Instant at) {
    if (timeline_.frozen_between(state.connected_at, at)) return;
    never_.add(at - state.connected_at, at, stream);
  }

  [[nodiscard]] std::string reason(std::uint64_t late, std::uint64_t unanswered,
                                   const Observations& never) const {
    if (unanswered > 0) {
      return fmt::format(
          "{} connections were accepted and never answered (F29), the longest for {}; answer or "
          "refuse every request, and flush the response head when the stream opens",
          unanswered, format_duration(never.worst()));
    }
    if (late_with_body_ > 0) {
      return fmt::format(
          "{} of {} streams got their head late, {} of them only together with the first body byte "
          "(worst {}); flush the response head when the stream opens",
          late, heads_.count(), late_with_body_, format_duration(heads_.worst()));
    }
    return fmt::format(
        "{} of {} streams got their response head late, the worst after {}; flush the response "
        "head when the stream opens",
        late, heads_.count(), format_duration(heads_.worst()));
  }

  Duration within_;
  Timeline timeline_;
  PerStream<State> streams_;
  Observations heads_;
  Observations never_;
  std::uint64_t late_with_body_ = 0;
};

}  // namespace

CheckSpec wire_headers_prompt() {
  return {.id = "wire.headers-prompt",
          .level = Level::must,
          .requirement = "The response head arrives at once, also on a stream without events.",
          .source = "WHATWG HTML 9.2.3 (announce the connection); contract headers.within",
          .needs = {},
          .not_stated = nullptr,
          .make = &make_check<HeadersPrompt>,
          .wants = Timeline::wants | facts<fact::Connected, fact::Headers, fact::Closed,
                                           fact::Comment, fact::Event, fact::Retry>(),
          .timing = true};
}

}  // namespace streamgauge
