#include "harness/core/sse/defective_parser.hpp"

#include <algorithm>
#include <utility>

namespace streamgauge::sse {
namespace {

constexpr std::string_view mark = "\xEF\xBB\xBF";
constexpr std::size_t short_line_bytes_max = 64u << 10;

bool is_a_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string folded(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

DefectiveParser::DefectiveParser(Defects defects, ParserLimits limits)
    : defects_(defects), limits_(limits) {}

ParserStatus DefectiveParser::feed(std::string_view bytes, Sink& sink) {
  if (status_ != ParserStatus::ok) return status_;
  pass_start(bytes);
  for (std::size_t i = 0; i < bytes.size() && status_ == ParserStatus::ok; ++i) {
    if (has(Defect::counts_crlf_twice) && i == 0) after_cr_ = false;
    take_byte(bytes[i], sink);
  }
  if (has(Defect::line_ends_with_read) && !line_.empty()) end_line(sink);
  return status_;
}

void DefectiveParser::pass_start(std::string_view& bytes) {
  if (past_start_ || has(Defect::keeps_bom)) return;
  while (!bytes.empty() && start_.size() < mark.size() && mark[start_.size()] == bytes.front()) {
    start_ += bytes.front();
    bytes.remove_prefix(1);
  }
  if (start_.size() < mark.size() && bytes.empty()) return;
  if (start_.size() < mark.size()) line_ = std::move(start_);
  start_.clear();
  past_start_ = true;
}

void DefectiveParser::take_byte(char byte, Sink& sink) {
  const bool second_half = std::exchange(after_cr_, false) && byte == '\n';
  if (second_half) return;
  const bool cr_ends = byte == '\r' && !has(Defect::ignores_lone_cr);
  if (byte == '\n' || cr_ends) {
    after_cr_ = cr_ends;
    if (byte == '\n' && has(Defect::ignores_lone_cr) && line_.ends_with('\r')) line_.pop_back();
    return end_line(sink);
  }
  if (has(Defect::short_lines) && line_.size() >= short_line_bytes_max) return;
  if (line_.size() >= limits_.line_bytes_max) {
    status_ = ParserStatus::line_too_long;
    return;
  }
  line_ += byte;
}

void DefectiveParser::end_line(Sink& sink) {
  const std::string line = std::exchange(line_, {});
  take_line(line, sink);
}

void DefectiveParser::take_line(std::string_view line, Sink& sink) {
  if (line.empty()) return dispatch(sink);
  if (line.front() == ':') return sink.on_comment(line.substr(1));
  any_line_ = true;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    if (!has(Defect::needs_colon)) take_field(line, {}, sink);
    return;
  }
  std::string_view value = line.substr(colon + 1);
  const bool space = value.starts_with(' ');
  if (has(Defect::needs_space) && !space) return;
  if (space && !has(Defect::keeps_space)) value.remove_prefix(1);
  take_field(line.substr(0, colon), value, sink);
}

void DefectiveParser::take_field(std::string_view given, std::string_view value, Sink& sink) {
  const std::string name = has(Defect::folds_field_names) ? folded(given) : std::string{given};
  if (name == "data") return take_data(value);
  if (name == "id") return take_id(value);
  if (name == "retry") return take_retry(value, sink);
  if (name == "event") {
    type_ = value;
  } else {
    sink.on_notice(Notice::unknown_field, name.substr(0, 64));
  }
  if (type_.size() + data_.size() > limits_.event_bytes_max) {
    status_ = ParserStatus::event_too_long;
  }
}

void DefectiveParser::take_data(std::string_view value) {
  if (has(Defect::trims_data)) value = trimmed(value);
  if (has_data_ && !has(Defect::joins_without_newline)) data_ += '\n';
  has_data_ = true;
  data_ += value;
  if (type_.size() + data_.size() > limits_.event_bytes_max) {
    status_ = ParserStatus::event_too_long;
  }
}

void DefectiveParser::take_id(std::string_view value) {
  if (value.empty() && has(Defect::keeps_id_when_empty)) return;
  const bool nul = value.find('\0') != std::string_view::npos;
  if (nul && !has(Defect::accepts_nul_in_id)) return;
  id_ = std::string{value};
  if (has(Defect::commits_id_at_end)) last_event_id_ = *id_;
}

void DefectiveParser::take_retry(std::string_view value, Sink& sink) {
  const auto end = std::find_if_not(value.begin(), value.end(), is_a_digit);
  const bool lenient = has(Defect::lenient_retry) && end != value.begin();
  if (value.empty() || (end != value.end() && !lenient)) return;
  std::uint64_t milliseconds = 0;
  for (auto digit = value.begin(); digit != end; ++digit) {
    milliseconds = milliseconds * 10 + static_cast<std::uint64_t>(*digit - '0');
    milliseconds = std::min(milliseconds, retry_milliseconds_max);
  }
  sink.on_retry(milliseconds);
}

void DefectiveParser::dispatch(Sink& sink) {
  if (id_) last_event_id_ = *id_;
  if (has(Defect::id_does_not_persist) && !id_) last_event_id_.clear();
  const bool empty_block = has(Defect::dispatches_empty) && any_line_;
  // An empty data buffer dispatches nothing; "data" alone leaves one LF in it, so it counts.
  if (has_data_ || empty_block) {
    if (has(Defect::keeps_last_newline)) data_ += '\n';
    const std::string_view otherwise = has(Defect::empty_type) ? "" : "message";
    sink.on_event({type_.empty() ? otherwise : std::string_view{type_}, data_, last_event_id_,
                   id_.has_value()});
    type_.clear();
  } else if (id_) {
    sink.on_id_only(last_event_id_);
  }
  clear_block();
}

void DefectiveParser::clear_block() {
  if (!has(Defect::type_leaks)) type_.clear();
  data_.clear();
  id_.reset();
  any_line_ = has_data_ = false;
}

bool DefectiveParser::finish(Sink& sink) {
  const bool unfinished = !at_block_boundary();
  if (has(Defect::dispatches_at_end) && unfinished) {
    if (!line_.empty()) end_line(sink);
    dispatch(sink);
  } else if (unfinished) {
    sink.on_notice(Notice::discarded_at_end, {});
  }
  reset();
  return unfinished;
}

void DefectiveParser::reset() {
  start_.clear();
  line_.clear();
  type_.clear();
  clear_block();
  past_start_ = after_cr_ = false;
  status_ = ParserStatus::ok;
}

bool DefectiveParser::at_block_boundary() const {
  return line_.empty() && !any_line_ && start_.empty();
}

}  // namespace streamgauge::sse
