// The first line of published data: `sg1 RUN STREAM SEQ INTENDED_NS KIND`, then padding.
//
// Whatever passes data through can be measured by it: loss, duplicates and order from SEQ, latency
// from INTENDED_NS (never from the send itself, or coordinated omission would hide every stall).
// RUN is a number that tells this run's events from a predecessor's in a replay ring; STREAM is the
// publisher's sequence (one per channel); SEQ counts from 1; KIND names what the event is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/base/time.hpp"

namespace streamgauge::sse {

enum class EnvelopeKind : std::uint8_t {
  normal,    // n
  critical,  // c: must never be displaced
  probe,     // p: a wire probe (injection, multi-line data), judged by wire checks alone
};

struct Envelope {
  std::uint32_t run = 0;
  std::uint32_t stream = 0;
  std::uint64_t seq = 0;
  Instant intended{};
  EnvelopeKind kind = EnvelopeKind::normal;

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

/// Reads an envelope at the start of `data`; nullopt when there is none. Never allocates. Strict,
/// so that foreign text is not taken for one: single spaces, decimal numbers in range without
/// leading zeros, SEQ from 1, and after KIND the end or any byte but an ASCII letter or digit.
[[nodiscard]] std::optional<Envelope> parse_envelope(std::string_view data);

/// Appends the envelope, padded with '.' after a space to `size` bytes. It stays longer where it is
/// so already, and by one byte where only the space would fit: nothing may trim its end.
void append_envelope(std::string& out, const Envelope& envelope, std::size_t size = 0);

}  // namespace streamgauge::sse
