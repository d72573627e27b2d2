#include "reference-server/core/flaws.hpp"

#include <array>

namespace streamgauge::server {
namespace {

using Ids = std::string_view;

constexpr Ids accel[] = {"wire.x-accel-buffering"};
constexpr Ids prompt[] = {"wire.headers-prompt"};
constexpr Ids prompt_related[] = {"buffering.headers-prompt", "stall.before-headers"};
constexpr Ids burst[] = {"heartbeat.no-burst"};
constexpr Ids burst_related[] = {"heartbeat.under-traffic", "heartbeat.cadence"};
constexpr Ids empty_missing[] = {"heartbeat.on-empty-stream", "heartbeat.first-within"};
constexpr Ids empty_missing_related[] = {"heartbeat.cadence", "heartbeat.under-traffic"};
constexpr Ids attempt[] = {"eviction.by-progress", "eviction.within"};
constexpr Ids attempt_related[] = {"eviction.frees-slot"};
constexpr Ids unbounded[] = {"backpressure.bounded-memory", "backpressure.overflow-as-stated"};
constexpr Ids unbounded_related[] = {"backpressure.lag-notice-exact"};
constexpr Ids head_of_line[] = {"backpressure.isolation"};
constexpr Ids head_of_line_related[] = {"delivery.latency", "delivery.first-last-skew",
                                        "backpressure.overflow-as-stated"};
constexpr Ids injection[] = {"wire.no-injection", "wire.data-intact"};
constexpr Ids injection_related[] = {"wire.grammar"};

constexpr Ids token_unchecked[] = {"auth.401-stops"};
constexpr Ids revoked_keeps_streaming[] = {"auth.revoked-closes"};
constexpr Ids unauthorized_as_200[] = {"auth.401-stops"};
constexpr Ids unauthorized_as_200_related[] = {"auth.revoked-closes"};
constexpr Ids channel_leak[] = {"auth.no-leak"};
constexpr Ids channel_leak_related[] = {"delivery.no-duplicate", "delivery.in-order"};
constexpr Ids user_limit_off[] = {"limits.per-user"};
constexpr Ids user_limit_off_related[] = {"limits.freed"};
constexpr Ids total_limit_off[] = {"limits.total"};
constexpr Ids total_limit_off_related[] = {"limits.freed", "storm.shed-politely"};
constexpr Ids evict_at_cap[] = {"storm.no-cascade", "limits.total"};
constexpr Ids evict_at_cap_related[] = {"limits.freed", "storm.shed-politely", "storm.recovery",
                                        "delivery.no-loss"};
constexpr Ids slots_not_returned[] = {"limits.freed"};
constexpr Ids slots_not_returned_related[] = {"storm.recovery", "storm.no-loss",
                                              "storm.no-lockstep", "identity.no-ghost",
                                              "eviction.frees-slot"};
constexpr Ids late_close_unregisters[] = {"identity.newest-wins"};
constexpr Ids late_close_unregisters_related[] = {"delivery.no-loss", "identity.no-ghost"};
constexpr Ids both_streams_live[] = {"identity.newest-wins"};
constexpr Ids both_streams_live_related[] = {"identity.no-ghost"};
constexpr Ids same_retry_after[] = {"storm.shed-politely"};
constexpr Ids same_retry_after_related[] = {"storm.no-lockstep", "storm.spread", "storm.peak-rate"};
constexpr Ids no_retry_after[] = {"storm.shed-politely"};
constexpr Ids no_retry_after_related[] = {"drain.refuses-new", "limits.total", "limits.per-user"};
constexpr Ids leak_on_abort[] = {"eviction.abort-noticed", "identity.no-ghost"};
constexpr Ids leak_on_abort_related[] = {"eviction.frees-slot", "limits.freed", "storm.recovery"};
constexpr Ids vanished_never_noticed[] = {"stall.noticed-within"};
constexpr Ids vanished_never_noticed_related[] = {"eviction.by-progress", "eviction.within",
                                                  "eviction.frees-slot",  "eviction.abort-noticed",
                                                  "identity.no-ghost",    "identity.newest-wins"};
constexpr Ids finished_as_empty_stream[] = {"delivery.finished"};
constexpr Ids finished_as_empty_stream_related[] = {"storm.no-lockstep"};
constexpr Ids tokens_truncated[] = {"tokens.terminated"};
constexpr Ids tokens_batched[] = {"tokens.gap"};
constexpr Ids tokens_batched_related[] = {"buffering.no-coalescing"};
constexpr Ids first_token_late[] = {"tokens.first-within"};
constexpr Ids first_token_late_related[] = {"tokens.gap"};
constexpr Ids no_priming[] = {"session.priming"};
constexpr Ids no_priming_related[] = {"delivery.no-loss", "delivery.resume"};
constexpr Ids close_without_retry[] = {"session.retry-before-close"};
constexpr Ids first_event_missing[] = {"session.first-event"};

constexpr std::array flaws = {
    FlawSpec{Flaw::no_x_accel_buffering,
             "no-x-accel-buffering",
             "the response lacks X-Accel-Buffering: no, so nginx holds the whole stream back",
             "F1, vectorflow",
             accel,
             {}},
    FlawSpec{Flaw::late_headers, "late-headers",
             "status line and headers leave with the first event or heartbeat, not at once",
             "F3, exceptionless", prompt, prompt_related},
    FlawSpec{Flaw::heartbeat_burst, "heartbeat-burst",
             "heartbeats missed while busy or stopped are owed, then flushed back to back",
             "F26, harness", burst, burst_related},
    FlawSpec{Flaw::heartbeat_on_empty_missing, "heartbeat-on-empty-missing",
             "a stream gets no heartbeat until its first event was sent", "F26, harness",
             empty_missing, empty_missing_related},
    FlawSpec{Flaw::liveness_by_attempt, "liveness-by-attempt",
             "progress is stamped on each attempt to write, also a refused one: nobody is evicted",
             "F8, stellarmind", attempt, attempt_related},
    FlawSpec{Flaw::unbounded_queue, "unbounded-queue",
             "whatever a slow subscriber does not take is kept for it, without any bound",
             "F9, vectorflow", unbounded, unbounded_related},
    FlawSpec{Flaw::head_of_line, "head-of-line",
             "a subscriber that would block stops its channel for everybody until it drains", "F13",
             head_of_line, head_of_line_related},
    FlawSpec{Flaw::newline_injection, "newline-injection",
             "type and data are written raw: a line break in them creates fields and events", "F28",
             injection, injection_related},
    FlawSpec{Flaw::token_unchecked,
             "token-unchecked",
             "a stream is opened whatever token is shown, or none",
             "exceptionless",
             token_unchecked,
             {}},
    FlawSpec{Flaw::revoked_keeps_streaming,
             "revoked-keeps-streaming",
             "a revoked token opens nothing new, but its open streams go on",
             "exceptionless",
             revoked_keeps_streaming,
             {}},
    FlawSpec{Flaw::unauthorized_as_200, "unauthorized-as-200",
             "without a valid token the answer is 200 and a login page",
             "F30, a login page in front", unauthorized_as_200, unauthorized_as_200_related},
    FlawSpec{Flaw::channel_leak, "channel-leak",
             "a stream is also sent the events of other channels", "a topic filter forgotten",
             channel_leak, channel_leak_related},
    FlawSpec{Flaw::user_limit_off, "user-limit-off", "a user may hold any number of streams",
             "exceptionless", user_limit_off, user_limit_off_related},
    FlawSpec{Flaw::total_limit_off, "total-limit-off", "the server takes any number of streams",
             "vectorflow", total_limit_off, total_limit_off_related},
    FlawSpec{Flaw::evict_at_cap, "evict-at-cap",
             "at the cap the oldest stream is thrown out for the new one", "F16", evict_at_cap,
             evict_at_cap_related},
    FlawSpec{Flaw::slots_not_returned, "slots-not-returned",
             "the slot of a stream that ended is not given back", "F27, exceptionless",
             slots_not_returned, slots_not_returned_related},
    FlawSpec{Flaw::late_close_unregisters, "late-close-unregisters",
             "the late close of a replaced stream unregisters the one that replaced it",
             "F27, vectorflow", late_close_unregisters, late_close_unregisters_related},
    FlawSpec{Flaw::both_streams_live, "both-streams-live",
             "a second stream with the same id leaves the first one open", "F27, vectorflow",
             both_streams_live, both_streams_live_related},
    FlawSpec{Flaw::same_retry_after, "same-retry-after",
             "every refused client is told the same Retry-After", "F15", same_retry_after,
             same_retry_after_related},
    FlawSpec{Flaw::no_retry_after, "no-retry-after",
             "a refused client is not told when to come back", "F15", no_retry_after,
             no_retry_after_related},
    FlawSpec{Flaw::leak_on_abort, "leak-on-abort",
             "resets and write errors are ignored: only an orderly end frees a stream", "F14",
             leak_on_abort, leak_on_abort_related},
    FlawSpec{Flaw::vanished_never_noticed, "vanished-never-noticed",
             "a peer that acknowledges nothing is given up only once its buffer is full",
             "F14, exceptionless", vanished_never_noticed, vanished_never_noticed_related},
    FlawSpec{
        Flaw::finished_as_empty_stream, "finished-as-empty-stream",
        "a finished channel answers 200 and a stream that ends at once: clients return for ever",
        "harness", finished_as_empty_stream, finished_as_empty_stream_related},
    FlawSpec{Flaw::tokens_truncated,
             "tokens-truncated",
             "an answer ends in order, but without its terminator",
             "F25, one level up",
             tokens_truncated,
             {}},
    FlawSpec{Flaw::tokens_batched, "tokens-batched",
             "tokens are held back and sent several at once after a pause", "F4, F5",
             tokens_batched, tokens_batched_related},
    FlawSpec{Flaw::first_token_late, "first-token-late",
             "the first token comes long after it was promised", "time to first token",
             first_token_late, first_token_late_related},
    FlawSpec{Flaw::no_priming, "no-priming",
             "a stream begins without the event that gives it an id to resume from",
             "Model Context Protocol", no_priming, no_priming_related},
    FlawSpec{Flaw::close_without_retry,
             "close-without-retry",
             "a deliberate close does not say when to come back",
             "Model Context Protocol",
             close_without_retry,
             {}},
    FlawSpec{Flaw::first_event_missing,
             "first-event-missing",
             "the event that is promised first is not sent",
             "stellarmind",
             first_event_missing,
             {}},
};
static_assert(flaws.size() == static_cast<std::size_t>(Flaw::count_));

}  // namespace

std::span<const FlawSpec> all_flaws() {
  return flaws;
}

const FlawSpec* find_flaw(std::string_view id) {
  for (const FlawSpec& spec : flaws) {
    if (spec.id == id) return &spec;
  }
  return nullptr;
}

}  // namespace streamgauge::server
