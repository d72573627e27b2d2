// A hybrid client listens on a stream, and polls when streams do not get through.
//
// A stream is healthy when at least one byte of its body came and it did not end by the client's
// own liveness deadline: a proxy that lets the preamble pass and then holds everything back must
// not keep the client for ever. So many unhealthy ones in a row (`fallback_after`), whatever made
// them so, and it polls for `fallback_for`; then the stream is tried again. Liveness counts from
// the attempt on, also before the head: see head_within().
//
// `downlink` may allow only one of the two ways. The delay between attempts is fixed
// (`reconnect`), longer where the server asks for that.
#include <algorithm>

#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {
namespace {

bool healthy(const Input& input) {
  const auto* ended = std::get_if<input::Ended>(&input);
  return ended != nullptr && !ended->by_deadline && ended->heard;
}

/// Credentials that are wrong are wrong for both ways; any other refusal may be the stream's alone,
/// as long as there is another way.
bool ends_it(const PolicyState& state, const PolicySpec& spec, int status) {
  const bool other_way = !state.on_fallback && spec.downlink == Downlink::automatic;
  if (other_way) return status == 401 || status == 403;
  return is_final(status);
}

void count(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now) {
  if (spec.downlink != Downlink::automatic || spec.fallback_after == 0) return;
  if (state.on_fallback) {
    if (!fallback_over(state, now)) return;
    state.on_fallback = false;
    state.misses = 0;
    return;
  }
  if (healthy(input)) {
    state.misses = 0;
    return;
  }
  if (++state.misses < spec.fallback_after) return;
  state.misses = 0;
  state.on_fallback = true;
  state.fallback_until = spec.fallback_for > Duration{} ? now + spec.fallback_for : Instant::max();
}

}  // namespace

Decision decide_hybrid(PolicyState& state, const PolicySpec& spec, const Input& input,
                       Instant now) {
  if (std::holds_alternative<input::FallbackOver>(input)) {
    count(state, spec, input, now);
    return decision::Reconnect{Duration{}};
  }
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (answered->status != 200 && ends_it(state, spec, answered->status)) {
      return decision::GiveUp{Reason::final_status, answered->status};
    }
    const bool only_way = state.on_fallback || spec.downlink == Downlink::sse;
    if (answered->status == 200 && only_way) {
      return decision::GiveUp{Reason::not_event_stream, 200};
    }
  }
  count(state, spec, input, now);
  const Duration own = state.told >= Duration{} ? state.told : spec.reconnect;
  return decision::Reconnect{std::max(own, asked_for(spec, input))};
}

}  // namespace streamgauge::policy
