// One function a section; each lays what the file says over the terms that stand, so that a command
// line's "queue.events=128" is read by the same code as a file.
#include "harness/core/contract/load.hpp"

#include "harness/core/contract/contradiction.hpp"
#include "harness/core/contract/words.hpp"
#include "harness/core/contract/yaml.hpp"

namespace streamgauge {
namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::Reading;

constexpr std::uint64_t events_max = 1'000'000'000;
constexpr std::uint64_t bytes_max = 1ull << 40;
constexpr std::uint64_t failures_max = 1'000'000;

const auto share = [] { return yaml::number_above(0, 1); };
// Smaller ones would not take a line of the envelope that published data carries.
const auto client_bytes = [](std::uint64_t least) { return yaml::size(least, 1u << 30); };
const auto event_type = [] { return yaml::line("an event type: one line of text"); };

/// Only these stop a client for good; after any other answer it comes back for ever.
yaml::Form<int> final_status() {
  return {"a status after which clients stay away: 204, or from 400 to 499",
          [whole = yaml::whole(204, 499)](std::string_view t) -> std::optional<int> {
            const auto status = whole.parse(t);
            if (!status || (*status > 204 && *status < 400)) return std::nullopt;
            return static_cast<int>(*status);
          }};
}

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
                    {"events", "bytes", "overflow", "lag_event", "lag_text", "critical_kept"}};
  map.need("events", yaml::whole(1, events_max), out.events_max, fresh);
  map.take("bytes", yaml::size(1, bytes_max), out.bytes_max);
  map.need("overflow", yaml::one_of<Overflow>(contract_words::overflow), out.overflow, fresh);
  map.take("lag_event", event_type(), out.lag_event);
  map.take("lag_text", yaml::line("one line of text with {n} for the number of dropped events"),
           out.lag_text);
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
  const Mapping map{
      reading, node, "drain", "drain", {"grace", "retry_hint", "exit_within", "spread"}};
  map.need("grace", yaml::duration(), out.grace, fresh);
  map.take("retry_hint", yaml::duration(), out.retry_hint);
  map.take("exit_within", yaml::duration(), out.exit_within);
  map.take("spread", yaml::duration(), out.spread);
}

void read_limits(Reading& reading, const Node& node, LimitTerms& out, bool) {
  const Mapping map{reading,
                    node,
                    "limits",
                    "limits",
                    {"streams_total", "streams_per_user", "retry_after", "retry_after_spread"}};
  map.take("streams_total", yaml::whole(1, events_max), out.streams_total);
  map.take("streams_per_user", yaml::whole(1, events_max), out.streams_per_user);
  map.take("retry_after", yaml::duration(), out.retry_after);
  map.take("retry_after_spread", yaml::boolean(), out.retry_after_spread);
}

void read_identity(Reading& reading, const Node& node, IdentityTerms& out, bool) {
  const Mapping map{reading, node, "identity", "identity", {"newest_wins", "closed_within"}};
  map.take("newest_wins", yaml::boolean(), out.newest_wins);
  map.take("closed_within", yaml::duration(), out.closed_within);
}

void read_auth(Reading& reading, const Node& node, AuthTerms& out, bool) {
  const Mapping map{reading, node, "auth", "auth", {"unauthorized", "revoked_within"}};
  map.take("unauthorized", yaml::as<int>(yaml::whole(400, 499)), out.unauthorized);
  map.take("revoked_within", yaml::duration(), out.revoked_within);
}

void read_storm(Reading& reading, const Node& node, StormTerms& out, bool fresh) {
  const Mapping map{reading, node, "storm", "storm", {"recovered_within", "peak_share"}};
  map.need("recovered_within", yaml::duration(), out.recovered_within, fresh);
  map.take("peak_share", share(), out.peak_share);
}

void read_client(Reading& reading, const Node& node, ClientTerms& out, bool) {
  const Mapping map{reading,
                    node,
                    "client",
                    "client",
                    {"header_timeout", "liveness", "backoff_base", "backoff_factor", "backoff_cap",
                     "jitter", "stable_after", "fallback_after", "fallback_for", "reconnect",
                     "probe_after", "line_max", "event_max", "error_body_max"}};
  map.take("header_timeout", yaml::duration(), out.header_timeout);
  map.take("liveness", yaml::duration(), out.liveness);
  map.take("backoff_base", yaml::duration(), out.backoff_base);
  map.take("backoff_factor", yaml::number(1, 100), out.backoff_factor);
  map.take("backoff_cap", yaml::duration(), out.backoff_cap);
  map.take("jitter", yaml::number(0, 1), out.jitter);
  map.take("stable_after", yaml::duration(), out.stable_after);
  map.take("fallback_after", yaml::as<std::uint32_t>(yaml::whole(0, failures_max)),
           out.fallback_after);
  map.take("fallback_for", yaml::duration(), out.fallback_for);
  map.take("reconnect", yaml::duration(), out.reconnect);
  map.take("probe_after", yaml::duration(), out.probe_after);
  map.take("line_max", client_bytes(1024), out.line_bytes_max);
  map.take("event_max", client_bytes(1024), out.event_bytes_max);
  map.take("error_body_max", client_bytes(1), out.error_body_bytes_max);
}

void read_tokens(Reading& reading, const Node& node, TokenTerms& out, bool fresh) {
  const Mapping map{reading, node, "tokens", "tokens", {"first_within", "gap_max", "terminator"}};
  map.need("first_within", yaml::duration(), out.first_within, fresh);
  map.need("gap_max", yaml::duration(), out.gap_max, fresh);
  map.take("terminator", yaml::line("one line of text: the data of the last event"),
           out.terminator);
}

void read_deliberate_close(Reading& reading, const Node& node, DeliberateCloseTerms& out,
                           bool fresh) {
  const Mapping map{reading, node, "deliberate_close", "deliberate_close", {"retry"}};
  map.need("retry", yaml::duration(), out.retry, fresh);
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

void read_contract(Reading& reading, const Node& node, Contract& out, bool fresh) {
  const Mapping map{reading,
                    node,
                    "a contract",
                    "",
                    {"contract",        "description", "headers",    "preamble",
                     "first_event",     "priming",     "heartbeat",  "retry",
                     "queue",           "eviction",    "replay",     "delivery",
                     "drain",           "limits",      "identity",   "auth",
                     "storm",           "client",      "tokens",     "deliberate_close",
                     "finished_status", "memory",      "gate_scale", "time_scale"}};
  map.need("contract", yaml::name("a name"), out.name, fresh);
  map.take("description", yaml::text(), out.description);
  section(map, "headers", out.headers, read_headers);
  map.take("preamble", yaml::line("one line of text: the first comment's text"), out.preamble);
  map.take("first_event", event_type(), out.first_event);
  map.take("priming", yaml::boolean(), out.priming);
  section(map, "heartbeat", out.heartbeat, read_heartbeat);
  map.take("retry", yaml::duration(), out.retry);
  section(map, "queue", out.queue, read_queue);
  section(map, "eviction", out.eviction, read_eviction);
  section(map, "replay", out.replay, read_replay);
  section(map, "delivery", out.delivery, read_delivery);
  section(map, "drain", out.drain, read_drain);
  section(map, "limits", out.limits, read_limits);
  section(map, "identity", out.identity, read_identity);
  section(map, "auth", out.auth, read_auth);
  section(map, "storm", out.storm, read_storm);
  section(map, "client", out.client, read_client);
  section(map, "tokens", out.tokens, read_tokens);
  section(map, "deliberate_close", out.deliberate_close, read_deliberate_close);
  map.take("finished_status", final_status(), out.finished_status);
  section(map, "memory", out.memory, read_memory);
  map.take("gate_scale", yaml::number_above(0, 1000), out.gate_scale);
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
