// delivery.no-loss: every event that was accepted while a client was connected arrives at it.
//
// Expected at a stream is what was begun after its head (and a moment for the target to subscribe
// it) and answered before its end (and a moment to arrive), refused and unanswered publishes and
// probes left out. A hole that fills later is a matter of order, not of loss.
#include "harness/core/check/delivery_fold.hpp"

namespace streamgauge {

namespace {

constexpr Duration subscribed_after = std::chrono::milliseconds{100};
constexpr Duration arrived_after = std::chrono::seconds{1};

class NoLoss final : public Fold<NoLoss> {
 public:
  explicit NoLoss(const CheckContext& context) : fold_(context), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (fold_.on(record)) {
      timeline_.see(record.at);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      trail_.on(*published, record.at);
      timeline_.see(record.at);
    } else {
      timeline_.on(record);
    }
  }

  void absorb(const NoLoss& other) {
    fold_.merge(other.fold_);
    timeline_.merge(other.timeline_);
    trail_.merge(other.trail_);
  }

  Finding judge(const Noise& noise) const override {
    std::uint64_t streams = 0, expected = 0, lost = 0, losing = 0;
    bool overflowed = trail_.overflowed();
    EvidenceList evidence;
    fold_.streams().each([&](StreamId id, const SequenceState& state) {
      if (!SequenceFold::reads(state) || !state.life.ever_open) return;
      overflowed = overflowed || state.ledger.overflowed();
      const auto span = span_of(state, noise);
      const auto due = trail_.expected(state.life.channel, span.from, span.to);
      if (due == 0) return;
      ++streams;
      expected += due;
      const auto before = lost;
      each_gap(state, span, [&](std::uint64_t from, std::uint64_t to, Instant at) {
        if (from > to) return;
        const auto missing = trail_.expected(state.life.channel, from, to);
        if (missing == 0) return;
        lost += missing;
        evidence.add({at, id, fmt::format("seq {} missing", seq_range(from, to))});
      });
      if (lost > before) ++losing;
    });
    auto result =
        finding(Verdict::pass, fmt::format("{} of {} deliveries lost", lost, expected), "0");
    result.counts = {{"streams", streams},
                     {"expected", expected},
                     {"lost", lost},
                     {"published", trail_.accepted()}};
    if (lost > 0 && !overflowed) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} of {} streams missed {} events that the target had accepted while they were "
          "connected and reading; deliver each event to every subscriber, or close the stream of "
          "one that "
          "cannot keep up",
          losing, streams, lost);
      result.evidence = evidence.items();
    } else if (overflowed) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more publishes failed, or more holes opened, than can be kept apart";
      result.evidence = evidence.items();
    } else if (expected == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no event was published while a stream was surely subscribed";
    }
    return result;
  }

 private:
  struct Seqs {
    std::uint64_t from = 1;
    std::uint64_t to = 0;
  };

  /// What the stream should have, whether it came or not.
  [[nodiscard]] Seqs span_of(const SequenceState& state, const Noise& noise) const {
    const auto& life = state.life;
    const auto& ledger = state.ledger;
    Seqs span;
    if (ledger.in_stretch()) {
      span = {ledger.first(), ledger.highest()};
    }
    const auto end = life.open ? timeline_.end() : life.closed_at;
    const auto answered =
        trail_.answered_by(life.channel, end - arrived_after - widening_of(noise));
    const bool whole_life = life.attempt <= 1;
    if (whole_life) {
      const auto begun =
          trail_.begun_from(life.channel, life.opened_at + subscribed_after + widening_of(noise));
      if (begun && (span.to == 0 || *begun < span.from)) {
        span.from = *begun;
      } else if (span.to == 0) {
        return span;
      }
    } else if (!ledger.in_stretch()) {
      return {1, 0};
    }
    // After a reconnect without an event of its own the tail may have been missed while away.
    if (whole_life || !state.fresh) span.to = std::max(span.to, answered);
    return span;
  }

  [[nodiscard]] static Duration widening_of(const Noise& noise) { return 2 * noise.lag_max; }

  template <class Visit>
  void each_gap(const SequenceState& state, const Seqs& span, Visit&& visit) const {
    const auto& ledger = state.ledger;
    const auto end = state.life.open ? timeline_.end() : state.life.closed_at;
    if (!ledger.in_stretch()) {
      visit(span.from, span.to, end);
      return;
    }
    if (span.from < ledger.first()) visit(span.from, ledger.first() - 1, state.life.opened_at);
    for (const auto& hole : ledger.holes()) {
      // What was too old when the client came back is delivery.resume-too-old's.
      const auto due = hole.after_return ? fold_.oldest_due(state, trail_, hole.at) : 1;
      visit(std::max(hole.from, due), hole.to, hole.at);
    }
    if (span.to > ledger.highest()) visit(ledger.highest() + 1, span.to, end);
  }

  SequenceFold fold_;
  Timeline timeline_;
  PublishTrail trail_;
};

}  // namespace

CheckSpec delivery_no_loss() {
  return {.id = "delivery.no-loss",
          .level = Level::must,
          .requirement = "Every event published while a client is connected arrives at it.",
          .source = "contract delivery.complete",
          .needs = {Capability::publish},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.delivery && contract.delivery->complete ? "" : "delivery.complete";
          },
          .make = &make_check<NoLoss>,
          .wants = SequenceFold::wants | Timeline::wants | facts<fact::Published>()};
}

}  // namespace streamgauge
