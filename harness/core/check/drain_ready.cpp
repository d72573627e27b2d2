// Before the first stream ends: drain.ready-flips-first and drain.refuses-new.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/drain_fold.hpp"
#include "harness/core/check/members.hpp"

namespace streamgauge {

namespace {

using namespace std::chrono_literals;

class ReadyFlipsFirst final : public Fold<ReadyFlipsFirst> {
 public:
  explicit ReadyFlipsFirst(const CheckContext& context)
      : fold_(context), within_(std::max<Duration>(500ms, context.contract.drain->grace / 10)) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const ReadyFlipsFirst& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    const auto bound = fmt::format("{} {}, before ends", format_duration(within_),
                                   widened_text(widening_of_worst(noise), noise));
    auto result = finding(Verdict::inconclusive, "", bound);
    const auto* stop = fold_.order();
    const auto streams = fold_.drained();
    const auto& polls = fold_.target().readiness();
    const auto before = std::find_if(polls.rbegin(), polls.rend(),
                                     [&](const auto& poll) { return stop && poll.at <= stop->at; });
    if (!stop) {
      result.reason = not_ordered;
    } else if (before == polls.rend()) {
      result.reason = "the target's readiness was not asked before the order to stop";
    } else if (!ready(before->status)) {
      result.verdict = Verdict::skip;
      result.reason = fmt::format(
          "the target's ready_path answered {} before the order to stop: it tells no readiness",
          before->status);
    } else if (streams.size() < drained_min) {
      result.reason = too_few_drained(streams.size(), drained_min);
    } else {
      judge_order(*stop, streams, noise, result);
    }
    return result;
  }

 private:
  static bool ready(int status) { return status >= 200 && status <= 299; }

  void judge_order(const TargetTrail::Change& stop, const std::vector<DrainFold::Stream>& streams,
                   const Noise& noise, Finding& result) const {
    const auto& polls = fold_.target().readiness();
    const auto flip = std::find_if(polls.begin(), polls.end(), [&](const auto& poll) {
      return poll.at > stop.at && !ready(poll.status);
    });
    const DrainFold::Stream* first = nullptr;
    for (const auto& stream : streams) {
      if (!stream.tenure->by_target()) continue;
      if (!first || stream.tenure->ended < first->tenure->ended) first = &stream;
    }
    if (flip == polls.end()) {
      result.verdict = Verdict::fail;
      result.measured = "ready throughout";
      result.reason =
          "the target still called itself ready after the order to stop; turn readiness off first, "
          "so that new clients are sent elsewhere";
      return;
    }
    const auto flipped = std::max(flip->at - flip->since_last, stop.at);  // at the earliest
    const auto took = flip->at - stop.at;
    result.counts = {{"streams", streams.size()},
                     {"poll interval us", static_cast<std::uint64_t>(std::max<std::int64_t>(
                                              flip->since_last.count() / 1000, 0))}};
    result.measured = fmt::format("not ready after {}", format_duration(took));
    if (first) {
      result.measured +=
          fmt::format(", first end {}", format_duration(first->tenure->ended - stop.at));
      result.evidence = {{first->tenure->ended, first->id, "first stream ended"}};
    }
    if (first && flipped > first->tenure->ended + 2 * noise.lag_max) {
      result.verdict = Verdict::fail;
      result.reason =
          "streams ended while the target still called itself ready, so that their clients were "
          "sent back to it; turn readiness off before the first stream ends";
    } else if (first && flip->at > first->tenure->ended) {
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "readiness and the first end changed within one poll of {}; ask more often, or let the "
          "target wait a little before it ends streams",
          format_duration(flip->since_last));
    } else {
      judge_time(took - flip->since_last, noise, result);
    }
  }

  void judge_time(Duration took, const Noise& noise, Finding& result) const {
    switch (reach_of_worst(took, within_, within_ / 2, noise)) {
      case Reach::within:
        result.verdict = Verdict::pass;
        break;
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, within_ / 2);
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason =
            "readiness turned off long after the order to stop; make it the first thing that a "
            "stopping target does";
    }
  }

  DrainFold fold_;
  Duration within_;
};

class RefusesNew final : public Fold<RefusesNew> {
 public:
  /// The order travels to the target; who asked at the same moment may have been first. When the
  /// target calls itself not ready it has surely learned of it.
  static constexpr Duration order_arrives = 100ms;
  static constexpr Duration answer_within = 1s;

  explicit RefusesNew(const CheckContext& context)
      : fold_(context), retry_after_(context.contract.limits.retry_after.has_value()) {}
  void on(const Record& record) override {
    fold_.on(record);
    command_.on(record);
  }
  void absorb(const RefusesNew& other) {
    fold_.merge(other.fold_);
    command_.merge(other.command_);
  }

  Finding judge(const Noise& noise) const override {
    auto result = finding(Verdict::inconclusive, "",
                          retry_after_ ? "503 with Retry-After, or refused" : "503, or refused");
    const auto* stop = fold_.order();
    if (!stop) {
      result.reason = not_ordered;
      return result;
    }
    auto from = stop->at + order_arrives + 2 * noise.lag_max;
    for (const auto& poll : fold_.target().readiness()) {
      const bool knows = poll.at > stop->at && poll.status != 0 && poll.status / 100 != 2;
      if (knows) from = std::min(from, poll.at);
    }
    // A command has its way to go, too: the target has surely learned when it answered.
    if (command_.answered()) from = std::max(from, *command_.answered());
    const auto* moved = fold_.switched();
    const auto to = moved ? moved->at : fold_.timeline().end();
    Tally tally;
    for (const auto& attempt : fold_.attempts()) {
      if (attempt.began >= from && attempt.began < to) add(attempt, tally, noise);
    }
    result.measured = fmt::format("{} asked, {} refused, {} admitted", tally.asked, tally.refused,
                                  tally.admitted);
    result.counts = {{"asked", tally.asked},
                     {"refused", tally.refused},
                     {"admitted", tally.admitted},
                     {"hung", tally.hung},
                     {"rude", tally.rude},
                     {"other status", tally.other},
                     {"without Retry-After", tally.silent}};
    result.evidence = tally.evidence.items();
    if (tally.admitted + tally.hung + tally.rude + tally.other + tally.silent > 0) {
      result.verdict = Verdict::fail;
      result.reason = reason_of(tally);
    } else if (tally.refused == 0) {
      result.reason =
          "nobody asked the stopping target for a stream, 1 attempt is needed; let a group join "
          "after the order and before the second instance takes over";
    } else {
      result.verdict = Verdict::pass;
    }
    return result;
  }

 private:
  struct Tally {
    std::uint64_t asked = 0, refused = 0, admitted = 0, hung = 0, rude = 0, other = 0, silent = 0;
    EvidenceList evidence;
  };

  void add(const Attempt& attempt, Tally& tally, const Noise& noise) const {
    ++tally.asked;
    const auto offend = [&](std::uint64_t& which, std::string what) {
      ++which;
      tally.evidence.add({attempt.began, attempt.stream, std::move(what)});
    };
    using Outcome = Attempt::Outcome;
    switch (attempt.outcome) {
      case Outcome::answered:
        if (attempt.status == 200) return offend(tally.admitted, "asked here, admitted");
        if (attempt.status < 500) {
          return offend(tally.other, fmt::format("asked here, answered {}", attempt.status));
        }
        if (attempt.status == 503 && retry_after_ && !attempt.retry_after) {
          return offend(tally.silent, "asked here, 503 without Retry-After");
        }
        ++tally.refused;
        return;
      case Outcome::connect_refused:
        ++tally.refused;
        return;
      case Outcome::cut:
        // A listener that closes resets who waits in its queue; an answer is owed to the accepted.
        // So does a process that exits, with whom it has just accepted.
        if (attempt.ending == Ending::reset || attempt.ending == Ending::local ||
            went_with_the_process(attempt, noise)) {
          ++tally.refused;
          return;
        }
        return offend(tally.rude, "asked here, closed without an answer");
      case Outcome::timed_out:
        return offend(tally.hung, "asked here, no answer");
      case Outcome::pending:
      case Outcome::local: {
        const auto end = attempt.outcome == Outcome::local ? attempt.ended : fold_.timeline().end();
        if (end - attempt.began > answer_within + widening_of_worst(noise)) {
          return offend(tally.hung, "asked here, no answer");
        }
        --tally.asked;  // the run ended too soon to tell
        return;
      }
    }
  }

  [[nodiscard]] bool went_with_the_process(const Attempt& attempt, const Noise& noise) const {
    const auto* exited = fold_.target().next(TargetEvent::exited, attempt.began);
    return exited && attempt.ended >= exited->at - order_arrives - 2 * noise.lag_max;
  }

  static std::string reason_of(const Tally& tally) {
    if (tally.admitted > 0) {
      return fmt::format(
          "{} of {} new streams were admitted by a target that was told to stop, only to be ended "
          "again; answer 503 from the order on",
          tally.admitted, tally.asked);
    }
    if (tally.hung > 0) {
      return fmt::format(
          "{} of {} new clients were left without an answer by a target that was told to stop; "
          "answer 503, or close the listener",
          tally.hung, tally.asked);
    }
    if (tally.rude > 0) {
      return fmt::format(
          "{} of {} new clients were accepted and closed without an answer; answer "
          "503 before closing",
          tally.rude, tally.asked);
    }
    if (tally.other > 0) {
      return fmt::format(
          "{} of {} new clients were answered with a status that makes clients give "
          "up for good; answer 503",
          tally.other, tally.asked);
    }
    return fmt::format(
        "{} of {} refusals had no Retry-After, which the contract states; say when "
        "to come again",
        tally.silent, tally.asked);
  }

  DrainFold fold_;
  CommandFold command_{"drain"};
  bool retry_after_;
};

}  // namespace

CheckSpec drain_ready_flips_first() {
  return {.id = "drain.ready-flips-first",
          .level = Level::must,
          .requirement = "A target told to stop turns its readiness off before it ends a stream.",
          .source = "contract drain.grace",
          .needs = {Capability::drain},
          .not_stated = &no_drain,
          .make = &make_check<ReadyFlipsFirst>,
          .wants = DrainFold::wants,
          .timing = true};
}

CheckSpec drain_refuses_new() {
  return {.id = "drain.refuses-new",
          .level = Level::must,
          .requirement = "A target told to stop refuses new streams, and says so.",
          .source = "contract drain.grace",
          .needs = {Capability::drain},
          .not_stated = &no_drain,
          .make = &make_check<RefusesNew>,
          .wants = DrainFold::wants | facts<fact::Commanded>(),
          .timing = true};
}

}  // namespace streamgauge
