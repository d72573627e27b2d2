// The part of a client that carries out what the scenario orders: to stop reading, to leave, to be
// cut off; and that asks what the other side has made of it.
#include "harness/net/client.hpp"
#include "harness/net/peer_state.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {

void Client::stop_reading(Instant now) {
  stop_ordered_ = true;
  if (state_ == State::open && !stop_reported_) pause_reading(now);
}

void Client::pause_reading(Instant at) {
  stop_reported_ = true;
  ++generation_;  // no slow read either
  report(at, fact::ReadingStopped{});
  thread_.watch(*this);
}

void Client::resume_reading(Instant now) {
  stop_ordered_ = false;
  if (!stop_reported_) return;
  stop_reported_ = false;
  last_byte_at_ = now;  // nobody has looked for any until now
  set_open_deadline();
  report(now, fact::ReadingResumed{});
  thread_.read_on(*this);  // what came meanwhile was announced meanwhile
}

void Client::end_by_order(Instant now, AbortKind how, bool return_at_once) {
  if (!connected() && state_ != State::vanished) return;
  if (how == AbortKind::half_close) return half_close(now, return_at_once);
  if (how == AbortKind::vanish) return vanish(now, return_at_once);
  report(now, fact::Aborted{how});
  close(now, Ending::local, "closed by the scenario", how == AbortKind::reset);
  returns_at_once_ = false;
  if (return_at_once) {
    decide(now, policy::input::Restarted{});
  } else {
    decide(now, policy::input::Ended{});
  }
}

void Client::half_close(Instant now, bool return_at_once) {
  if (!connected() || half_closed_) return;
  half_closed_ = true;
  returns_at_once_ = return_at_once;
  unsent_.reset();
  report(now, fact::Aborted{AbortKind::half_close});
  socket_.end_sending();
}

void Client::vanish(Instant now, bool return_at_once) {
  if (!connected() || (!deaf_ && socket_.drop_incoming() != 0)) return;
  deaf_ = true;
  if (return_at_once) {
    report(now, fact::Aborted{AbortKind::vanish});
    thread_.keep_aside(id_, std::move(socket_));
    close(now, Ending::local, "vanished by the scenario");
    returns_at_once_ = false;
    return decide(now, policy::input::Restarted{});
  }
  if (state_ == State::open) thread_.own_counters().open.subtract();
  ++generation_;  // nobody waits for anything
  state_ = State::vanished;
  settle();
  report(now, fact::Aborted{AbortKind::vanish});
  thread_.watch(*this);
}

void Client::deafen(Instant now) {
  if (!connected() || to_fallback_ || deaf_ || socket_.drop_incoming() != 0) return;
  deaf_ = true;
  report(now, fact::Deafened{});
  thread_.watch(*this);
}

void Client::shut_down(Instant now) {
  const bool vanished = state_ == State::vanished;
  if (connected() || vanished) close(now, Ending::local, "the run is over", vanished);
  socket_.close();
  ++connection_;
  ++generation_;
  state_ = State::over;
}

bool Client::watched() const {
  if (peer_gone_) return false;
  if (deaf_ && (connected() || state_ == State::vanished)) return true;
  return state_ == State::open && (stop_reported_ || throttled());
}

void Client::look_for_peer(Instant now, bool signalled, PeerStateProbe& probe) {
  if (!signalled) {
    const auto local = socket_.local();
    const auto remote = socket_.remote();
    if (!local || !remote) return;
    if (probe.ask(*local, *remote).value_or(PeerState::open) == PeerState::open) return;
  }
  peer_gone_ = true;
  report(now, fact::PeerGone{});
}

}  // namespace streamgauge::net
