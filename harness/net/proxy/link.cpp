#include "harness/net/proxy/link.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "harness/net/clock.hpp"

namespace streamgauge::net {
namespace {

using fault::Direction;
using fault::Side;
using namespace std::chrono_literals;

/// Then others have their turn.
constexpr int reads_max = 16;
/// A client that was sent everything and a FIN has so long to close its side.
constexpr Duration linger_for = 5s;
/// A side for which the proxy has vanished is kept so long when nothing else is left of the link.
constexpr Duration silence_for = 10min;

constexpr Side other(Side side) {
  return side == Side::client ? Side::upstream : Side::client;
}
constexpr Side sender(Direction direction) {
  return direction == Direction::up ? Side::client : Side::upstream;
}

void without_delay(int descriptor) {
  const int on = 1;
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS;
}

}  // namespace

ProxyLink::ProxyLink(LinkShared& shared, std::uint32_t slot, StreamSocket client)
    : shared_(shared), slot_(slot), passage_(*this) {
  End& mine = end(Side::client);
  mine.socket = std::move(client);
  mine.state = State::open;
  without_delay(mine.socket.descriptor());
}

ProxyLink::~ProxyLink() {
  for (const Side side : {Side::client, Side::upstream}) {
    drop_waiting(side);
    end(side).socket.close(!over_);
  }
}

bool ProxyLink::start(Instant now) {
  settle(now);
  if (over_) return true;
  return shared_.watch(end(Side::client).socket.descriptor(), slot_, Side::client) == 0;
}

void ProxyLink::on_ready(Side side, bool hung_up, Instant now) {
  End& it = end(side);
  if (over_ || it.state == State::none || it.state == State::gone) return;
  if (it.state == State::connecting) {
    on_connected(now);
    if (it.state != State::open) return settle(now);
  }
  it.readable = true;
  it.hung_up = it.hung_up || hung_up;
  send_waiting(side);
  settle(now);
}

void ProxyLink::on_time(Instant now) {
  if (now >= deadline_) {
    deadline_ = Instant::max();
    for (const Side side : {Side::client, Side::upstream}) {
      end(side).socket.close(end(side).mute);
      end(side).state = State::gone;
    }
    over_ = true;
    return;
  }
  passage_.on_time(now);
  settle(now);
}

void ProxyLink::go_on(Instant now) {
  settle(now);
}

void ProxyLink::cut_off(bool by_reset, Instant now) {
  if (by_reset) {
    reset(Side::client);
    reset(Side::upstream);
  } else {
    close();
  }
  settle(now);
}

// ---- connecting

void ProxyLink::connect_next(Instant now) {
  End& it = end(Side::upstream);
  while (next_address_ < shared_.upstream.size()) {
    const auto& address = shared_.upstream[next_address_++];
    it.state = State::connecting;
    if (it.socket.connect(address, {}) == 0 &&
        shared_.watch(it.socket.descriptor(), slot_, Side::upstream) == 0) {
      without_delay(it.socket.descriptor());
      return;
    }
  }
  ++shared_.upstream_failures;
  it.socket.close();
  it.state = State::gone;
  drop_waiting(Side::upstream);
  passage_.on_unreachable(now);
}

void ProxyLink::on_connected(Instant now) {
  End& it = end(Side::upstream);
  if (it.socket.connect_error() != 0) return connect_next(now);
  it.state = State::open;
}

// ---- reading

void ProxyLink::pump(Direction direction, Instant now) {
  End& from = end(sender(direction));
  const Side to = other(sender(direction));
  for (int reads = 0; from.state == State::open && from.readable && !from.mute && !from.ended;) {
    const bool discard = closing_ || (direction == Direction::up && client_left_);
    if (!discard && (end(to).waiting.size() >= end(to).waiting_max || !passage_.wants(direction))) {
      return;
    }
    if (reads++ == reads_max) return shared_.again(slot_);
    const ssize_t got = from.socket.receive(shared_.buffer.data(), shared_.buffer.size());
    if (got < 0 && would_block(errno)) {
      from.readable = false;
    } else if (got < 0) {
      lost(sender(direction), now);
    } else if (got == 0) {
      from.ended = true;
      if (!closing_) passage_.on_eof(direction, now);
    } else if (!discard) {
      const auto size = static_cast<std::size_t>(got);
      if (size < shared_.buffer.size() && !from.hung_up) from.readable = false;
      from_bytes_ = true;
      passage_.on_bytes(direction, {shared_.buffer.data(), size}, now);
      flush(Side::client);
      flush(Side::upstream);
      from_bytes_ = false;
    }
  }
}

// ---- writing

std::size_t ProxyLink::send_now(Side side, std::string_view bytes) {
  End& it = end(side);
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = it.socket.send(bytes.substr(sent));
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
      shared_.bytes_written[static_cast<std::size_t>(side)] += static_cast<std::size_t>(n);
      continue;
    }
    if (!would_block(errno)) failed_[static_cast<std::size_t>(side)] = true;
    break;
  }
  if (from_bytes_ && sent == bytes.size()) shared_.added.record(net::now() - shared_.woken);
  return sent;
}

void ProxyLink::queue(Side side, std::string_view bytes) {
  End& it = end(side);
  it.waiting.append(bytes);
  shared_.bytes_waiting += bytes.size();
  shared_.bytes_waiting_max = std::max(shared_.bytes_waiting_max, shared_.bytes_waiting);
}

void ProxyLink::drop_waiting(Side side) {
  shared_.bytes_waiting -= end(side).waiting.size();
  end(side).waiting.clear();
}

void ProxyLink::write(Side to, std::string_view bytes) {
  End& it = end(to);
  if (it.state == State::gone || it.finished || it.finishing || over_) return;
  if (to == Side::client && client_left_) return;
  if (to == Side::upstream && it.state == State::none) {
    // Connecting decides: what the passage says to that comes once this call is over.
    it.state = State::connecting;
    next_address_ = 0;
  }
  const bool direct = it.state == State::open && !it.mute && it.waiting.empty() &&
                      !failed_[static_cast<std::size_t>(to)];
  if (!direct) return queue(to, bytes);
  if (!passage_.plain()) {
    staged(to) += bytes;
    return;
  }
  const std::size_t sent = send_now(to, bytes);
  if (sent < bytes.size()) queue(to, bytes.substr(sent));
}

/// What the pieces of one call have come to.
void ProxyLink::flush(Side side) {
  std::string& bytes = staged(side);
  if (bytes.empty()) return;
  const std::size_t sent = end(side).state == State::open ? send_now(side, bytes) : bytes.size();
  if (sent < bytes.size()) queue(side, std::string_view{bytes}.substr(sent));
  bytes.clear();
}

void ProxyLink::cut(Side to) {
  flush(to);
  end(to).waiting.cut();
}

void ProxyLink::send_waiting(Side side) {
  End& it = end(side);
  while (it.state == State::open && !it.mute && !it.waiting.empty() &&
         !failed_[static_cast<std::size_t>(side)]) {
    const std::string_view next = it.waiting.front();
    const std::size_t sent = send_now(side, next);
    it.waiting.take(sent);
    shared_.bytes_waiting -= sent;
    if (sent < next.size()) return;
  }
}

// ---- ending

void ProxyLink::finish(Side to) {
  flush(to);
  end(to).finishing = true;
}

void ProxyLink::close() {
  flush(Side::client);
  flush(Side::upstream);
  closing_ = true;
  end(Side::client).finishing = true;
  end(Side::upstream).finishing = true;
}

void ProxyLink::reset(Side side) {
  End& it = end(side);
  staged(side).clear();
  drop_waiting(side);
  if (!it.mute) {
    it.socket.close(true);
    it.state = State::gone;
  }
  it.finishing = true;
}

void ProxyLink::vanish(Side side) {
  End& it = end(side);
  if (it.state != State::open || it.mute) return;
  flush(side);
  it.mute = it.socket.drop_incoming() == 0;
}

void ProxyLink::reappear(Side side) {
  End& it = end(side);
  if (!it.mute) return;
  it.mute = false;
  it.socket.hear_again();
  it.readable = true;  // whatever came while nobody heard
}

void ProxyLink::absorb(Side to, std::uint64_t bytes) {
  end(to).waiting_max = std::max<std::uint64_t>(bytes, 256u << 10);
}

void ProxyLink::keep(Side side) {
  if (side != Side::upstream || client_left_) return;
  client_left_ = true;
  drop_waiting(Side::client);
  end(Side::client).socket.close();
  end(Side::client).state = State::gone;
}

void ProxyLink::lost(Side side, Instant now) {
  End& it = end(side);
  if (it.state == State::gone) return;
  it.socket.close();
  it.state = State::gone;
  drop_waiting(side);
  staged(side).clear();
  if (!closing_) passage_.on_gone(side, now);
}

/// Carries out what the last call has left to be done, until nothing is.
void ProxyLink::settle(Instant now) {
  for (bool more = true; more && !over_;) {
    more = false;
    for (const Side side : {Side::client, Side::upstream}) {
      flush(side);
      End& it = end(side);
      if (side == Side::upstream && it.state == State::connecting && it.socket.descriptor() < 0) {
        connect_next(now);
        more = true;
      }
      send_waiting(side);
      if (std::exchange(failed_[static_cast<std::size_t>(side)], false)) {
        lost(side, now);
        more = true;
      }
      const bool ready =
          it.finishing && !it.finished && it.state == State::open && it.waiting.empty() && !it.mute;
      if (ready) {
        it.socket.end_sending();
        it.finished = true;
      }
    }
    pump(Direction::up, now);
    pump(Direction::down, now);
    more = more || (end(Side::upstream).state == State::connecting &&
                    end(Side::upstream).socket.descriptor() < 0);
    for (const Side side : {Side::client, Side::upstream}) {
      more = more || failed_[static_cast<std::size_t>(side)] || !staged(side).empty() ||
             (end(side).finishing && !end(side).finished && end(side).state == State::open &&
              end(side).waiting.empty() && !end(side).mute);
    }
  }
  judge_end(now);
}

/// Is it over, or does it only wait for a peer to see so?
void ProxyLink::judge_end(Instant now) {
  End& client = end(Side::client);
  End& server = end(Side::upstream);
  const bool server_done = server.state == State::gone || server.state == State::none ||
                           (server.ended && server.waiting.empty()) || closing_;
  if (closing_ &&
      (server.state == State::connecting || server.state == State::none || server.finished)) {
    if (!server.mute) {
      server.socket.close();
      server.state = State::gone;
    }
  }
  const bool client_gone = client.state == State::gone;
  // The end of input has come through, and there was never anything to be asked.
  const bool left_unasked = client.ended && server.finishing && server.state == State::none &&
                            client.waiting.empty() && client.finishing == client.finished;
  if ((client_gone && (server.state == State::gone || server.state == State::none)) ||
      left_unasked || (client.ended && client.finished && server_done && !server.mute)) {
    over_ = true;
    return;
  }
  if (client_left_ && server.ended) {
    over_ = true;
    return;
  }
  const bool rest_is_mute =
      (client.mute && server_done) || (server.mute && (client_gone || client.ended));
  if (deadline_ != Instant::max()) return;
  if (rest_is_mute) {
    deadline_ = now + silence_for;
  } else if (client.finished && server_done) {
    deadline_ = now + linger_for;
  }
}

}  // namespace streamgauge::net
