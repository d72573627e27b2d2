// Ids of events: "EPOCH-SEQUENCE", EPOCH in hexadecimal, SEQUENCE in decimal.
//
// The epoch differs between two starts of the server, so that an id handed out by a former process
// is recognised as too old instead of being taken for a place in the new sequence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge::server {

struct EventId {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const EventId&, const EventId&) = default;
};

[[nodiscard]] std::string to_string(const EventId& id);

/// nullopt for everything that this server, in this or a former life, did not write.
[[nodiscard]] std::optional<EventId> parse_event_id(std::string_view text);

}  // namespace streamgauge::server
