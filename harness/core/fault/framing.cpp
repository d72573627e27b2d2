#include "harness/core/fault/framing.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "harness/core/http/head.hpp"

namespace streamgauge::fault {
namespace {

constexpr std::size_t head_bytes_max = 64u << 10;

bool is_token_char(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

/// Whether a head may begin so, as far as it is there.
bool plausible(Direction direction, std::string_view begin) {
  if (direction == Direction::down) {
    constexpr std::string_view version = "HTTP/1.";
    const std::size_t size = std::min(begin.size(), version.size());
    return begin.substr(0, size) == version.substr(0, size);
  }
  constexpr std::size_t method_bytes_max = 32;
  const std::string_view method = begin.substr(0, std::min(begin.find(' '), method_bytes_max));
  return std::all_of(method.begin(), method.end(), is_token_char) &&
         (begin.empty() || begin.front() != ' ');
}

/// The offset behind the blank line, or npos; `from`: nothing ends before that.
std::size_t head_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '\n') return at + 2;
    if (at + 2 < text.size() && text[at + 1] == '\r' && text[at + 2] == '\n') return at + 3;
  }
  return std::string_view::npos;
}

std::optional<std::uint64_t> content_length(std::string_view head) {
  const auto text = http::field(head, "content-length");
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || stop != text->data() + text->size()) return UINT64_MAX;
  return value;
}

std::string_view first_line(std::string_view head) {
  std::string_view line = head.substr(0, head.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Exchange read_request(std::string_view head) {
  const std::string_view line = first_line(head);
  const std::size_t one = line.find(' ');
  const std::size_t two = line.rfind(' ');
  if (one == std::string_view::npos || two <= one || line.substr(two + 1, 7) != "HTTP/1.") {
    return {};
  }
  Exchange exchange;
  exchange.method = line.substr(0, one);
  exchange.target = line.substr(one + 1, two - one - 1);
  exchange.http11 = line.substr(two + 1) != "HTTP/1.0";
  exchange.accepts_gzip = http::has_token(head, "accept-encoding", "gzip");
  return exchange;
}

int read_status(std::string_view head) {
  const std::string_view line = first_line(head);
  int status = 0;
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return 0;
  const auto [stop, error] = std::from_chars(line.data() + 9, line.data() + 12, status);
  return error == std::errc{} && stop == line.data() + 12 && status >= 100 ? status : 0;
}

void Framing::tunnel() {
  state_ = State::raw;
}

void Framing::forwarded() {
  if (!spent_) forwarded_ = head_.size();
}

bool Framing::give_up(std::string_view& bytes, Piece& out) {
  state_ = State::raw;
  const std::size_t known = std::exchange(forwarded_, 0);
  if (!spent_ && head_.size() > known) {
    head_.append(bytes);
    bytes = {};
    spent_ = true;
    out = {PieceKind::raw, std::string_view{head_}.substr(known)};
    return true;
  }
  spent_ = true;
  if (bytes.empty()) return false;
  out = {PieceKind::raw, std::exchange(bytes, {})};
  return true;
}

bool Framing::next(std::string_view& bytes, const Exchange& request, Piece& out) {
  if (spent_) {
    head_.clear();
    if (head_.capacity() > 4096) head_.shrink_to_fit();
    spent_ = false;
  }
  switch (state_) {
    case State::head:
      return take_head(bytes, request, out);
    case State::interim:
      state_ = State::head;
      return take_head(bytes, request, out);
    case State::length: {
      if (bytes.empty()) return false;
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
      out = {PieceKind::data, bytes.substr(0, size)};
      bytes.remove_prefix(size);
      remaining_ -= size;
      if (remaining_ == 0) state_ = State::ended;
      return true;
    }
    case State::chunks:
      return !bytes.empty() && next_of_chunks(bytes, out);
    case State::until_eof:
      if (bytes.empty()) return false;
      out = {PieceKind::data, std::exchange(bytes, {})};
      return true;
    case State::ended:
      state_ = State::head;
      out = {PieceKind::last, {}};
      return true;
    case State::raw:
      if (bytes.empty()) return false;
      out = {PieceKind::raw, std::exchange(bytes, {})};
      return true;
  }
  return false;
}

bool Framing::take_head(std::string_view& bytes, const Exchange& request, Piece& out) {
  if (bytes.empty()) return false;
  if (head_.empty()) {
    // Blank lines before a message are forgiven (RFC 9112, 2.2).
    const std::size_t blank = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (blank > 0) {
      out = {PieceKind::raw, bytes.substr(0, blank)};
      bytes.remove_prefix(blank);
      return true;
    }
    if (!plausible(direction_, bytes)) return give_up(bytes, out);
    const std::size_t end = head_end(bytes, 0);
    if (end <= head_bytes_max) {
      const std::string_view head = bytes.substr(0, end);
      bytes.remove_prefix(end);
      return hand_out(request, head, out);
    }
  }
  const std::size_t before = head_.size();
  const std::size_t taken = std::min(bytes.size(), head_bytes_max + 1 - before);
  head_.append(bytes.substr(0, taken));
  const std::size_t end = head_end(head_, before > 2 ? before - 2 : 0);
  if (end != std::string::npos) {
    bytes.remove_prefix(end - before);
    head_.resize(end);
    spent_ = true;
    return hand_out(request, head_, out);
  }
  bytes.remove_prefix(taken);
  if (head_.size() > head_bytes_max || !plausible(direction_, head_)) return give_up(bytes, out);
  return false;
}

bool Framing::hand_out(const Exchange& request, std::string_view head, Piece& out) {
  begin_body(head, request);
  const std::size_t known = std::exchange(forwarded_, 0);
  const bool whole = known == 0 && state_ != State::interim && state_ != State::raw;
  if (tunnel_next_) state_ = State::raw;
  tunnel_next_ = false;
  out = {whole ? PieceKind::head : PieceKind::raw, head.substr(known)};
  return true;
}

void Framing::begin_body(std::string_view head, const Exchange& request) {
  const bool response = direction_ == Direction::down;
  const int status = response ? read_status(head) : 0;
  if (response ? status == 0 : read_request(head).method.empty()) {
    state_ = State::raw;
    return;
  }
  if (status / 100 == 1) {
    state_ = status == 101 ? State::raw : State::interim;
    return;
  }
  const bool connected = response && request.method == "CONNECT" && status / 100 == 2;
  tunnel_next_ = connected || (!response && read_request(head).method == "CONNECT");
  const bool bodiless = request.method == "HEAD" || status == 204 || status == 304;
  remaining_ = 0;
  if (tunnel_next_ || (response && bodiless)) {
    state_ = State::ended;
  } else if (http::has_token(head, "transfer-encoding", "chunked")) {
    state_ = State::chunks;
    chunks_ = {};
  } else if (const auto length = content_length(head)) {
    remaining_ = *length;
    state_ = *length == UINT64_MAX ? State::raw : *length == 0 ? State::ended : State::length;
  } else {
    state_ = response ? State::until_eof : State::ended;
  }
}

bool Framing::next_of_chunks(std::string_view& bytes, Piece& out) {
  const std::string_view before = bytes;
  // The line end that closes a chunk is not part of what follows it.
  if (before.size() > 2 && before.starts_with("\r\n") && !chunks_.at_chunk_boundary()) {
    std::string_view line_end = before.substr(0, 2);
    http::ChunkedDecoder probe = chunks_;
    if (probe.next(line_end).empty() && line_end.empty() && probe.at_chunk_boundary()) {
      chunks_ = probe;
      out = {PieceKind::frame, before.substr(0, 2)};
      bytes.remove_prefix(2);
      return true;
    }
  }
  http::ChunkedDecoder ahead = chunks_;
  const std::string_view piece = ahead.next(bytes);
  const auto framing = piece.empty() ? before.size() - bytes.size()
                                     : static_cast<std::size_t>(piece.data() - before.data());
  if (piece.empty() && ahead.status() == http::BodyStatus::malformed) {
    bytes = before;
    return give_up(bytes, out);
  }
  if (framing > 0 && !piece.empty()) {  // the data in front of it in the next call
    std::string_view lead = before.substr(0, framing);
    (void)chunks_.next(lead);
    bytes = before.substr(framing);
    out = {PieceKind::frame, before.substr(0, framing)};
    return true;
  }
  chunks_ = ahead;
  if (!piece.empty()) {
    out = {PieceKind::data, piece};
    return true;
  }
  const bool over = ahead.status() == http::BodyStatus::complete;
  if (over) state_ = State::head;
  out = {over ? PieceKind::last : PieceKind::frame, before.substr(0, framing)};
  return true;
}

bool Framing::finish(Piece& out) {
  std::string_view none;
  if (spent_) {
    head_.clear();
    spent_ = false;
  }
  if (state_ == State::head && !head_.empty()) return give_up(none, out);
  if (state_ != State::until_eof && state_ != State::ended) return false;
  state_ = State::raw;
  out = {PieceKind::last, {}};
  return true;
}

}  // namespace streamgauge::fault
