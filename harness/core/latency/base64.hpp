// Base64 with padding (RFC 4648, section 4), for the histograms inside log lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace streamgauge::latency {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// nullopt for anything but whole, padded groups of the standard alphabet.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace streamgauge::latency
