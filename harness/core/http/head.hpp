// Reading fields out of a raw HTTP/1.x response head (status line and field lines, CRLF or LF).
//
// The history keeps the head as text, so that a check sees exactly what came over the wire. The
// first line is taken for the status line, and a blank line ends the head. White space before the
// colon makes another name (RFC 9112, 5.1); a folded line (RFC 9112, 5.2) is not joined.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge::http {

/// The first field named `name` (case-insensitive), white space around it removed.
[[nodiscard]] std::optional<std::string_view> field(std::string_view head, std::string_view name);

/// True when `name`'s value, as a comma-separated list, has `token` (case-insensitive), in any of
/// the field's lines; parameters ("max-age=0") are compared as a whole.
[[nodiscard]] bool has_token(std::string_view head, std::string_view name, std::string_view token);

struct MediaType {
  std::string essence;                 // lower case, "text/event-stream"
  std::optional<std::string> charset;  // lower case, unquoted
};
/// nullopt when there is no "type/subtype"; parameters that make no sense are skipped, and of
/// several charsets the first counts, as browsers do it (WHATWG MIME Sniffing, 4.4).
[[nodiscard]] std::optional<MediaType> parse_media_type(std::string_view value);

}  // namespace streamgauge::http
