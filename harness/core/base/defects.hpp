// What a simulated client can be told to do wrong, to prove that whoever judges clients sees it.
//
// A switch each, none of them on by default. The table of run/client_flaws.cpp gives them ids and
// the checks that must fail; here is only what the machines ask. Each is obeyed in one place: the
// policies' in core/policy, the parser's in core/sse/defective_parser, the request's in
// net/request, and the rest in net/client*.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace streamgauge {

enum class Defect : std::uint8_t {
  // policy
  backoff_reset_on_open,   // each accepted connection starts the backoff anew
  ignores_retry,           // the server's "retry" changes nothing
  stops_when_unavailable,  // one 429 or 503 ends the client for good
  stops_after_clean_end,   // a body that ends in order is taken for the last one
  retries_final,           // 401, 403, 404 ... are tried again for ever
  ignores_204,             // told to stay away, it comes back
  no_delay,                // comes back at once, whatever it should wait
  forgets_permanent,       // a permanent redirect is asked for again each time
  keeps_temporary,         // a temporary redirect is taken for a permanent one
  // driver
  liveness_by_preamble,  // the first bytes of a body satisfy liveness for good
  liveness_after_head,   // liveness counts only once the response head is there
  accepts_any_type,      // reads a stream from whatever media type
  accepts_any_status,    // reads a stream from whatever status
  loses_id,              // never sends Last-Event-ID
  sends_empty_id,        // sends Last-Event-ID also when it is empty
  no_accept,             // does not say what it accepts
  repeats_request_body,  // after a 303 it sends the body again
  leaks_authorization,   // sends its credentials to another origin
  // parser
  trims_data,             // white space around data is removed, all of it
  keeps_space,            // the one leading space is not removed
  needs_space,            // a field without the space behind its colon is not understood
  type_leaks,             // a block without data leaves its type to the next one
  joins_without_newline,  // data lines are joined without LF
  keeps_last_newline,     // the LF behind the last data line stays
  dispatches_empty,       // a block without data is dispatched
  dispatches_at_end,      // so is one that the end of the stream cuts
  commits_id_at_end,      // the id of such a block counts
  keeps_id_when_empty,    // an empty "id" does not reset
  accepts_nul_in_id,      // an "id" with U+0000 counts
  id_does_not_persist,    // events without an id carry none
  keeps_bom,              // the byte order mark is part of the first line
  ignores_lone_cr,        // a CR alone is no line end
  counts_crlf_twice,      // a CRLF that two reads split ends two lines
  lenient_retry,          // "12x" is taken for 12
  folds_field_names,      // "DATA" is taken for "data"
  needs_colon,            // a line without colon is ignored
  line_ends_with_read,    // a line that a read cuts is taken for whole
  short_lines,            // what is behind the 64th KiB of a line is lost
  empty_type,             // a block without type has the type ""
  count_,
};

class Defects {
 public:
  constexpr Defects() = default;
  constexpr Defects(std::initializer_list<Defect> all) {
    for (const Defect defect : all) add(defect);
  }
  constexpr void add(Defect defect) { bits_ |= bit(defect); }
  [[nodiscard]] constexpr bool has(Defect defect) const { return (bits_ & bit(defect)) != 0; }
  /// Any of those that the parser obeys: a client then parses by another, slower one.
  [[nodiscard]] constexpr bool of_the_parser() const {
    return bits_ >> static_cast<unsigned>(Defect::trims_data) != 0;
  }
  friend constexpr bool operator==(const Defects&, const Defects&) = default;

 private:
  static constexpr std::uint64_t bit(Defect defect) {
    return std::uint64_t{1} << static_cast<unsigned>(defect);
  }
  std::uint64_t bits_ = 0;
};
static_assert(static_cast<unsigned>(Defect::count_) <= 64);

}  // namespace streamgauge
