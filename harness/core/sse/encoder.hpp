// Encoder for text/event-stream (WHATWG HTML 9.2.5). No input can create a field or a block: CR, LF
// and CRLF in data become line breaks of the data itself; in type, id and comments they cannot be
// represented, so `event` and `id` refuse them and comments are split into several comments.
//
// Fields come in the order event, id, retry, data, as "name: value" with LF ends, or "name:" when
// the value is empty. Other bytes pass as they are: who publishes must publish UTF-8.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge::sse {

struct OutgoingEvent {
  std::string_view type;               // empty: no "event" field, the client sees "message"
  std::string_view data;               // always dispatched, even when empty
  std::optional<std::string_view> id;  // empty id: resets the client's last event id
  std::optional<std::chrono::milliseconds> retry;  // below zero: 0
};

enum class EncodeError { none, line_break_in_type, line_break_in_id, nul_in_id };
[[nodiscard]] std::string_view to_string(EncodeError error);

/// Appends the event's bytes to `out`, or nothing and the reason.
[[nodiscard]] EncodeError append_event(std::string& out, const OutgoingEvent& event);

/// Appends ":text" and a blank line, one comment line for each line of `text`.
void append_comment(std::string& out, std::string_view text);

/// Appends a lone "retry" block.
void append_retry(std::string& out, std::chrono::milliseconds retry);

}  // namespace streamgauge::sse
