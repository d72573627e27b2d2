#include "reference-server/net/stream.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

#include "reference-server/net/clock.hpp"
#include "reference-server/net/context.hpp"

namespace streamgauge::server {
namespace {

using StreamPtr = boost::intrusive_ptr<Stream>;

constexpr Duration linger_at_most = std::chrono::seconds{2};

/// What the flaw takes for written when the connection is gone.
std::ptrdiff_t total_of(std::span<const std::string_view> pieces) {
  std::ptrdiff_t total = 0;
  for (const std::string_view piece : pieces) total += static_cast<std::ptrdiff_t>(piece.size());
  return total;
}

// As the eviction of the default contract: a vanished peer is noticed within some 90 s.
constexpr int keepalive_idle_s = 60;
constexpr int keepalive_interval_s = 10;
constexpr int keepalive_probes = 3;
constexpr int unacknowledged_at_most_ms = 90'000;

}  // namespace

Stream::Stream(Shard& shard, std::uint64_t number, ChannelRef channel, StreamIdentity identity)
    : shard_(shard),
      socket_(shard.io()),
      number_(number),
      channel_(std::move(channel)),
      identity_(std::move(identity)),
      lingering_(socket_) {}

Stream::~Stream() = default;

void Stream::start(tcp::socket socket, std::unique_ptr<TlsPeer> tls, StreamStart start) {
  const StreamPtr self{this};
  started_ = true;
  socket_ = std::move(socket);
  tls_ = std::move(tls);
  if (aborted_) {
    give_up();
    boost::system::error_code ignored;
    socket_.close(ignored);
    return;
  }
  set_options();
  if (start.framing == Framing::websocket) {
    frames_ = std::make_unique<streamgauge::http::WebSocketReader>(true);
  }
  shard_.hub().subscribe(channel_, subscriber_, *this, std::move(start), now());
  if (early_end_) finish(early_end_->reason, std::move(early_end_->last), early_end_->flush);
  if (socket_.is_open()) await_readable();
}

/// What the sweep for progress cannot see is left to the kernel: a peer that vanished while it was
/// owed nothing, and, without an eviction in the contract, one that acknowledges nothing.
void Stream::set_options() {
  const int descriptor = socket_.native_handle();
  const auto set = [descriptor](int level, int name, int value) {
    (void)::setsockopt(descriptor, level, name, &value, sizeof value);
  };
  const int bytes = shard_.context().options.send_buffer_bytes;
  if (bytes > 0) set(SOL_SOCKET, SO_SNDBUF, bytes);
  const HubSettings& settings = shard_.context().settings;
  if (settings.flaws.has(Flaw::vanished_never_noticed)) return;
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
  set(IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
  set(IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
  if (!settings.stalled_after) set(IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_at_most_ms);
}

void Stream::give_up() {
  const StreamPtr self{this};
  shard_.context().sequencer.leave(channel_, identity_, {shard_.index(), number_});
  shard_.remove(*this);
}

void Stream::say(const EventPtr& event) {
  const StreamPtr self{this};
  shard_.hub().send(subscriber_, event, now());
}

void Stream::mute() {
  shard_.hub().mute(subscriber_);
}

void Stream::finish(CloseReason reason, EventPtr last, bool flush) {
  const StreamPtr self{this};
  if (!started_) {
    early_end_ = EarlyEnd{reason, std::move(last), flush};
    return;
  }
  if (!flush) {  // otherwise progress decides, or the grace of a drain
    lingering_.at = now() + linger_at_most;
    shard_.watch(lingering_);
  }
  shard_.hub().finish(subscriber_, reason, std::move(last), flush, now());
}

void Stream::cut(const EventPtr& last) {
  const StreamPtr self{this};
  shard_.hub().cut(subscriber_, last, now());
}

void Stream::abort(CloseReason reason) {
  const StreamPtr self{this};
  aborted_ = true;
  if (subscriber_.channel == nullptr) return;
  shard_.hub().leave(subscriber_, reason);
  part(reason);
}

// --- what the hub asks -------------------------------------------------------------------------

std::ptrdiff_t Stream::write(std::span<const std::string_view> pieces) {
  if (held_) return write_held(pieces);
  const bool in_steps = shard_.context().settings.flaws.has(Flaw::truncates_on_full);
  return in_steps ? send_in_steps(pieces) : send(pieces);
}

std::ptrdiff_t Stream::send(std::span<const std::string_view> pieces) {
  if (tls_) return send_secured(pieces);
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const int descriptor = socket_.native_handle();
  const bool deaf = shard_.context().settings.flaws.has(Flaw::leak_on_abort);
  const auto answer = [this, &pieces, deaf](ssize_t sent) -> std::ptrdiff_t {
    if (sent >= 0) return sent;
    const bool would_block = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    if (would_block || errno == EINTR) return 0;
    reset_ignored_ = deaf;
    return deaf ? total_of(pieces) : -1;
  };
  // The common case, an event to a subscriber for whom nothing waits.
  if (pieces.size() == 1) {
    return answer(::send(descriptor, pieces[0].data(), pieces[0].size(), flags));
  }
  std::array<iovec, 64> vectors;
  const std::size_t n = std::min(pieces.size(), vectors.size());
  for (std::size_t i = 0; i < n; ++i) {
    vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = n;
  return answer(::sendmsg(descriptor, &message, flags));
}

std::uint64_t Stream::unacknowledged() {
  int open = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &open) != 0 || open < 0) return 0;
  return static_cast<std::uint64_t>(open) + (tls_ ? tls_->unsent().size() : 0);
}

void Stream::await_writable() {
  socket_.async_wait(tcp::socket::wait_write,
                     [self = StreamPtr{this}](const boost::system::error_code& error) {
                       if (error) return self->gone();
                       self->shard_.hub().writable(self->subscriber_, now());
                     });
}

void Stream::closed(CloseReason reason) {
  const StreamPtr self{this};
  part(reason);
}

// --- the peer's side ---------------------------------------------------------------------------

void Stream::await_readable() {
  socket_.async_wait(tcp::socket::wait_read,
                     [self = StreamPtr{this}](const boost::system::error_code& error) {
                       if (error) return self->gone();
                       self->on_readable();
                     });
}

/// The peer of a WebSocket has nothing to say but that it is there, or leaves.
void Stream::take_frames(std::string_view bytes) {
  namespace ws = streamgauge::http;
  using Kind = ws::WebSocketReader::Kind;
  for (auto item = frames_->next(bytes); item.kind != Kind::none; item = frames_->next(bytes)) {
    if (!open()) return;
    if (item.kind == Kind::ping) {
      std::string pong;
      ws::append_frame_header(pong, ws::WebSocketOpcode::pong, item.bytes.size());
      shard_.hub().say(subscriber_, Event::raw(pong.append(item.bytes)), now());
    } else if (item.kind == Kind::close || item.kind == Kind::malformed) {
      shard_.hub().finish(subscriber_, CloseReason::peer_closed, nullptr, false, now());
    }
  }
}

/// A peer has nothing to say on a stream: what it sends is thrown away, its end is noticed.
void Stream::on_readable() {
  const auto scratch = shard_.scratch();
  const ssize_t got = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
  if (got > 0) {
    const std::string_view bytes{scratch.data(), static_cast<std::size_t>(got)};
    if (tls_ && !hear(bytes)) return open() ? on_half_close() : gone();
    if (!tls_ && frames_) take_frames(bytes);
  }
  if (!socket_.is_open()) return;
  const bool wait_on = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  if (wait_on) return await_readable();
  if (shard_.context().settings.flaws.has(Flaw::leak_on_abort)) {
    if (got == 0 && !reset_ignored_) gone();
    return;
  }
  if (got == 0 && open()) return on_half_close();
  gone();
}

/// The peer will say nothing more; whether it still listens, a FIN does not tell (RFC 9293, 3.6).
/// Something is sent: whoever is gone answers it with a reset, whoever listens is kept.
void Stream::on_half_close() {
  shard_.hub().probe(subscriber_, now());
  if (!socket_.is_open()) return;
  socket_.async_wait(tcp::socket::wait_error,
                     [self = StreamPtr{this}](const boost::system::error_code&) { self->gone(); });
}

/// The connection has ended, by the peer or because its last deadline passed.
void Stream::gone() {
  if (subscriber_.channel != nullptr) {
    shard_.hub().leave(subscriber_, CloseReason::peer_closed);
    part(CloseReason::peer_closed);
  } else {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
}

/// The subscriber has left the hub; now the connection goes, each reason in its way.
void Stream::part(CloseReason reason) {
  const Flaws& flaws = shard_.context().settings.flaws;
  if (slot_kept(flaws, reason)) {
    shard_.keep(*this);
  } else {
    shard_.context().sequencer.leave(channel_, identity_, {shard_.index(), number_});
  }
  shard_.remove(*this);
  boost::system::error_code ignored;
  switch (reason) {
    case CloseReason::replaced:
    case CloseReason::revoked:
    case CloseReason::closed:
    case CloseReason::finished:
    case CloseReason::answered:
    case CloseReason::drained:
      if (held_) end_held();
      if (tls_) end_secured();
      // In order: the peer reads to the end, then closes; on_readable() sees it, or the deadline.
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
      lingering_.at = now() + linger_at_most;
      shard_.watch(lingering_);
      return;
    case CloseReason::stalled:
    case CloseReason::overflow:
      // A reset frees what the kernel holds for a peer that does not take it.
      if (flaws.has(Flaw::truncates_on_full)) break;
      socket_.set_option(net::socket_base::linger(true, 0), ignored);
      break;
    case CloseReason::peer_closed:
    case CloseReason::count_:
      break;
  }
  socket_.close(ignored);
}

}  // namespace streamgauge::server
