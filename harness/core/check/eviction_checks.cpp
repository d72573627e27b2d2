// eviction.within, eviction.by-progress, eviction.not-early: readers that stop for good are given
// up in time, by what they acknowledge and not by what was attempted, and not before their time.
//
// A stall begins when the kernel's buffers are full: until then the peer does acknowledge. So the
// clock runs from the stop until as much was published as the kernel holds, then for the stated
// time and its tolerance. Readers at which too little was published for that prove nothing by still
// being there; readers that are gone in time are gone in time.
//
// Readers that read slowly do acknowledge: they are never given up, however long they have been
// behind. One proves that it was spared when it still gets what was due longer ago than the stated
// time: all the while bytes were waiting for it.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/band.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/stopped_reader.hpp"
#include "harness/core/check/target_trail.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

namespace {

// The kernel is asked about the peer from time to time, not told.
constexpr Duration looked_every = std::chrono::milliseconds{250};

std::string no_eviction(const Contract& contract) {
  return contract.eviction ? "" : "eviction";
}

class EvictionFold {
 public:
  static constexpr std::uint32_t wants = StoppedReaders::wants;

  explicit EvictionFold(const CheckContext& context)
      : terms_(context.contract.eviction.value_or(EvictionTerms{})),
        queue_(context.contract.queue),
        scenario_(context.scenario),
        sees_the_end_(sees_the_end(context.target)),
        seen_(context.scenario) {}

  void on(const Record& record) { seen_.on(record); }
  void merge(const EvictionFold& other) { seen_.merge(other.seen_); }

  [[nodiscard]] const PerStream<StoppedReader>& readers() const { return seen_.readers; }
  [[nodiscard]] const EvictionTerms& terms() const { return terms_; }
  [[nodiscard]] Duration margin() const { return scaled(terms_.stalled_after, terms_.tolerance); }
  [[nodiscard]] Duration latest() const { return terms_.stalled_after + margin() + looked_every; }
  [[nodiscard]] Instant end() const { return seen_.timeline.end(); }
  [[nodiscard]] const PublishTrail& trail() const { return seen_.trail; }

  /// When the kernel's buffers were surely full; nullopt: too little was published.
  [[nodiscard]] std::optional<Instant> stalled_at(const StoppedReader& reader) const {
    return seen_.trail.filled(reader.life.channel, reader.life.stopped_at,
                              kernel_bytes_max(scenario_, reader.life.group));
  }
  [[nodiscard]] bool sees_ends() const { return sees_the_end_; }
  [[nodiscard]] bool frozen(Instant from, Instant to) const {
    return seen_.timeline.frozen_between(from, to);
  }
  /// The queue may have overflowed first, and the contract closes the connection then.
  [[nodiscard]] bool overflow_explains(const StoppedReader& reader) const {
    if (!queue_ || queue_->overflow != Overflow::disconnect) return false;
    const auto until = reader.cut ? reader.cut_at : end();
    // The stated queue is a lower bound of what must have been published, less what the trail
    // cannot see between its points.
    return seen_.trail.bytes_between(reader.life.channel, reader.life.stopped_at, until) * 2 >=
           queue_bytes(*queue_, seen_.trail.bytes_mean());
  }

 private:
  EvictionTerms terms_;
  std::optional<QueueTerms> queue_;
  const Scenario& scenario_;
  bool sees_the_end_;
  StoppedReaders seen_;
};

// --- within and by-progress -----------------------------------------------------------------

class Within final : public Fold<Within> {
 public:
  /// `by_progress`: only readers at which writes were attempted all the while.
  Within(const CheckContext& context, bool by_progress)
      : fold_(context), by_progress_(by_progress) {}

  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Within& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise& noise) const override {
    Observations gone, kept;
    std::uint64_t stopped = 0, before_full = 0;
    fold_.readers().each([&](StreamId id, const StoppedReader& reader) {
      const auto& life = reader.life;
      if (!life.ever_stopped || life.resumed) return;
      ++stopped;
      const auto stalled = fold_.stalled_at(reader);
      const auto until = reader.cut ? reader.cut_at : (life.closed ? life.closed_at : fold_.end());
      if (fold_.frozen(life.stopped_at, until)) return;
      if (reader.cut && (!stalled || *stalled >= until)) {
        // The kernel holds at most so much, often less: when the stall began nobody knows.
        ++before_full;
      } else if (reader.cut) {
        gone.add(until - *stalled, until, id);
      } else if (fold_.sees_ends() && stalled && until > *stalled &&
                 (!by_progress_ || attempted(reader, until))) {
        kept.add(until - *stalled, until, id);
      }
    });
    return verdict(noise, stopped, before_full, gone, kept);
  }

 private:
  /// Something was published in the last stretch of a stall's length: the target kept writing.
  [[nodiscard]] bool attempted(const StoppedReader& reader, Instant until) const {
    const auto from = until - fold_.terms().stalled_after;
    return fold_.trail().begun_from(reader.life.channel, from).has_value();
  }

  [[nodiscard]] Finding verdict(const Noise& noise, std::uint64_t stopped,
                                std::uint64_t before_full, const Observations& gone,
                                const Observations& kept) const {
    const auto given_up = gone.count() + before_full;
    const auto bound = fold_.latest();
    const auto widening = widening_of_worst(noise);
    auto result = finding(
        Verdict::pass,
        kept.count() > 0 ? fmt::format("{} given up; {} kept, for {}", given_up, kept.count(),
                                       format_duration(kept.worst()))
        : gone.count() > 0
            ? fmt::format("{} given up, the last after {}", given_up, format_duration(gone.worst()))
            : fmt::format("{} given up", given_up),
        fmt::format("{} {}", format_duration(bound), widened_text(widening, noise)));
    const auto late = gone.count_above(bound + widening);
    const auto never = kept.count_above(bound + widening);
    result.counts = {{"readers stopped for good", stopped},
                     {"given up", given_up},
                     {"kept", kept.count()},
                     {"late", late},
                     {"never", never}};
    switch (reach_of_worst(std::max(gone.worst(), kept.worst()), bound, fold_.margin(), noise)) {
      case Reach::drowned:
        result.verdict = Verdict::inconclusive;
        result.reason = drowned_reason(noise, fold_.margin());
        break;
      case Reach::beyond:
        result.verdict = Verdict::fail;
        result.reason = reason(late, never, kept.worst());
        break;
      case Reach::within:
        if (given_up > 0) return result;
        result.verdict = Verdict::inconclusive;
        result.reason =
            stopped == 0 ? "no reader stopped for good"
            : !fold_.sees_ends()
                ? "of a target on another machine it cannot be seen that it closed a connection "
                  "that nobody reads; run the harness beside the target"
                : "no stopped reader was given up, but none was surely stalled for long "
                  "enough either; publish more, or observe for longer";
        return result;
    }
    result.evidence = kept.evidence_above(bound + widening, "stalled and still connected after");
    for (auto& one : gone.evidence_above(bound + widening, "given up only after")) {
      if (result.evidence.size() < EvidenceList::max) result.evidence.push_back(one);
    }
    return result;
  }

  [[nodiscard]] std::string reason(std::uint64_t late, std::uint64_t never, Duration worst) const {
    if (by_progress_ && never > 0) {
      return fmt::format(
          "{} readers took no byte for up to {} while the target kept writing, and are still "
          "connected: it counts attempts, not progress (or never evicts); stamp a stream's last "
          "progress when its peer acknowledges bytes, not when a write is tried",
          never, format_duration(worst));
    }
    return fmt::format(
        "{} readers that stopped for good were given up too late and {} not at all; close a stream "
        "whose peer has acknowledged nothing for the stated time",
        late, never);
  }

  EvictionFold fold_;
  bool by_progress_;
};

// --- not-early ------------------------------------------------------------------------------

class NotEarly final : public Fold<NotEarly> {
 public:
  static constexpr std::uint32_t wants =
      EvictionFold::wants | TargetTrail::wants | facts<fact::Event>();

  explicit NotEarly(const CheckContext& context) : context_(context), fold_(context) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (!event->envelope || event->envelope->run != context_.run) return;
      auto& slow = slow_[record.stream];
      if (!slow.cut) slow.read_at = record.at;  // what was on its way may still come
      slow.behind = std::max(slow.behind, record.at - event->envelope->intended);
      return;
    }
    fold_.on(record);
    if (record.stream == no_stream) {
      target_.on(record);
      return;
    }
    auto& slow = slow_[record.stream];
    const bool was_open = slow.life.open && !slow.life.gone;
    slow.life.on(record);
    const auto* closed = std::get_if<fact::Closed>(&record.fact);
    const bool ended =
        slow.life.gone ||
        (closed != nullptr &&
         (closed->ending == Ending::reset || closed->ending == Ending::eof ||
          closed->ending == Ending::truncated || closed->ending == Ending::complete));
    if (was_open && ended && !slow.cut) slow.cut = true, slow.cut_at = record.at;
  }
  void absorb(const NotEarly& other) {
    fold_.merge(other.fold_);
    target_.merge(other.target_);
    slow_.merge(other.slow_);
  }

  Finding judge(const Noise& noise) const override {
    const bool drowned = !noise.measured || noise.lag_max > fold_.margin();
    const auto widening = drowned ? Duration{} : widening_of_worst(noise);
    Tally tally;
    tally.earliest = fold_.terms().stalled_after - fold_.margin();
    tally.widening = widening;
    fold_.readers().each(
        [&](StreamId id, const StoppedReader& reader) { judge_stopped(id, reader, tally); });
    slow_.each([&](StreamId id, const Slow& reader) { judge_slow(id, reader, tally); });
    const auto early = tally.early.total();
    auto result = finding(
        Verdict::pass,
        tally.soonest == Duration::max()
            ? fmt::format("{} early, {} spared", early, tally.spared)
            : fmt::format("{} early, {} spared, first after {}", early, tally.spared,
                          format_duration(tally.soonest)),
        fmt::format("{} {}", format_duration(tally.earliest), widened_text(-widening, noise)));
    result.counts = {{"spared", tally.spared},
                     {"in time", tally.in_time},
                     {"early", early},
                     {"closed by overflow", tally.explained},
                     {"slow readers", tally.slow},
                     {"slow and spared", tally.slow_spared}};
    if (early > 0) {
      result.verdict = drowned ? Verdict::inconclusive : Verdict::fail;
      result.reason = drowned ? drowned_reason(noise, fold_.margin()) : reason(tally);
      result.evidence = tally.early.items();
    } else if (tally.spared + tally.in_time == 0 && tally.slow <= tally.explained) {
      result.verdict = Verdict::inconclusive;
      result.reason = tally.explained > 0
                          ? "every stopped reader was closed because its queue overflowed"
                          : "no reader stopped and went on, and none was given up";
    } else if (tally.slow > tally.explained && tally.slow_spared == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          "no reader that read slowly was behind for the stated time; let them read slower, or "
          "publish more";
    }
    return result;
  }

 private:
  struct Slow {
    StreamLife life;
    Instant read_at{};  // the last event
    Duration behind{};  // the most that one was late
    Instant cut_at{};
    bool cut = false;  // the target ended the stream
  };
  struct Tally {
    Duration earliest{}, widening{};
    std::uint64_t spared = 0, in_time = 0, explained = 0;
    std::uint64_t slow = 0, slow_spared = 0, slow_cut = 0;
    Duration soonest = Duration::max();
    EvidenceList early;
  };

  void judge_stopped(StreamId id, const StoppedReader& reader, Tally& tally) const {
    const auto& life = reader.life;
    if (!life.ever_stopped) return;
    const bool cut_while_stopped =
        reader.cut && (!life.resumed || reader.cut_at <= life.resumed_at);
    if (!cut_while_stopped) {
      // Sparing a reader tells something once it has stopped for a good part of the time.
      const auto stopped_for = reader.stopped_until(fold_.end()) - life.stopped_at;
      if (life.resumed && !reader.cut && stopped_for >= tally.earliest / 4) ++tally.spared;
      return;
    }
    const auto after = reader.cut_at - life.stopped_at;
    if (after + tally.widening >= tally.earliest) {
      ++tally.in_time;
      tally.soonest = std::min(tally.soonest, after);
    } else if (fold_.overflow_explains(reader)) {
      ++tally.explained;
    } else {
      tally.soonest = std::min(tally.soonest, after);
      tally.early.add(
          {reader.cut_at, id,
           fmt::format("given up {} after it stopped reading", format_duration(after))});
    }
  }

  void judge_slow(StreamId id, const Slow& reader, Tally& tally) const {
    const auto& contract = context_.contract;
    if (!reader.life.ever_open || !reads_slowly(context_.scenario, reader.life.group)) return;
    ++tally.slow;
    if (!reader.cut) {
      if (reader.behind < fold_.terms().stalled_after) return;
      ++tally.slow_spared;
      ++tally.spared;
      return;
    }
    const auto since = reader.cut_at - reader.read_at;
    if (since + tally.widening >= tally.earliest) return;
    if (target_.down_within(reader.cut_at - tally.earliest, reader.cut_at)) return;
    // Ended for a reason that the contract states: a full queue, or a healthy stream's age.
    const bool by_overflow = contract.queue && contract.queue->overflow == Overflow::disconnect;
    if (by_overflow || contract.deliberate_close) {
      ++tally.explained;
      return;
    }
    ++tally.slow_cut;
    tally.early.add({reader.cut_at, id,
                     fmt::format("read slowly, and was given up {} after it had taken an event",
                                 format_duration(since))});
  }

  [[nodiscard]] static std::string reason(const Tally& tally) {
    if (tally.slow_cut > 0) {
      return fmt::format(
          "{} readers that read slowly, but went on, were given up: the time since a write was "
          "counted, not the time without progress; start it anew with each acknowledged byte",
          tally.slow_cut);
    }
    return fmt::format(
        "{} readers that paused were given up before the stated time (the soonest after {}); "
        "count from the last acknowledged byte, and only while bytes are waiting",
        tally.early.total(), format_duration(tally.soonest));
  }

  const CheckContext& context_;
  EvictionFold fold_;
  TargetTrail target_;
  PerStream<Slow> slow_;
};

}  // namespace

CheckSpec eviction_within() {
  return {.id = "eviction.within",
          .level = Level::must,
          .requirement = "A reader that stops for good is given up in the stated time.",
          .source = "contract eviction.stalled_after",
          .needs = {},
          .not_stated = &no_eviction,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<Within>(context, false);
          },
          .wants = EvictionFold::wants,
          .timing = true};
}

CheckSpec eviction_by_progress() {
  return {.id = "eviction.by-progress",
          .level = Level::must,
          .requirement = "Eviction counts what the peer acknowledges, not what was attempted.",
          .source = "contract eviction.stalled_after; RFC 9293 3.8.6",
          .needs = {Capability::publish},
          .not_stated = &no_eviction,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<Within>(context, true);
          },
          .wants = EvictionFold::wants,
          .timing = true};
}

CheckSpec eviction_not_early() {
  return {
      .id = "eviction.not-early",
      .level = Level::must,
      .requirement = "A reader that is slow, or pauses for less than the time, is not given up.",
      .source = "contract eviction.stalled_after",
      .needs = {},
      .not_stated = &no_eviction,
      .make = &make_check<NotEarly>,
      .wants = NotEarly::wants,
      .timing = true};
}

}  // namespace streamgauge
