// How streams end in a drain: drain.no-truncation, drain.retry-hint and drain.lands.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/drain_fold.hpp"

namespace streamgauge {

namespace {

using namespace std::chrono_literals;

class NoTruncation final : public Fold<NoTruncation> {
 public:
  explicit NoTruncation(const CheckContext& context) : fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const NoTruncation& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise&) const override {
    auto result = finding(Verdict::inconclusive, "", "whole event, terminal chunk");
    const auto* stop = fold_.order();
    std::uint64_t ended = 0, whole = 0, mid_block = 0, unframed = 0;
    EvidenceList evidence;
    for (const auto& [id, channel, tenure, after, gave_up] : fold_.drained()) {
      if (!tenure->by_target()) continue;
      ++ended;
      // A body that only ends with the connection has no other end than FIN.
      const bool framed = tenure->ending == Ending::complete || tenure->ending == Ending::eof;
      if (framed && !tenure->mid_block) {
        ++whole;
        continue;
      }
      ++(tenure->mid_block ? mid_block : unframed);
      evidence.add({tenure->ended, id,
                    fmt::format("ended {}{}", to_string(tenure->ending),
                                tenure->mid_block ? ", within an event" : "")});
    }
    result.measured = fmt::format("{} of {} ended whole", whole, ended);
    result.counts = {
        {"ended", ended}, {"within an event", mid_block}, {"without terminal chunk", unframed}};
    result.evidence = evidence.items();
    if (evidence.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason =
          mid_block > 0
              ? fmt::format(
                    "{} of {} streams were cut within an event; write what is begun to its "
                    "blank line before ending",
                    mid_block, ended)
              : fmt::format(
                    "{} of {} streams were cut without an end of the HTTP body; send the "
                    "terminal chunk before closing",
                    unframed, ended);
    } else if (!stop || ended < drained_min) {
      result.reason = stop ? too_few_drained(ended, drained_min) : not_ordered;
    } else {
      result.verdict = Verdict::pass;
    }
    return result;
  }

 private:
  DrainFold fold_;
};

class RetryHint final : public Fold<RetryHint> {
 public:
  explicit RetryHint(const CheckContext& context)
      : fold_(context), hint_(context.contract.drain->retry_hint.value_or(Duration{})) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const RetryHint& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    auto result = finding(
        Verdict::inconclusive, "",
        fmt::format("retry: {} to {}", format_duration(hint_ / 2), format_duration(2 * hint_)));
    const auto* stop = fold_.order();
    std::uint64_t ended = 0, hinted = 0, silent = 0;
    std::uint32_t low = ~0u, high = 0;
    EvidenceList evidence;
    for (const auto& [id, channel, tenure, after, gave_up] : fold_.drained()) {
      if (!tenure->by_target()) continue;
      ++ended;
      // The order is noted down by another thread than the one that reads.
      if (tenure->retry_at < stop->at - 2 * noise.lag_max - 20ms) {
        ++silent;
        evidence.add({tenure->ended, id, "ended without a hint"});
        continue;
      }
      low = std::min(low, tenure->retry_ms);
      high = std::max(high, tenure->retry_ms);
      if (near(tenure->retry_ms)) {
        ++hinted;
      } else {
        evidence.add({tenure->retry_at, id, fmt::format("retry: {}", tenure->retry_ms)});
      }
    }
    result.measured = fmt::format(
        "{} of {} told {}", hinted, ended,
        high == 0 && low != 0
            ? std::string{"nothing"}
            : range_text(std::chrono::milliseconds{low}, std::chrono::milliseconds{high}));
    result.counts = {{"ended", ended}, {"without a hint", silent}, {"near the hint", hinted}};
    result.evidence = evidence.items();
    if (evidence.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason =
          silent > 0 ? fmt::format(
                           "{} of {} streams ended without a `retry:` after the order to stop; "
                           "send one before the end, so that clients know when to come back",
                           silent, ended)
                     : fmt::format(
                           "{} of {} streams were told a `retry:` far from the stated {}; send "
                           "the hint, with a spread of at most its double",
                           ended - hinted, ended, format_duration(hint_));
    } else if (!stop || ended < drained_min) {
      result.reason = stop ? too_few_drained(ended, drained_min) : not_ordered;
    } else {
      result.verdict = Verdict::pass;
    }
    return result;
  }

 private:
  [[nodiscard]] bool near(std::uint32_t told_ms) const {
    const Duration told = std::chrono::milliseconds{told_ms};
    return told + 1ms >= hint_ / 2 && told <= 2 * hint_ + 1ms;  // whole milliseconds on the wire
  }

  DrainFold fold_;
  Duration hint_;
};

/// Where a second instance is at hand, the first one's clients are soon with it.
class Lands final : public Fold<Lands> {
 public:
  explicit Lands(const CheckContext& context)
      : fold_(context),
        within_(context.contract.storm ? std::optional{context.contract.storm->recovered_within}
                                       : std::nullopt) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Lands& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    auto result = finding(Verdict::inconclusive, "",
                          within_ ? fmt::format("all in {} {}", format_duration(*within_),
                                                widened_text(widening_of_worst(noise), noise))
                                  : std::string{"all, by the end of the run"});
    const auto* stop = fold_.order();
    const auto streams = fold_.drained();
    if (stop && !fold_.switched()) {
      result.verdict = Verdict::skip;
      result.reason = "no second instance took over in this run; let stop_target have a standby";
    } else if (!stop || streams.size() < drained_min) {
      result.reason = stop ? too_few_drained(streams.size(), drained_min) : not_ordered;
    } else {
      judge_landing(streams, noise, result);
    }
    return result;
  }

 private:
  void judge_landing(const std::vector<DrainFold::Stream>& streams, const Noise& noise,
                     Finding& result) const {
    Observations away;
    std::uint64_t lost = 0, gave_up = 0, pending = 0, ended = 0;
    EvidenceList evidence;
    for (const auto& stream : streams) {
      if (!stream.tenure->by_target()) continue;
      ++ended;
      // Let in and ended again: not landed.
      if (stream.after && !stream.after->by_target() &&
          stream.after->opened >= stream.tenure->ended) {
        away.add(stream.after->opened - stream.tenure->ended, stream.after->opened, stream.id);
        continue;
      }
      const auto waited = fold_.timeline().end() - stream.tenure->ended;
      const bool soon = !stream.gave_up && waited < within_.value_or(5s);
      ++(stream.gave_up ? gave_up : soon ? pending : lost);
      evidence.add({stream.tenure->ended, stream.id,
                    stream.gave_up ? "ended here, gave up for good" : "ended here, not back"});
    }
    result.measured =
        lost + gave_up + pending > 0
            ? fmt::format("{} of {} landed", away.count(), ended)
            : fmt::format("all {} landed, the last in {}", ended, format_duration(away.worst()));
    result.counts = {{"ended", ended}, {"landed", away.count()}, {"gave up", gave_up}};
    result.evidence = evidence.items();
    if (lost + gave_up > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} of {} clients of the stopped target are not with the second one ({} gave up for "
          "good); end streams in a way that clients come back from, and admit them there",
          lost + gave_up, ended, gave_up);
    } else if (pending > 0 || ended == 0) {
      result.reason = ended == 0 ? std::string{"no stream was ended by the target"}
                                 : fmt::format(
                                       "the run ended before {} of {} clients had to be "
                                       "back; let it go on longer",
                                       pending, ended);
    } else {
      judge_time(away, noise, result);
    }
  }

  void judge_time(const Observations& away, const Noise& noise, Finding& result) const {
    const auto reach =
        within_ ? reach_of_worst(away.worst(), *within_, *within_ / 4, noise) : Reach::within;
    if (reach == Reach::within) {
      result.verdict = Verdict::pass;
      return;
    }
    result.evidence = away.evidence_above(*within_, "away for");
    if (reach == Reach::drowned) {
      result.reason = drowned_reason(noise, *within_ / 4);
      return;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "{} clients of the stopped target needed up to {} to be with the second one; hint a "
        "shorter `retry:`, and admit them without delay",
        away.count_above(*within_), format_duration(away.worst()));
  }

  DrainFold fold_;
  std::optional<Duration> within_;
};

}  // namespace

CheckSpec drain_no_truncation() {
  return {.id = "drain.no-truncation",
          .level = Level::must,
          .requirement = "In a drain each stream ends on a whole event and a whole HTTP body.",
          .source = "RFC 9112 7.1; contract drain",
          .needs = {Capability::drain},
          .not_stated = &no_drain,
          .make = &make_check<NoTruncation>,
          .wants = DrainFold::wants};
}

CheckSpec drain_retry_hint() {
  return {.id = "drain.retry-hint",
          .level = Level::must,
          .requirement = "Before a drain ends a stream, it tells the client when to come back.",
          .source = "contract drain.retry_hint",
          .needs = {Capability::drain},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.drain && contract.drain->retry_hint ? "" : "drain.retry_hint";
          },
          .make = &make_check<RetryHint>,
          .wants = DrainFold::wants};
}

CheckSpec drain_lands() {
  return {.id = "drain.lands",
          .level = Level::must,
          .requirement = "Clients of a drained target land on the second one.",
          .source = "contract drain; contract storm.recovered_within",
          .needs = {Capability::drain},
          .not_stated = &no_drain,
          .make = &make_check<Lands>,
          .wants = DrainFold::wants,
          .timing = true};
}

}  // namespace streamgauge
