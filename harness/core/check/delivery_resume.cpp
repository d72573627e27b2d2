// delivery.resume: a client that comes back with Last-Event-ID continues exactly where it was.
//
// A reconnect tells something only when events were published meanwhile: one of them was replayed,
// or is missing. What the contract's replay does not cover (too many, too long ago) is not judged
// here. Judged with it is the hand-over from replay to live events, for a second after the head.
#include <algorithm>

#include "harness/core/check/delivery_fold.hpp"

namespace streamgauge {

namespace {

class Resume final : public Fold<Resume> {
 public:
  static constexpr std::size_t gaps_max = 4096;
  static constexpr Duration handing_over = std::chrono::seconds{1};

  explicit Resume(const CheckContext& context)
      : fold_(context), replay_(context.contract.replay.value_or(ReplayTerms{})) {}

  void on(const Record& record) override {
    if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
      return;
    }
    if (record.stream == no_stream) return;
    auto& back = streams_[record.stream];
    if (std::holds_alternative<fact::Event>(record.fact)) {
      const auto arrived = fold_.on(record);
      if (!arrived) return;
      ++(std::get<fact::Event>(record.fact).id.empty() ? without_id_ : with_id_);
      if (SequenceFold::reads(*arrived->state)) on_event(record, back, *arrived);
      back.highest = std::max(back.highest, arrived->envelope->seq);
      return;
    }
    (void)fold_.on(record);
    if (const auto* connecting = std::get_if<fact::Connecting>(&record.fact)) {
      back.sends_id = connecting->sends_last_event_id && connecting->attempt > 1;
      if (connecting->attempt > 1 && back.highest > 0) ++returns_;
      back.resuming = false;
    } else if (const auto* headers = std::get_if<fact::Headers>(&record.fact)) {
      if (!back.sends_id || headers->status != 200 || back.highest == 0) return;
      ++resumes_;
      back.resuming = true;
      back.told = false;
      back.boundary = back.highest;
      back.opened_at = record.at;
      back.away = record.at - back.closed_at;
    } else if (std::holds_alternative<fact::Closed>(record.fact)) {
      back.closed_at = record.at;
    }
  }

  void absorb(const Resume& other) {
    fold_.merge(other.fold_);
    streams_.merge(other.streams_);
    trail_.merge(other.trail_);
    resumes_ += other.resumes_;
    returns_ += other.returns_;
    with_id_ += other.with_id_;
    without_id_ += other.without_id_;
    replayed_ += other.replayed_;
    telling_ += other.telling_;
    duplicates_.merge(other.duplicates_);
    gaps_.insert(gaps_.end(), other.gaps_.begin(), other.gaps_.end());
    overflowed_ = overflowed_ || other.overflowed_;
  }

  Finding judge(const Noise&) const override {
    EvidenceList evidence = duplicates_;
    std::uint64_t lost = 0, gaps = 0;
    for (const auto& gap : gaps_) {
      const auto missing = still_missing(gap);
      if (missing == 0) continue;
      ++gaps;
      lost += missing;
      evidence.add(
          {gap.at, gap.stream, fmt::format("seq {} not replayed", seq_range(gap.from, gap.to))});
    }
    auto result =
        finding(Verdict::pass,
                fmt::format("{} lost, {} twice, {} replayed", lost, duplicates_.total(), replayed_),
                "no loss, no duplicate");
    result.counts = {{"resumes", resumes_},
                     {"with events to replay", telling_ + gaps},
                     {"replayed", replayed_},
                     {"lost", lost},
                     {"duplicates", duplicates_.total()}};
    if (overflowed_ || trail_.overflowed()) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more gaps or failed publishes than can be kept apart";
    } else if (lost + duplicates_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "after a reconnect with Last-Event-ID {} events were missing and {} came twice; replay "
          "exactly what follows that id, and let live events wait behind the replay",
          lost, duplicates_.total());
      result.evidence = evidence.items();
    } else if (resumes_ == 0 && returns_ > 0 && with_id_ == 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "none of {} events had an id, so that the clients that came back ({} times) could not "
          "say "
          "where they were; send an id with each event, as the stated replay needs",
          without_id_, returns_);
    } else if (telling_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = resumes_ == 0 ? "no client reconnected with Last-Event-ID"
                                    : "nothing was published while a client was away";
    }
    return result;
  }

 private:
  struct Back {
    Instant opened_at{};
    Instant closed_at{};
    Duration away{};
    std::uint64_t highest = 0;
    std::uint64_t boundary = 0;  // highest before the reconnect
    bool sends_id = false;
    bool resuming = false;
    bool told = false;  // this reconnect had something to replay
  };
  struct Gap {
    Instant at{};
    StreamId stream = no_stream;
    std::uint16_t channel = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    Instant opened_at{};
  };

  void on_event(const Record& record, Back& back, const SequenceFold::Arrived& arrived) {
    if (!back.resuming) return;
    const auto& envelope = *arrived.envelope;
    if (envelope.intended > back.opened_at + handing_over) return;
    if (envelope.kind != sse::EnvelopeKind::probe &&
        arrived.arrival == SeqLedger::Arrival::duplicate) {
      duplicates_.add({record.at, record.stream, fmt::format("seq {} again", envelope.seq)});
    }
    if (envelope.seq > back.boundary && envelope.intended < back.opened_at) {
      ++replayed_;
      if (!back.told) ++telling_;
      back.told = true;
    }
    if (envelope.seq > back.highest + 1) gap(record, back, arrived);
  }

  void gap(const Record& record, const Back& back, const SequenceFold::Arrived& arrived) {
    const auto size = arrived.envelope->seq - back.highest - 1;
    if (!fold_.covers(*arrived.state, size)) return;
    if (replay_.within > Duration{} && back.away > replay_.within) return;
    if (gaps_.size() == gaps_max) {
      overflowed_ = true;
      return;
    }
    gaps_.push_back({record.at, record.stream, arrived.state->life.channel, back.highest + 1,
                     arrived.envelope->seq - 1, back.opened_at});
  }

  /// Of a gap, what did not come later either (live events may have overtaken the replay, which is
  /// delivery.in-order's).
  [[nodiscard]] std::uint64_t still_missing(const Gap& gap) const {
    const auto* state = fold_.streams().find(gap.stream);
    if (!state || state->ledger.overflowed()) {
      return trail_.expected(gap.channel, gap.from, gap.to);
    }
    std::uint64_t missing = 0;
    const auto due = fold_.oldest_due(*state, trail_, gap.opened_at);
    for (const auto& hole : state->ledger.holes()) {
      const auto from = std::max({hole.from, gap.from, due});
      const auto to = std::min(hole.to, gap.to);
      if (from <= to) missing += trail_.expected(gap.channel, from, to);
    }
    return missing;
  }

  SequenceFold fold_;
  ReplayTerms replay_;
  PerStream<Back> streams_;
  PublishTrail trail_;
  std::uint64_t resumes_ = 0;
  std::uint64_t returns_ = 0;
  std::uint64_t with_id_ = 0;
  std::uint64_t without_id_ = 0;
  std::uint64_t replayed_ = 0;
  std::uint64_t telling_ = 0;
  EvidenceList duplicates_;
  std::vector<Gap> gaps_;
  bool overflowed_ = false;
};

}  // namespace

CheckSpec delivery_resume() {
  return {.id = "delivery.resume",
          .level = Level::must,
          .requirement = "A reconnect with Last-Event-ID goes on without loss or repetition.",
          .source = "WHATWG HTML 9.2.4; contract replay",
          .needs = {Capability::publish, Capability::resume},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.replay ? "" : "replay";
          },
          .make = &make_check<Resume>,
          .wants = SequenceFold::wants | facts<fact::Published>()};
}

}  // namespace streamgauge
