#include "harness/core/sse/parser.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/core/sse/line_scan.hpp"

namespace streamgauge::sse {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::uint8_t past_start = 3;
constexpr std::size_t detail_bytes_max = 64;
/// While a block stays open the line buffer is reused, but not one that was needed only once.
constexpr std::size_t kept_line_bytes_max = 4u << 10;

[[nodiscard]] std::string_view cut(std::string_view text) {
  return text.substr(0, detail_bytes_max);
}

[[nodiscard]] std::size_t heap_bytes_of(const std::string& text) {
  static const std::size_t inside = std::string{}.capacity();
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

/// std::string would double past the bound when it grows; this stops at it.
void append_within(std::string& text, std::string_view more, std::size_t bytes_max) {
  const std::size_t needed = text.size() + more.size();
  if (needed > text.capacity()) {
    std::string grown;
    grown.reserve(std::max(needed, std::min(2 * text.capacity(), bytes_max)));
    grown.append(text);
    text.swap(grown);
  }
  text.append(more);
}

[[nodiscard]] bool only_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

[[nodiscard]] std::uint64_t clamped_number(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits) {
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    if (value >= retry_milliseconds_max) return retry_milliseconds_max;
  }
  return value;
}

}  // namespace

std::string_view to_string(Notice notice) {
  switch (notice) {
    case Notice::invalid_utf8:
      return "invalid UTF-8";
    case Notice::id_with_nul:
      return "id with NUL";
    case Notice::retry_not_digits:
      return "retry not digits";
    case Notice::unknown_field:
      return "unknown field";
    case Notice::discarded_at_end:
      return "discarded at end";
    case Notice::byte_order_mark:
      return "byte order mark";
  }
  return "?";
}

/// The unfinished line, and what the whole lines of the unfinished block have said so far.
struct Parser::Pending {
  std::string line;
  std::string type, id, data;
  bool open = false, has_id = false, has_data = false;
};

/// One call of feed(). The block is a set of views: of the bytes given, or of Pending's strings;
/// only what is still open when the bytes end is copied.
///
/// Invariant: Pending::line keeps its contents until the bytes end, because the block may view it.
class Parser::Feed {
 public:
  Feed(Parser& parser, Sink& sink) : parser_(parser), sink_(sink) {
    if (const Pending* pending = parser.pending_.get()) {
      partial_ = !pending->line.empty();
      block_ = {pending->type, pending->id,     pending->data,
                pending->open, pending->has_id, pending->has_data};
    }
  }

  ParserStatus run(std::string_view bytes) {
    if (parser_.bom_bytes_ != past_start) pass_start(bytes);
    while (!bytes.empty()) {
      if (std::exchange(parser_.skip_lf_, false) && bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
      const LineScan scan = scan_line(bytes);
      if (scan.length == bytes.size()) break;
      const std::string_view text = bytes.substr(0, scan.length);
      const bool cr = bytes[scan.length] == '\r';
      bytes.remove_prefix(scan.length + 1);
      if (cr && bytes.empty()) {
        parser_.skip_lf_ = true;
      } else if (cr && bytes.front() == '\n') {
        bytes.remove_prefix(1);
      }
      const ParserStatus status = partial_ ? end_partial(text) : take_line(text, scan.ascii);
      if (status != ParserStatus::ok) return fail(status);
    }
    return keep_rest(bytes);
  }

 private:
  struct Block {
    std::string_view type, id, data;
    bool open = false;  // a field line has come
    bool has_id = false;
    bool has_data = false;  // told apart from empty data, which is dispatched
  };

  Pending& pending() {
    if (!parser_.pending_) parser_.pending_ = std::make_unique<Pending>();
    return *parser_.pending_;
  }

  /// Strips the byte order mark, however it is cut. Bytes that only began like one are text.
  void pass_start(std::string_view& bytes) {
    std::uint8_t& seen = parser_.bom_bytes_;
    while (seen < past_start && !bytes.empty() && bytes.front() == byte_order_mark[seen]) {
      bytes.remove_prefix(1);
      ++seen;
    }
    if (seen == past_start) {
      sink_.on_notice(Notice::byte_order_mark, {});
    } else if (!bytes.empty()) {
      if (seen > 0) {
        pending().line.assign(byte_order_mark.substr(0, seen));
        partial_ = true;
      }
      seen = past_start;
    }
  }

  ParserStatus end_partial(std::string_view text) {
    std::string& line = parser_.pending_->line;
    partial_ = false;
    if (text.size() > parser_.limits_.line_bytes_max ||
        line.size() > parser_.limits_.line_bytes_max - text.size()) {
      return ParserStatus::line_too_long;
    }
    append_within(line, text, parser_.limits_.line_bytes_max);
    return take_line(line, false);
  }

  ParserStatus take_line(std::string_view line, bool ascii) {
    if (line.size() > parser_.limits_.line_bytes_max) return ParserStatus::line_too_long;
    if (line.empty()) {
      end_block();
      return ParserStatus::ok;
    }
    if (!ascii) {
      const std::size_t bad = first_invalid_utf8(line);
      if (bad < line.size()) sink_.on_notice(Notice::invalid_utf8, cut(line.substr(bad)));
    }
    const std::size_t colon = line.find(':');
    if (colon == 0) {
      sink_.on_comment(line.substr(1));
      return ParserStatus::ok;
    }
    block_.open = true;
    if (colon == std::string_view::npos) return take_field(line, {});
    std::string_view value = line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return take_field(line.substr(0, colon), value);
  }

  ParserStatus take_field(std::string_view name, std::string_view value) {
    if (name == "data") return add_data(value);
    if (name == "event") {
      block_.type = value;
    } else if (name == "id") {
      if (value.find('\0') != std::string_view::npos) {
        sink_.on_notice(Notice::id_with_nul, cut(value));
        return ParserStatus::ok;
      }
      block_.id = value;
      block_.has_id = true;
    } else if (name == "retry") {
      if (only_digits(value)) {
        sink_.on_retry(clamped_number(value));
      } else {
        sink_.on_notice(Notice::retry_not_digits, cut(value));
      }
      return ParserStatus::ok;
    } else {
      sink_.on_notice(Notice::unknown_field, cut(name));
      return ParserStatus::ok;
    }
    return within_bound(0);
  }

  ParserStatus add_data(std::string_view value) {
    if (!block_.has_data) {
      block_.data = value;
      block_.has_data = true;
      return within_bound(0);
    }
    if (const ParserStatus status = within_bound(1 + value.size()); status != ParserStatus::ok) {
      return status;
    }
    std::string& joined = pending().data;
    const std::size_t bytes_max =
        parser_.limits_.event_bytes_max - block_.type.size() - block_.id.size();
    own(joined, block_.data);
    append_within(joined, "\n", bytes_max);
    append_within(joined, value, bytes_max);
    block_.data = joined;
    return ParserStatus::ok;
  }

  /// Whether the block may grow by `more` bytes. No sum can overflow: these are bytes in memory.
  [[nodiscard]] ParserStatus within_bound(std::size_t more) const {
    const std::size_t held = block_.data.size() + block_.type.size() + block_.id.size();
    return held + more > parser_.limits_.event_bytes_max ? ParserStatus::event_too_long
                                                         : ParserStatus::ok;
  }

  /// "Dispatch the event", 9.2.6. The id counts before the data is looked at.
  void end_block() {
    if (block_.has_id) parser_.set_last_event_id(block_.id);
    if (block_.has_data) {
      sink_.on_event({block_.type.empty() ? std::string_view{"message"} : block_.type, block_.data,
                      parser_.last_event_id_, block_.has_id});
    } else if (block_.has_id) {
      sink_.on_id_only(parser_.last_event_id_);
    }
    block_ = {};
  }

  ParserStatus fail(ParserStatus status) {
    parser_.status_ = status;
    parser_.pending_.reset();
    return status;
  }

  /// The bytes are used up but for `rest`, which has no line end.
  ParserStatus keep_rest(std::string_view rest) {
    if (rest.empty() && !partial_ && !block_.open) {
      parser_.pending_.reset();
      return ParserStatus::ok;
    }
    Pending& kept = pending();
    own(kept.type, block_.type);
    own(kept.id, block_.id);
    own(kept.data, block_.data);
    if (heap_bytes_of(kept.type) + heap_bytes_of(kept.id) + kept.data.capacity() >
        parser_.limits_.event_bytes_max) {
      kept.data.shrink_to_fit();  // it grew by doubling before the other two came
    }
    kept.open = block_.open;
    kept.has_id = block_.has_id;
    kept.has_data = block_.has_data;
    if (!partial_) {
      kept.line.clear();
      if (kept.line.capacity() > kept_line_bytes_max) kept.line.shrink_to_fit();
    }
    const std::size_t line_bytes_max = parser_.limits_.line_bytes_max;
    if (rest.size() > line_bytes_max || kept.line.size() > line_bytes_max - rest.size()) {
      return fail(ParserStatus::line_too_long);
    }
    append_within(kept.line, rest, line_bytes_max);
    return ParserStatus::ok;
  }

  /// Makes `owner` hold `view` and no spare bytes; costs nothing when it already does.
  static void own(std::string& owner, std::string_view view) {
    if (view.data() == owner.data() && view.size() == owner.size()) return;
    std::string{view}.swap(owner);
  }

  Parser& parser_;
  Sink& sink_;
  Block block_;
  bool partial_ = false;  // Pending::line is the beginning of the next line
};

Parser::Parser(ParserLimits limits) : limits_(limits) {}
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;
Parser::~Parser() = default;

ParserStatus Parser::feed(std::string_view bytes, Sink& sink) {
  if (status_ != ParserStatus::ok || bytes.empty()) return status_;
  return Feed{*this, sink}.run(bytes);
}

bool Parser::finish(Sink& sink) {
  const bool unfinished = !at_block_boundary();
  if (unfinished) sink.on_notice(Notice::discarded_at_end, {});
  reset();
  return unfinished;
}

void Parser::reset() {
  pending_.reset();
  bom_bytes_ = 0;
  skip_lf_ = false;
  status_ = ParserStatus::ok;
}

bool Parser::at_block_boundary() const {
  const bool in_bom = bom_bytes_ != 0 && bom_bytes_ != past_start;
  return status_ == ParserStatus::ok && !pending_ && !in_bom;
}

std::string_view Parser::last_event_id() const {
  return last_event_id_;
}

void Parser::set_last_event_id(std::string_view id) {
  // One huge id must not cost its size for the rest of the stream's life.
  if (last_event_id_.capacity() > 1024 && last_event_id_.capacity() / 4 > id.size()) {
    std::string{id}.swap(last_event_id_);
  } else {
    last_event_id_.assign(id);
  }
}

std::size_t Parser::heap_bytes() const {
  std::size_t bytes = heap_bytes_of(last_event_id_);
  if (pending_) {
    bytes += sizeof(Pending) + heap_bytes_of(pending_->line) + heap_bytes_of(pending_->type) +
             heap_bytes_of(pending_->id) + heap_bytes_of(pending_->data);
  }
  return bytes;
}

}  // namespace streamgauge::sse
