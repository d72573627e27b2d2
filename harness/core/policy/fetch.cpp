// A page that reads its stream by itself (fetch and a reader), so that it can send a token.
//
// Credentials that are refused stop it until there are others. A 404 says that push is off here:
// no reconnecting, but one probe after `probe_after`, and another. In the background it holds no
// connection and plans none. Otherwise it backs off as an agent does.
#include <algorithm>

#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {
namespace {

Decision start_anew(PolicyState& state) {
  state.off = false;
  state.failures = 0;
  if (state.hidden) return decision::Pause{};
  return decision::Reconnect{Duration{}};
}

Decision in_front_again(PolicyState& state, const PolicySpec& spec) {
  if (!state.hidden) return decision::Nothing{};
  state.hidden = false;
  if (state.off) return decision::Reconnect{spec.probe_after};
  return decision::Reconnect{Duration{}};
}

/// nullopt: the backoff's turn.
std::optional<Decision> refused(PolicyState& state, const PolicySpec& spec, int status) {
  if (status == 404 && spec.probe_after > Duration{}) {
    state.off = true;
    return decision::Reconnect{spec.probe_after};
  }
  if (status == 200) return decision::GiveUp{Reason::not_event_stream, 200};
  if (is_final(status)) return decision::GiveUp{Reason::final_status, status};
  return std::nullopt;
}

}  // namespace

Decision decide_fetch(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now,
                      Random& random) {
  if (state.open && now - state.opened_at >= spec.stable_after) state.failures = 0;
  if (std::holds_alternative<input::Hidden>(input)) {
    state.hidden = true;
    return decision::Pause{};
  }
  if (std::holds_alternative<input::Shown>(input)) return in_front_again(state, spec);
  if (std::holds_alternative<input::TokenChanged>(input)) return start_anew(state);
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (auto decision = refused(state, spec, answered->status)) return *decision;
  } else {
    state.off = false;
  }
  if (state.hidden) return decision::Pause{};
  const Duration least = std::max({state.told, asked_for(spec, input), Duration{}});
  return decision::Reconnect{back_off(state, spec, least, random)};
}

}  // namespace streamgauge::policy
