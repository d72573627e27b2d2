// The part of a client that polls: one answer after the other, on one connection as long as the
// server keeps it. To everybody else that is one stream: it opens with the first answer and is
// closed when polling ends.
#include <utility>

#include "harness/net/client.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {

std::optional<Duration> Client::answer_within() const {
  // Without an id the first poll is answered at once; with one it may be held, as the next ones.
  const bool held = transport_ == Transport::long_poll && !last_event_id().empty();
  return held ? liveness() : policy::head_within(spec());
}

/// What this connection's messages go over: a hybrid client's second way is to poll, where the
/// target can be polled.
Transport Client::chosen_transport() const {
  const ClientGroup& group = thread_.group(*this);
  if (spec().kind != PolicyKind::hybrid || !to_fallback_) return group.transport;
  return endpoint().poll_path.empty() ? Transport::sse : Transport::long_poll;
}

/// 204 is how other servers say that nothing came: an answer like any other.
void Client::poll_answered_empty(Instant at) {
  open_stream(at);
  poll_answered(at);
}

void Client::poll_answered(Instant at) {
  if (policy::fallback_over(policy_, at)) {
    close(at, Ending::local, "back to its own address");
    return decide(at, policy::input::FallbackOver{});
  }
  framing_ = Framing::until_close;
  if (between_blocks()) {
    reset_parser();
  } else {
    end_parser(thread_.forwarder());
  }
  // An answer with nothing in it that comes at once would make a busy loop of the next polls.
  const Instant earliest =
      std::exchange(brought_, false) ? at + spec().poll_think : began_ + spec().poll_pause;
  if (at >= earliest) return ask_again(at);
  state_ = State::between_polls;
  set_deadline(earliest);
}

void Client::ask_again(Instant at) {
  if (!keeps_connection_) return poll_anew(at, "the server closes after each answer");
  state_ = State::awaiting_head;
  began_ = at;
  send_request(at);
  if (state_ == State::awaiting_head) set_open_deadline();
}

/// No end that a policy would have to think about: the next poll just takes another connection.
void Client::poll_anew(Instant at, std::string_view why) {
  close(at, Ending::complete, why);
  intended_ = at;
  state_ = State::queued;
  thread_.request_connect(*this);
}

}  // namespace streamgauge::net
