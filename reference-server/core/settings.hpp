// The contract turned into what the hub acts by.
//
// What a contract leaves out is switched off (heartbeats, eviction, replay, retry), except for the
// queue: it always has a bound, the default one, because a server without it is a flaw.
#pragma once

#include <optional>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/core/contract/contract.hpp"
#include "reference-server/core/event.hpp"
#include "reference-server/core/flaws.hpp"
#include "reference-server/core/replay_ring.hpp"
#include "reference-server/core/subscriber_queue.hpp"

namespace streamgauge::server {

struct HeartbeatSettings {
  Duration every{};
  Duration first_within{};
  HeartbeatUnderTraffic under_traffic = HeartbeatUnderTraffic::fixed;
  EventPtr message;
};

struct HubSettings {
  QueueBounds queue;
  std::optional<HeartbeatSettings> heartbeat;
  std::optional<Duration> stalled_after;
  ReplayBounds replay;
  TooOld too_old = TooOld::from_oldest;
  EventPtr too_old_event;  // for TooOld::reset_event
  bool priming = false;    // each stream begins with an event of the current id and empty data
  Flaws flaws;
  std::uint64_t epoch = 0;  // see event_id.hpp
};

/// The guarantees of the server without a contract file; equal to the contract named "default".
[[nodiscard]] Contract default_contract();

/// Refuses what cannot be acted by: a period of zero, a type with line breaks, an empty queue.
[[nodiscard]] Result<HubSettings> hub_settings(const Contract& contract, Flaws flaws,
                                               std::uint64_t epoch);

/// Status line and headers of a stream with, behind them, what the contract sends first.
/// `http10`: without chunked coding, ended by the close of the connection.
[[nodiscard]] std::string stream_head(const Contract& contract, Flaws flaws, bool http10,
                                      std::string_view allow_origin);
/// The preamble comment, the retry block and the first event, whose data is `first_data`; nullptr
/// when the contract states none of them.
[[nodiscard]] EventPtr stream_opening(const Contract& contract, Flaws flaws = {},
                                      std::string_view first_data = "{}");
/// The event that gives a stream an id to resume from before anything was published.
[[nodiscard]] EventPtr priming_event(std::string_view id);

/// The SSE block of a publication, or the reason why it cannot be one.
struct Publication {
  std::string type;
  std::string data;
  std::string id;  // empty: the server's own
  std::string key;
  MessageClass message_class = MessageClass::normal;
};
[[nodiscard]] Result<std::string> encode(const Publication& publication, std::string_view id,
                                         Flaws flaws);

}  // namespace streamgauge::server
