// An agent backs off. Only a stream that stayed up for `stable_after` starts the backoff anew: a
// server that accepts and drops at once must not be met at the base delay for ever.
#include <algorithm>

#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {

Decision decide_agent(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now,
                      Random& random) {
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (answered->status == 200) return decision::GiveUp{Reason::not_event_stream, 200};
    if (is_final(answered->status)) {
      return decision::GiveUp{Reason::final_status, answered->status};
    }
  }
  if (state.open && now - state.opened_at >= spec.stable_after) state.failures = 0;
  const Duration least = std::max({state.told, asked_for(spec, input), Duration{}});
  return decision::Reconnect{back_off(state, spec, least, random)};
}

}  // namespace streamgauge::policy
