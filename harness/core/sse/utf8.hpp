// Text as an application gets it: UTF-8 with U+FFFD for what is malformed (WHATWG Encoding, "UTF-8
// decode"): one for each maximal part of a character that was cut short, one for each byte else.
//
// The parser hands bytes out as they came, for a gate must see what a target sent; whoever plays
// the application decodes them by this.
#pragma once

#include <string>
#include <string_view>

namespace streamgauge::sse {

[[nodiscard]] std::string decode_utf8(std::string_view bytes);

}  // namespace streamgauge::sse
