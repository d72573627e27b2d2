// Push parser for text/event-stream (WHATWG HTML, 9.2.5 "Parsing an event stream" and 9.2.6
// "Interpreting an event stream").
//
// Bytes go in as they come, cut anywhere; every block, comment and oddity comes out at once through
// a Sink. Text that is whole inside the given bytes is handed out as a view of them; only a line or
// block that is cut by the end of the bytes is copied, into a buffer that is released with the
// block's end (data of several lines is joined in that buffer too). Between events a parser holds
// no heap memory but the last event id, which the standard makes part of the stream's state, and
// that only when it is too long to lie inside the parser itself (15 bytes with libstdc++).
//
// Text is not decoded. The standard turns malformed UTF-8 into U+FFFD; a gate must see the bytes
// that the target sent, so they are passed on as they came and the line is noticed instead. Line
// ends and field names are ASCII, so this changes nothing about where lines and fields begin.
//
// Bounds: a line (without its end) longer than `line_bytes_max`, or a block whose data, type and id
// together exceed `event_bytes_max`, ends parsing (`ParserStatus::line_too_long`,
// `event_too_long`): a stream that breaks its bound cannot be trusted to find its place again. A
// parser therefore never holds more than the sum of the two, beside the last event id and some 200
// bytes of its own. What is reported does not depend on how the bytes were cut, nor does the
// status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace streamgauge::sse {

struct ParserLimits {
  std::size_t line_bytes_max = 8u << 20;
  std::size_t event_bytes_max = 16u << 20;
};

/// "retry" beyond this is reported as this: 100 years, so that nanoseconds since the epoch plus
/// twice the delay still fit 63 bits however many digits a server sends.
inline constexpr std::uint64_t retry_milliseconds_max = 3'155'760'000'000;

/// What a conforming stream should not contain. None of them stops the parser.
enum class Notice : std::uint8_t {
  invalid_utf8,      // a line is not UTF-8; its bytes are passed on as they came
  id_with_nul,       // "id" containing U+0000: ignored (9.2.6)
  retry_not_digits,  // "retry" with anything but ASCII digits, or empty: ignored
  unknown_field,     // field name outside event/data/id/retry: ignored
  discarded_at_end,  // the stream ended inside a block: discarded (9.2.6)
  byte_order_mark,   // one leading BOM: legal, stripped
};
[[nodiscard]] std::string_view to_string(Notice notice);

/// One dispatched event. The views live until the call returns.
struct EventView {
  std::string_view type;           // "message" when the block names none
  std::string_view data;           // lines joined by LF, without the last one
  std::string_view last_event_id;  // the stream's id after this block
  bool has_id = false;             // the block itself carried a valid "id" field
};

/// Receives what the parser finds, in the order of the stream. It must not call the parser.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_event(const EventView& event) = 0;
  /// Text after the colon, untouched (a leading space included).
  virtual void on_comment(std::string_view text) = 0;
  /// At once, as the standard sets the time: also in a block that is discarded later.
  virtual void on_retry(std::uint64_t milliseconds) = 0;
  /// A block ended with an id but without data: nothing is dispatched, yet the id counts (9.2.6).
  virtual void on_id_only(std::string_view last_event_id) { (void)last_event_id; }
  /// `detail`: the field's name, or the offending text (of invalid UTF-8: from the first bad byte),
  /// cut at 64 bytes. invalid_utf8 comes once a line and before what the line itself causes.
  virtual void on_notice(Notice notice, std::string_view detail) {
    (void)notice;
    (void)detail;
  }
};

enum class ParserStatus : std::uint8_t { ok, line_too_long, event_too_long };

class Parser {
 public:
  explicit Parser(ParserLimits limits = {});
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;
  ~Parser();

  /// Feeds bytes. After anything but `ok` further bytes are ignored until reset().
  ParserStatus feed(std::string_view bytes, Sink& sink);

  /// The stream has ended: an unfinished block is discarded, and said so. Returns whether there
  /// was one (a partial line, fields without the blank line, or the block that broke a bound).
  /// Whole comment lines open no block: nothing of them can be lost. Then as after reset().
  bool finish(Sink& sink);

  /// Ready for a new connection. The last event id persists (9.2.3 sends it with the request), and
  /// blocks without an id go on to carry it; that of an unfinished block is forgotten.
  void reset();

  /// True between blocks: nothing of a line or block is pending.
  [[nodiscard]] bool at_block_boundary() const;
  [[nodiscard]] std::string_view last_event_id() const;
  void set_last_event_id(std::string_view id);
  /// Heap bytes held now, for tests and for the swarm's memory figures.
  [[nodiscard]] std::size_t heap_bytes() const;

 private:
  struct Pending;  // exists only while a line or block is cut by the end of the bytes
  class Feed;      // one call of feed()

  ParserLimits limits_;
  std::unique_ptr<Pending> pending_;
  std::string last_event_id_;
  std::uint8_t bom_bytes_ = 0;  // of the byte order mark seen at the start; 3: past the start
  bool skip_lf_ = false;        // the last byte was a CR: a LF next belongs to it
  ParserStatus status_ = ParserStatus::ok;
};
static_assert(sizeof(Parser) <= 64, "a swarm holds one for each of its streams");

}  // namespace streamgauge::sse
