#include "harness/core/check/delivery_fold.hpp"

#include <algorithm>

namespace streamgauge {

bool SequenceFold::continues(const SequenceState& state, std::uint64_t seq) const {
  if (!can_resume_ || !state.life.sends_id) return false;
  const auto away = state.life.opened_at - state.left_at;
  if (replay_.within > Duration{} && away > replay_.within) return false;
  if (!state.ledger.in_stretch() || seq <= state.ledger.highest()) return true;
  return covers(state, seq - state.ledger.highest() - 1);
}

std::optional<SequenceFold::Arrived> SequenceFold::on(const Record& record) {
  if (record.stream == no_stream) return std::nullopt;
  auto& state = streams_[record.stream];
  if (const auto* event = std::get_if<fact::Event>(&record.fact)) {
    if (!event->envelope || event->envelope->run != run_) return std::nullopt;
    const auto seq = event->envelope->seq;
    state.event_bytes_max = std::max<std::uint64_t>(state.event_bytes_max, event->data.size());
    const bool returned = state.fresh && state.life.attempt > 1;
    state.fresh = false;
    if (returned && !continues(state, seq)) {
      state.restarted = true;
      state.ledger.restart();
    }
    const auto holes = state.ledger.holes().size();
    const auto arrival = state.ledger.take(seq, record.at);
    if (returned) state.ledger.mark_return(holes);
    return Arrived{arrival, &*event->envelope, &state};
  }
  if (std::holds_alternative<fact::Closed>(record.fact)) state.left_at = record.at;
  state.life.on(record);
  if (std::holds_alternative<fact::Headers>(record.fact)) state.fresh = true;
  if (const auto* joined = std::get_if<fact::Joined>(&record.fact)) {
    state.slow = reads_slowly(*scenario_, joined->group);
  }
  return std::nullopt;
}

}  // namespace streamgauge
