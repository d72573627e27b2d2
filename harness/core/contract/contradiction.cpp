#include "harness/core/contract/contradiction.hpp"

#include <fmt/format.h>

#include <array>

#include "harness/core/base/units.hpp"

namespace streamgauge {
namespace {

using Sentence = std::optional<std::string>;

Sentence in_opening(const Contract& c) {
  if (c.first_event && c.priming) {
    return "first_event and priming are both the first event of a stream: state one of them";
  }
  if (c.priming && !c.replay) {
    return "priming gives an id to resume from, but nothing is kept to resume with: state replay";
  }
  return std::nullopt;
}

Sentence in_queue(const Contract& c) {
  if (!c.queue) return std::nullopt;
  const QueueTerms& queue = *c.queue;
  if (queue.overflow == Overflow::disconnect && !queue.lag_event.empty()) {
    return "queue.lag_event announces dropped events, but queue.overflow 'disconnect' drops none: "
           "leave it out, or choose drop-oldest or drop-newest";
  }
  if (queue.lag_text.empty()) return std::nullopt;
  if (queue.lag_event.empty()) {
    return "queue.lag_text is the data of the event that queue.lag_event names: state both";
  }
  if (queue.lag_text.find("{n}") == std::string::npos) {
    return fmt::format("queue.lag_text '{}' must hold {{n}}, the number of dropped events",
                       queue.lag_text);
  }
  return std::nullopt;
}

Sentence in_eviction(const Contract& c) {
  if (c.heartbeat && c.eviction && c.eviction->stalled_after <= c.heartbeat->every) {
    return fmt::format(
        "eviction.stalled_after ({}) must be longer than heartbeat.every ({}): between two "
        "heartbeats an idle client has nothing to acknowledge and would be evicted",
        format_duration(c.eviction->stalled_after), format_duration(c.heartbeat->every));
  }
  return std::nullopt;
}

Sentence in_replay(const Contract& c) {
  if (!c.replay) return std::nullopt;
  const bool as_event = c.replay->too_old == TooOld::reset_event;
  if (as_event && c.replay->too_old_event.empty()) {
    return "replay.too_old 'reset-event' needs replay.too_old_event, the type of that event";
  }
  if (!as_event && !c.replay->too_old_event.empty()) {
    return fmt::format("replay.too_old_event is for replay.too_old 'reset-event', not for '{}'",
                       to_string(c.replay->too_old));
  }
  return std::nullopt;
}

Sentence in_drain(const Contract& c) {
  if (!c.drain) return std::nullopt;
  const Duration grace = c.drain->grace;
  if (c.drain->exit_within && *c.drain->exit_within < grace) {
    return fmt::format(
        "drain.exit_within ({}) must not be shorter than drain.grace ({}): the process would be "
        "gone before its streams had their time",
        format_duration(*c.drain->exit_within), format_duration(grace));
  }
  if (c.drain->spread && *c.drain->spread >= grace) {
    return fmt::format(
        "drain.spread ({}) must be shorter than drain.grace ({}), within which all streams end",
        format_duration(*c.drain->spread), format_duration(grace));
  }
  return std::nullopt;
}

Sentence in_limits(const Contract& c) {
  const LimitTerms& limits = c.limits;
  if (limits.streams_per_user && limits.streams_total &&
      *limits.streams_per_user > *limits.streams_total) {
    return fmt::format(
        "limits.streams_per_user ({}) must not exceed limits.streams_total ({}): it could never "
        "be reached",
        *limits.streams_per_user, *limits.streams_total);
  }
  if (limits.retry_after_spread && !limits.retry_after) {
    return "limits.retry_after_spread says that limits.retry_after differs from client to client: "
           "state both";
  }
  return std::nullopt;
}

Sentence in_client(const Contract& c) {
  if (!c.client) return std::nullopt;
  const ClientTerms& client = *c.client;
  if (client.liveness && c.heartbeat && *client.liveness <= c.heartbeat->every) {
    return fmt::format(
        "client.liveness ({}) must be longer than heartbeat.every ({}): clients would call healthy "
        "streams dead",
        format_duration(*client.liveness), format_duration(c.heartbeat->every));
  }
  if (client.backoff_base && client.backoff_cap && *client.backoff_cap < *client.backoff_base) {
    return fmt::format("client.backoff_cap ({}) must not be less than client.backoff_base ({})",
                       format_duration(*client.backoff_cap), format_duration(*client.backoff_base));
  }
  if (client.fallback_for && client.fallback_after == 0) {
    return "client.fallback_for needs client.fallback_after, the failures that lead to the "
           "fallback";
  }
  return std::nullopt;
}

/// One for each group of keys; the first that finds something speaks.
constexpr std::array<Sentence (*)(const Contract&), 7> questions{
    in_opening, in_queue, in_eviction, in_replay, in_drain, in_limits, in_client};

}  // namespace

std::optional<std::string> contradiction(const Contract& contract) {
  for (const auto question : questions) {
    if (auto sentence = question(contract)) return sentence;
  }
  return std::nullopt;
}

}  // namespace streamgauge
