#include "reference-server/core/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/sse/encoder.hpp"
#include "reference-server/core/flawed_bytes.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t default_events_max = 256;
constexpr std::uint64_t default_bytes_max = 1_MiB;

Result<EventPtr> typed_event(const std::string& type, std::string_view data, MessageClass as,
                             std::string_view key) {
  std::string sse;
  const auto error = sse::append_event(sse, {type, data, std::nullopt, std::nullopt});
  if (error != sse::EncodeError::none) {
    return usage_error(
        fmt::format("{}: \"{}\" cannot be an event type ({})", key, type, sse::to_string(error)));
  }
  return Event::of(sse, EventFacts{as, 0, {}, {}, {}});
}

Result<HeartbeatSettings> heartbeat_settings(const HeartbeatTerms& terms, Flaws flaws) {
  if (terms.every < 10ms) {
    return usage_error(fmt::format("heartbeat.every is {}; this server accepts 10 ms and more",
                                   format_duration(terms.every)));
  }
  HeartbeatSettings settings;
  settings.every = flaws.has(Flaw::heartbeat_slow) ? 2 * terms.every : terms.every;
  settings.first_within = terms.first_within > Duration::zero()
                              ? std::min(terms.first_within, terms.every)
                              : terms.every;
  settings.under_traffic = terms.under_traffic;
  const std::string text = terms.text.empty() ? "heartbeat" : terms.text;
  if (flaws.has(Flaw::heartbeat_wrong_form)) {
    auto event = typed_event("", text, MessageClass::heartbeat, "heartbeat.text");
    if (!event) return event.error();
    settings.message = *event;
  } else if (terms.form == HeartbeatForm::event) {
    auto event = typed_event(text, "{}", MessageClass::heartbeat, "heartbeat.text");
    if (!event) return event.error();
    settings.message = *event;
  } else {
    std::string sse;
    sse::append_comment(sse, text);
    settings.message = Event::of(sse, EventFacts{MessageClass::heartbeat, 0, {}, {}, {}});
  }
  return settings;
}

Result<QueueBounds> queue_bounds(const std::optional<QueueTerms>& terms) {
  if (!terms)
    return QueueBounds{default_events_max, default_bytes_max, Overflow::drop_oldest, true, "lag"};
  if (terms->events_max == 0) return usage_error("queue.events is 0; accepted: 1 and more");
  QueueBounds bounds;
  bounds.events_max = terms->events_max;
  if (terms->bytes_max > 0) bounds.bytes_max = terms->bytes_max;
  bounds.overflow = terms->overflow;
  bounds.critical_kept = terms->critical_kept;
  bounds.lag_event = terms->lag_event;
  bounds.lag_text = terms->lag_text;
  if (!bounds.lag_event.empty()) {
    auto tried = typed_event(bounds.lag_event, "", MessageClass::control, "queue.lag_event");
    if (!tried) return tried.error();
  }
  return bounds;
}

/// The flaws that are a wrong bound, or one forgotten.
void break_queue(QueueBounds& bounds, Flaws flaws) {
  bounds.flaws = flaws;
  if (flaws.has(Flaw::unbounded_queue)) {
    bounds.events_max = bounds.bytes_max = QueueBounds::unlimited;
  }
  if (flaws.has(Flaw::small_queue)) {
    bounds.events_max = std::max<std::uint64_t>(bounds.events_max / 4, 1);
    bounds.bytes_max = std::max<std::uint64_t>(bounds.bytes_max / 4, 1);
  }
  if (flaws.has(Flaw::silent_drop)) bounds.lag_event.clear();
  if (flaws.has(Flaw::critical_dropped)) bounds.critical_kept = false;
}

std::string cache_control(const std::vector<std::string>& stated) {
  std::string value = "no-cache, no-transform";
  for (const std::string& directive : stated) {
    if (directive != "no-cache" && directive != "no-transform") value += ", " + directive;
  }
  return value;
}

/// What the built-in contract expects of its clients.
ClientTerms default_clients() {
  ClientTerms client;
  client.header_timeout = 15s;
  client.liveness = 40s;
  client.backoff_base = 1s;
  client.backoff_factor = 2;
  client.backoff_cap = 30s;
  client.jitter = 0.5;
  client.stable_after = 5s;
  client.fallback_after = 3;
  client.fallback_for = 1min;
  return client;
}

}  // namespace

Contract default_contract() {
  Contract contract;
  contract.name = "default";
  contract.file = "(built in)";
  contract.headers.cache_control = {"no-cache", "no-transform"};
  contract.headers.x_accel_buffering = "no";
  HeartbeatTerms heartbeat;
  heartbeat.every = heartbeat.first_within = 15s;
  heartbeat.text = "heartbeat";
  contract.heartbeat = heartbeat;
  contract.retry = 3s;
  contract.queue =
      QueueTerms{default_events_max, default_bytes_max, Overflow::drop_oldest, "lag", true};
  contract.eviction = EvictionTerms{90s, 0.25};
  contract.replay = ReplayTerms{1024, 1_MiB, 5min, TooOld::reset_event, "reset"};
  contract.delivery = DeliveryTerms{250ms, 100ms, true};
  contract.drain = DrainTerms{10s, 1s, 20s, 1s};
  contract.limits = LimitTerms{600, 10, 40s, true};
  contract.identity = IdentityTerms{true, 1s};
  contract.auth = AuthTerms{401, 1s};
  contract.storm = StormTerms{10s, 0.25};
  contract.client = default_clients();
  contract.finished_status = 204;
  contract.memory = MemoryTerms{8_MiB};
  contract.gate_scale = 0.05;
  return contract;
}

Result<HubSettings> hub_settings(const Contract& contract, Flaws flaws, std::uint64_t epoch) {
  HubSettings settings;
  settings.flaws = flaws;
  settings.epoch = epoch;
  auto queue = queue_bounds(contract.queue);
  if (!queue) return queue.error();
  settings.queue = *queue;
  break_queue(settings.queue, flaws);
  if (contract.heartbeat) {
    auto heartbeat = heartbeat_settings(*contract.heartbeat, flaws);
    if (!heartbeat) return heartbeat.error();
    settings.heartbeat = *heartbeat;
  }
  if (contract.eviction) {
    if (contract.eviction->stalled_after < 100ms) {
      return usage_error(
          fmt::format("eviction.stalled_after is {}; this server accepts 100 ms and more",
                      format_duration(contract.eviction->stalled_after)));
    }
    settings.stalled_after =
        contract.eviction->stalled_after / (flaws.has(Flaw::evicts_early) ? 3 : 1);
  }
  if (contract.first_event) {
    auto tried = typed_event(*contract.first_event, "", MessageClass::control, "first_event");
    if (!tried) return tried.error();
  }
  settings.priming = contract.priming && !flaws.has(Flaw::no_priming);
  if (contract.replay) {
    const ReplayTerms& replay = *contract.replay;
    settings.replay = {replay.events_max, replay.bytes_max, replay.within};
    settings.too_old = replay.too_old;
    if (replay.too_old == TooOld::reset_event) {
      const std::string type = replay.too_old_event.empty() ? "reset" : replay.too_old_event;
      auto event = typed_event(type, "the events after your last one are no longer all kept",
                               MessageClass::control, "replay.too_old_event");
      if (!event) return event.error();
      settings.too_old_event = *event;
    }
  }
  return settings;
}

std::string stream_head(const Contract& contract, Flaws flaws, bool http10,
                        std::string_view allow_origin) {
  std::string head = http10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += flaws.has(Flaw::stream_status_201) ? "201 Created\r\n" : "200 OK\r\n";
  head += flaws.has(Flaw::wrong_content_type)
              ? "Content-Type: text/plain; charset=utf-8\r\n"
              : "Content-Type: text/event-stream; charset=utf-8\r\n";
  if (!flaws.has(Flaw::no_cache_control)) {
    head += fmt::format("Cache-Control: {}\r\n", cache_control(contract.headers.cache_control));
  }
  if (!flaws.has(Flaw::no_x_accel_buffering)) {
    head +=
        fmt::format("X-Accel-Buffering: {}\r\n", contract.headers.x_accel_buffering.value_or("no"));
  }
  if (!allow_origin.empty()) {
    head += fmt::format("Access-Control-Allow-Origin: {}\r\n", allow_origin);
  }
  head += http10 ? "Connection: close\r\n\r\n"
                 : "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n";
  return head;
}

EventPtr stream_opening(const Contract& contract, Flaws flaws, std::string_view first_data) {
  std::string sse;
  if (contract.preamble) sse::append_comment(sse, *contract.preamble);
  if (contract.retry) {
    sse::append_retry(sse, std::chrono::duration_cast<std::chrono::milliseconds>(*contract.retry));
  }
  if (contract.first_event && !flaws.has(Flaw::first_event_missing)) {
    // The type has been tried when the settings were made.
    (void)sse::append_event(sse, {*contract.first_event, first_data, std::nullopt, std::nullopt});
  }
  if (sse.empty()) return nullptr;
  return Event::of(sse, EventFacts{MessageClass::control, 0, {}, {}, {}});
}

EventPtr priming_event(std::string_view id) {
  std::string sse;
  (void)sse::append_event(sse, {{}, {}, id, std::nullopt});  // the server's own ids have no breaks
  return Event::of(sse, EventFacts{MessageClass::control, 0, {}, {}, {}});
}

Result<std::string> encode(const Publication& publication, std::string_view id, Flaws flaws) {
  std::string sse;
  if (flaws.has(Flaw::newline_injection)) {
    sse = fmt::format("id: {}\n", id);
    if (!publication.type.empty()) sse += fmt::format("event: {}\n", publication.type);
    sse += fmt::format("data: {}\n\n", publication.data);
    return sse;
  }
  const bool joins = flaws.has(Flaw::joined_data_lines);
  const std::string joined = joins ? without_line_breaks(publication.data) : std::string{};
  const std::string_view data = joins ? joined : publication.data;
  const auto error = sse::append_event(sse, {publication.type, data, id, std::nullopt});
  if (error != sse::EncodeError::none) {
    return usage_error(fmt::format("cannot be published: {}", sse::to_string(error)));
  }
  if (flaws.has(Flaw::latin1_bytes)) return as_latin1(sse);
  return sse;
}

}  // namespace streamgauge::server
