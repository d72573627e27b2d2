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

void opened(PolicyState& state, const PolicySpec& spec, Instant now) {
  state.open = true;
  state.ever_opened = true;
  state.opened_at = now;
  state.off = false;
  if (spec.defects.has(Defect::backoff_reset_on_open)) state.failures = 0;
}

void told(PolicyState& state, const PolicySpec& spec, const input::RetryField& retry) {
  if (spec.defects.has(Defect::ignores_retry)) return;
  state.told = std::chrono::milliseconds{
      static_cast<std::int64_t>(std::min(retry.milliseconds, retry_ms_max))};
}

Decision by_kind(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now,
                 Random& random) {
  switch (spec.kind) {
    case PolicyKind::browser:
      return decide_browser(state, spec, input);
    case PolicyKind::agent:
      return decide_agent(state, spec, input, now, random);
    case PolicyKind::hybrid:
      return decide_hybrid(state, spec, input, now);
    case PolicyKind::fetch:
      return decide_fetch(state, spec, input, now, random);
    case PolicyKind::naive:
      return decide_naive(state, spec, input);
    case PolicyKind::none:
      break;
  }
  return decide_none(input);
}

/// What a client with defects takes an input for.
Input misread(const PolicySpec& spec, const Input& input) {
  const auto* answered = std::get_if<input::Answered>(&input);
  if (answered == nullptr) return input;
  const bool final = answered->status >= 400 && is_final(answered->status);
  const bool again = (final && spec.defects.has(Defect::retries_final)) ||
                     (answered->status == 204 && spec.defects.has(Defect::ignores_204));
  return again ? Input{input::Ended{}} : input;
}

std::optional<Decision> decide_wrongly(const PolicySpec& spec, const Input& input) {
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    const bool unavailable = answered->status == 429 || answered->status == 503;
    if (unavailable && spec.defects.has(Defect::stops_when_unavailable)) {
      return decision::GiveUp{Reason::final_status, answered->status};
    }
  }
  const auto* ended = std::get_if<input::Ended>(&input);
  if (ended != nullptr && ended->in_order && spec.defects.has(Defect::stops_after_clean_end)) {
    return decision::GiveUp{Reason::clean_end, 0};
  }
  return std::nullopt;
}

/// A connection is over, or there was none.
Decision after_the_end(PolicyState& state, const PolicySpec& spec, const Input& given, Instant now,
                       Random& random) {
  if (auto wrong = decide_wrongly(spec, given)) return *wrong;
  const Input input = misread(spec, given);
  if (const auto* answered = std::get_if<input::Answered>(&input)) {
    const Decision redirect = redirected(spec, *answered);
    if (!std::holds_alternative<decision::Nothing>(redirect)) return redirect;
  }
  if (try_mirror(state, input)) return decision::Reconnect{Duration{}};
  // A hybrid client counts for itself.
  if (spec.kind != PolicyKind::hybrid) choose_address(state, spec, input, now);
  Decision decision = by_kind(state, spec, input, now, random);
  const bool hasty = spec.defects.has(Defect::no_delay);
  if (hasty && std::holds_alternative<decision::Reconnect>(decision)) {
    decision = decision::Reconnect{Duration{}};
  }
  return decision;
}

/// Of a page, not of a connection; `fetch` alone knows of such things.
bool is_about_the_page(const Input& input) {
  return std::holds_alternative<input::Hidden>(input) ||
         std::holds_alternative<input::Shown>(input) ||
         std::holds_alternative<input::TokenChanged>(input);
}

}  // namespace

PolicyState initial_state(const PolicySpec& spec) {
  PolicyState state;
  if (spec.kind == PolicyKind::hybrid && spec.downlink == Downlink::poll) {
    state.on_fallback = true;
    state.fallback_until = Instant::max();
  }
  return state;
}

std::optional<Duration> head_within(const PolicySpec& spec) {
  const bool alive_before =
      spec.kind == PolicyKind::hybrid && !spec.defects.has(Defect::liveness_after_head);
  if (!alive_before || !spec.liveness) return spec.header_timeout;
  return spec.header_timeout ? std::min(*spec.header_timeout, *spec.liveness) : spec.liveness;
}

Decision decide(PolicyState& state, const PolicySpec& spec, const Input& input, Instant now,
                Random& random) {
  if (std::holds_alternative<input::Opened>(input)) {
    opened(state, spec, now);
    return decision::Nothing{};
  }
  if (const auto* retry = std::get_if<input::RetryField>(&input)) {
    told(state, spec, *retry);
    return decision::Nothing{};
  }
  if (is_about_the_page(input)) {
    if (spec.kind != PolicyKind::fetch) return decision::Nothing{};
    const Decision decision = decide_fetch(state, spec, input, now, random);
    if (!std::holds_alternative<decision::Nothing>(decision)) state.open = false;
    return decision;
  }
  Decision decision = decision::Reconnect{Duration{}};
  if (!std::holds_alternative<input::Restarted>(input)) {
    decision = after_the_end(state, spec, input, now, random);
  } else if (state.hidden) {
    decision = decision::Pause{};
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
    case Reason::nowhere_to_go:
      return fmt::format("status {} without a usable Location", decision.status);
    case Reason::too_many_redirects:
      return "too many redirects";
    case Reason::clean_end:
      return "the stream ended in order";
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
  if (std::holds_alternative<decision::Pause>(decision)) return "pause";
  if (const auto* follow = std::get_if<decision::Follow>(&decision)) {
    return fmt::format("follow{}{}", follow->keep ? " for good" : "",
                       follow->as_get ? " as GET" : "");
  }
  return "nothing";
}

}  // namespace streamgauge::policy
