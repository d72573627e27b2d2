// delivery.same-on-transports: one hub, several ways out. Who listens on a stream, polls or holds a
// WebSocket gets the same messages in the same order.
//
// Each stream's sequence is followed as for the other delivery checks. A message counts as missing
// on one transport when somebody on another one got it; what nobody got is delivery.no-loss's
// affair. Compared is what lies between the latest beginning and the newest message that anybody
// got.
#include <array>
#include <map>

#include "harness/core/check/delivery_fold.hpp"

namespace streamgauge {

namespace {

constexpr std::size_t transports = 3;
constexpr std::uint64_t events_min = 10;  // of each transport, to speak of an order

bool holds(const SequenceState& state, std::uint64_t seq) {
  const SeqLedger& ledger = state.ledger;
  if (seq < ledger.first() || seq > ledger.highest()) return false;
  return std::none_of(ledger.holes().begin(), ledger.holes().end(),
                      [seq](const auto& hole) { return hole.from <= seq && seq <= hole.to; });
}

class SameOnTransports final : public Fold<SameOnTransports> {
 public:
  explicit SameOnTransports(const CheckContext& context) : context_(context), fold_(context) {}

  void on(const Record& record) override {
    const auto arrived = fold_.on(record);
    if (!arrived || arrived->envelope->kind == sse::EnvelopeKind::probe) return;
    if (!SequenceFold::reads(*arrived->state)) return;
    const auto transport = transport_of(*arrived->state);
    ++events_[transport];
    const bool late = arrived->arrival == SeqLedger::Arrival::late;
    const bool again = arrived->arrival == SeqLedger::Arrival::duplicate;
    if (!late && !again) return;
    ++misplaced_[transport];
    offences_.add(
        {record.at, record.stream,
         fmt::format("{}: seq {} {} seq {}", name(transport), arrived->envelope->seq,
                     late ? "late, after" : "again, after", arrived->state->ledger.highest())});
  }

  void absorb(const SameOnTransports& other) {
    fold_.merge(other.fold_);
    for (std::size_t i = 0; i < transports; ++i) {
      events_[i] += other.events_[i];
      misplaced_[i] += other.misplaced_[i];
    }
    offences_.merge(other.offences_);
  }

  Finding judge(const Noise&) const override {
    const Missing missing = missing_somewhere();
    const std::uint64_t misplaced = misplaced_[0] + misplaced_[1] + misplaced_[2];
    Finding result = finding(Verdict::pass,
                             fmt::format("{} missing, {} misplaced of {}", missing.total, misplaced,
                                         events_[0] + events_[1] + events_[2]),
                             "the same, in one order");
    result.counts = {{"on sse", events_[0]},
                     {"on long-poll", events_[1]},
                     {"on websocket", events_[2]},
                     {"missing somewhere", missing.total},
                     {"out of order or twice", misplaced}};
    if (missing.total > 0 || misplaced > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "subscribers on {} got other messages than the rest, or another order; let one queue of "
          "one hub feed every transport, and the framing alone differ",
          differing(missing));
      EvidenceList all = offences_;
      all.merge(missing.evidence);
      result.evidence = all.items();
      return result;
    }
    std::string few;
    for (std::size_t i = 0; i < transports; ++i) {
      if (events_[i] >= events_min) continue;
      few += fmt::format("{}{} ({})", few.empty() ? "" : ", ", name(i), events_[i]);
    }
    if (!few.empty()) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          fmt::format("fewer than {} messages came on {}: too few to compare", events_min, few);
    }
    return result;
  }

 private:
  struct Missing {
    std::uint64_t total = 0;
    std::array<std::uint64_t, transports> by_transport{};
    EvidenceList evidence;
  };
  struct Span {
    std::uint64_t from = 0, to = 0;
  };

  [[nodiscard]] static std::string_view name(std::size_t transport) {
    return to_string(static_cast<Transport>(transport));
  }
  [[nodiscard]] std::size_t transport_of(const SequenceState& state) const {
    return static_cast<std::size_t>(context_.scenario.groups[state.life.group].transport);
  }
  [[nodiscard]] static bool compared(const SequenceState& state) {
    return state.ledger.highest() > 0 && SequenceFold::reads(state) && !state.restarted &&
           !state.ledger.overflowed();
  }

  /// For each channel, from where to where its messages are compared.
  [[nodiscard]] std::map<std::uint16_t, Span> spans() const {
    std::map<std::uint16_t, Span> all;
    fold_.streams().each([&](StreamId, const SequenceState& state) {
      if (!compared(state)) return;
      Span& span = all[state.life.channel];
      span.from = std::max(span.from, state.ledger.first());
      span.to = std::max(span.to, state.ledger.highest());
    });
    return all;
  }

  [[nodiscard]] bool got_elsewhere(const SequenceState& without, std::uint64_t seq) const {
    bool got = false;
    fold_.streams().each([&](StreamId, const SequenceState& other) {
      got |= compared(other) && other.life.channel == without.life.channel &&
             transport_of(other) != transport_of(without) && holds(other, seq);
    });
    return got;
  }

  [[nodiscard]] Missing missing_somewhere() const {
    Missing missing;
    const auto all = spans();
    const auto take = [&](StreamId id, const SequenceState& state, SeqLedger::Hole hole) {
      for (std::uint64_t seq = hole.from; seq <= hole.to; ++seq) {
        if (!got_elsewhere(state, seq)) continue;
        ++missing.total;
        ++missing.by_transport[transport_of(state)];
        missing.evidence.add(
            {hole.at, id, fmt::format("{}: seq {} is missing", name(transport_of(state)), seq)});
      }
    };
    fold_.streams().each([&](StreamId id, const SequenceState& state) {
      if (!compared(state)) return;
      const Span span = all.at(state.life.channel);
      for (const auto& hole : state.ledger.holes()) {
        if (hole.to >= span.from)
          take(id, state, {std::max(hole.from, span.from), hole.to, hole.at});
      }
      // What came last to others, and not here: only while the stream was there to get it.
      const bool stayed = state.life.open || state.life.ending == Ending::local;
      if (stayed && state.ledger.highest() < span.to) {
        take(id, state, {state.ledger.highest() + 1, span.to, state.life.closed_at});
      }
    });
    return missing;
  }

  [[nodiscard]] std::string differing(const Missing& missing) const {
    std::string names;
    for (std::size_t i = 0; i < transports; ++i) {
      if (missing.by_transport[i] == 0 && misplaced_[i] == 0) continue;
      names += fmt::format("{}{}", names.empty() ? "" : " and ", name(i));
    }
    return names;
  }

  const CheckContext& context_;
  SequenceFold fold_;
  std::array<std::uint64_t, transports> events_{};
  std::array<std::uint64_t, transports> misplaced_{};
  EvidenceList offences_;
};

}  // namespace

CheckSpec delivery_same_on_transports() {
  return {.id = "delivery.same-on-transports",
          .level = Level::must,
          .requirement = "Subscribers on every transport get the same messages in the same order.",
          .source = "exceptionless (dual fan-out)",
          .needs = {Capability::publish, Capability::long_poll, Capability::websocket},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.replay ? "" : "replay";  // what polls go on from
          },
          .make = make_check<SameOnTransports>,
          .wants = SequenceFold::wants};
}

}  // namespace streamgauge
