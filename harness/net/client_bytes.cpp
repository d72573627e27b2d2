// The part of a client that makes sense of received bytes: head, body, refusal.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "harness/net/client.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

// A refusal's body is read for the sentence in the report only, and not for long.
constexpr Duration refusal_body_within = std::chrono::milliseconds{200};
constexpr std::size_t refusal_shown_max = 200;

/// One printable line of at most `refusal_shown_max` bytes.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
    if (line.size() >= refusal_shown_max) return line + "...";
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::size_t field_lines(std::string_view head) {
  const auto lines = std::count(head.begin(), head.end(), '\n');
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(lines - 2, 0));
}

/// By a defect only: a stream is read from what is none.
bool forgives(const Defects& defects, const ResponseHead& head) {
  const bool readable = head.status != 204 && (head.status < 300 || head.status >= 400);
  const bool status = head.status == 200 || defects.has(Defect::accepts_any_status);
  const bool type = head.event_stream || defects.has(Defect::accepts_any_type);
  return readable && status && type && head.content_encoding.empty();
}

}  // namespace

void Client::consume(std::string_view bytes, Instant at) {
  if (state_ == State::awaiting_head) return consume_head(bytes, at);
  if (state_ == State::reading_refusal) return consume_refusal(bytes, at);
  if (state_ == State::between_polls) {
    return close_and_go_on(at, Ending::bad_http, "bytes between two polls");
  }
  consume_body(bytes, at);
}

void Client::consume_head(std::string_view bytes, Instant at) {
  const std::size_t most = spec().limits.head_bytes_max;
  std::string joined;
  std::size_t searched = 0;
  if (head_) {
    joined = std::move(*head_);
    head_.reset();
    searched = joined.size() - std::min<std::size_t>(joined.size(), 3);
    joined += bytes;
    bytes = joined;
  }
  for (;;) {
    if (!may_be_http(bytes)) {
      return close_and_go_on(at, Ending::bad_http,
                             "not an HTTP/1.x response: " + in_one_line(bytes.substr(0, 64)));
    }
    const std::size_t end = head_end(bytes, searched);
    searched = 0;
    if (std::min(end, bytes.size()) > most) {
      return close_and_go_on(at, Ending::over_limit,
                             "a response head longer than " + format_size(most));
    }
    if (end == std::string_view::npos) {
      if (!bytes.empty()) head_ = std::make_unique<std::string>(bytes);
      return;
    }
    if (field_lines(bytes.substr(0, end)) > spec().limits.head_fields_max) {
      return close_and_go_on(
          at, Ending::over_limit,
          fmt::format("a response head of more than {} fields", spec().limits.head_fields_max));
    }
    const auto head = parse_response_head(bytes.substr(0, end));
    if (!head) return close_and_go_on(at, Ending::bad_http, head.error().message);
    if (head->status == 101 && !websocket_) {
      return close_and_go_on(at, Ending::bad_http, "status 101 without having been asked for");
    }
    if (head->status >= 200 || head->status == 101) {
      const std::uint32_t connection = connection_;
      if (head->status == 101) {
        accept_handshake(*head, bytes.substr(0, end), at);
      } else {
        accept_head(*head, bytes.substr(0, end), at);
      }
      if (connection_ == connection && end < bytes.size()) consume(bytes.substr(end), at);
      return;
    }
    bytes.remove_prefix(end);  // 1xx: the real response follows
    if (!count_interim(end, at)) return;
  }
}

/// However small each is, a flood of them ends where one head must.
bool Client::count_interim(std::size_t bytes, Instant at) {
  const std::size_t most = spec().limits.head_bytes_max;
  Rare& counts = rare();
  counts.interim_bytes += bytes;
  if (counts.interim_bytes <= most) return true;
  close_and_go_on(at, Ending::over_limit, "interim responses of more than " + format_size(most));
  return false;
}

void Client::accept_head(const ResponseHead& head, std::string_view text, Instant at) {
  if (!opened_) report(at, fact::Headers{head.status, at - began_, text});
  keeps_connection_ = head.keeps_connection;
  framing_ = head.framing;
  length_left_ = head.content_length;
  chunked_ = {};
  if (follow(head, at)) return;
  const bool offered = thread_.group(*this).accepts_gzip;
  auto why = why_rejected(head, offered);
  if (why && forgives(spec().defects, head)) why.reset();
  if (!why && websocket_) why = "a stream in place of a WebSocket";
  if (transport_ == Transport::long_poll && head.status == 204) return poll_answered_empty(at);
  if (why) {
    refusal_ = std::make_unique<Refusal>(Refusal{answered_by(head), std::move(*why), {}});
    state_ = State::reading_refusal;
    if (framing_ == Framing::length && length_left_ == 0) return finish_refusal(at);
    return set_deadline(at + refusal_body_within);
  }
  if (const auto coding = coding_of(head)) inflater_ = std::make_unique<Inflater>(*coding);
  open_stream(at);
  if (throttled()) {
    bucket_ = TokenBucket{*thread_.group(*this).read_bytes_per_s, at};
    thread_.watch(*this);
  }
  if (framing_ == Framing::length && length_left_ == 0) {
    if (transport_ == Transport::long_poll) return poll_answered(at);
    close_and_go_on(at, Ending::complete, "");
  }
}

/// Of a poll, the first answer opens; what it is, the others are.
void Client::open_stream(Instant at) {
  state_ = State::open;
  if (!opened_) {
    opened_ = true;
    thread_.own_counters().open.add();
    settle();
    decide(at, policy::input::Opened{});
  }
  set_open_deadline();  // the one for the head no longer counts
}

void Client::consume_body(std::string_view bytes, Instant at) {
  if (framing_ == Framing::websocket) return consume_frames(bytes, at);
  if (framing_ == Framing::until_close) {
    (void)feed(bytes, at);
    return;
  }
  if (framing_ == Framing::length) {
    const std::string_view piece = bytes.substr(0, length_left_);
    bytes.remove_prefix(piece.size());
    length_left_ -= piece.size();
    if (!feed(piece, at) || length_left_ > 0) return;
  } else {
    for (auto piece = chunked_.next(bytes); !piece.empty(); piece = chunked_.next(bytes)) {
      if (!feed(piece, at)) return;
    }
    if (chunked_.status() == http::BodyStatus::malformed) {
      return close_and_go_on(at, Ending::bad_http, "malformed chunked coding");
    }
    if (chunked_.status() == http::BodyStatus::more) return;
  }
  std::string detail;
  if (!bytes.empty()) detail = fmt::format("{} bytes behind the end of the body", bytes.size());
  if (transport_ == Transport::long_poll && bytes.empty()) return poll_answered(at);
  if (inflater_ && !inflater_->at_end()) detail += "the compressed data did not end";
  close_and_go_on(at, Ending::complete, detail);
}

bool Client::feed(std::string_view piece, Instant at) {
  if (!piece.empty()) heard_ = true;
  if (stalls_on_bytes_ && !piece.empty()) {
    stalls_on_bytes_ = false;
    const std::uint32_t connection = connection_;
    const bool more = inflater_ ? inflate(piece, at) : parse(piece, at);
    if (connection_ == connection) deafen(at);
    return more;
  }
  return inflater_ ? inflate(piece, at) : parse(piece, at);
}

bool Client::inflate(std::string_view piece, Instant at) {
  const std::span<char> buffer = thread_.inflate_buffer();
  for (;;) {
    const std::string_view text = inflater_->next(piece, buffer);
    if (text.empty()) break;
    if (!parse(text, at)) return false;
  }
  if (!inflater_->malformed()) return true;
  close_and_go_on(at, Ending::bad_http, "malformed compressed data");
  return false;
}

bool Client::parse(std::string_view piece, Instant at) {
  Forwarder& forwarder = thread_.forwarder();
  forwarder.read_for(id_, at);
  const std::uint64_t events = thread_.own_counters().events.get();
  const sse::ParserStatus status = feed_parser(piece, forwarder);
  if (thread_.own_counters().events.get() != events) brought_ = true;
  if (const auto retry = forwarder.take_retry()) decide(at, policy::input::RetryField{*retry});
  if (status == sse::ParserStatus::ok) return true;
  const ClientLimits& limits = spec().limits;
  close_and_go_on(at, Ending::over_limit,
                  status == sse::ParserStatus::line_too_long
                      ? "a line longer than " + format_size(limits.line_bytes_max)
                      : "an event longer than " + format_size(limits.event_bytes_max));
  return false;
}

void Client::consume_refusal(std::string_view bytes, Instant at) {
  std::string& body = refusal_->body;
  const std::size_t most = spec().limits.error_body_bytes_max;
  auto keep = [&](std::string_view piece) {
    body += piece.substr(0, most - std::min(most, body.size()));
  };
  bool over = false;
  switch (framing_) {
    case Framing::until_close:
    case Framing::websocket:
      keep(bytes);
      break;
    case Framing::length:
      bytes = bytes.substr(0, length_left_);
      length_left_ -= bytes.size();
      keep(bytes);
      over = length_left_ == 0;
      break;
    case Framing::chunked:
      for (auto piece = chunked_.next(bytes); !piece.empty(); piece = chunked_.next(bytes)) {
        keep(piece);
      }
      over = chunked_.status() != http::BodyStatus::more;
      break;
  }
  if (over || body.size() >= most) finish_refusal(at);
}

void Client::finish_refusal(Instant at) {
  const std::unique_ptr<Refusal> refusal = std::move(refusal_);
  std::string detail = refusal->why;
  if (const std::string body = in_one_line(refusal->body); !body.empty()) detail += ": " + body;
  close(at, Ending::rejected, detail);
  decide(at, refusal->answered);
}

}  // namespace streamgauge::net
