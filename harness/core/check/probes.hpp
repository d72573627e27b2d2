// Wire probes: messages whose content tempts a careless encoder to create fields or to lose lines.
//
// The publisher sends them, the checks `wire.no-injection` and `wire.data-intact` know what must
// arrive. Each probe's data begins with an envelope of kind `probe`; its seq is on the channel's
// ordinary sequence.
//
// For each probe of a round the publisher records one fact::Published of kind `probe`, in the order
// of wire_probes(): the n-th of them tells about the n-th probe (modulo their number). A probe that
// the target's template cannot carry (a line break in the type, where {event} stands in a header)
// is not sent: its record has seq 0, bytes 0 and status 0, and checks leave it out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace streamgauge {

struct Probe {
  std::string_view name;        // "lf-block", "cr-field", "crlf-in-type", ...
  std::string_view tail;        // appended to the envelope (which has no line break itself)
  std::string_view event_type;  // given as {event}; empty: none
  bool refusal_ok;              // the target may answer 4xx instead of publishing
};

/// In the order in which they are published.
[[nodiscard]] std::span<const Probe> wire_probes();

/// Marks that no event, field, id or type may ever show unless an encoder was tricked.
inline constexpr std::string_view injected_mark = "sg-injected";

/// `text` with CRLF and CR turned into LF: what a correct encoder's data reads as on arrival.
[[nodiscard]] std::string with_lf(std::string_view text);

}  // namespace streamgauge
