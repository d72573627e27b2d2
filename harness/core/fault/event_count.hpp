// Counts the events of an event stream as they pass, and finds where one of them ends: all that a
// fault "after three events" has to know of text/event-stream (WHATWG HTML, 9.2.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamgauge::fault {

class EventCount {
 public:
  /// Reads on until behind the blank line that ends an event; answers how many bytes that took, or
  /// all of them when none ends here. A block without data is no event. With `blocks`, one that
  /// holds nothing but comments counts, too: a preamble, a heartbeat.
  std::size_t next(std::string_view bytes, bool& ended, bool blocks = false);

 private:
  enum class At : std::uint8_t { line_begin, comment, data_name, other };
  bool feed(char c, bool blocks);

  At at_ = At::line_begin;
  std::uint8_t matched_ = 0;  // of "data"
  bool after_cr_ = false;
  bool has_data_ = false;
  bool has_line_ = false;
};

}  // namespace streamgauge::fault
