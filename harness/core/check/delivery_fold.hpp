// Following each stream's sequence across its connections.
//
// A reconnect continues the sequence when the client asked for it (Last-Event-ID), the target can
// (capability `resume`) and the contract's replay still covers what was missed; otherwise what was
// published while the client was away is nobody's loss, and the sequence starts anew.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/publish_trail.hpp"
#include "harness/core/check/seq_ledger.hpp"
#include "harness/core/check/timeline.hpp"

namespace streamgauge {

struct SequenceState {
  StreamLife life;
  SeqLedger ledger;
  std::uint64_t event_bytes_max = 0;  // the largest data that arrived
  Instant left_at{};                  // end of the connection before this one
  bool slow = false;
  bool fresh = false;      // nothing of the sequence yet on this connection
  bool restarted = false;  // a reconnect that did not continue
};

class SequenceFold {
 public:
  static constexpr std::uint32_t wants = StreamLife::wants | facts<fact::Event>();

  explicit SequenceFold(const CheckContext& context)
      : run_(context.run),
        can_resume_(has(context.target, Capability::resume) && context.contract.replay),
        replay_(context.contract.replay.value_or(ReplayTerms{})),
        scenario_(&context.scenario) {}

  struct Arrived {
    SeqLedger::Arrival arrival;
    const sse::Envelope* envelope;
    SequenceState* state;
  };
  /// Follows the stream; tells what an event of this run's sequence meant, probes included.
  std::optional<Arrived> on(const Record& record);
  void merge(const SequenceFold& other) { streams_.merge(other.streams_); }
  [[nodiscard]] const PerStream<SequenceState>& streams() const { return streams_; }
  /// Readers that stop or are slow on purpose: not the business of the delivery checks.
  [[nodiscard]] static bool reads(const SequenceState& state) {
    return !state.slow && !state.life.ever_stopped;
  }

  /// The contract's replay holds that many missed events, judging by the sizes of those seen.
  [[nodiscard]] bool covers(const SequenceState& state, std::uint64_t missed) const {
    if (missed > replay_.events_max) return false;
    return replay_.bytes_max == 0 ||
           missed * (state.event_bytes_max + overhead) <= replay_.bytes_max;
  }
  /// The oldest event that a client back at `at` is owed: before it lie more than the replay holds,
  /// counted from the newest that may have been published by then.
  [[nodiscard]] std::uint64_t oldest_due(const SequenceState& state, const PublishTrail& trail,
                                         Instant at) const {
    const auto next = trail.begun_from(state.life.channel, at);
    const auto newest = next ? *next - 1 : trail.answered_by(state.life.channel, Instant::max());
    auto held = replay_.events_max;
    if (replay_.bytes_max > 0) {
      held = std::min(held, replay_.bytes_max / (state.event_bytes_max + overhead));
    }
    return newest > held ? newest - held + 1 : 1;
  }

 private:
  // Of an event: field names, an id, whatever else a target counts.
  static constexpr std::uint64_t overhead = 256;

  [[nodiscard]] bool continues(const SequenceState& state, std::uint64_t seq) const;

  std::uint32_t run_;
  bool can_resume_;
  ReplayTerms replay_;
  const Scenario* scenario_;
  PerStream<SequenceState> streams_;
};

/// "17" or "17..23".
[[nodiscard]] inline std::string seq_range(std::uint64_t from, std::uint64_t to) {
  return from == to ? fmt::format("{}", from) : fmt::format("{}..{}", from, to);
}

}  // namespace streamgauge
