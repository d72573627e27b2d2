// Taking fields out of a raw HTTP/1.x head and putting some in.
#pragma once

#include <string>
#include <string_view>

namespace streamgauge::fault {

/// The head without the fields of that name (case-insensitive), folded lines of theirs included.
[[nodiscard]] std::string without_field(std::string_view head, std::string_view name);
/// The head with `lines` (each with its CRLF) in front of its blank line.
[[nodiscard]] std::string with_fields(std::string_view head, std::string_view lines);

}  // namespace streamgauge::fault
