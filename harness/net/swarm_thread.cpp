#include "harness/net/swarm_thread.hpp"

#include <pthread.h>

#include <array>
#include <boost/asio/post.hpp>

#include "harness/core/sse/envelope.hpp"
#include "harness/net/clock.hpp"

namespace streamgauge::net {
namespace {

constexpr unsigned beats_between_looks = 10;  // 50 ms

std::vector<Credential> credentials_of(const Scenario& scenario) {
  std::vector<Credential> all;
  for (const ClientGroup& group : scenario.groups) all.push_back(group.credential);
  return all;
}

}  // namespace

void Forwarder::on_event(const sse::EventView& event) {
  counters_.events.add();
  record_.fact = fact::Event{event.type, event.last_event_id, event.has_id, event.data,
                             sse::parse_envelope(event.data)};
  sink_.on(record_);
}

void Forwarder::on_comment(std::string_view text) {
  counters_.comments.add();
  record_.fact = fact::Comment{text};
  sink_.on(record_);
}

void Forwarder::on_retry(std::uint64_t milliseconds) {
  retry_ = milliseconds;
  record_.fact = fact::Retry{milliseconds};
  sink_.on(record_);
}

void Forwarder::on_notice(sse::Notice notice, std::string_view detail) {
  record_.fact = fact::Oddity{notice, detail};
  sink_.on(record_);
}

SwarmThread::SwarmThread(const SwarmConfig& config, std::size_t index, std::uint64_t streams_in_all,
                         const std::vector<StreamId>& first_ids)
    : config_(config),
      index_(index),
      streams_in_all_(streams_in_all),
      sink_(*config.sinks[index]),
      wire_(config.wire.empty() ? nullptr : config.wire[index]),
      forwarder_(sink_, counters_),
      random_((std::uint64_t{config.seed} << 16) + index),
      read_buffer_(std::make_unique<char[]>(read_buffer_bytes)),
      first_ids_(first_ids),
      endpoints_{std::make_shared<const StreamEndpoint>(config.endpoint)},
      stalled_until_(config.scenario->groups.size()),
      credentials_(credentials_of(*config.scenario)),
      io_(1),
      work_(io_.get_executor()),
      ready_(io_, readiness_.descriptor()),
      resolver_(io_),
      wheel_timer_(io_),
      beat_timer_(io_),
      wheel_(now()),
      lag_(now()),
      group_orders_(config.scenario->groups.size()) {}

SwarmThread::~SwarmThread() {
  request_stop();
  wait_for_end();
  (void)ready_.release();
}

void SwarmThread::add_client(StreamId id, std::uint16_t group, std::optional<Instant> intended) {
  clients_.emplace_back(*this, id, group);
  first_intended_.push_back(intended);
}

void SwarmThread::start(Instant at) {
  boost::asio::post(io_, [this, at] {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (first_intended_[i]) clients_[i].join(at, *first_intended_[i]);
    }
    first_intended_ = {};
    lag_ = LagProbe{now()};
    arm_beat();
    arm_ready();
  });
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "sg-swarm");
    io_.run();
  });
}

void SwarmThread::post(std::function<void(SwarmThread&)> order) {
  boost::asio::post(io_, [this, order = std::move(order)] {
    if (!over_) order(*this);
  });
}

void SwarmThread::request_stop() {
  boost::asio::post(io_, [this] {
    if (!over_) shut_down();
  });
}

void SwarmThread::wait_for_end() {
  if (thread_.joinable()) thread_.join();
}

// What is pending is called off; then io_ runs dry.
void SwarmThread::shut_down() {
  over_ = true;
  waiting_for_connect_.clear();
  const Instant at = now();
  for (Client& client : clients_) client.shut_down(at);
  for (KeptAside& kept : kept_aside_) kept.socket.close(true);
  wheel_timer_.cancel();
  beat_timer_.cancel();
  resolver_.cancel();
  ready_.cancel();
  work_.reset();
}

std::span<char> SwarmThread::inflate_buffer() {
  if (!inflate_buffer_) inflate_buffer_ = std::make_unique<char[]>(read_buffer_bytes);
  return {inflate_buffer_.get(), read_buffer_bytes};
}

void SwarmThread::report(Instant at, StreamId stream, const Fact& fact) {
  sink_.on(Record{at, stream, fact});
}

std::uint32_t SwarmThread::index_of(const Client& client) const {
  return client.id() / static_cast<std::uint32_t>(config_.sinks.size());
}

void SwarmThread::set_deadline(Client& client, std::uint32_t generation, Instant at) {
  add_deadline(at, {index_of(client), generation, Deadline::Kind::client});
}

void SwarmThread::add_deadline(Instant at, const Deadline& deadline) {
  const Instant found_at = wheel_.add(at, deadline);
  if (!turning_) arm_wheel(found_at);
}

void SwarmThread::arm_wheel(Instant at) {
  if (over_ || (wheel_armed_for_ && *wheel_armed_for_ <= at)) return;
  wheel_armed_for_ = at;
  wheel_timer_.expires_at(to_steady(at));
  wheel_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !over_) turn_wheel();
  });
}

void SwarmThread::turn_wheel() {
  wheel_armed_for_.reset();
  turning_ = true;
  const Instant at = now();
  wheel_.advance(at, [&](const Deadline& deadline) { fire(deadline, at); });
  turning_ = false;
  if (const auto next = wheel_.next_due()) arm_wheel(*next);
}

void SwarmThread::fire(const Deadline& deadline, Instant at) {
  switch (deadline.kind) {
    case Deadline::Kind::client: {
      Client& client = clients_[deadline.subject];
      if (client.generation_is(deadline.generation)) client.on_deadline(at);
      return;
    }
    case Deadline::Kind::close:
      return clients_[deadline.subject].end_by_order(at, deadline.how, deadline.return_at_once);
    case Deadline::Kind::resume_group:
      if (group_orders_[deadline.subject] == deadline.generation) {
        resume_reading(static_cast<std::uint16_t>(deadline.subject));
      }
  }
}

std::uint64_t SwarmThread::tag_of(const Client& client) const {
  return std::uint64_t{client.connection()} << 32 | index_of(client);
}

int SwarmThread::watch_socket(Client& client) {
  return readiness_.watch(client.descriptor(), tag_of(client));
}

void SwarmThread::read_on(Client& client) {
  // Posted once for all that are listed until it runs.
  if (to_read_on_.empty()) {
    boost::asio::post(io_, [this] {
      reading_on_.swap(to_read_on_);
      for (const std::uint64_t tag : reading_on_) serve_socket({tag, true});
      reading_on_.clear();
    });
  }
  to_read_on_.push_back(tag_of(client));
}

void SwarmThread::arm_ready() {
  ready_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this](const boost::system::error_code& error) {
                      if (!error && !over_) take_ready();
                    });
}

/// One batch, then the timers' turn: arming finds what is left.
void SwarmThread::take_ready() {
  std::array<Readiness::Ready, Readiness::batch_max> ready;
  const std::size_t n = readiness_.take(ready);
  for (std::size_t i = 0; i < n; ++i) serve_socket(ready[i]);
  arm_ready();
}

void SwarmThread::serve_socket(const Readiness::Ready& ready) {
  if (ready.tag == Readiness::mark_tag) {
    if (marked_at_) lag_.read_after(now() - *marked_at_);
    marked_at_.reset();
    return;
  }
  Client& client = clients_[static_cast<std::uint32_t>(ready.tag)];
  if (client.connection() == ready.tag >> 32) client.on_ready(ready.hung_up);
}

void SwarmThread::arm_beat() {
  beat_timer_.expires_at(to_steady(lag_.next_beat()));
  beat_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !over_) beat();
  });
}

void SwarmThread::beat() {
  const Instant at = now();
  if (const auto worst = lag_.beat(at)) report(at, no_stream, fact::SchedulingLag{*worst});
  if (!marked_at_) {
    marked_at_ = at;
    readiness_.mark();
  }
  if (++beats_ % beats_between_looks == 0 && !(watched_.empty() && kept_aside_.empty()))
    look_for_peers(at);
  arm_beat();
}

void SwarmThread::request_connect(Client& client) {
  waiting_for_connect_.push_back(&client);
  pump_connects();
}

void SwarmThread::connect_finished() {
  --connects_in_flight_;
  pump_connects();
}

// Not re-entered: a connect that fails at once comes back here through connect_finished().
void SwarmThread::pump_connects() {
  if (pumping_) return;
  pumping_ = true;
  while (!over_ && !waiting_for_connect_.empty() && connects_in_flight_ < connects_in_flight_max) {
    Client& client = *waiting_for_connect_.front();
    waiting_for_connect_.pop_front();
    ++connects_in_flight_;
    client.begin_connect(now());
  }
  pumping_ = false;
}

}  // namespace streamgauge::net
