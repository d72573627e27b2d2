// The part of a swarm's thread that learns what targets do to connections that nobody reads.
#include <poll.h>

#include "harness/net/clock.hpp"
#include "harness/net/swarm_thread.hpp"

namespace streamgauge::net {
namespace {

// Each question to the kernel costs microseconds: thousands of stopped readers take turns.
constexpr std::size_t asked_per_look_max = 512;
constexpr short gone_signals = POLLERR | POLLHUP | POLLRDHUP;

}  // namespace

void SwarmThread::watch(Client& client) {
  if (client.in_watch_list) return;
  client.in_watch_list = true;
  watched_.push_back(&client);
}

void SwarmThread::keep_aside(StreamId stream, StreamSocket&& socket) {
  if (kept_aside_.size() >= kept_aside_max) {
    kept_aside_.front().socket.close(true);
    kept_aside_.pop_front();
  }
  kept_aside_.push_back({std::move(socket), stream});
}

void SwarmThread::look_for_peers(Instant at) {
  if (!watched_.empty()) look_at_watched(at);
  if (!kept_aside_.empty()) look_at_kept(at);
}

void SwarmThread::look_at_kept(Instant at) {
  const std::size_t asked = std::min(kept_aside_.size(), asked_per_look_max);
  for (std::size_t i = 0; i < asked; ++i) {
    KeptAside& kept = kept_aside_[kept_next_++ % kept_aside_.size()];
    const auto local = kept.socket.local();
    const auto remote = kept.socket.remote();
    if (kept.peer_gone || !local || !remote) continue;
    if (peers_.ask(*local, *remote).value_or(PeerState::open) == PeerState::open) continue;
    kept.peer_gone = true;
    report(at, kept.stream, fact::PeerGone{});
  }
}

void SwarmThread::look_at_watched(Instant at) {
  std::erase_if(watched_, [](Client* client) {
    client->in_watch_list = client->watched();
    return !client->in_watch_list;
  });
  if (watched_.empty()) return;
  std::vector<pollfd> descriptors;
  descriptors.reserve(watched_.size());
  for (Client* client : watched_) descriptors.push_back({client->descriptor(), POLLRDHUP, 0});
  ::poll(descriptors.data(), descriptors.size(), 0);
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    if ((descriptors[i].revents & gone_signals) != 0) watched_[i]->look_for_peer(at, true, peers_);
  }
  const std::size_t asked = std::min(watched_.size(), asked_per_look_max);
  for (std::size_t i = 0; i < asked; ++i) {
    Client& client = *watched_[asked_next_++ % watched_.size()];
    if (client.watched()) client.look_for_peer(at, false, peers_);
  }
}

}  // namespace streamgauge::net
