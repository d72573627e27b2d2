// Text for reports: what a target sent may hold any byte, what a report holds must be readable.
//
// All input is taken for UTF-8 that may be broken. Nothing here knows about a report format.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge::reports {

/// The next code point of `text` from `at`, which moves past it; an invalid byte (overlong,
/// surrogate, stray or cut sequence; Unicode 15, table 3-7) moves `at` by one and is not `valid`.
struct CodePoint {
  char32_t value = 0;  // the byte itself when not valid
  bool valid = false;
};
[[nodiscard]] CodePoint next_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& out, char32_t code_point);

/// `text` with every invalid byte as the four characters \xNN. Valid text comes back unchanged, so
/// a literal "\xNN" in it cannot be told from an escaped byte: this is for eyes, not for decoding.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// Valid UTF-8 on one line that cannot steer a terminal: controls (C0, DEL, C1), line separators
/// and bidirectional overrides become \n, \r, \t, \xNN or \u{NNNN}. A target's bytes go through
/// here before a person sees them.
[[nodiscard]] std::string printable(std::string_view text);

/// `text` in ASCII alone: signs that reports use are spelled out ("±" -> "+/-"), others become "?".
[[nodiscard]] std::string to_ascii(std::string_view text);

/// Columns on a terminal: 0 for combining marks, 2 for wide East Asian characters and emoji.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// `text` cut to at most `width` columns, ending in `mark` when something was cut.
[[nodiscard]] std::string elide(std::string_view text, std::size_t width, std::string_view mark);

/// Lines of at most `width` columns (at least 1), broken at spaces where there are any.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// "2026-11-20T16:07:33.250Z" (RFC 3339, UTC, milliseconds).
[[nodiscard]] std::string rfc3339(Instant at);

/// `name` as one part of a file name: letters, digits, ".", "_" and "-" stay, others become "_";
/// never empty, never starting with a dot.
[[nodiscard]] std::string safe_file_name(std::string_view name);

}  // namespace streamgauge::reports
