// The sections of the table, and what their cases are built from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/client_case/case.hpp"
#include "harness/core/client_case/judge.hpp"

namespace streamgauge::client_case {

using Cases = std::vector<Case>;

[[nodiscard]] Cases line_cases();       // sse/9.2.5: decoding, byte order mark, line ends
[[nodiscard]] Cases field_cases();      // sse/9.2.5, 9.2.6: fields, comments, data
[[nodiscard]] Cases type_cases();       // sse/9.2.6: event types
[[nodiscard]] Cases id_cases();         // sse/9.2.6: ids
[[nodiscard]] Cases retry_cases();      // sse/9.2.6: reconnection times
[[nodiscard]] Cases end_cases();        // sse/9.2.6: blocks that are cut
[[nodiscard]] Cases status_cases();     // http/status
[[nodiscard]] Cases media_cases();      // http/type
[[nodiscard]] Cases redirect_cases();   // http/redirect
[[nodiscard]] Cases request_cases();    // http/request
[[nodiscard]] Cases reconnect_cases();  // reconnect/end, reconnect/time
[[nodiscard]] Cases crowd_cases();      // reconnect/crowd: backoff, jitter, storms
[[nodiscard]] Cases resume_cases();     // reconnect/id: Last-Event-ID
[[nodiscard]] Cases robust_cases();     // robust/...

/// Section names as cases state their source.
inline constexpr std::string_view processing = "WHATWG HTML 9.2.3 Processing model";
inline constexpr std::string_view parsing = "WHATWG HTML 9.2.5 Parsing an event stream";
inline constexpr std::string_view interpreting = "WHATWG HTML 9.2.6 Interpreting an event stream";
inline constexpr std::string_view last_event_id = "WHATWG HTML 9.2.4 The Last-Event-ID header";
inline constexpr std::string_view constructing = "WHATWG HTML 9.2.2 The EventSource interface";

/// The event that ends a case.
inline constexpr std::string_view end_event = "data: sg-end\n\n";
/// "message" with that data; an id where one is expected.
[[nodiscard]] Expected message(std::string data, std::optional<std::string> id = std::nullopt);
[[nodiscard]] Expected the_end(std::optional<std::string> id = std::nullopt);

/// Bytes of whole blocks and the events that they stand for.
struct Vector {
  std::string bytes;
  std::vector<Expected> events;
  std::vector<std::string> types{};  // beside "message"
};
/// On one stream: the vector whole, byte by byte, and cut at each offset, with an event as a mark
/// behind each. It must mean the same however often it comes.
[[nodiscard]] Case everywhere(std::string id, std::string requirement, std::string_view source,
                              Vector vector);
/// The same for what counts only at the beginning of a stream: a connection each for whole, byte
/// by byte, and cut at each of the first `cuts` offsets.
[[nodiscard]] Case from_the_start(std::string id, std::string requirement, std::string_view source,
                                  Vector vector, std::size_t cuts);
/// One stream of that body, held behind its end event.
[[nodiscard]] Case one_stream(std::string id, std::string requirement, std::string_view source,
                              Vector vector);

/// Sets 50 ms as the reconnection time, sends an event "first" and ends in order.
[[nodiscard]] Reply short_stream(std::string_view more = "");
/// Sends the end event and is held.
[[nodiscard]] Reply last_stream(std::string_view before = "");
/// A first stream by which the client learns to come back soon, then these replies, in this order.
[[nodiscard]] Script after_a_stream(std::vector<Reply> replies);
/// Until request `number` has been answered to its end and the client could have come again.
[[nodiscard]] Until stays_away(std::uint32_t number);

void append(Cases& to, Cases&& more);

}  // namespace streamgauge::client_case
