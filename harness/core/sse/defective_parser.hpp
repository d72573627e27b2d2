// A parser that gets wrong what it is told to get wrong, in the place of Parser in a client with
// defects: so that whoever judges parsing can be shown a parser for each mistake that is known.
//
// Without defects it does what the standard says (WHATWG HTML, 9.2.5 and 9.2.6), line by line and
// with copies: written for clarity, not for speed, and apart from the right one so that no defect
// costs that one anything. The same bounds hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/base/defects.hpp"
#include "harness/core/sse/parser.hpp"

namespace streamgauge::sse {

class DefectiveParser {
 public:
  explicit DefectiveParser(Defects defects, ParserLimits limits = {});

  /// As the functions of Parser.
  ParserStatus feed(std::string_view bytes, Sink& sink);
  bool finish(Sink& sink);
  void reset();
  [[nodiscard]] bool at_block_boundary() const;
  [[nodiscard]] std::string_view last_event_id() const { return last_event_id_; }
  void set_last_event_id(std::string_view id) { last_event_id_ = id; }

 private:
  [[nodiscard]] bool has(Defect defect) const { return defects_.has(defect); }
  void pass_start(std::string_view& bytes);
  void take_byte(char byte, Sink& sink);
  void end_line(Sink& sink);
  void take_line(std::string_view line, Sink& sink);
  void take_field(std::string_view name, std::string_view value, Sink& sink);
  void take_data(std::string_view value);
  void take_id(std::string_view value);
  void take_retry(std::string_view value, Sink& sink);
  void dispatch(Sink& sink);
  void clear_block();

  Defects defects_;
  ParserLimits limits_;
  std::string start_;  // bytes that may become a byte order mark
  std::string line_;
  std::string type_, data_, last_event_id_;
  std::optional<std::string> id_;  // of this block
  bool past_start_ = false;
  bool after_cr_ = false;
  bool any_line_ = false;  // the block has a line that is no comment
  bool has_data_ = false;
  ParserStatus status_ = ParserStatus::ok;
};

}  // namespace streamgauge::sse
