// What a client needs to know of a response head, and whether it may stream from it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"
#include "harness/net/inflater.hpp"

namespace streamgauge::net {

enum class Framing : std::uint8_t { until_close, length, chunked, websocket };

struct ResponseHead {
  int status = 0;
  Framing framing = Framing::until_close;
  std::uint64_t content_length = 0;     // with Framing::length
  bool event_stream = false;            // media type text/event-stream
  std::string content_type;             // as sent; empty: none
  std::string content_encoding;         // as sent, unless identity; empty: none
  std::optional<Duration> retry_after;  // seconds only, a date is ignored
  std::string location;
  bool keeps_connection = false;  // another request may follow on it
};

/// Position just behind the blank line that ends a head, looking from `from` on; lines may end with
/// LF alone (RFC 9112, 2.2). npos: not there yet.
[[nodiscard]] std::size_t head_end(std::string_view bytes, std::size_t from = 0);

/// False as soon as `bytes` cannot become an HTTP/1.x status line.
[[nodiscard]] bool may_be_http(std::string_view bytes);

/// `head`: status line, fields and blank line. The error says what is wrong with it.
[[nodiscard]] Result<ResponseHead> parse_response_head(std::string_view head);

/// Why a client must not read a stream from this response ("status 503", "content type
/// text/html"); nullopt: it is an event stream. `offered`: the request offered gzip and deflate.
[[nodiscard]] std::optional<std::string> why_rejected(const ResponseHead& head,
                                                      bool offered = false);

/// How the body is compressed, where a client knows how to undo it.
[[nodiscard]] std::optional<Inflater::Coding> coding_of(const ResponseHead& head);

}  // namespace streamgauge::net
