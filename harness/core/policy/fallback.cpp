// A client that has a second way (long-polling beside a stream, another host) takes it when its own
// address fails so many times in a row that waiting longer helps nobody, and tries its own again
// after a while: a proxy that swallows streams today may be mended tomorrow.
//
// A miss is whatever shows that streams do not get through: no connection, no response head, a
// stream that fell silent, and one that ended before `stable_after`. A refusal is none: whoever is
// answered has a way to the server. A stream that lived for `stable_after` ends the row.
#include <algorithm>
#include <limits>

#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {
namespace {

bool is_miss(const PolicyState& state, const PolicySpec& spec, const Input& input, Instant now) {
  if (std::holds_alternative<input::ConnectFailed>(input)) return true;
  const auto* ended = std::get_if<input::Ended>(&input);
  if (ended == nullptr) return false;
  return ended->by_deadline || !state.open || now - state.opened_at < spec.stable_after;
}

void go_to(PolicyState& state, bool fallback) {
  state.on_fallback = fallback;
  state.misses = 0;
  state.failures = 0;
}

}  // namespace

void choose_address(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now) {
  if (spec.fallback_after == 0 || spec.kind == PolicyKind::none) return;
  if (state.on_fallback) {
    if (fallback_over(state, now)) go_to(state, false);
    return;
  }
  if (state.open && now - state.opened_at >= spec.stable_after) state.misses = 0;
  if (!is_miss(state, spec, input, now)) return;
  constexpr std::uint32_t most = std::numeric_limits<std::uint16_t>::max();
  state.misses = static_cast<std::uint16_t>(std::min<std::uint32_t>(state.misses + 1u, most));
  if (state.misses < std::min(spec.fallback_after, most)) return;
  go_to(state, true);
  const bool for_ever = spec.fallback_for <= Duration{};
  state.fallback_until = for_ever ? Instant::max() : now + spec.fallback_for;
}

bool fallback_over(const PolicyState& state, Instant now) {
  return state.on_fallback && now >= state.fallback_until;
}

}  // namespace streamgauge::policy
