// The part of a client that gets it to where it can be answered: addresses, TLS, the request.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "harness/core/base/units.hpp"
#include "harness/net/client.hpp"
#include "harness/net/request.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

constexpr Duration late_after = std::chrono::milliseconds{10};

}  // namespace

void Client::begin_connect(Instant now) {
  if (state_ != State::queued) return thread_.connect_finished();  // called off meanwhile
  ++attempt_;
  report(now, fact::Connecting{attempt_, intended_, may_resume()});
  if (now - intended_ > late_after) thread_.own_counters().late_starts.add();
  began_ = now;
  address_ = 0;
  endpoint_ = thread_.newest_endpoint();
  to_fallback_ = policy_.on_fallback;
  transport_ = chosen_transport();
  policy_.mirrors = static_cast<std::uint8_t>(thread_.endpoint(endpoint_).mirrors.size());
  if (!std::exchange(following_, false) && rare_) {
    rare_->redirects = 0;
    rare_->here = to_fallback_ ? std::nullopt : rare_->kept;
  }
  peer_gone_ = returns_at_once_ = false;
  state_ = State::connecting;
  if (const std::string_view missing = unserved(); !missing.empty()) {
    return connect_failed(now, missing, false);
  }
  if (const auto within = answer_within()) set_deadline(now + *within);
  if (place() != nullptr && !place()->endpoint) {
    rare_->here->endpoint = thread_.find(place()->url, *this);
    if (!place()->endpoint) return;  // on_found() goes on
  }
  try_address(now);
}

const StreamEndpoint& Client::endpoint() const {
  const StreamEndpoint& own = thread_.endpoint(endpoint_);
  if (to_fallback_) return own.fallback ? *own.fallback : own;
  const std::size_t mirror = policy_.mirror;
  return mirror == 0 || mirror > own.mirrors.size() ? own : *own.mirrors[mirror - 1];
}

void Client::try_address(Instant now) {
  const auto& address = reached().addresses[address_];
  const int error =
      socket_.connect(address, {thread_.group(*this).receive_buffer_bytes,
                                source_address(address.address(), id_, thread_.streams_in_all())});
  // Watched once it is on its way: epoll calls a socket that does not connect hung up.
  const int unwatched = error == 0 ? thread_.watch_socket(*this) : error;
  if (unwatched != 0) return try_next_address(now, unwatched);
}

void Client::try_next_address(Instant now, int error) {
  if (address_ + 1u >= reached().addresses.size()) {
    return connect_failed(now, std::strerror(error), error == ECONNREFUSED);
  }
  socket_.close();
  ++connection_;
  ++address_;
  try_address(now);
}

/// What the target lacks of what this connection's transport needs; empty: nothing.
std::string_view Client::unserved() const {
  if (place() != nullptr) return {};
  if (transport_ == Transport::long_poll && endpoint().poll_path.empty()) {
    return "the target serves no long-polls (its key 'poll_path')";
  }
  if (transport_ == Transport::websocket && endpoint().websocket_path.empty()) {
    return "the target serves no WebSockets (its key 'websocket_path')";
  }
  return {};
}

void Client::finish_connecting(Instant now) {
  if (tls_) return secure(now);
  if (const int error = socket_.connect_error()) return try_next_address(now, error);
  const StreamEndpoint& to = reached();
  if (!to.tls) return on_connected(now);
  tls_ = std::make_unique<TlsSession>(*to.tls.context, socket_.descriptor(), to.tls.host);
  secure(now);
}

void Client::secure(Instant now) {
  switch (tls_->handshake()) {
    case TlsSession::Step::done:
      return on_connected(now);
    case TlsSession::Step::wait:
      return;
    case TlsSession::Step::failed:
      return connect_failed(now, "TLS: " + std::string{tls_->reason()}, false);
  }
}

void Client::connect_failed(Instant now, std::string_view reason, bool refused) {
  const std::string kept{reason};  // it may be the TLS session's
  reason = kept;
  tls_.reset();
  socket_.close();
  ++connection_;
  ++generation_;
  state_ = State::resting;
  report(now, fact::ConnectFailed{reason, refused});
  SwarmCounters& counters = thread_.own_counters();
  counters.connect_failures.add();
  if (refused) counters.refused.add();
  settle();
  decide(now, policy::input::ConnectFailed{});
  thread_.connect_finished();
}

void Client::on_connected(Instant now) {
  report(now, fact::Connected{now - began_});
  keep_wire(now, WireChunk::Kind::opened, "connected");
  began_ = now;
  state_ = State::awaiting_head;
  heard_ = brought_ = false;
  if (transport_ == Transport::long_poll) settle();  // its first answer may be held back
  reset_parser();
  if (path_is_silent(now)) deafen(now);
  send_request(now);
  thread_.connect_finished();
}

bool Client::path_is_silent(Instant now) {
  if (to_fallback_) return false;
  const ClientGroup& group = thread_.group(*this);
  const bool meets_stall = group.stall != StallPoint::none && stalls_met_ < group.stalled_attempts;
  if (meets_stall) ++stalls_met_;
  stalls_on_bytes_ = meets_stall && group.stall == StallPoint::after_first_bytes;
  return (meets_stall && !stalls_on_bytes_) || now < thread_.stalled_until(group_);
}

void Client::send_request(Instant now) {
  const ClientGroup& group = thread_.group(*this);
  const StreamEndpoint& to = endpoint();
  const auto identity =
      identity_of(group, id_, thread_.member(*this), to.tokens, thread_.credential(group_));
  RequestNotes notes{place(), transport_, {}};
  if (transport_ == Transport::websocket) {
    prepare_websocket();
    notes.websocket_key = websocket_->key;
  }
  send(stream_request(to, group, identity, last_event_id(), notes), now);
}

}  // namespace streamgauge::net
