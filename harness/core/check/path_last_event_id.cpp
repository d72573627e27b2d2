// path.last-event-id: the id that a returning client sends reaches the target.
//
// It does when the first event after the return is the successor of the last one before it, and was
// published while the client was away. A path that strips the field makes the target begin anew.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/fold.hpp"

namespace streamgauge {

namespace {

class LastEventId final : public Fold<LastEventId> {
 public:
  explicit LastEventId(const CheckContext& context)
      : run_(context.run), kept_(context.contract.replay->events_max) {}

  void on(const Record& record) override {
    State& state = streams_[record.stream];
    if (const auto* connecting = std::get_if<fact::Connecting>(&record.fact)) {
      state.returns = connecting->sends_last_event_id && state.last > 0;
      state.at = record.at;
      return;
    }
    const auto* event = std::get_if<fact::Event>(&record.fact);
    if (event == nullptr || !event->envelope || event->envelope->run != run_ ||
        event->envelope->kind == sse::EnvelopeKind::probe) {
      return;
    }
    if (std::exchange(state.returns, false)) {
      ++returns_;
      weigh(record, state, *event->envelope);
    }
    state.last = std::max(state.last, event->envelope->seq);
  }

  void absorb(const LastEventId& other) {
    streams_.merge(other.streams_);
    returns_ += other.returns_;
    resumed_ += other.resumed_;
    lost_.merge(other.lost_);
  }

  Finding judge(const Noise&) const override {
    auto result = finding(
        Verdict::pass,
        fmt::format("{} of {} returns resumed, {} began anew", resumed_, returns_, lost_.total()),
        "none begins anew");
    result.counts = {{"returns", returns_}, {"resumed", resumed_}, {"began anew", lost_.total()}};
    if (lost_.total() > 0) {
      result.verdict = Verdict::fail;
      result.reason = fmt::format(
          "{} returns that sent Last-Event-ID began with a later event than the next one, which is "
          "still kept: the path strips the field, or the target does not honour it",
          lost_.total());
      result.evidence = lost_.items();
    } else if (resumed_ == 0) {
      result.verdict = Verdict::inconclusive;
      result.reason =
          "no client returned to a channel on which something had been published meanwhile";
    }
    return result;
  }

 private:
  struct State {
    Instant at{};  // of the return
    std::uint64_t last = 0;
    bool returns = false;
  };

  void weigh(const Record& record, const State& state, const sse::Envelope& first) {
    if (first.seq > state.last + 1) {
      if (first.seq - state.last > kept_) return;  // more than is kept: another check's affair
      lost_.add(
          {record.at, record.stream, fmt::format("seq {} after seq {}", first.seq, state.last)});
    } else if (first.seq == state.last + 1 && first.intended < state.at) {
      ++resumed_;
    }
  }

  std::uint32_t run_;
  std::uint64_t kept_;
  PerStream<State> streams_;
  std::uint64_t returns_ = 0;
  std::uint64_t resumed_ = 0;
  EvidenceList lost_;
};

}  // namespace

CheckSpec path_last_event_id() {
  return {.id = "path.last-event-id",
          .level = Level::must,
          .requirement = "The Last-Event-ID of a returning client reaches the target.",
          .source = "contract replay; WHATWG HTML 9.2.3",
          .needs = {Capability::publish, Capability::resume},
          .not_stated = [](const Contract& contract) -> std::string {
            return contract.replay ? "" : "replay";
          },
          .make = &make_check<LastEventId>,
          .wants = facts<fact::Connecting, fact::Event>()};
}

}  // namespace streamgauge
