// heartbeat.no-burst: missed heartbeats are skipped, not flushed back to back.
//
// Which sequences can a correct timer of period T produce, however late it is served? Its n-th
// heartbeat leaves at nT + d(n) with d(n) >= 0, and one that is a period late is skipped. So one
// heartbeat may come late and the next one on time, right behind it: two close together are legal
// after a silence (a freeze, say), at any phase. But the third is never early: from the first to
// the third of three heartbeats pass at least 2T - d(1) > T. Hence two rules, both of which only a
// server that flushes can break while the machine lets no thread wait for half a period:
//   1. three heartbeats within T/2 (the oldest of missed ones, flushed, make one such triple each);
//   2. two within T/10 with no silence of more than 1.5 T before the first (a doubled heartbeat).
//   3. where the lag leaves a quarter of a period to spare, three within T less its tolerance: so
//      two that are flushed show by the third, which comes on time (three times out of four).
// With a harness that itself slept for T/2 heartbeats pile up in the socket: then it is
// inconclusive. Readers that stopped take their backlog of heartbeats at once: nothing is judged
// until two periods after they went on.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/heartbeat_fold.hpp"

namespace streamgauge {

namespace {

class NoBurst final : public Fold<NoBurst> {
 public:
  static constexpr std::uint64_t gaps_min = 3;

  explicit NoBurst(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    HeartbeatFold::State before;
    if (fold_.on(record, before) != HeartbeatFold::Step::beat) return;
    auto& beats = beats_[record.stream];
    if (before.connection_beats == 0) beats = {};
    if (before.slow || before.life.stopped || record.at < before.judge_from) {
      beats = {};
      return;
    }
    if (beats.known >= 1) ++gaps_;
    judge_triple(record, beats);
    beats.before_last = beats.last;
    beats.last = record.at;
    if (beats.known < 2) ++beats.known;
  }

  void absorb(const NoBurst& other) {
    fold_.merge(other.fold_);
    beats_.merge(other.beats_);
    bursts_.merge(other.bursts_);
    doubles_.merge(other.doubles_);
    tight_.merge(other.tight_);
    gaps_ += other.gaps_;
    if (other.shortest_ < shortest_) shortest_ = other.shortest_;
  }

  Finding judge(const Noise& noise) const override {
    const auto every = fold_.terms().every;
    auto result =
        finding(Verdict::pass,
                shortest_ == Duration::max()
                    ? fmt::format("{} gaps", gaps_)
                    : fmt::format("three in {}, {} gaps", format_duration(shortest_), gaps_),
                fmt::format("three in {}, two in {}", format_duration(every / 2),
                            format_duration(every / 10)));
    const bool quiet = noise.measured && widening_of_worst(noise) <= every / 4;
    const auto tight = quiet ? tight_.total() : 0;
    if (quiet)
      result.bound = fmt::format("three in {}, two in {}", format_duration(tight_below()),
                                 format_duration(every / 10));
    result.counts = {{"gaps", gaps_},
                     {"bursts", bursts_.total()},
                     {"doubles", doubles_.total()},
                     {"too close", tight}};
    if (bursts_.total() + doubles_.total() + tight == 0) {
      if (gaps_ >= gaps_min) return result;
      result.verdict = Verdict::inconclusive;
      result.reason = fmt::format(
          "only {} gaps between heartbeats, {} are needed; observe for "
          "longer",
          gaps_, gaps_min);
      return result;
    }
    auto evidence = bursts_;
    evidence.merge(doubles_);
    if (quiet) evidence.merge(tight_);
    result.evidence = evidence.items();
    if (!noise.measured || widening_of_worst(noise) > every / 2) {
      result.verdict = Verdict::inconclusive;
      result.reason = drowned_reason(noise, every / 2);
      return result;
    }
    result.verdict = Verdict::fail;
    result.reason = fmt::format(
        "heartbeats came in bursts ({} times three or more at once, {} times two, {} times three "
        "in "
        "less than a period): ticks that were missed are flushed back to back; skip missed ticks "
        "instead of catching up",
        bursts_.total(), doubles_.total(), tight);
    return result;
  }

 private:
  struct Beats {
    Instant before_last{};
    Instant last{};
    std::uint8_t known = 0;
  };

  void judge_triple(const Record& record, const Beats& beats) {
    if (beats.known < 2) return;
    const auto every = fold_.terms().every;
    const auto span = record.at - beats.before_last;
    const auto gap = record.at - beats.last;
    if (span < shortest_) shortest_ = span;
    if (span < every / 2) {
      bursts_.add({record.at, record.stream,
                   fmt::format("three heartbeats within {}", format_duration(span))});
    } else if (gap < every / 10 && span - gap <= every + every / 2 &&
               !fold_.timeline().frozen_between(beats.before_last, record.at)) {
      doubles_.add({record.at, record.stream,
                    fmt::format("two heartbeats within {}", format_duration(gap))});
    } else if (span < tight_below()) {
      tight_.add({record.at, record.stream,
                  fmt::format("three heartbeats within {}", format_duration(span))});
    }
  }

  [[nodiscard]] Duration tight_below() const {
    const auto& terms = fold_.terms();
    return std::max(terms.every / 2, terms.every - fold_.margin());
  }

  HeartbeatFold fold_;
  PerStream<Beats> beats_;
  EvidenceList bursts_;
  EvidenceList doubles_;
  EvidenceList tight_;
  std::uint64_t gaps_ = 0;
  Duration shortest_ = Duration::max();
};

}  // namespace

CheckSpec heartbeat_no_burst() {
  return {.id = "heartbeat.no-burst",
          .level = Level::must,
          .requirement = "Heartbeats that were missed are skipped, never sent in a burst.",
          .source = "contract heartbeat.every",
          .needs = {},
          .not_stated = &no_heartbeat,
          .make = &make_check<NoBurst>,
          .wants = HeartbeatFold::wants,
          .timing = true};
}

}  // namespace streamgauge
