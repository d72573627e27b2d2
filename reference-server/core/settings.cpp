#include "reference-server/core/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/sse/encoder.hpp"

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

Result<HeartbeatSettings> heartbeat_settings(const HeartbeatTerms& terms) {
  if (terms.every < 10ms) {
    return usage_error(fmt::format("heartbeat.every is {}; this server accepts 10 ms and more",
                                   format_duration(terms.every)));
  }
  HeartbeatSettings settings;
  settings.every = terms.every;
  settings.first_within = terms.first_within > Duration::zero()
                              ? std::min(terms.first_within, terms.every)
                              : terms.every;
  settings.under_traffic = terms.under_traffic;
  const std::string text = terms.text.empty() ? "heartbeat" : terms.text;
  if (terms.form == HeartbeatForm::event) {
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
  if (!bounds.lag_event.empty()) {
    auto tried = typed_event(bounds.lag_event, "", MessageClass::control, "queue.lag_event");
    if (!tried) return tried.error();
  }
  return bounds;
}

std::string cache_control(const std::vector<std::string>& stated) {
  std::string value = "no-cache, no-transform";
  for (const std::string& directive : stated) {
    if (directive != "no-cache" && directive != "no-transform") value += ", " + directive;
  }
  return value;
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
  contract.drain = DrainTerms{10s, std::nullopt};
  return contract;
}

Result<HubSettings> hub_settings(const Contract& contract, Flaws flaws, std::uint64_t epoch) {
  HubSettings settings;
  settings.flaws = flaws;
  settings.epoch = epoch;
  auto queue = queue_bounds(contract.queue);
  if (!queue) return queue.error();
  settings.queue = *queue;
  if (flaws.has(Flaw::unbounded_queue)) {
    settings.queue.events_max = settings.queue.bytes_max = QueueBounds::unlimited;
  }
  if (contract.heartbeat) {
    auto heartbeat = heartbeat_settings(*contract.heartbeat);
    if (!heartbeat) return heartbeat.error();
    settings.heartbeat = *heartbeat;
  }
  if (contract.eviction) {
    if (contract.eviction->stalled_after < 100ms) {
      return usage_error(
          fmt::format("eviction.stalled_after is {}; this server accepts 100 ms and more",
                      format_duration(contract.eviction->stalled_after)));
    }
    settings.stalled_after = contract.eviction->stalled_after;
  }
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
  std::string head = http10 ? "HTTP/1.0 200 OK\r\n" : "HTTP/1.1 200 OK\r\n";
  head += "Content-Type: text/event-stream; charset=utf-8\r\n";
  head += fmt::format("Cache-Control: {}\r\n", cache_control(contract.headers.cache_control));
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

EventPtr stream_opening(const Contract& contract) {
  std::string sse;
  if (contract.preamble) sse::append_comment(sse, *contract.preamble);
  if (contract.retry) {
    sse::append_retry(sse, std::chrono::duration_cast<std::chrono::milliseconds>(*contract.retry));
  }
  if (sse.empty()) return nullptr;
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
  const auto error = sse::append_event(sse, {publication.type, publication.data, id, std::nullopt});
  if (error != sse::EncodeError::none) {
    return usage_error(fmt::format("cannot be published: {}", sse::to_string(error)));
  }
  return sse;
}

}  // namespace streamgauge::server
