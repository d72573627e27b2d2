// delivery.finished: what is complete says so, and is not asked for again.
//
// After the target was told that a channel is finished, the channel's streams end in order, who
// comes again gets the stated answer, and nobody comes after that. A server that answers with an
// empty stream instead has every EventSource come back for ever.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"
#include "harness/core/check/members.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

class Finished final : public Fold<Finished> {
 public:
  static constexpr Duration ends_within = std::chrono::seconds{1};  // a machine's time

  explicit Finished(const CheckContext& context)
      : scenario_(context.scenario),
        status_(context.contract.finished_status.value_or(204)),
        timeline_(context.scenario),
        command_("finish") {}

  void on(const Record& record) override {
    command_.on(record);
    if (record.stream == no_stream) return timeline_.on(record);
    timeline_.see(record.at);
    auto& state = streams_[record.stream];
    if (std::holds_alternative<fact::Connecting>(record.fact)) {
      if (state.final_answers > 0) ++state.after_final;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (headers->status == status_) {
        ++state.final_answers;
      } else if (headers->status == 200) {
        ++state.opens;
        state.opened_last = record.at;
      } else {
        state.other_status = headers->status;
        state.other_at = record.at;
      }
    } else if (const auto* closed = std::get_if<fact::Closed>(&record.fact)) {
      if (state.life.open) {
        state.ended_at = record.at;
        state.ending = closed->ending;
      }
    }
    state.life.on(record);
  }

  void absorb(const Finished& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    command_.merge(other.command_);
  }

  Finding judge(const Noise& noise) const override {
    Tally tally;
    if (command_.sent() && command_.answered()) {
      streams_.each(
          [&](StreamId id, const State& state) { judge_stream(id, state, noise, tally); });
    }
    auto result =
        finding(Verdict::pass,
                fmt::format("{} ended in order, {} told {}", tally.ended, tally.told, status_),
                fmt::format("all end, then {}, then nothing", status_));
    result.counts = {{"ended in order", tally.ended},
                     {"told", tally.told},
                     {"cut", tally.cut},
                     {"left open", tally.open},
                     {"opened again", tally.again},
                     {"otherwise answered", tally.otherwise},
                     {"came after the answer", tally.churn}};
    if (tally.evidence.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = reason(tally);
      result.evidence = tally.evidence.items();
    } else if (!command_.sent()) {
      result.verdict = Verdict::inconclusive;
      result.reason = command_.why_not();
    } else if (tally.ended == 0 || tally.told == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "of the finished channel {} streams ended and {} clients came again; one of each is "
          "needed",
          tally.ended, tally.told);
    }
    return result;
  }

 private:
  struct State {
    StreamLife life;
    Instant opened_last{};
    Instant ended_at{};  // of the last open stream
    Instant other_at{};
    Ending ending = Ending::local;
    std::uint32_t opens = 0;
    std::uint32_t final_answers = 0;
    std::uint32_t after_final = 0;
    int other_status = 0;
  };
  struct Tally {
    std::uint64_t ended = 0, told = 0, cut = 0, open = 0, again = 0, otherwise = 0, churn = 0;
    EvidenceList evidence;
  };

  [[nodiscard]] bool is_finished(std::uint16_t channel) const {
    return std::any_of(scenario_.phases.begin(), scenario_.phases.end(), [&](const Phase& phase) {
      return std::any_of(phase.actions.begin(), phase.actions.end(), [&](const TimedAction& timed) {
        const auto* command = std::get_if<action::Command>(&timed.action);
        return command && command->name == "finish" && command->channel == channel;
      });
    });
  }

  void judge_stream(StreamId id, const State& state, const Noise& noise, Tally& tally) const {
    if (!is_finished(state.life.channel) || state.opens == 0) return;
    const auto sent = *command_.sent();
    const auto settled = *command_.answered() + ends_within + widening_of_worst(noise);
    const auto blame = [&](std::uint64_t& what, Instant at, std::string text) {
      ++what;
      tally.evidence.add({at, id, std::move(text)});
    };
    if (state.opened_last > settled) {
      return blame(tally.again, state.opened_last, "a stream was opened on the finished channel");
    }
    const bool to_the_end =
        state.life.open || (state.ending == Ending::local && state.ended_at >= timeline_.end());
    if (to_the_end && !state.life.gone && timeline_.end() > settled) {
      return blame(tally.open, timeline_.end(), "still open on the finished channel");
    }
    const bool by_target = state.ended_at >= sent && state.ending != Ending::local;
    if (by_target && (state.ending == Ending::truncated || state.ending == Ending::reset)) {
      return blame(tally.cut, state.ended_at, "the stream was cut instead of ended");
    }
    if (by_target) ++tally.ended;
    if (state.other_status != 0 && state.other_at > settled) {
      return blame(tally.otherwise, state.other_at, fmt::format("answered {}", state.other_status));
    }
    if (state.final_answers > 0) ++tally.told;
    if (state.after_final > 0) {
      blame(tally.churn, timeline_.end(),
            fmt::format("connected {} times after being told {}", state.after_final, status_));
    }
  }

  [[nodiscard]] std::string reason(const Tally& tally) const {
    if (tally.again > 0) {
      return fmt::format(
          "{} clients that came again were given another stream of the finished channel, and will "
          "come for ever; answer {}",
          tally.again, status_);
    }
    if (tally.open > 0) {
      return fmt::format("{} streams of the finished channel stayed open; end them, in order",
                         tally.open);
    }
    if (tally.cut > 0) {
      return fmt::format(
          "{} streams of the finished channel were cut; send the terminal chunk before closing",
          tally.cut);
    }
    if (tally.otherwise > 0) {
      return fmt::format("{} clients that came again were not answered {}; see the evidence",
                         tally.otherwise, status_);
    }
    return fmt::format("{} clients came again although they had been told {}; it is final",
                       tally.churn, status_);
  }

  const Scenario& scenario_;
  int status_;
  Timeline timeline_;
  CommandFold command_;
  PerStream<State> streams_;
};

}  // namespace

CheckSpec delivery_finished() {
  return {.id = "delivery.finished",
          .level = Level::must,
          .requirement = "A finished channel ends its streams and says that it is over.",
          .source = "WHATWG HTML 9.2.3 (204); contract finished_status",
          .needs = {Capability::finish},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.finished_status ? "" : "finished_status";
          },
          .make = &make_check<Finished>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Commanded>(),
          .timing = true};
}

}  // namespace streamgauge
