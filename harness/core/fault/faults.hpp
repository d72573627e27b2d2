// Every fault of this folder, one function each; table.cpp lists them. How to add one: README.md.
#pragma once

#include "harness/core/fault/fault.hpp"

namespace streamgauge::fault {

// What becomes of a connection before a byte of it has passed.
[[nodiscard]] FaultType refuse();
[[nodiscard]] FaultType accept_silent();

// Bytes come later, or in other pieces.
[[nodiscard]] FaultType latency();
[[nodiscard]] FaultType bandwidth();
[[nodiscard]] FaultType slice();
[[nodiscard]] FaultType header_hold();
[[nodiscard]] FaultType hold_bytes();
[[nodiscard]] FaultType hold_window();
[[nodiscard]] FaultType compress_hold();

// Bytes come no more, and nobody says so.
[[nodiscard]] FaultType headers_then_stall();
[[nodiscard]] FaultType stall_after();
[[nodiscard]] FaultType half_open();

// The connection ends.
[[nodiscard]] FaultType idle_cut();
[[nodiscard]] FaultType reset();
[[nodiscard]] FaultType truncate();

// The two sides are told different stories.
[[nodiscard]] FaultType absorb();
[[nodiscard]] FaultType keep_upstream();
[[nodiscard]] FaultType status();
[[nodiscard]] FaultType strip_header();
[[nodiscard]] FaultType cache();

}  // namespace streamgauge::fault
