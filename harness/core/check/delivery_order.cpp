// delivery.no-duplicate and delivery.in-order: each event once, in the order of its channel.
#include "harness/core/check/delivery_fold.hpp"

namespace streamgauge {

namespace {

class Order final : public Fold<Order> {
 public:
  Order(const CheckContext& context, SeqLedger::Arrival offence)
      : fold_(context), offence_(offence) {}

  void on(const Record& record) override {
    const auto arrived = fold_.on(record);
    if (!arrived || arrived->envelope->kind == sse::EnvelopeKind::probe) return;
    if (!SequenceFold::reads(*arrived->state)) return;
    ++events_;
    if (arrived->arrival != SeqLedger::Arrival::first) ++followed_;
    if (arrived->arrival != offence_) return;
    offences_.add({record.at, record.stream,
                   fmt::format("seq {} {} after seq {}", arrived->envelope->seq,
                               offence_ == SeqLedger::Arrival::late ? "late," : "again,",
                               arrived->state->ledger.highest())});
  }

  void absorb(const Order& other) {
    fold_.merge(other.fold_);
    events_ += other.events_;
    followed_ += other.followed_;
    offences_.merge(other.offences_);
  }

  Finding judge(const Noise&) const override {
    const bool order = offence_ == SeqLedger::Arrival::late;
    auto result = finding(Verdict::pass,
                          fmt::format("{} of {} events {}", offences_.total(), events_,
                                      order ? "out of order" : "twice"),
                          "0");
    result.counts = {{"events", events_},
                     {order ? "out of order" : "duplicates", offences_.total()}};
    if (offences_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason =
          order ? fmt::format(
                      "{} events arrived after later ones of the same channel; hand events "
                      "to each stream in the order of their publication, replay included",
                      offences_.total())
                : fmt::format(
                      "{} events arrived a second time; remove from the queue what was "
                      "written, and start a replay behind the client's last id",
                      offences_.total());
      result.evidence = offences_.items();
    } else if (followed_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason = "no stream received two events: a single one has no order";
    }
    return result;
  }

 private:
  SequenceFold fold_;
  SeqLedger::Arrival offence_;
  std::uint64_t events_ = 0;
  std::uint64_t followed_ = 0;
  EvidenceList offences_;
};

}  // namespace

CheckSpec delivery_no_duplicate() {
  return {.id = "delivery.no-duplicate",
          .level = Level::must,
          .requirement = "No event arrives twice at a client.",
          .source = "WHATWG HTML 9.2.6 (last event ID)",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<Order>(context, SeqLedger::Arrival::duplicate);
          },
          .wants = SequenceFold::wants};
}

CheckSpec delivery_in_order() {
  return {.id = "delivery.in-order",
          .level = Level::must,
          .requirement = "Events of a channel arrive in the order of their publication.",
          .source = "contract delivery",
          .needs = {Capability::publish},
          .not_stated = nullptr,
          .make = [](const CheckContext& context) -> std::unique_ptr<Check> {
            return std::make_unique<Order>(context, SeqLedger::Arrival::late);
          },
          .wants = SequenceFold::wants};
}

}  // namespace streamgauge
