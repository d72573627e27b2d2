// One function a section; each lays what the file says over the terms that stand, so that a command
// line's "queue.events=128" is read by the same code as a file.
#include "harness/core/contract/load.hpp"

#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "harness/core/contract/words.hpp"
#include "harness/core/contract/yaml.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

constexpr std::uint64_t events_max = 1'000'000'000;
constexpr std::uint64_t bytes_max = 1ull << 40;

const auto share = [] { return yaml::number_above(0, 1); };
const auto event_type = [] { return yaml::line("an event type: one line of text"); };

void read_headers(Reading& reading, const Node& node, HeaderTerms& out, bool) {
  const Mapping map{
      reading, node, "headers", "headers", {"cache_control", "x_accel_buffering", "within"}};
  map.take_list("cache_control", yaml::line("a directive such as no-cache, or a list of them"),
                out.cache_control);
  map.take("x_accel_buffering", yaml::line("the header's value, such as no"),
           out.x_accel_buffering);
  map.take("within", yaml::duration(), out.within);
}

void read_heartbeat(Reading& reading, const Node& node, HeartbeatTerms& out, bool fresh) {
  const Mapping map{
      reading,
      node,
      "heartbeat",
      "heartbeat",
      {"every", "first_within", "form", "text", "under_traffic", "on_empty_stream", "tolerance"}};
  const bool first_follows = fresh || out.first_within == out.every;
  map.need("every", yaml::duration(), out.every, fresh);
  if (first_follows) out.first_within = out.every;
  map.take("first_within", yaml::duration(), out.first_within);
  map.take("form", yaml::one_of<HeartbeatForm>(contract_words::heartbeat_form), out.form);
  map.take("text", yaml::line("one line of text: the comment's text, or the event's type"),
           out.text);
  map.take("under_traffic", yaml::one_of<HeartbeatUnderTraffic>(contract_words::under_traffic),
           out.under_traffic);
  map.take("on_empty_stream", yaml::boolean(), out.on_empty_stream);
  map.take("tolerance", share(), out.tolerance);
}

void read_queue(Reading& reading, const Node& node, QueueTerms& out, bool fresh) {
  const Mapping map{reading,
                    node,
                    "queue",
                    "queue",
                    {"events", "bytes", "overflow", "lag_event", "critical_kept"}};
  map.need("events", yaml::whole(1, events_max), out.events_max, fresh);
  map.take("bytes", yaml::size(1, bytes_max), out.bytes_max);
  map.need("overflow", yaml::one_of<Overflow>(contract_words::overflow), out.overflow, fresh);
  map.take("lag_event", event_type(), out.lag_event);
  map.take("critical_kept", yaml::boolean(), out.critical_kept);
}

void read_eviction(Reading& reading, const Node& node, EvictionTerms& out, bool fresh) {
  const Mapping map{reading, node, "eviction", "eviction", {"stalled_after", "tolerance"}};
  map.need("stalled_after", yaml::duration(), out.stalled_after, fresh);
  map.take("tolerance", share(), out.tolerance);
}

void read_replay(Reading& reading, const Node& node, ReplayTerms& out, bool fresh) {
  const Mapping map{
      reading, node, "replay", "replay", {"events", "bytes", "within", "too_old", "too_old_event"}};
  map.need("events", yaml::whole(1, events_max), out.events_max, fresh);
  map.take("bytes", yaml::size(1, bytes_max), out.bytes_max);
  map.take("within", yaml::duration(), out.within);
  map.need("too_old", yaml::one_of<TooOld>(contract_words::too_old), out.too_old, fresh);
  map.take("too_old_event", event_type(), out.too_old_event);
}

void read_delivery(Reading& reading, const Node& node, DeliveryTerms& out, bool) {
  const Mapping map{
      reading, node, "delivery", "delivery", {"latency_p99", "first_last_skew", "complete"}};
  map.take("latency_p99", yaml::duration(), out.latency_p99);
  map.take("first_last_skew", yaml::duration(), out.first_last_skew);
  map.take("complete", yaml::boolean(), out.complete);
}

void read_drain(Reading& reading, const Node& node, DrainTerms& out, bool fresh) {
  const Mapping map{reading, node, "drain", "drain", {"grace", "retry_hint"}};
  map.need("grace", yaml::duration(), out.grace, fresh);
  map.take("retry_hint", yaml::duration(), out.retry_hint);
}

void read_limits(Reading& reading, const Node& node, LimitTerms& out, bool) {
  const Mapping map{
      reading, node, "limits", "limits", {"streams_total", "streams_per_user", "retry_after"}};
  map.take("streams_total", yaml::whole(1, events_max), out.streams_total);
  map.take("streams_per_user", yaml::whole(1, events_max), out.streams_per_user);
  map.take("retry_after", yaml::duration(), out.retry_after);
}

void read_memory(Reading& reading, const Node& node, MemoryTerms& out, bool) {
  const Mapping map{reading, node, "memory", "memory", {"slack"}};
  map.take("slack", yaml::size(1, bytes_max), out.slack_bytes);
}

template <class Terms, class Read>
void section(const Mapping& map, std::string_view key, Terms& out, Read read) {
  if (const Node* node = map.get(key)) read(map.reading(), *node, out, false);
}

/// A section that need not be there: it comes to be when it is first named.
template <class Terms, class Read>
void section(const Mapping& map, std::string_view key, std::optional<Terms>& out, Read read) {
  const Node* node = map.get(key);
  if (node == nullptr) return;
  const bool fresh = !out;
  if (fresh) out.emplace();
  read(map.reading(), *node, *out, fresh);
}

/// Keys that contradict one another; nullopt when the contract can be kept.
std::optional<std::string> contradiction(const Contract& c) {
  if (c.heartbeat && c.eviction && c.eviction->stalled_after <= c.heartbeat->every) {
    return fmt::format(
        "eviction.stalled_after ({}) must be longer than heartbeat.every ({}): between two "
        "heartbeats an idle client has nothing to acknowledge and would be evicted",
        format_duration(c.eviction->stalled_after), format_duration(c.heartbeat->every));
  }
  if (c.queue && c.queue->overflow == Overflow::disconnect && !c.queue->lag_event.empty()) {
    return "queue.lag_event announces dropped events, but queue.overflow 'disconnect' drops none: "
           "leave it out, or choose drop-oldest or drop-newest";
  }
  if (c.replay && c.replay->too_old == TooOld::reset_event && c.replay->too_old_event.empty()) {
    return "replay.too_old 'reset-event' needs replay.too_old_event, the type of that event";
  }
  if (c.replay && c.replay->too_old != TooOld::reset_event && !c.replay->too_old_event.empty()) {
    return fmt::format("replay.too_old_event is for replay.too_old 'reset-event', not for '{}'",
                       to_string(c.replay->too_old));
  }
  if (c.limits.streams_per_user && c.limits.streams_total &&
      *c.limits.streams_per_user > *c.limits.streams_total) {
    return fmt::format(
        "limits.streams_per_user ({}) must not exceed limits.streams_total ({}): it could never "
        "be reached",
        *c.limits.streams_per_user, *c.limits.streams_total);
  }
  return std::nullopt;
}

void read_contract(Reading& reading, const Node& node, Contract& out, bool fresh) {
  const Mapping map{
      reading,
      node,
      "a contract",
      "",
      {"contract", "description", "headers", "preamble", "heartbeat", "retry", "queue", "eviction",
       "replay", "delivery", "drain", "limits", "memory", "time_scale"}};
  map.need("contract", yaml::name("a name"), out.name, fresh);
  map.take("description", yaml::text(), out.description);
  section(map, "headers", out.headers, read_headers);
  map.take("preamble", yaml::line("one line of text: the first comment's text"), out.preamble);
  section(map, "heartbeat", out.heartbeat, read_heartbeat);
  map.take("retry", yaml::duration(), out.retry);
  section(map, "queue", out.queue, read_queue);
  section(map, "eviction", out.eviction, read_eviction);
  section(map, "replay", out.replay, read_replay);
  section(map, "delivery", out.delivery, read_delivery);
  section(map, "drain", out.drain, read_drain);
  section(map, "limits", out.limits, read_limits);
  section(map, "memory", out.memory, read_memory);
  map.take("time_scale", yaml::number_above(0, 1000), out.time_scale);
  if (!reading.ok()) return;
  if (const auto sentence = contradiction(out)) reading.fail(node.mark, *sentence);
}

}  // namespace

Result<Contract> load_contract(std::string_view yaml, std::string file) {
  const auto root = yaml::parse(yaml, file);
  if (!root) return root.error();
  Reading reading{file};
  Contract contract;
  contract.file = std::move(file);
  read_contract(reading, **root, contract, true);
  if (!reading.ok()) return *reading.error();
  return contract;
}

Result<void> set_contract_value(Contract& contract, std::string_view assignment) {
  Reading reading{std::string{assignment.substr(0, 200)}};
  const auto leaf = yaml::assigned(reading, assignment, "queue.events=128");
  if (!leaf) return *reading.error();
  Contract changed = contract;
  read_contract(reading, *yaml::nested(leaf->path, leaf->value), changed, false);
  if (!reading.ok()) return *reading.error();
  contract = std::move(changed);
  return {};
}

}  // namespace streamgauge
