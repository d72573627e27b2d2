// A contract: the guarantees that a target states, in numbers. What it leaves out is not judged.
//
// File format: scenarios/README.md. Every std::optional that is empty is a guarantee not given.
// `time_scale` multiplies every duration that a target *waits by* (heartbeat, eviction, replay,
// retry, drain); durations that a machine *needs* (headers, latency) are not scaled: a scale
// compresses waiting, not work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/base/units.hpp"

namespace streamgauge {

enum class HeartbeatForm : std::uint8_t { comment, event };
/// fixed: every period whatever else is sent. reset: only after a period without other bytes.
enum class HeartbeatUnderTraffic : std::uint8_t { fixed, reset };

struct HeartbeatTerms {
  Duration every{};
  Duration first_within{};  // after the headers; default: `every`
  HeartbeatForm form = HeartbeatForm::comment;
  std::string text;  // comment: its text without leading space; event: its type. Empty: any
  HeartbeatUnderTraffic under_traffic = HeartbeatUnderTraffic::fixed;
  bool on_empty_stream = true;
  double tolerance = 0.25;  // of `every`, both ways, before widening by the scheduling lag
  friend bool operator==(const HeartbeatTerms&, const HeartbeatTerms&) = default;
};

enum class Overflow : std::uint8_t { disconnect, drop_oldest, drop_newest };

struct QueueTerms {
  std::uint64_t events_max = 0;
  std::uint64_t bytes_max = 0;  // 0: bounded by events alone
  Overflow overflow = Overflow::disconnect;
  std::string lag_event;       // type of the event that announces "dropped N events"; empty: none
  bool critical_kept = false;  // messages published as critical are never displaced
  std::string lag_text{};      // its data, with {n} for the number; empty: "dropped {n} events"
  friend bool operator==(const QueueTerms&, const QueueTerms&) = default;
};

struct EvictionTerms {
  Duration stalled_after{};  // without progress (bytes that the peer acknowledged)
  double tolerance = 0.25;
  friend bool operator==(const EvictionTerms&, const EvictionTerms&) = default;
};

enum class TooOld : std::uint8_t { from_oldest, reset_event, status_204, status_410 };

struct ReplayTerms {
  std::uint64_t events_max = 0;
  std::uint64_t bytes_max = 0;  // 0: bounded by events alone
  Duration within{};            // 0: bounded by events alone
  TooOld too_old = TooOld::from_oldest;
  std::string too_old_event;  // type of the event for TooOld::reset_event
  friend bool operator==(const ReplayTerms&, const ReplayTerms&) = default;
};

struct HeaderTerms {
  std::vector<std::string> cache_control;            // directives that must be there
  std::optional<std::string> x_accel_buffering;      // the value that must be there
  Duration within = std::chrono::milliseconds{500};  // also on a stream without events
  friend bool operator==(const HeaderTerms&, const HeaderTerms&) = default;
};

struct DeliveryTerms {
  std::optional<Duration> latency_p99;      // from the intended send time
  std::optional<Duration> first_last_skew;  // between first and last subscriber, at the median
  bool complete = true;                     // every event published while connected arrives
  friend bool operator==(const DeliveryTerms&, const DeliveryTerms&) = default;
};

struct MemoryTerms {
  std::uint64_t slack_bytes = 16u << 20;  // growth that is not charged to queues
  friend bool operator==(const MemoryTerms&, const MemoryTerms&) = default;
};

struct DrainTerms {
  Duration grace{};                      // every stream has ended within, from the order to stop
  std::optional<Duration> retry_hint{};  // the `retry:` that each stream is sent before its end
  std::optional<Duration>
      exit_within{};                 // the process is gone; default: grace and a second of work
  std::optional<Duration> spread{};  // the ends of the streams take at least this long
  friend bool operator==(const DrainTerms&, const DrainTerms&) = default;
};

struct LimitTerms {
  std::optional<std::uint64_t> streams_total;     // beyond: 503
  std::optional<std::uint64_t> streams_per_user;  // beyond: 429
  std::optional<Duration> retry_after;
  bool retry_after_spread = false;  // refused clients are not all told the same time
  friend bool operator==(const LimitTerms&, const LimitTerms&) = default;
};

struct IdentityTerms {
  bool newest_wins = true;  // a new stream with an id ends the older one with the same id
  Duration closed_within = std::chrono::seconds{1};  // the older one; a machine's time: not scaled
  friend bool operator==(const IdentityTerms&, const IdentityTerms&) = default;
};

struct AuthTerms {
  int unauthorized = 401;                             // the answer without a valid token
  Duration revoked_within = std::chrono::seconds{1};  // streams of a revoked token; not scaled
  friend bool operator==(const AuthTerms&, const AuthTerms&) = default;
};

/// After all streams were cut at once.
struct StormTerms {
  Duration recovered_within{};  // every client is back, from when the target can be reached again
  double peak_share = 0.25;  // at most this share of the returns within one tenth of their window
  friend bool operator==(const StormTerms&, const StormTerms&) = default;
};

/// What the contract's clients do (the swarm's clients take these constants when told to).
struct ClientTerms {
  std::optional<Duration> header_timeout;  // no response head within: give the attempt up
  std::optional<Duration> liveness;        // no byte on an open stream for that long: it is dead
  std::optional<Duration> backoff_base, backoff_cap, stable_after;
  std::optional<double> backoff_factor, jitter;
  std::uint32_t fallback_after = 0;      // failures in a row, then the fallback address; 0: none
  std::optional<Duration> fallback_for;  // then its own address is tried again
  std::optional<Duration> reconnect;     // the delay of those that do not back off
  std::optional<Duration> probe_after;   // after a 404; not below 1 ms
  std::optional<std::uint64_t> line_bytes_max, event_bytes_max, error_body_bytes_max;
  friend bool operator==(const ClientTerms&, const ClientTerms&) = default;
};

/// A stream that is the answer to one request: tokens, then a terminator. Not scaled.
struct TokenTerms {
  Duration first_within{};
  Duration gap_max{};
  std::string terminator = "[DONE]";  // data of the last event
  friend bool operator==(const TokenTerms&, const TokenTerms&) = default;
};

/// The server may end a healthy stream on purpose; it says when to come back before it does.
struct DeliberateCloseTerms {
  Duration retry{};  // the `retry:` field sent before the end
  friend bool operator==(const DeliberateCloseTerms&, const DeliberateCloseTerms&) = default;
};

struct Contract {
  std::string name;
  std::string description;
  std::string file;  // where it was read from, for messages

  HeaderTerms headers;
  std::optional<std::string> preamble;     // comment sent first, e.g. "connected"
  std::optional<std::string> first_event;  // type of the event sent first, e.g. "connected"
  bool priming =
      false;  // an event of an id and empty data is sent first: it resumes from the start
  std::optional<HeartbeatTerms> heartbeat;
  std::optional<Duration> retry;  // sent at the start of each stream
  std::optional<QueueTerms> queue;
  std::optional<EvictionTerms> eviction;
  std::optional<ReplayTerms> replay;
  std::optional<DeliveryTerms> delivery;
  std::optional<DrainTerms> drain;
  LimitTerms limits;
  std::optional<IdentityTerms> identity;
  std::optional<AuthTerms> auth;
  std::optional<StormTerms> storm;
  std::optional<ClientTerms> client;
  std::optional<TokenTerms> tokens;
  std::optional<DeliberateCloseTerms> deliberate_close;
  std::optional<int> finished_status;  // answer to a subscription to a channel that is finished
  MemoryTerms memory;
  std::optional<double> gate_scale;  // the time scale at which a gate by this contract is quick
  double time_scale = 1.0;           // already applied to the durations above
  friend bool operator==(const Contract&, const Contract&) = default;
};

/// All durations that a target waits by, times `factor`.
[[nodiscard]] Contract scaled(Contract contract, double factor);

// The words of contract files.
[[nodiscard]] std::string_view to_string(HeartbeatForm form);
[[nodiscard]] std::string_view to_string(HeartbeatUnderTraffic under_traffic);
[[nodiscard]] std::string_view to_string(Overflow overflow);
[[nodiscard]] std::string_view to_string(TooOld too_old);

}  // namespace streamgauge
