// storm.no-loss: whoever comes back with a Last-Event-ID after all were cut goes on where it was.
//
// Like delivery.resume, for returns in a crowd: the replay of many at once, beside live traffic.
// What the contract's replay does not cover is not judged. A target that was killed has lost its
// replay with its memory: what was published in its former life is not due after such a return, and
// what it sends again is not a repetition of its own. Holes within the new life are.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/storm_fold.hpp"

namespace streamgauge {

namespace {

class StormNoLoss final : public Fold<StormNoLoss> {
 public:
  static constexpr std::size_t places_max = 4096;
  static constexpr Duration arrived_after = std::chrono::seconds{1};

  explicit StormNoLoss(const CheckContext& context)
      : storm_(context), fold_(context), replay_(context.contract.replay.value_or(ReplayTerms{})) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      return trail_.on(*published, record.at);
    }
    if (!std::holds_alternative<fact::Event>(record.fact)) storm_.on(record);
    if (record.stream == no_stream) return;
    auto& back = streams_[record.stream];
    if (std::holds_alternative<fact::Event>(record.fact)) {
      const auto arrived = fold_.on(record);
      if (!arrived) return;
      if (back.returned && SequenceFold::reads(*arrived->state)) on_event(record, back, *arrived);
      back.highest = std::max(back.highest, arrived->envelope->seq);
      return;
    }
    if (std::holds_alternative<fact::Closed>(record.fact)) {
      const auto* state = fold_.streams().find(record.stream);
      if (state && state->life.open) back.cut = record.at;
      back.ended = record.at;
      // What the harness closes at the end of the run was open until then.
      if (std::get<fact::Closed>(record.fact).ending != Ending::local) back.returned = false;
    }
    (void)fold_.on(record);
    const auto* headers = std::get_if<fact::Headers>(&record.fact);
    if (!headers || headers->status != 200 || back.highest == 0) return;
    const auto* state = fold_.streams().find(record.stream);
    if (state->life.attempt < 2 || !state->life.sends_id) return;
    back.returned = back.silent = true;
    back.boundary = back.highest;
    back.opened_at = record.at;
    back.ended = {};
  }

  void absorb(const StormNoLoss& other) {
    storm_.merge(other.storm_);
    fold_.merge(other.fold_);
    streams_.merge(other.streams_);
    trail_.merge(other.trail_);
    places_.insert(places_.end(), other.places_.begin(), other.places_.end());
    overflowed_ = overflowed_ || other.overflowed_;
  }

  Finding judge(const Noise& noise) const override {
    const auto waves = storm_.waves();
    Tally tally;
    for (const auto& place : places_) judge_place(place, tally);
    fold_.streams().each(
        [&](StreamId id, const SequenceState& state) { judge_tail(id, state, noise, tally); });
    auto result = finding(
        Verdict::pass,
        fmt::format("{} lost, {} twice, {} replayed", tally.lost, tally.twice, tally.replayed),
        "no loss, no duplicate");
    result.counts = {{"waves", waves.size()},
                     {"replayed", tally.replayed},
                     {"lost", tally.lost},
                     {"duplicates", tally.twice},
                     {"across a kill", tally.excused}};
    if (waves.empty()) {
      result.verdict = Verdict::inconclusive;
      result.reason = storm_.no_wave();
    } else if (overflowed_ || trail_.overflowed()) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more gaps or failed publishes than can be kept apart";
    } else if (tally.lost + tally.twice > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "after all were cut and came back, {} events were missing and {} came twice; replay "
          "exactly what follows each client's Last-Event-ID, however many ask at once",
          tally.lost, tally.twice);
      result.evidence = tally.evidence.items();
    } else if (tally.replayed == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          "nothing was replayed to a client that came back with a Last-Event-ID while the target "
          "lived on; publish while they are away, and give events ids";
    }
    return result;
  }

 private:
  enum class Kind : std::uint8_t { gap, twice, replayed };
  struct Back {
    Instant cut{};
    Instant opened_at{};
    Instant ended{};
    std::uint64_t highest = 0;
    std::uint64_t boundary = 0;  // highest before the return
    bool returned = false;       // this connection is a return with Last-Event-ID
    bool silent = false;         // nothing of the sequence on it yet
  };
  struct Place {
    Kind kind = Kind::gap;
    Instant at{};
    Instant cut{};
    StreamId stream = no_stream;
    std::uint16_t channel = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  struct Tally {
    std::uint64_t lost = 0, twice = 0, replayed = 0, excused = 0;
    EvidenceList evidence;
  };

  void on_event(const Record& record, Back& back, const SequenceFold::Arrived& arrived) {
    const auto seq = arrived.envelope->seq;
    Place place{Kind::gap, record.at, back.cut, record.stream, arrived.state->life.channel,
                seq,       seq};
    const bool probe = arrived.envelope->kind == sse::EnvelopeKind::probe;
    if (!probe && arrived.arrival == SeqLedger::Arrival::duplicate) {
      place.kind = Kind::twice;
      keep(place);
    }
    const bool first = std::exchange(back.silent, false);
    if (first && seq > back.boundary && arrived.envelope->intended < back.opened_at) {
      place.kind = Kind::replayed;  // one for each return
      keep(place);
    }
    if (seq <= back.highest + 1) return;
    const auto size = seq - back.highest - 1;
    const auto away = back.opened_at - back.cut;
    if (!fold_.covers(*arrived.state, size)) return;
    if (replay_.within > Duration{} && away > replay_.within) return;
    place.kind = Kind::gap;
    if (!first) place.cut = back.opened_at;  // not between two lives of the target
    place.from = back.highest + 1;
    place.to = seq - 1;
    keep(place);
  }

  void keep(const Place& place) {
    // Whether something was replayed is known long before the list is full.
    if (place.kind == Kind::replayed && places_.size() >= places_max / 2) return;
    if (places_.size() == places_max) {
      overflowed_ = true;
      return;
    }
    places_.push_back(place);
  }

  [[nodiscard]] bool excused(Instant cut, Instant at) const {
    constexpr Duration slack = std::chrono::seconds{1};  // the cut may be seen before the kill
    return storm_.target().down_within(cut - slack, at);
  }

  void judge_place(const Place& place, Tally& tally) const {
    if (place.kind == Kind::replayed) {
      if (!excused(place.cut, place.at)) ++tally.replayed;
      return;
    }
    const auto missing = place.kind == Kind::gap ? still_missing(place) : 1;
    if (missing == 0) return;
    if (excused(place.cut, place.at)) {
      tally.excused += missing;
      return;
    }
    (place.kind == Kind::gap ? tally.lost : tally.twice) += missing;
    tally.evidence.add({place.at, place.stream,
                        fmt::format("seq {} {}", seq_range(place.from, place.to),
                                    place.kind == Kind::gap ? "missing" : "again")});
  }

  /// Of a gap, what did not come later either.
  [[nodiscard]] std::uint64_t still_missing(const Place& gap) const {
    const auto* state = fold_.streams().find(gap.stream);
    if (!state || state->ledger.overflowed()) {
      return trail_.expected(gap.channel, gap.from, gap.to);
    }
    std::uint64_t missing = 0;
    for (const auto& hole : state->ledger.holes()) {
      const auto from = std::max(hole.from, gap.from);
      const auto to = std::min(hole.to, gap.to);
      if (from <= to) missing += trail_.expected(gap.channel, from, to);
    }
    return missing;
  }

  /// A client that came back and is sent nothing, or nothing more, has lost what was answered.
  void judge_tail(StreamId id, const SequenceState& state, const Noise& noise, Tally& tally) const {
    const auto* back = streams_.find(id);
    const auto end = storm_.timeline().end();
    const bool open = back && back->returned && (back->ended == Instant{} || back->ended >= end);
    if (!open || !SequenceFold::reads(state)) return;
    const auto due =
        trail_.answered_by(state.life.channel, end - arrived_after - 2 * noise.lag_max);
    const auto last = std::max(back->highest, back->boundary);
    const auto missing = trail_.expected(state.life.channel, last + 1, due);
    if (missing == 0 || (back->silent && !fold_.covers(state, missing))) return;
    if (excused(back->silent ? back->cut : back->opened_at, back->opened_at)) return;
    if (back->silent && replay_.within > Duration{} && back->opened_at - back->cut > replay_.within)
      return;
    tally.lost += missing;
    tally.evidence.add(
        {back->opened_at, id, fmt::format("seq {} missing", seq_range(last + 1, due))});
  }

  StormFold storm_;
  SequenceFold fold_;
  ReplayTerms replay_;
  PerStream<Back> streams_;
  PublishTrail trail_;
  std::vector<Place> places_;
  bool overflowed_ = false;
};

}  // namespace

CheckSpec storm_no_loss() {
  return {.id = "storm.no-loss",
          .level = Level::must,
          .requirement = "What was published while all were cut off reaches each on its return.",
          .source = "WHATWG HTML 9.2.4; contract replay",
          .needs = {Capability::publish, Capability::resume},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.replay ? "" : "replay";
          },
          .make = &make_check<StormNoLoss>,
          .wants = StormFold::wants | SequenceFold::wants | facts<fact::Published>()};
}

}  // namespace streamgauge
