// The part of a swarm's thread that passes the scenario's orders on to the clients of a group.
#include "harness/net/clock.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {

void SwarmThread::stop_reading(std::uint16_t group, std::optional<Duration> resume_after) {
  const std::uint32_t order = ++group_orders_[group];
  const Instant at = now();
  for (Client& client : clients_) {
    if (client.group() == group) client.stop_reading(at);
  }
  if (resume_after) add_deadline(at + *resume_after, {group, order, Deadline::Kind::resume_group});
}

void SwarmThread::resume_reading(std::uint16_t group) {
  ++group_orders_[group];
  const Instant at = now();
  for (Client& client : clients_) {
    if (client.group() == group) client.resume_reading(at);
  }
}

void SwarmThread::close_streams(const action::CloseStreams& order, Duration spread) {
  const Instant at = now();
  const std::uint32_t streams = config_.scenario->groups[order.group].streams;
  for (Client& client : clients_) {
    if (client.group() != order.group) continue;
    add_deadline(at + spread * member(client) / streams,
                 {index_of(client), 0, Deadline::Kind::close, order.how, order.return_at_once});
  }
}

void SwarmThread::join(std::uint16_t group, Duration spread) {
  const Instant at = now();
  const std::uint32_t streams = config_.scenario->groups[group].streams;
  for (Client& client : clients_) {
    if (client.group() == group) client.join(at, at + spread * member(client) / streams);
  }
}

void SwarmThread::stall_path(std::uint16_t group, Duration length) {
  const Instant at = now();
  stalled_until_[group] = at + length;
  for (Client& client : clients_) {
    if (client.group() == group) client.deafen(at);
  }
}

void SwarmThread::set_visible(std::uint16_t group, bool visible) {
  const Instant at = now();
  for (Client& client : clients_) {
    if (client.group() != group) continue;
    if (visible) {
      client.tell(at, policy::input::Shown{}, "in front again");
    } else {
      client.tell(at, policy::input::Hidden{}, "in the background");
    }
  }
}

void SwarmThread::change_token(std::uint16_t group, Credential credential) {
  credentials_[group] = credential;
  const Instant at = now();
  for (Client& client : clients_) {
    if (client.group() == group) client.tell(at, policy::input::TokenChanged{}, "another token");
  }
}

void SwarmThread::switch_endpoint(std::shared_ptr<const StreamEndpoint> endpoint) {
  endpoints_.push_back(std::move(endpoint));
}

}  // namespace streamgauge::net
