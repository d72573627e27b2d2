// Decoder for the chunked transfer coding (RFC 9112, section 7.1), push style.
//
// Why not Beast's: a stream is held for hours and must cost bytes, not a parser object with a
// header table; and the verdict needs to know whether the body ended with the terminal chunk or was
// cut. Beast parses the response head; this takes over behind it.
//
// Strict: each line of the framing ends with CRLF, a size is nothing but hexadecimal digits, and
// white space after it must lead to an extension. RFC 9112, 2.2 lets a recipient take a bare LF for
// a line end in the start line and fields only; in the framing, recipients that differ over it are
// how requests get smuggled. A gate has to see what a lenient client forgives.
#pragma once

#include <cstdint>
#include <string_view>

namespace streamgauge::http {

enum class BodyStatus : std::uint8_t { more, complete, malformed };

class ChunkedDecoder {
 public:
  /// Consumes from the front of `bytes` and answers the next piece of body in it, empty when all
  /// bytes are used up or the body is over. Call until it answers empty:
  ///   while (auto piece = decoder.next(bytes); !piece.empty()) parser.feed(piece, sink);
  /// Chunk extensions and trailers are skipped; a size line or trailer line over 4 KiB, or a size
  /// over 2^62, is malformed. What follows the terminal chunk stays in `bytes`, and so does what is
  /// malformed, from the offending byte on.
  std::string_view next(std::string_view& bytes);

  [[nodiscard]] BodyStatus status() const;
  /// True when no chunk is open nor its size line begun, and after the terminal chunk with its
  /// trailer. A close here still lacks the terminal chunk unless status() is complete.
  [[nodiscard]] bool at_chunk_boundary() const;

 private:
  std::uint64_t remaining_ = 0;  // of the open chunk
  std::uint16_t line_bytes_ = 0;
  std::uint8_t state_ = 0;
};
static_assert(sizeof(ChunkedDecoder) <= 16, "a swarm holds one for each of its streams");

}  // namespace streamgauge::http
