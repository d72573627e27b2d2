// Bytes as servers with a flaw write them. Nothing here is called while no flaw is on.
#pragma once

#include <string>
#include <string_view>

namespace streamgauge::server {

/// Flaw::joined_data_lines: without the line breaks, whichever they are.
[[nodiscard]] std::string without_line_breaks(std::string_view text);

/// Flaw::latin1_bytes: U+0080 to U+00FF as one byte each, what Latin-1 lacks as "?". `utf8` is
/// taken to be valid; bytes that are not stay as they are.
[[nodiscard]] std::string as_latin1(std::string_view utf8);

}  // namespace streamgauge::server
