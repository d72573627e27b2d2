// Backing off: exponentially and at random, so that a fleet neither hammers a server that is down
// nor returns in step.
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

Duration back_off(PolicyState& state, const PolicySpec& spec, Duration least, Random& random) {
  const Duration full = backoff(spec, state.failures);
  const Duration random_part = scaled(full, spec.jitter * random.share());
  const Duration fixed_part = full - scaled(full, spec.jitter);
  state.failures = static_cast<std::uint16_t>(std::min<int>(state.failures + 1, 1000));
  return std::max(fixed_part, least) + random_part;
}

Duration asked_for(const PolicySpec& spec, const Input& input) {
  const auto* answered = std::get_if<input::Answered>(&input);
  if (answered == nullptr || !spec.honours_retry_after) return Duration{};
  const bool told_when = answered->status == 429 || answered->status == 503;
  return told_when ? answered->retry_after.value_or(Duration{}) : Duration{};
}

bool is_final(int status) {
  if (status >= 500) return false;
  return status != 408 && status != 425 && status != 429;
}

}  // namespace streamgauge::policy
