#include "harness/core/fault/event_count.hpp"

namespace streamgauge::fault {

std::size_t EventCount::next(std::string_view bytes, bool& ended, bool blocks) {
  ended = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!feed(bytes[i], blocks)) continue;
    ended = true;
    // An LF that belongs to the CR before it goes with it.
    if (bytes[i] == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n') {
      after_cr_ = false;
      ++i;
    }
    return i + 1;
  }
  return bytes.size();
}

/// True when `c` is the line end of a blank line that ends a block which counts.
bool EventCount::feed(char c, bool blocks) {
  constexpr std::string_view data = "data";
  const bool second_half = c == '\n' && after_cr_;
  after_cr_ = c == '\r';
  if (second_half) return false;
  if (c == '\r' || c == '\n') {
    if (at_ == At::data_name && matched_ == data.size()) has_data_ = true;
    const bool blank = at_ == At::line_begin;
    const bool counts = blank && (has_data_ || (blocks && has_line_));
    has_line_ = !blank;
    if (blank) has_data_ = false;
    at_ = At::line_begin;
    matched_ = 0;
    return counts;
  }
  if (at_ == At::line_begin) at_ = c == ':' ? At::comment : At::data_name;
  if (at_ == At::data_name) {
    if (matched_ < data.size() && c == data[matched_]) {
      ++matched_;
    } else {
      if (c == ':' && matched_ == data.size()) has_data_ = true;
      at_ = At::other;
    }
  }
  return false;
}

}  // namespace streamgauge::fault
