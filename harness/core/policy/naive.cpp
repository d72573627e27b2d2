// What most libraries do: the same delay after everything that may be over by the next attempt, no
// deadline, no liveness, no ear for Retry-After; a "retry" field replaces the delay. A fleet of
// these comes back in step.
#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {

Decision decide_naive(const PolicyState& state, const PolicySpec& spec, const Input& input) {
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (answered->status == 200) return decision::GiveUp{Reason::not_event_stream, 200};
    if (is_final(answered->status)) {
      return decision::GiveUp{Reason::final_status, answered->status};
    }
  }
  return decision::Reconnect{state.told >= Duration{} ? state.told : spec.reconnect};
}

}  // namespace streamgauge::policy
