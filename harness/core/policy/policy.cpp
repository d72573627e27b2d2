#include "harness/core/policy/policy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"

namespace streamgauge::policy {
namespace {

// A "retry" beyond this is as good as never, and keeps sums of times far from overflow.
constexpr std::uint64_t retry_ms_max = 10ull * 365 * 24 * 3600 * 1000;

Decision decide_none(const Input& input) {
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    if (answered->status == 200) return decision::GiveUp{Reason::not_event_stream, 200};
    return decision::GiveUp{Reason::final_status, answered->status};
  }
  return decision::GiveUp{};
}

}  // namespace

Decision decide(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now,
                Random& random) {
  if (std::holds_alternative<input::Opened>(input)) {
    state.open = true;
    state.opened_at = now;
    if (spec.kind == PolicyKind::agent && spec.backoff_reset_on_open) state.failures = 0;
    return decision::Nothing{};
  }
  if (const auto* retry = std::get_if<input::RetryField>(&input)) {
    state.told = std::chrono::milliseconds{
        static_cast<std::int64_t>(std::min(retry->milliseconds, retry_ms_max))};
    return decision::Nothing{};
  }
  Decision decision = decision::Reconnect{Duration{}};
  if (!std::holds_alternative<input::Restarted>(input)) {
    choose_address(state, spec, input, now);
    switch (spec.kind) {
      case PolicyKind::browser:
        decision = decide_browser(state, spec, input);
        break;
      case PolicyKind::agent:
        decision = decide_agent(state, spec, input, now, random);
        break;
      case PolicyKind::none:
        decision = decide_none(input);
        break;
    }
  }
  state.open = false;
  return decision;
}

std::string to_string(const decision::GiveUp& decision) {
  switch (decision.reason) {
    case Reason::final_status:
      return fmt::format("status {} is final", decision.status);
    case Reason::not_event_stream:
      return "the response is not a usable text/event-stream";
    case Reason::single_connection:
      break;
  }
  return "the policy allows one connection";
}

std::string to_string(const Decision& decision) {
  if (const auto* reconnect = std::get_if<decision::Reconnect>(&decision)) {
    return "reconnect in " + format_duration(reconnect->delay);
  }
  if (const auto* give_up = std::get_if<decision::GiveUp>(&decision)) {
    return "give up: " + to_string(*give_up);
  }
  return "nothing";
}

}  // namespace streamgauge::policy
