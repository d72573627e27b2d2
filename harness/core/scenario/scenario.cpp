#include "harness/core/scenario/scenario.hpp"

#include <algorithm>

#include "harness/core/scenario/target_spec.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge {
namespace {

constexpr Duration heartbeat_when_unstated = std::chrono::seconds{1};
constexpr Duration eviction_when_unstated = std::chrono::seconds{5};
constexpr Duration liveness_when_unstated = std::chrono::seconds{3};
constexpr Duration header_timeout_when_unstated = std::chrono::seconds{1};
constexpr Duration grace_when_unstated = std::chrono::seconds{5};
constexpr Duration recovery_when_unstated = std::chrono::seconds{5};

// About 30 years: beyond any run, far from where nanoseconds overflow.
constexpr double span_ns_max = 1e18;

Duration times(Duration unit, double factor) {
  const double ns = static_cast<double>(unit.count()) * factor;
  return Duration{static_cast<Duration::rep>(std::clamp(ns, 0.0, span_ns_max) + 0.5)};
}

Duration client_term(const Contract& contract, std::optional<Duration> ClientTerms::*term,
                     Duration otherwise) {
  return contract.client ? ((*contract.client).*term).value_or(otherwise) : otherwise;
}

}  // namespace

Duration resolve(const Span& span, const Contract& contract) {
  switch (span.unit) {
    case TimeUnit::absolute:
      return span.absolute;
    case TimeUnit::heartbeat:
      return times(contract.heartbeat ? contract.heartbeat->every : heartbeat_when_unstated,
                   span.factor);
    case TimeUnit::eviction:
      return times(contract.eviction ? contract.eviction->stalled_after : eviction_when_unstated,
                   span.factor);
    case TimeUnit::liveness:
      return times(client_term(contract, &ClientTerms::liveness, liveness_when_unstated),
                   span.factor);
    case TimeUnit::header_timeout:
      return times(
          client_term(contract, &ClientTerms::header_timeout, header_timeout_when_unstated),
          span.factor);
    case TimeUnit::grace:
      return times(contract.drain ? contract.drain->grace : grace_when_unstated, span.factor);
    case TimeUnit::recovery:
      return times(contract.storm ? contract.storm->recovered_within : recovery_when_unstated,
                   span.factor);
  }
  return span.absolute;
}

// hybrid: as the agent whose constants these are; fetch: likewise, ten seconds to connect.
PolicySpec policy_defaults(PolicyKind kind) {
  PolicySpec spec;
  spec.kind = kind;
  switch (kind) {
    case PolicyKind::none:
      spec.limits.redirects_max = 0;  // what connects once shows what it was answered
      break;
    case PolicyKind::hybrid:
      spec.reconnect = std::chrono::seconds{2};
      spec.liveness = std::chrono::seconds{40};
      spec.fallback_after = 3;
      spec.fallback_for = std::chrono::minutes{5};
      spec.limits.line_bytes_max = 256u << 10;
      spec.limits.event_bytes_max = 1u << 20;
      break;
    case PolicyKind::fetch:
      spec.header_timeout = std::chrono::seconds{10};
      break;
    case PolicyKind::browser:
    case PolicyKind::agent:
    case PolicyKind::naive:
      break;
  }
  return spec;
}

PolicySpec resolve(const PolicySpec& spec, const Contract& contract) {
  PolicySpec out = spec;
  if (!spec.from_contract || !contract.client) return out;
  const ClientTerms& terms = *contract.client;
  const auto take = [](auto& value, const auto& stated) {
    if (stated) value = *stated;
  };
  take(out.header_timeout, terms.header_timeout);
  take(out.liveness, terms.liveness);
  take(out.backoff_base, terms.backoff_base);
  take(out.backoff_cap, terms.backoff_cap);
  take(out.backoff_factor, terms.backoff_factor);
  take(out.jitter, terms.jitter);
  take(out.stable_after, terms.stable_after);
  take(out.fallback_for, terms.fallback_for);
  take(out.reconnect, terms.reconnect);
  take(out.probe_after, terms.probe_after);
  take(out.limits.line_bytes_max, terms.line_bytes_max);
  take(out.limits.event_bytes_max, terms.event_bytes_max);
  take(out.limits.error_body_bytes_max, terms.error_body_bytes_max);
  if (terms.fallback_after > 0) out.fallback_after = terms.fallback_after;
  // The contract may state a base and leave the cap to the scenario.
  out.backoff_cap = std::max(out.backoff_cap, out.backoff_base);
  return out;
}

std::uint32_t resolve(const StreamCount& count, const Contract& contract) {
  std::int64_t base = 0;
  if (count.base == StreamCount::Base::streams_total) {
    base = static_cast<std::int64_t>(contract.limits.streams_total.value_or(0));
  } else if (count.base == StreamCount::Base::streams_per_user) {
    base = static_cast<std::int64_t>(contract.limits.streams_per_user.value_or(0));
  }
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(base + count.plus, 1, streams_per_scenario_max));
}

void resolve_streams(Scenario& scenario, const Contract& contract) {
  for (ClientGroup& group : scenario.groups) {
    group.streams = resolve(group.count, contract);
    group.policy = resolve(group.policy, contract);
  }
}

std::optional<std::uint64_t> streams_of_its_own(const Scenario& scenario) {
  std::uint64_t streams = 0;
  for (const ClientGroup& group : scenario.groups) {
    if (group.count.base == StreamCount::Base::streams_total) return std::nullopt;
    streams += group.streams;
  }
  return streams;
}

bool needs_standby(const Scenario& scenario) {
  for (const Phase& phase : scenario.phases) {
    for (const TimedAction& timed : phase.actions) {
      const auto* stop = std::get_if<action::StopTarget>(&timed.action);
      if (stop && stop->standby) return true;
    }
  }
  return false;
}

std::string member_text(std::string_view pattern, std::uint32_t member) {
  return expand(pattern, {{"n", std::to_string(member)}});
}

std::string_view to_string(PhaseKind kind) {
  return scenario_words::word(scenario_words::phase_kind, kind);
}
std::string_view to_string(Transport transport) {
  return scenario_words::word(scenario_words::transport, transport);
}
std::string_view to_string(PolicyKind kind) {
  return scenario_words::word(scenario_words::policy_kind, kind);
}

}  // namespace streamgauge
