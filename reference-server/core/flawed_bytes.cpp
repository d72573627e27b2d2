#include "reference-server/core/flawed_bytes.hpp"

namespace streamgauge::server {
namespace {

/// Bytes of the sequence that `lead` begins; 1 for ASCII and for what begins none.
std::size_t sequence_bytes(unsigned char lead) {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

}  // namespace

std::string without_line_breaks(std::string_view text) {
  std::string joined;
  for (const char byte : text) {
    if (byte != '\n' && byte != '\r') joined += byte;
  }
  return joined;
}

std::string as_latin1(std::string_view utf8) {
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t n = sequence_bytes(lead);
    if (n == 1 || at + n > utf8.size()) {
      bytes += utf8[at++];
      continue;
    }
    const auto next = static_cast<unsigned char>(utf8[at + 1]);
    bytes += n == 2 && lead <= 0xc3 ? static_cast<char>((lead & 0x03) << 6 | (next & 0x3f)) : '?';
    at += n;
  }
  return bytes;
}

}  // namespace streamgauge::server
