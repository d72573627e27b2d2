// What is wrong with the ways beside the stream: long-poll and WebSocket.
#include "reference-server/core/flaw_tables.hpp"

namespace streamgauge::server {

std::span<const FlawSpec> transport_flaws() {
  static constexpr std::array table = {
      FlawSpec{Flaw::websocket_misses_events,
               "websocket-misses-events",
               "one event in 20 goes to the streams and polls, and not to the WebSockets",
               "exceptionless: dual fan-out",
               {"delivery.same-on-transports"},
               {"delivery.no-loss"}},
      FlawSpec{Flaw::poll_changes_order,
               "poll-changes-order",
               "now and then two neighbours change places in the answer to a poll",
               "exceptionless: dual fan-out",
               {"delivery.same-on-transports"},
               {"delivery.in-order", "delivery.latency"}},
      FlawSpec{Flaw::poll_gap,
               "poll-gap",
               "what is published between two polls is in neither of them",
               "a long-poll without a cursor",
               {"delivery.same-on-transports"},
               {"delivery.no-loss"}},
  };
  return table;
}

}  // namespace streamgauge::server
