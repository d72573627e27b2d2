// A client in virtual time: a policy is stepped with inputs, and its decisions are compared.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "harness/core/policy/policy.hpp"

namespace streamgauge::policy {

inline void PrintTo(const Decision& decision, std::ostream* out) {
  *out << to_string(decision);
}

using namespace std::chrono_literals;
using decision::GiveUp;
using decision::Nothing;
using decision::Reconnect;

/// A client in virtual time.
class Stepper {
 public:
  explicit Stepper(PolicySpec given, std::uint64_t seed = 1) : spec(given), random(seed) {}

  Decision step(const Input& input, Duration later = {}) {
    now += later;
    return decide(state, spec, input, now, random);
  }
  Duration delay(const Input& input, Duration later = {}) {
    const Decision decision = step(input, later);
    const auto* reconnect = std::get_if<Reconnect>(&decision);
    EXPECT_NE(reconnect, nullptr) << to_string(decision);
    return reconnect != nullptr ? reconnect->delay : Duration{-1};
  }

  PolicySpec spec;
  PolicyState state = initial_state(spec);
  Random random;
  Instant now = instant_from_ns(1'000'000'000'000);
};

inline PolicySpec browser_spec() {
  PolicySpec spec;
  spec.kind = PolicyKind::browser;
  spec.reconnect = 3s;
  return spec;
}

inline PolicySpec agent_spec(double jitter) {
  PolicySpec spec;
  spec.kind = PolicyKind::agent;
  spec.backoff_base = 1s;
  spec.backoff_factor = 2;
  spec.backoff_cap = 30s;
  spec.jitter = jitter;
  spec.stable_after = 5s;
  return spec;
}

inline const Input opened = input::Opened{};
inline const Input ended = input::Ended{};
inline const Input failed = input::ConnectFailed{};
inline Input answered(int status, std::optional<Duration> retry_after = {}) {
  return input::Answered{status, false, retry_after};
}
inline const Input silent = input::Ended{true, false, true};      // by liveness, after some bytes
inline const Input drained = input::Ended{false, true, true};     // whole, and something came
inline const Input stillborn = input::Ended{false, true, false};  // whole, but nothing came

}  // namespace streamgauge::policy
