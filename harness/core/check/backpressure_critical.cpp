// backpressure.critical-kept: a queue that overflows never drops a critical event.
//
// Judged at readers that stopped, resumed and were not cut off: no critical event that the target
// accepted may lie in a hole of their sequence, nor behind its end once all had time to arrive.
#include <algorithm>

#include "harness/core/check/delivery_fold.hpp"
#include "harness/core/check/stopped_reader.hpp"

namespace streamgauge {

namespace {

class CriticalKept final : public Fold<CriticalKept> {
 public:
  static constexpr std::size_t critical_max = 1u
                                              << 18;  // accepted critical events kept per channel
  static constexpr Duration arrived_after = std::chrono::seconds{1};

  explicit CriticalKept(const CheckContext& context)
      : run_(context.run), timeline_(context.scenario) {}

  void on(const Record& record) override {
    if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
      if (!event->envelope || event->envelope->run != run_) return;
      auto& state = streams_[record.stream];
      if (!state.reader.over) (void)state.ledger.take(event->envelope->seq, record.at);
    } else if (const auto* published = std::get_if<fact::Published>(&record.fact)) {
      on_published(record, *published);
    } else if (record.stream == no_stream) {
      timeline_.on(record);
    } else {
      timeline_.see(record.at);
      auto& state = streams_[record.stream];
      const bool again =
          std::holds_alternative<fact::Headers>(record.fact) && !state.reader.life.ever_stopped;
      if (again) state.ledger = SeqLedger{};
      (void)state.reader.on(record);
    }
  }

  void absorb(const CriticalKept& other) {
    timeline_.merge(other.timeline_);
    streams_.merge(other.streams_);
    if (critical_.size() < other.critical_.size()) critical_.resize(other.critical_.size());
    for (std::size_t i = 0; i < other.critical_.size(); ++i) {
      auto& into = critical_[i];
      into.insert(into.end(), other.critical_[i].begin(), other.critical_[i].end());
    }
    overflowed_ = overflowed_ || other.overflowed_;
  }

  Finding judge(const Noise& noise) const override {
    std::uint64_t readers = 0, dropped = 0, kept = 0, lost = 0;
    bool overflowed = overflowed_;
    EvidenceList evidence;
    streams_.each([&](StreamId id, const State& state) {
      const auto& life = state.reader.life;
      if (!life.ever_stopped || !life.resumed || state.reader.cut) return;
      if (!state.ledger.in_stretch() || life.channel >= critical_.size()) return;
      const auto meanwhile = published_between(life.channel, life.stopped_at, life.resumed_at);
      if (meanwhile == 0) return;
      overflowed = overflowed || state.ledger.overflowed();
      ++readers;
      dropped += state.ledger.missing();
      const auto before = lost;
      const auto look = [&](std::uint64_t from, std::uint64_t to, Instant at) {
        const auto missing = count(life.channel, from, to);
        if (missing == 0) return;
        lost += missing;
        evidence.add(
            {at, id,
             fmt::format("{} critical events missing in seq {}", missing, seq_range(from, to))});
      };
      for (const auto& hole : state.ledger.holes()) look(hole.from, hole.to, hole.at);
      const auto end = life.closed ? life.closed_at : timeline_.end();
      const auto last = last_answered(life.channel, end - arrived_after - 2 * noise.lag_max);
      if (last > state.ledger.highest()) look(state.ledger.highest() + 1, last, end);
      kept += meanwhile - std::min(meanwhile, lost - before);
    });
    auto result = finding(Verdict::pass,
                          fmt::format("{} lost, {} kept, {} others dropped", lost, kept,
                                      dropped - std::min(dropped, lost)),
                          "0 lost");
    result.counts = {{"readers", readers}, {"lost", lost}, {"kept", kept}, {"dropped", dropped}};
    if (lost > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} critical events were displaced from the queues of readers that had stopped; make "
          "room by dropping heartbeats and normal events first",
          lost);
      result.evidence = evidence.items();
    } else if (overflowed) {
      result.verdict = Verdict::inconclusive;
      result.reason = "more holes or critical events than can be kept apart";
    } else if (readers == 0 || dropped == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          readers == 0 ? "no reader stopped, missed critical events and came back on its connection"
                       : "no queue overflowed, so nothing had to be kept; publish more";
    }
    return result;
  }

 private:
  struct State {
    StoppedReader reader;
    SeqLedger ledger;
  };
  struct Critical {
    std::uint64_t seq = 0;
    Instant begun{};
    Instant answered{};
  };

  void on_published(const Record& record, const fact::Published& published) {
    if (published.kind != sse::EnvelopeKind::critical) return;
    if (published.status < 200 || published.status > 299) return;
    if (critical_.size() <= published.channel) critical_.resize(std::size_t{published.channel} + 1);
    auto& channel = critical_[published.channel];
    if (channel.size() == critical_max) {
      overflowed_ = true;
      return;
    }
    channel.push_back({published.seq, published.intended + published.late, record.at});
  }

  [[nodiscard]] std::uint64_t count(std::uint16_t channel, std::uint64_t from,
                                    std::uint64_t to) const {
    const auto& all = critical_[channel];
    const auto less = [](const Critical& critical, std::uint64_t seq) {
      return critical.seq < seq;
    };
    const auto low = std::lower_bound(all.begin(), all.end(), from, less);
    const auto high = std::lower_bound(low, all.end(), to + 1, less);
    return static_cast<std::uint64_t>(high - low);
  }
  [[nodiscard]] std::uint64_t published_between(std::uint16_t channel, Instant from,
                                                Instant to) const {
    const auto& all = critical_[channel];
    return static_cast<std::uint64_t>(
        std::count_if(all.begin(), all.end(), [&](const Critical& critical) {
          return critical.begun >= from && critical.answered <= to;
        }));
  }
  [[nodiscard]] std::uint64_t last_answered(std::uint16_t channel, Instant at) const {
    std::uint64_t seq = 0;
    for (const auto& critical : critical_[channel]) {
      if (critical.answered <= at) seq = critical.seq;
    }
    return seq;
  }

  std::uint32_t run_;
  Timeline timeline_;
  PerStream<State> streams_;
  std::vector<std::vector<Critical>> critical_;  // by channel, ascending
  bool overflowed_ = false;
};

// --- no-duplicate-after-drain ---------------------------------------------------------------

class NoDuplicateAfterDrain final : public Fold<NoDuplicateAfterDrain> {
 public:
  explicit NoDuplicateAfterDrain(const CheckContext& context) : fold_(context) {}

  void on(const Record& record) override {
    const auto arrived = fold_.on(record);
    if (!arrived || arrived->envelope->kind == sse::EnvelopeKind::probe) return;
    const auto& life = arrived->state->life;
    if (!life.ever_stopped || !life.resumed) return;
    drained_[record.stream] = true;
    if (arrived->envelope->intended < life.resumed_at) ++backlog_;
    if (arrived->arrival != SeqLedger::Arrival::duplicate) return;
    duplicates_.add({record.at, record.stream,
                     fmt::format("seq {} again, after seq {}", arrived->envelope->seq,
                                 arrived->state->ledger.highest())});
  }

  void absorb(const NoDuplicateAfterDrain& other) {
    fold_.merge(other.fold_);
    drained_.merge(other.drained_);
    duplicates_.merge(other.duplicates_);
    backlog_ += other.backlog_;
  }

  Finding judge(const Noise&) const override {
    std::uint64_t readers = 0;
    drained_.each([&](StreamId, bool drained) { readers += drained ? 1u : 0u; });
    auto result = finding(
        Verdict::pass,
        fmt::format("{} twice in a backlog of {} events", duplicates_.total(), backlog_), "0");
    result.counts = {
        {"readers", readers}, {"backlog", backlog_}, {"duplicates", duplicates_.total()}};
    if (duplicates_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} events came again after a reader went on; after a partial write go on behind the "
          "last byte that was taken instead of writing the head of the queue once more",
          duplicates_.total());
      result.evidence = duplicates_.items();
    } else if (backlog_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no reader resumed and drained a backlog";
    }
    return result;
  }

 private:
  SequenceFold fold_;
  PerStream<bool> drained_;
  EvidenceList duplicates_;
  std::uint64_t backlog_ = 0;
};

}  // namespace

CheckSpec backpressure_critical_kept() {
  return {.id = "backpressure.critical-kept",
          .level = Level::must,
          .requirement = "A full queue never displaces a critical event.",
          .source = "contract queue.critical_kept",
          .needs = {Capability::publish, Capability::critical},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.queue && contract.queue->critical_kept ? "" : "queue.critical_kept";
          },
          .make = &make_check<CriticalKept>,
          .wants = StreamLife::wants | Timeline::wants | facts<fact::Event, fact::Published>()};
}

CheckSpec backpressure_no_duplicate_after_drain() {
  return {.id = "backpressure.no-duplicate-after-drain",
          .level = Level::must,
          .requirement = "A reader that goes on gets nothing twice.",
          .source = "contract queue",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = &make_check<NoDuplicateAfterDrain>,
          .wants = SequenceFold::wants};
}

}  // namespace streamgauge
