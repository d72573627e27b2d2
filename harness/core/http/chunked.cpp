#include "harness/core/http/chunked.hpp"

#include <algorithm>
#include <cstddef>

namespace streamgauge::http {

namespace {

constexpr std::uint16_t line_bytes_max = 4096;
constexpr std::uint64_t chunk_bytes_max = std::uint64_t{1} << 62;

enum State : std::uint8_t {
  size_begin,     // the first digit of a size line: between two chunks
  size_digits,    // more digits, or what may follow them
  size_space,     // white space after the digits: only an extension may follow
  extension,      // up to the CR
  size_lf,        // its LF
  data,           // remaining_ bytes of body
  data_cr,        // the CR after them
  data_lf,        // its LF
  trailer_begin,  // the first byte of a trailer line, or the CR of the blank line
  trailer,        // up to the CR
  trailer_lf,     // its LF
  final_lf,       // the LF of the blank line
  complete,
  malformed,
};

[[nodiscard]] constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// What may stand in an extension or a trailer: no control character but the tab, so neither a
/// bare CR nor a bare LF.
[[nodiscard]] constexpr bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7F);
}

/// The state after a byte of a size line, the digits' value aside.
[[nodiscard]] constexpr State after_size_byte(State state, char c) {
  if (hex_value(c) >= 0 && (state == size_begin || state == size_digits)) return size_digits;
  if (state == size_begin) return malformed;
  if (c == ';') return extension;
  if (is_blank(c)) return size_space;
  return c == '\r' && state == size_digits ? size_lf : malformed;
}

[[nodiscard]] constexpr State after_byte(State state, char c, bool last_chunk) {
  switch (state) {
    case size_begin:
    case size_digits:
    case size_space:
      return after_size_byte(state, c);
    case extension:
      return c == '\r' ? size_lf : is_text(c) ? extension : malformed;
    case size_lf:
      return c != '\n' ? malformed : last_chunk ? trailer_begin : data;
    case data_cr:
      return c == '\r' ? data_lf : malformed;
    case data_lf:
      return c == '\n' ? size_begin : malformed;
    case trailer_begin:
      return c == '\r' ? final_lf : is_text(c) ? trailer : malformed;
    case trailer:
      return c == '\r' ? trailer_lf : is_text(c) ? trailer : malformed;
    case trailer_lf:
      return c == '\n' ? trailer_begin : malformed;
    case final_lf:
      return c == '\n' ? complete : malformed;
    case data:
    case complete:
    case malformed:
      return state;
  }
  return malformed;
}

}  // namespace

std::string_view ChunkedDecoder::next(std::string_view& bytes) {
  auto state = static_cast<State>(state_);
  while (!bytes.empty() && state != data && state < complete) {
    const char byte = bytes.front();
    const bool line_begins = state == size_begin || state == trailer_begin;
    state = after_byte(state, byte, remaining_ == 0);
    if (state == size_digits) {
      const auto digit = static_cast<std::uint64_t>(hex_value(byte));
      // 16 * 2^62 does not fit 64 bits: judge before multiplying.
      const bool fits =
          remaining_ <= chunk_bytes_max / 16 && remaining_ * 16 + digit <= chunk_bytes_max;
      if (fits)
        remaining_ = remaining_ * 16 + digit;  // it was used up by the chunk before
      else
        state = malformed;
    }
    if (line_begins) line_bytes_ = 0;
    const bool in_line =
        state == size_digits || state == size_space || state == extension || state == trailer;
    if (in_line && ++line_bytes_ > line_bytes_max) state = malformed;
    if (state != malformed) bytes.remove_prefix(1);
  }
  std::string_view piece;
  if (state == data) {
    piece = bytes.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size())));
    bytes.remove_prefix(piece.size());
    remaining_ -= piece.size();
    if (remaining_ == 0) state = data_cr;
  }
  state_ = state;
  return piece;
}

BodyStatus ChunkedDecoder::status() const {
  if (state_ == complete) return BodyStatus::complete;
  return state_ == malformed ? BodyStatus::malformed : BodyStatus::more;
}

bool ChunkedDecoder::at_chunk_boundary() const {
  return state_ == size_begin || state_ == complete;
}

}  // namespace streamgauge::http
