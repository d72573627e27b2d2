// Section 9.2.6 of the HTML standard once more, word for word and without a thought for speed: the
// whole stream at once, everything copied. What the parser says must equal what this says.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/sse/parser.hpp"

namespace streamgauge::sse {

/// Bytes of the well-formed character at the front of `text`, by decoding it; 0 when there is none.
[[nodiscard]] inline std::size_t plain_character_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(text[i]) & 0xFFu; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t bytes = lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) return 0;
  unsigned long code = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (at(i) >> 6 != 2) return 0;
    code = code << 6 | (at(i) & 0x3F);
  }
  const unsigned long least = bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code >= least && code <= 0x10FFFF && !surrogate ? bytes : 0;
}

class PlainReading {
 public:
  explicit PlainReading(Sink& sink) : sink_(sink) {}

  /// Reads a whole stream; answers whether it ended inside a block.
  bool read(std::string stream) {
    if (stream.starts_with("\xEF\xBB\xBF")) {
      stream.erase(0, 3);
      sink_.on_notice(Notice::byte_order_mark, "");
    }
    std::string line;
    for (std::size_t i = 0; i < stream.size(); ++i) {
      if (stream[i] != '\r' && stream[i] != '\n') {
        line += stream[i];
        continue;
      }
      if (stream[i] == '\r' && i + 1 < stream.size() && stream[i + 1] == '\n') ++i;
      process(line);
      line.clear();
    }
    const bool unfinished = !line.empty() || in_block_;
    if (unfinished) sink_.on_notice(Notice::discarded_at_end, "");
    return unfinished;
  }

  std::string last_event_id;

 private:
  void process(const std::string& line) {
    if (line.empty()) return dispatch();
    for (std::size_t i = 0; i < line.size();) {
      const std::size_t bytes = plain_character_bytes(std::string_view{line}.substr(i));
      if (bytes == 0) {
        sink_.on_notice(Notice::invalid_utf8, line.substr(i, 64));
        break;
      }
      i += bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon == 0) return sink_.on_comment(line.substr(1));
    in_block_ = true;
    if (colon == std::string::npos) return field(line, "");
    std::string value = line.substr(colon + 1);
    if (value.starts_with(" ")) value.erase(0, 1);
    field(line.substr(0, colon), value);
  }

  void field(const std::string& name, const std::string& value) {
    if (name == "event") {
      type_ = value;
    } else if (name == "data") {
      data_ += value + "\n";
    } else if (name == "id") {
      if (value.find('\0') != std::string::npos) {
        return sink_.on_notice(Notice::id_with_nul, value.substr(0, 64));
      }
      id_ = value;
      has_id_ = true;
    } else if (name == "retry") {
      if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos) {
        return sink_.on_notice(Notice::retry_not_digits, value.substr(0, 64));
      }
      const std::string significant =
          value.substr(std::min(value.find_first_not_of('0'), value.size() - 1));
      sink_.on_retry(significant.size() > 15 ? retry_milliseconds_max
                                             : std::min<std::uint64_t>(std::stoull(significant),
                                                                       retry_milliseconds_max));
    } else {
      sink_.on_notice(Notice::unknown_field, name.substr(0, 64));
    }
  }

  void dispatch() {
    if (has_id_) last_event_id = id_;
    if (!data_.empty()) {
      data_.pop_back();
      sink_.on_event({type_.empty() ? "message" : type_, data_, last_event_id, has_id_});
    } else if (has_id_) {
      sink_.on_id_only(last_event_id);
    }
    data_.clear();
    type_.clear();
    has_id_ = in_block_ = false;
  }

  Sink& sink_;
  std::string data_, type_, id_;
  bool has_id_ = false, in_block_ = false;
};

}  // namespace streamgauge::sse
