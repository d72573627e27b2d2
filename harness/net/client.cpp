#include "harness/net/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/request.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

// One client may not keep the others waiting: it takes this many buffers, then queues up again.
constexpr int buffers_in_a_row = 4;
// A slow reader's budget counts from the open stream: little of it may come along with the head.
constexpr std::size_t slow_head_bytes = 512;

sse::ParserLimits parser_limits(const PolicySpec& policy) {
  return {policy.limits.line_bytes_max, policy.limits.event_bytes_max};
}

bool ended_by_peer(Ending ending) {
  return ending == Ending::complete || ending == Ending::eof || ending == Ending::truncated ||
         ending == Ending::reset;
}

}  // namespace

Client::Client(SwarmThread& thread, StreamId id, std::uint16_t group)
    : thread_(thread),
      parser_(parser_limits(thread.config().scenario->groups[group].policy)),
      policy_(policy::initial_state(thread.config().scenario->groups[group].policy)),
      id_(id),
      group_(group) {
  if (spec().defects.of_the_parser()) {
    rare().parser.emplace(spec().defects, parser_limits(spec()));
  }
  const std::string& given = thread_.group(*this).says.last_event_id;
  if (given.empty()) return;
  if (rare_ && rare_->parser) {
    rare_->parser->set_last_event_id(given);
  } else {
    parser_.set_last_event_id(given);
  }
}

void Client::join(Instant now, Instant intended) {
  if (joined_) return;
  joined_ = true;
  report(now, fact::Joined{group_, thread_.group(*this).channel_index});
  intended_ = intended;
  set_deadline(intended);
}

void Client::on_ready(bool hung_up) {
  switch (state_) {
    case State::connecting:
      return finish_connecting(now());
    case State::awaiting_head:
    case State::reading_refusal:
    case State::between_polls:
    case State::open:
      if (unsent_) send(*std::unique_ptr<std::string>{std::move(unsent_)}, now());
      if (connected() && !stop_reported_) read(hung_up);
      return;
    case State::resting:
    case State::queued:
    case State::over:
    case State::vanished:
      return;
  }
}

ssize_t Client::write_some(std::string_view bytes) {
  return tls_ ? tls_->send(bytes) : socket_.send(bytes);
}

ssize_t Client::read_some(char* into, std::size_t most) {
  return tls_ ? tls_->receive(into, most) : socket_.receive(into, most);
}

// A fresh socket takes any request at once; only a huge one comes back here for the rest.
void Client::send(std::string_view request, Instant now) {
  while (!request.empty()) {
    const ssize_t sent = write_some(request);
    if (sent >= 0) {
      keep_wire(now, WireChunk::Kind::sent, request.substr(0, static_cast<std::size_t>(sent)));
      request.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      unsent_ = std::make_unique<std::string>(request);
      return;
    } else if (errno != EINTR) {
      return close_and_go_on(now, Ending::reset, broken_by(errno));
    }
  }
}

std::string Client::broken_by(int error) const {
  return error == EPROTO && tls_ ? "TLS: " + tls_->reason() : std::string{std::strerror(error)};
}

bool Client::throttled() const {
  return thread_.group(*this).read_bytes_per_s.has_value();
}

void Client::read(bool to_the_end) {
  char* const buffer = thread_.read_buffer();
  const std::uint32_t connection = connection_;
  for (int round = 0; round < buffers_in_a_row; ++round) {
    const bool slow = state_ == State::open && throttled();
    std::size_t most = throttled() && !slow ? slow_head_bytes : SwarmThread::read_buffer_bytes;
    if (slow) {
      most = std::min<std::size_t>(most, bucket_.available(now()));
      const Instant worth = bucket_.worth_reading_at();
      if (worth > now() || most == 0) return set_deadline(worth);
    }
    const ssize_t size = read_some(buffer, most);
    // Read after the bytes, or an event could seem to arrive before it was sent.
    const Instant at = now();
    if (size > 0) {
      last_byte_at_ = at;
      thread_.own_counters().bytes.add(static_cast<std::uint64_t>(size));
      if (slow) bucket_.take(static_cast<std::uint64_t>(size));
      keep_wire(at, WireChunk::Kind::received, {buffer, static_cast<std::size_t>(size)});
      consume({buffer, static_cast<std::size_t>(size)}, at);
      if (connection_ != connection) return;
      if (state_ == State::open && stop_ordered_) return pause_reading(at);
      // That was all, unless a record's rest waits inside of TLS.
      if (static_cast<std::size_t>(size) < most && !to_the_end && !tls_) return;
    } else if (size == 0) {
      return on_end_of_input(at);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != EINTR) {
      return close_and_go_on(at, Ending::reset, broken_by(errno));
    }
  }
  thread_.read_on(*this);
}

void Client::on_end_of_input(Instant at) {
  if (state_ == State::reading_refusal) return finish_refusal(at);
  if (state_ == State::between_polls) return poll_anew(at, "closed between two polls");
  if (state_ == State::awaiting_head) {
    if (opened_ && !head_) return close_and_go_on(at, Ending::eof, "closed while a poll was held");
    return close_and_go_on(at, Ending::truncated,
                           head_ ? "closed inside the response head" : "closed without a response");
  }
  switch (framing_) {
    case Framing::until_close:
      return close_and_go_on(at, Ending::eof, "");
    case Framing::chunked:
      return close_and_go_on(at, Ending::truncated,
                             chunked_.at_chunk_boundary() ? "closed without the terminal chunk"
                                                          : "closed inside a chunk");
    case Framing::websocket:
      return close_and_go_on(at, Ending::truncated, "closed without a close frame");
    case Framing::length:
      return close_and_go_on(
          at, Ending::truncated,
          fmt::format("closed {} bytes short of the content length", length_left_));
  }
}

void Client::on_deadline(Instant now) {
  const auto within = answer_within().value_or(Duration{});
  switch (state_) {
    case State::resting:
      state_ = State::queued;
      return thread_.request_connect(*this);
    case State::connecting:
      return connect_failed(now, "no connection within " + format_duration(within), false);
    case State::between_polls:
      return ask_again(now);
    case State::awaiting_head:
      if (opened_) return on_open_deadline(now);
      return close_and_go_on(now, Ending::timed_out,
                             "no response head within " + format_duration(within));
    case State::reading_refusal:
      return finish_refusal(now);
    case State::open:
      return on_open_deadline(now);
    case State::queued:
    case State::over:
    case State::vanished:
      return;
  }
}

void Client::set_open_deadline() {
  Instant due = Instant::max();
  if (const auto within = liveness()) due = last_byte_at_ + *within;
  if (policy_.on_fallback) due = std::min(due, policy_.fallback_until);
  if (due != Instant::max()) {
    set_deadline(due);
  } else {
    ++generation_;
  }
}

void Client::on_open_deadline(Instant now) {
  if (stop_reported_) return;
  const std::uint32_t connection = connection_;
  const std::uint32_t generation = generation_;
  read(true);  // what waits in the socket counts: then it is us who are late
  if (connection_ != connection || stop_reported_) return;
  if (policy::fallback_over(policy_, now)) {
    close(now, Ending::local, "back to its own address");
    return decide(now, policy::input::FallbackOver{});
  }
  if (generation_ != generation) return;  // a slow reader that waits until it may read again
  const auto within = liveness();
  if (within && now - last_byte_at_ >= *within) {
    return close_and_go_on(now, Ending::silent, "no byte within " + format_duration(*within));
  }
  set_open_deadline();
}

void Client::close(Instant at, Ending ending, std::string_view detail, bool abort) {
  bool mid_block = false;
  if (ending == Ending::local && connected() && !abort && !deaf_) say_goodbye();
  if (opened_) {
    mid_block = !between_blocks();
    // Where we broke it off ourselves, an unfinished block says nothing about the server.
    if (ending != Ending::local && ending != Ending::over_limit) {
      thread_.forwarder().read_for(id_, at);
      end_parser(thread_.forwarder());
    }
    thread_.own_counters().open.subtract();
  }
  reset_parser();
  if (half_closed_ && !peer_gone_ && ended_by_peer(ending)) report(at, fact::PeerGone{});
  report(at, fact::Closed{ending, mid_block, detail});
  opened_ = false;
  tls_.reset();
  websocket_.reset();
  if (thread_.wire() != nullptr) {
    keep_wire(at, WireChunk::Kind::closed,
              fmt::format("{}{}{}", to_string(ending), detail.empty() ? "" : ": ", detail));
  }
  if (deaf_) socket_.hear_again();  // or its FIN would never be seen to arrive
  socket_.close(abort);
  ++connection_;
  ++generation_;
  stop_reported_ = false;
  deaf_ = half_closed_ = stalls_on_bytes_ = false;
  head_.reset();
  refusal_.reset();
  unsent_.reset();
  inflater_.reset();
  if (rare_) rare_->interim_bytes = 0;
  state_ = State::resting;
  if (ending != Ending::redirected) settle();  // it is still on its way
}

void Client::close_and_go_on(Instant at, Ending ending, std::string_view detail) {
  close(at, ending, detail);
  if (std::exchange(returns_at_once_, false)) return decide(at, policy::input::Restarted{});
  const bool by_deadline = ending == Ending::timed_out || ending == Ending::silent;
  const bool in_order = ending == Ending::complete || ending == Ending::eof;
  decide(at, policy::input::Ended{by_deadline, in_order, heard_});
}

void Client::decide(Instant at, const policy::Input& input) {
  const bool on_fallback = policy_.on_fallback;
  const auto decision = policy::decide(policy_, spec(), input, at, thread_.random());
  if (policy_.on_fallback != on_fallback) report(at, fact::FellBack{policy_.on_fallback});
  carry_out(at, decision);
}

void Client::carry_out(Instant at, const policy::Decision& decision) {
  if (const auto* reconnect = std::get_if<policy::decision::Reconnect>(&decision)) {
    report(at, fact::ReconnectScheduled{reconnect->delay});
    intended_ = at + reconnect->delay;
    set_deadline(intended_);
  } else if (const auto* give_up = std::get_if<policy::decision::GiveUp>(&decision)) {
    state_ = State::over;
    thread_.own_counters().given_up.add();
    report(at, fact::GaveUp{policy::to_string(*give_up)});
  } else if (std::holds_alternative<policy::decision::Pause>(decision)) {
    ++generation_;  // nothing is planned
  }
}

void Client::set_deadline(Instant at) {
  thread_.set_deadline(*this, ++generation_, at);
}

void Client::settle() {
  if (!settled_) thread_.own_counters().settled.add();
  settled_ = true;
}

void Client::keep_wire(Instant at, WireChunk::Kind kind, std::string_view bytes) {
  if (WireLog* wire = thread_.wire()) wire->add(id_, at, kind, bytes);
}

void Client::report(Instant at, const Fact& fact) {
  thread_.report(at, id_, fact);
}

}  // namespace streamgauge::net
