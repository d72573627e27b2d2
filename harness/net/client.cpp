#include "harness/net/client.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/peer_state.hpp"
#include "harness/net/request.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

namespace asio = boost::asio;

// One client may not keep the others waiting: it takes this many buffers, then queues up again.
constexpr int buffers_in_a_row = 4;
// A slow reader's budget counts from the open stream: little of it may come along with the head.
constexpr std::size_t slow_head_bytes = 512;
constexpr Duration late_after = std::chrono::milliseconds{10};

// An RST instead of a FIN when the socket is closed.
void abort_on_close(int descriptor) {
  const linger at_once{1, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

// Small, with the client's own memory: what Asio keeps while the client waits.
struct Client::OnReady {
  Client* client;
  std::uint32_t connection;
  Operation operation;

  using allocator_type = HandlerAllocator<void>;
  [[nodiscard]] allocator_type get_allocator() const {
    return allocator_type{client->operation_memory_};
  }
  void operator()(const boost::system::error_code& error) const {
    if (client->connection_ == connection) client->on_ready(operation, error);
  }
};

Client::Client(SwarmThread& thread, StreamId id, std::uint16_t group)
    : thread_(thread),
      socket_(thread.io()),
      parser_(thread.config().parser_limits),
      id_(id),
      group_(group) {}

void Client::schedule_first(Instant intended) {
  intended_ = intended;
  set_deadline(intended);
}

void Client::begin_connect(Instant now) {
  ++attempt_;
  report(now, fact::Connecting{attempt_, intended_, !parser_.last_event_id().empty()});
  if (now - intended_ > late_after) thread_.own_counters().late_starts.add();
  began_ = now;
  address_ = 0;
  request_sent_ = 0;
  peer_gone_ = false;
  state_ = State::connecting;
  if (const auto within = thread_.group(*this).policy.header_timeout) set_deadline(now + *within);
  try_address(now);
}

void Client::try_address(Instant now) {
  const auto& endpoint = thread_.config().endpoint.addresses[address_];
  boost::system::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) return connect_failed(now, error.message(), false);

  const int descriptor = socket_.native_handle();
  if (const auto bytes = thread_.group(*this).receive_buffer_bytes) {
    // Before connecting: the window that the server sees at first depends on it.
    const int size = static_cast<int>(*bytes);
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  if (const auto from = source_address(endpoint.address(), id_, thread_.streams_in_all())) {
    // The port is chosen with the destination known, so that each may be used for each.
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    socket_.bind({*from, 0}, error);
    if (error) return connect_failed(now, error.message(), false);
  }
  socket_.async_connect(endpoint, OnReady{this, connection_, Operation::connect});
}

void Client::on_ready(Operation operation, const boost::system::error_code& error) {
  switch (operation) {
    case Operation::connect: {
      const Instant at = now();
      if (!error) return on_connected(at);
      if (address_ + 1u < thread_.config().endpoint.addresses.size()) {
        boost::system::error_code ignored;
        socket_.close(ignored);
        ++connection_;
        ++address_;
        return try_address(at);
      }
      return connect_failed(at, error.message(), error == asio::error::connection_refused);
    }
    case Operation::write:
      return send_request(now());
    case Operation::read:
      wait_pending_ = false;
      if (!stop_reported_) read();
  }
}

void Client::connect_failed(Instant now, std::string_view reason, bool refused) {
  boost::system::error_code ignored;
  socket_.close(ignored);
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
  began_ = now;
  state_ = State::awaiting_head;
  parser_.reset();
  send_request(now);
  thread_.connect_finished();
}

void Client::send_request(Instant now) {
  const StreamEndpoint& endpoint = thread_.config().endpoint;
  const std::string target = stream_path(endpoint.path, thread_.group(*this).channel, id_);
  const std::string request =
      stream_request(endpoint.host, target, parser_.last_event_id(), endpoint.headers);
  // A fresh socket takes any request at once; only a huge one comes back here for the rest.
  while (request_sent_ < request.size()) {
    const ssize_t sent = ::send(socket_.native_handle(), request.data() + request_sent_,
                                request.size() - request_sent_, MSG_NOSIGNAL);
    if (sent >= 0) {
      request_sent_ += static_cast<std::uint32_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return socket_.async_wait(Socket::wait_write, OnReady{this, connection_, Operation::write});
    } else if (errno != EINTR) {
      return close_and_go_on(now, Ending::reset, std::strerror(errno));
    }
  }
  wait_readable();
}

void Client::wait_readable() {
  if (wait_pending_) return;
  wait_pending_ = true;
  socket_.async_wait(Socket::wait_read, OnReady{this, connection_, Operation::read});
}

bool Client::throttled() const {
  return thread_.group(*this).read_bytes_per_s.has_value();
}

void Client::read() {
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
    const ssize_t size = ::recv(socket_.native_handle(), buffer, most, 0);
    // Read after the bytes, or an event could seem to arrive before it was sent.
    const Instant at = now();
    if (size > 0) {
      thread_.own_counters().bytes.add(static_cast<std::uint64_t>(size));
      if (slow) bucket_.take(static_cast<std::uint64_t>(size));
      consume({buffer, static_cast<std::size_t>(size)}, at);
      if (connection_ != connection) return;
      if (state_ == State::open && stop_ordered_) return pause_reading(at);
      if (static_cast<std::size_t>(size) < most) break;  // that was all
    } else if (size == 0) {
      return on_end_of_input(at);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      return close_and_go_on(at, Ending::reset, std::strerror(errno));
    }
  }
  wait_readable();
}

void Client::on_end_of_input(Instant at) {
  if (state_ == State::reading_refusal) return finish_refusal(at);
  if (state_ == State::awaiting_head) {
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
    case Framing::length:
      return close_and_go_on(
          at, Ending::truncated,
          fmt::format("closed {} bytes short of the content length", length_left_));
  }
}

void Client::on_deadline(Instant now) {
  const auto within = thread_.group(*this).policy.header_timeout.value_or(Duration{});
  switch (state_) {
    case State::resting:
      state_ = State::queued;
      return thread_.request_connect(*this);
    case State::connecting:
      return connect_failed(now, "no connection within " + format_duration(within), false);
    case State::awaiting_head:
      return close_and_go_on(now, Ending::timed_out,
                             "no response head within " + format_duration(within));
    case State::reading_refusal:
      return finish_refusal(now);
    case State::open:
      if (!stop_reported_) read();
      return;
    case State::queued:
    case State::over:
      return;
  }
}

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
  report(now, fact::ReadingResumed{});
  wait_readable();
}

void Client::close_by_order(Instant now, bool abort, bool return_at_once) {
  if (!connected()) return;
  close(now, Ending::local, "closed by the scenario", abort);
  if (return_at_once) {
    decide(now, policy::input::Restarted{});
  } else {
    decide(now, policy::input::Ended{});
  }
}

void Client::shut_down(Instant now) {
  if (connected()) close(now, Ending::local, "the run is over");
  boost::system::error_code ignored;
  socket_.close(ignored);
  ++connection_;
  ++generation_;
  state_ = State::over;
}

bool Client::watched() const {
  return state_ == State::open && !peer_gone_ && (stop_reported_ || throttled());
}

void Client::look_for_peer(Instant now, bool signalled, PeerStateProbe& probe) {
  if (!signalled) {
    boost::system::error_code no_local, no_remote;
    const auto local = socket_.local_endpoint(no_local);
    const auto remote = socket_.remote_endpoint(no_remote);
    if (no_local || no_remote) return;
    if (probe.ask(local, remote).value_or(PeerState::open) == PeerState::open) return;
  }
  peer_gone_ = true;
  report(now, fact::PeerGone{});
}

void Client::close(Instant at, Ending ending, std::string_view detail, bool abort) {
  bool mid_block = false;
  if (state_ == State::open) {
    mid_block = !parser_.at_block_boundary();
    // Where we broke it off ourselves, an unfinished block says nothing about the server.
    if (ending != Ending::local && ending != Ending::over_limit) {
      thread_.forwarder().read_for(id_, at);
      parser_.finish(thread_.forwarder());
    }
    thread_.own_counters().open.subtract();
  }
  parser_.reset();
  report(at, fact::Closed{ending, mid_block, detail});
  boost::system::error_code ignored;
  if (abort) abort_on_close(socket_.native_handle());
  socket_.close(ignored);
  ++connection_;
  ++generation_;
  wait_pending_ = false;
  stop_reported_ = false;
  head_.reset();
  refusal_.reset();
  state_ = State::resting;
  settle();
}

void Client::close_and_go_on(Instant at, Ending ending, std::string_view detail) {
  close(at, ending, detail);
  decide(at, policy::input::Ended{});
}

void Client::decide(Instant at, const policy::Input& input) {
  const policy::Decision decision =
      policy::decide(policy_, thread_.group(*this).policy, input, at, thread_.random());
  if (const auto* reconnect = std::get_if<policy::decision::Reconnect>(&decision)) {
    report(at, fact::ReconnectScheduled{reconnect->delay});
    intended_ = at + reconnect->delay;
    set_deadline(intended_);
  } else if (const auto* give_up = std::get_if<policy::decision::GiveUp>(&decision)) {
    state_ = State::over;
    thread_.own_counters().given_up.add();
    report(at, fact::GaveUp{policy::to_string(*give_up)});
  }
}

void Client::set_deadline(Instant at) {
  thread_.set_deadline(*this, ++generation_, at);
}

void Client::settle() {
  if (!settled_) thread_.own_counters().settled.add();
  settled_ = true;
}

void Client::report(Instant at, const Fact& fact) {
  thread_.report(at, id_, fact);
}

}  // namespace streamgauge::net
