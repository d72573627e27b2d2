#include "harness/core/sse/encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace streamgauge::sse {

namespace {

constexpr std::string_view line_breaks = "\r\n";

/// Calls `take` with each line of `text`; text that ends with a line break has an empty last line.
template <class Take>
void for_each_line(std::string_view text, Take take) {
  while (true) {
    const std::size_t end = text.find_first_of(line_breaks);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    const bool crlf = text.substr(end, 2) == line_breaks;
    text.remove_prefix(end + (crlf ? 2 : 1));
  }
}

/// One space always, so that a space that begins the value survives the one that parsers strip.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).push_back(':');
  if (!value.empty()) out.append(1, ' ').append(value);
  out.push_back('\n');
}

void append_retry_field(std::string& out, std::chrono::milliseconds retry) {
  const auto milliseconds = std::max<std::chrono::milliseconds::rep>(0, retry.count());
  fmt::format_to(std::back_inserter(out), "retry: {}\n", milliseconds);
}

[[nodiscard]] EncodeError refusal(const OutgoingEvent& event) {
  if (event.type.find_first_of(line_breaks) != std::string_view::npos) {
    return EncodeError::line_break_in_type;
  }
  if (!event.id) return EncodeError::none;
  if (event.id->find_first_of(line_breaks) != std::string_view::npos) {
    return EncodeError::line_break_in_id;
  }
  return event.id->find('\0') != std::string_view::npos ? EncodeError::nul_in_id
                                                        : EncodeError::none;
}

}  // namespace

std::string_view to_string(EncodeError error) {
  switch (error) {
    case EncodeError::none:
      return "none";
    case EncodeError::line_break_in_type:
      return "line break in type";
    case EncodeError::line_break_in_id:
      return "line break in id";
    case EncodeError::nul_in_id:
      return "NUL in id";
  }
  return "?";
}

EncodeError append_event(std::string& out, const OutgoingEvent& event) {
  if (const EncodeError error = refusal(event); error != EncodeError::none) return error;
  if (!event.type.empty()) append_field(out, "event", event.type);
  if (event.id) append_field(out, "id", *event.id);
  if (event.retry) append_retry_field(out, *event.retry);
  for_each_line(event.data, [&](std::string_view line) { append_field(out, "data", line); });
  out.push_back('\n');
  return EncodeError::none;
}

void append_comment(std::string& out, std::string_view text) {
  for_each_line(text,
                [&](std::string_view line) { out.append(1, ':').append(line).push_back('\n'); });
  out.push_back('\n');
}

void append_retry(std::string& out, std::chrono::milliseconds retry) {
  append_retry_field(out, retry);
  out.push_back('\n');
}

}  // namespace streamgauge::sse
