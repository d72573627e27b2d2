#include <fmt/format.h>

#include "harness/core/contract/load.hpp"

namespace streamgauge {
namespace {

/// In YAML's double quotes, where JSON's escapes mean the same; other bytes are UTF-8 already.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// Exact: whole milliseconds as such, finer ones as microseconds with decimals.
std::string written(Duration d) {
  const std::int64_t ns = d.count();
  if (ns % 1'000'000 == 0) return fmt::format("{}ms", ns / 1'000'000);
  if (ns % 1'000 == 0) return fmt::format("{}us", ns / 1'000);
  return fmt::format("{}.{:03}us", ns / 1'000, ns % 1'000);
}

class Writer {
 public:
  void section(std::string_view name) {
    out_ += fmt::format("{}:\n", name);
    indent_ = "  ";
  }
  void raw(std::string_view key, std::string_view value) {
    out_ += fmt::format("{}{}: {}\n", indent_, key, value);
  }
  void put(std::string_view key, std::string_view text) { raw(key, in_quotes(text)); }
  void put(std::string_view key, Duration d) { raw(key, written(d)); }
  void put(std::string_view key, bool b) { raw(key, b ? "true" : "false"); }
  void put(std::string_view key, double n) { raw(key, fmt::format("{}", n)); }
  void put(std::string_view key, int n) { raw(key, fmt::format("{}", n)); }
  void put(std::string_view key, std::uint64_t n) { raw(key, fmt::format("{}", n)); }
  template <class T>
  void put(std::string_view key, const std::optional<T>& value) {
    if (value) put(key, *value);
  }
  /// A value whose default stands for "not given".
  template <class T>
  void put_unless(std::string_view key, const T& value, const T& absent) {
    if (!(value == absent)) put(key, value);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::string_view indent_;
};

void write(Writer& w, const HeaderTerms& terms) {
  w.section("headers");
  std::string directives;
  for (const std::string& directive : terms.cache_control) {
    directives += (directives.empty() ? "" : ", ") + in_quotes(directive);
  }
  w.raw("cache_control", "[" + directives + "]");
  w.put("x_accel_buffering", terms.x_accel_buffering);
  w.put("within", terms.within);
}

void write(Writer& w, const HeartbeatTerms& terms) {
  w.section("heartbeat");
  w.put("every", terms.every);
  w.put("first_within", terms.first_within);
  w.put("form", to_string(terms.form));
  w.put_unless("text", terms.text, std::string{});
  w.put("under_traffic", to_string(terms.under_traffic));
  w.put("on_empty_stream", terms.on_empty_stream);
  w.put("tolerance", terms.tolerance);
}

void write(Writer& w, const QueueTerms& terms) {
  w.section("queue");
  w.put("events", terms.events_max);
  w.put_unless("bytes", terms.bytes_max, std::uint64_t{0});
  w.put("overflow", to_string(terms.overflow));
  w.put_unless("lag_event", terms.lag_event, std::string{});
  w.put_unless("lag_text", terms.lag_text, std::string{});
  w.put("critical_kept", terms.critical_kept);
}

void write(Writer& w, const EvictionTerms& terms) {
  w.section("eviction");
  w.put("stalled_after", terms.stalled_after);
  w.put("tolerance", terms.tolerance);
}

void write(Writer& w, const ReplayTerms& terms) {
  w.section("replay");
  w.put("events", terms.events_max);
  w.put_unless("bytes", terms.bytes_max, std::uint64_t{0});
  w.put_unless("within", terms.within, Duration::zero());
  w.put("too_old", to_string(terms.too_old));
  w.put_unless("too_old_event", terms.too_old_event, std::string{});
}

void write(Writer& w, const DeliveryTerms& terms) {
  w.section("delivery");
  w.put("latency_p99", terms.latency_p99);
  w.put("first_last_skew", terms.first_last_skew);
  w.put("complete", terms.complete);
}

void write(Writer& w, const DrainTerms& terms) {
  w.section("drain");
  w.put("grace", terms.grace);
  w.put("retry_hint", terms.retry_hint);
  w.put("exit_within", terms.exit_within);
  w.put("spread", terms.spread);
}

void write(Writer& w, const LimitTerms& terms) {
  if (terms == LimitTerms{}) return;
  w.section("limits");
  w.put("streams_total", terms.streams_total);
  w.put("streams_per_user", terms.streams_per_user);
  w.put("retry_after", terms.retry_after);
  w.put("retry_after_spread", terms.retry_after_spread);
}

void write(Writer& w, const IdentityTerms& terms) {
  w.section("identity");
  w.put("newest_wins", terms.newest_wins);
  w.put("closed_within", terms.closed_within);
}

void write(Writer& w, const AuthTerms& terms) {
  w.section("auth");
  w.put("unauthorized", terms.unauthorized);
  w.put("revoked_within", terms.revoked_within);
}

void write(Writer& w, const StormTerms& terms) {
  w.section("storm");
  w.put("recovered_within", terms.recovered_within);
  w.put("peak_share", terms.peak_share);
}

void write(Writer& w, const ClientTerms& terms) {
  w.section("client");
  w.put("header_timeout", terms.header_timeout);
  w.put("liveness", terms.liveness);
  w.put("backoff_base", terms.backoff_base);
  w.put("backoff_factor", terms.backoff_factor);
  w.put("backoff_cap", terms.backoff_cap);
  w.put("jitter", terms.jitter);
  w.put("stable_after", terms.stable_after);
  w.put("fallback_after", std::uint64_t{terms.fallback_after});
  w.put("fallback_for", terms.fallback_for);
  w.put("reconnect", terms.reconnect);
  w.put("probe_after", terms.probe_after);
  w.put("line_max", terms.line_bytes_max);
  w.put("event_max", terms.event_bytes_max);
  w.put("error_body_max", terms.error_body_bytes_max);
}

void write(Writer& w, const TokenTerms& terms) {
  w.section("tokens");
  w.put("first_within", terms.first_within);
  w.put("gap_max", terms.gap_max);
  w.put("terminator", std::string_view{terms.terminator});
}

void write(Writer& w, const DeliberateCloseTerms& terms) {
  w.section("deliberate_close");
  w.put("retry", terms.retry);
}

void write(Writer& w, const MemoryTerms& terms) {
  w.section("memory");
  w.put("slack", terms.slack_bytes);
}

}  // namespace

std::string write_contract(const Contract& contract) {
  Writer w;
  w.put("contract", std::string_view{contract.name});
  w.put_unless("description", contract.description, std::string{});
  w.put("preamble", contract.preamble);
  w.put("first_event", contract.first_event);
  w.put_unless("priming", contract.priming, false);
  w.put("retry", contract.retry);
  w.put("finished_status", contract.finished_status);
  w.put("gate_scale", contract.gate_scale);
  w.put_unless("time_scale", contract.time_scale, 1.0);
  write(w, contract.headers);
  if (contract.heartbeat) write(w, *contract.heartbeat);
  if (contract.queue) write(w, *contract.queue);
  if (contract.eviction) write(w, *contract.eviction);
  if (contract.replay) write(w, *contract.replay);
  if (contract.delivery) write(w, *contract.delivery);
  if (contract.drain) write(w, *contract.drain);
  write(w, contract.limits);
  if (contract.identity) write(w, *contract.identity);
  if (contract.auth) write(w, *contract.auth);
  if (contract.storm) write(w, *contract.storm);
  if (contract.client) write(w, *contract.client);
  if (contract.tokens) write(w, *contract.tokens);
  if (contract.deliberate_close) write(w, *contract.deliberate_close);
  write(w, contract.memory);
  return w.take();
}

}  // namespace streamgauge
