// An agent backs off exponentially and at random, so that a fleet neither hammers a server that is
// down nor returns in step. Only a stream that stayed up for `stable_after` starts the backoff
// anew: a server that accepts and drops at once must not be met at the base delay for ever.
//
// What the server asks for (a Retry-After in seconds, a "retry" field) is a minimum, and the random
// share comes on top of it: thousands who were told the same number must not come back together.
#include <algorithm>
#include <cmath>

#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {

Duration backoff(const PolicySpec& spec, std::uint32_t failures) {
  const double cap = static_cast<double>(spec.backoff_cap.count());
  const double grown = static_cast<double>(spec.backoff_base.count()) *
                       std::pow(spec.backoff_factor, static_cast<double>(failures));
  return Duration{static_cast<Duration::rep>(std::min(cap, grown))};
}

bool final_for_agent(int status) {
  if (status >= 500) return false;
  return status != 408 && status != 425 && status != 429;
}

Decision decide_agent(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now,
                      Random& random) {
  Duration least = std::max(state.told, Duration{});
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (answered->status == 200) return decision::GiveUp{Reason::not_event_stream, 200};
    if (final_for_agent(answered->status)) {
      return decision::GiveUp{Reason::final_status, answered->status};
    }
    const bool told_when = answered->status == 429 || answered->status == 503;
    const bool heeded = told_when && spec.honours_retry_after;
    if (heeded && answered->retry_after) least = std::max(least, *answered->retry_after);
  }
  if (state.open && now - state.opened_at >= spec.stable_after) state.failures = 0;

  const Duration full = backoff(spec, state.failures);
  const Duration random_part = scaled(full, spec.jitter * random.share());
  const Duration fixed_part = full - scaled(full, spec.jitter);
  state.failures = static_cast<std::uint16_t>(std::min<int>(state.failures + 1, 1000));
  return decision::Reconnect{std::max(fixed_part, least) + random_part};
}

}  // namespace streamgauge::policy
