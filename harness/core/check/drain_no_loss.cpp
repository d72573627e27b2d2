// drain.no-loss: what a target had accepted before it was told to stop reaches who was connected.
//
// With two instances that hand out the same ids, nothing may be missing across both. Otherwise what
// was answered before the order must have arrived before the stream's end; what came later may have
// gone to either of them, or to nobody.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/drain_fold.hpp"

namespace streamgauge {

namespace {

class DrainNoLoss final : public Fold<DrainNoLoss> {
 public:
  static constexpr Duration arrived_after = std::chrono::seconds{1};

  explicit DrainNoLoss(const CheckContext& context)
      : context_(context), drain_(context), sequence_(context) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      return trail_.on(*published, record.at);
    }
    drain_.on(record);
    (void)sequence_.on(record);
  }

  void absorb(const DrainNoLoss& other) {
    drain_.merge(other.drain_);
    sequence_.merge(other.sequence_);
    trail_.merge(other.trail_);
  }

  Finding judge(const Noise& noise) const override {
    auto result = finding(Verdict::inconclusive, "", "0");
    const auto* stop = drain_.order();
    if (!stop) {
      result.reason = not_ordered;
      return result;
    }
    const bool across = drain_.switched() && has(context_.target, Capability::shared_ids) &&
                        has(context_.target, Capability::resume) && context_.contract.replay;
    Tally tally;
    for (const auto& stream : drain_.drained()) add(stream, *stop, across, noise, tally);
    result.measured = fmt::format("{} of {} deliveries lost", tally.lost, tally.expected);
    result.bound = across ? "0, across both instances" : "0, published before the order";
    result.counts = {{"streams", tally.streams},
                     {"expected", tally.expected},
                     {"lost", tally.lost},
                     {"across both", across ? 1u : 0u}};
    if (tally.overflowed || trail_.overflowed()) {
      result.reason = "more publishes failed, or more holes opened, than can be kept apart";
    } else if (tally.lost > 0) {
      result.verdict = Verdict::fail;
      result.evidence = tally.evidence.items();
      result.reason = fmt::format(
          "{} of {} streams missed {} events {}", tally.losing, tally.streams, tally.lost,
          across ? "across the two instances; let the second one replay what follows "
                   "each client's Last-Event-ID"
                 : "that the target had accepted before it was told to stop; empty "
                   "each queue before the stream's end");
    } else if (tally.expected == 0 || tally.streams < drained_min) {
      result.reason = tally.streams < drained_min
                          ? too_few_drained(tally.streams, drained_min)
                          : "no event was published before the order to stop";
    } else {
      result.verdict = Verdict::pass;
    }
    return result;
  }

 private:
  struct Tally {
    std::uint64_t streams = 0, expected = 0, lost = 0, losing = 0;
    bool overflowed = false;
    EvidenceList evidence;
  };

  /// Reads all the while, or stopped for no more than the stated queue surely holds: then something
  /// waits for it in the target when that is told to stop.
  [[nodiscard]] bool is_owed_all(const SequenceState& state) const {
    const auto& life = state.life;
    if (SequenceFold::reads(state)) return true;
    if (state.slow || life.stopped || !context_.contract.queue) return false;
    const auto& queue = *context_.contract.queue;
    const auto last = trail_.answered_by(life.channel, life.resumed_at);
    const auto first = trail_.begun_from(life.channel, life.stopped_at);
    const auto waiting = first && *first <= last ? last - *first + 1 : 0;
    const auto bytes = trail_.bytes_between(life.channel, life.stopped_at, life.resumed_at);
    return waiting <= queue.events_max &&
           (queue.bytes_max == 0 || bytes <= queue.bytes_max / 4 * 3);
  }

  void add(const DrainFold::Stream& stream, const TargetTrail::Change& stop, bool across,
           const Noise& noise, Tally& tally) const {
    const auto* state = sequence_.streams().find(stream.id);
    const auto& tenure = *stream.tenure;
    // Where nothing of the sequence had come, nothing tells from where on it was due.
    if (!state || !is_owed_all(*state) || !tenure.by_target() || tenure.seq_highest == 0) {
      return;
    }
    const auto& ledger = state->ledger;
    tally.overflowed = tally.overflowed || ledger.overflowed();
    ++tally.streams;
    const auto answered = trail_.answered_by(stream.channel, stop.at);
    auto due = answered;
    auto seen = tenure.seq_highest;
    if (across && stream.after && !stream.after->by_target()) {
      const auto end = drain_.timeline().end() - arrived_after - 2 * noise.lag_max;
      due = std::max(due, trail_.answered_by(stream.channel, end));
      seen = std::max(seen, stream.after->seq_highest);
    }
    const auto from = std::min(tenure.seq_highest, answered);
    const auto before = tally.lost;
    // After a return that did not continue, the ledger knows the new stretch only.
    const auto first =
        ledger.in_stretch() && !state->restarted ? std::min(ledger.first(), from) : from;
    tally.expected += trail_.expected(stream.channel, first, due);
    const auto lose = [&](std::uint64_t low, std::uint64_t high, Instant at) {
      const auto missing = trail_.expected(stream.channel, low, high);
      if (missing == 0) return;
      tally.lost += missing;
      tally.evidence.add({at, stream.id, fmt::format("seq {} missing", seq_range(low, high))});
    };
    for (const auto& hole : ledger.holes()) {
      const auto to = std::min(hole.to, due);
      if (hole.from <= to) lose(hole.from, to, hole.at);
    }
    if (seen < due) lose(seen + 1, due, tenure.ended);
    if (across && state->restarted && stream.after) judge_restart(*state, stream, lose);
    if (tally.lost > before) ++tally.losing;
  }

  /// The return did not continue the sequence: what lies between the two stretches is lost, unless
  /// the replay does not cover it.
  template <class Lose>
  void judge_restart(const SequenceState& state, const DrainFold::Stream& stream,
                     const Lose& lose) const {
    const auto& replay = *context_.contract.replay;
    const auto away = stream.after->opened - stream.tenure->ended;
    if (replay.within > Duration{} && away > replay.within) return;
    const auto last = stream.tenure->seq_highest;
    if (state.ledger.first() <= last + 1) return;
    if (!sequence_.covers(state, state.ledger.first() - last - 1)) return;
    lose(last + 1, state.ledger.first() - 1, stream.after->opened);
  }

  const CheckContext& context_;
  DrainFold drain_;
  SequenceFold sequence_;
  PublishTrail trail_;
};

}  // namespace

CheckSpec drain_no_loss() {
  return {.id = "drain.no-loss",
          .level = Level::must,
          .requirement = "A drain loses nothing that was accepted before it.",
          .source = "contract drain; contract replay",
          .needs = {Capability::drain, Capability::publish},
          .not_stated = &no_drain,
          .make = &make_check<DrainNoLoss>,
          .wants = DrainFold::wants | SequenceFold::wants | facts<fact::Published>()};
}

}  // namespace streamgauge
