#include "reference-server/net/stream.hpp"

#include <linux/sockios.h>
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

}  // namespace

Stream::Stream(Shard& shard, tcp::socket socket, std::uint64_t number, ChannelRef channel,
               StreamIdentity identity)
    : shard_(shard),
      socket_(std::move(socket)),
      number_(number),
      channel_(std::move(channel)),
      identity_(std::move(identity)),
      lingering_(socket_) {}

Stream::~Stream() = default;

void Stream::start(StreamStart start) {
  const StreamPtr self{this};
  shard_.add(self);
  const int bytes = shard_.context().options.send_buffer_bytes;
  if (bytes > 0) {
    (void)::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  shard_.hub().subscribe(channel_, subscriber_, *this, std::move(start), now());
  if (subscriber_.channel != nullptr) await_readable();
}

void Stream::finish(CloseReason reason, EventPtr last, bool flush) {
  const StreamPtr self{this};
  if (reason != CloseReason::drained) {  // a drain has its own grace
    lingering_.at = now() + linger_at_most;
    shard_.watch(lingering_);
  }
  shard_.hub().finish(subscriber_, reason, std::move(last), flush, now());
}

void Stream::abort(CloseReason reason) {
  const StreamPtr self{this};
  if (subscriber_.channel == nullptr) return;
  shard_.hub().leave(subscriber_, reason);
  part(reason);
}

// --- what the hub asks -------------------------------------------------------------------------

std::ptrdiff_t Stream::write(std::span<const std::string_view> pieces) {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const int descriptor = socket_.native_handle();
  const auto answer = [](ssize_t sent) -> std::ptrdiff_t {
    if (sent >= 0) return sent;
    const bool would_block = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    return would_block || errno == EINTR ? 0 : -1;
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
  return static_cast<std::uint64_t>(open);
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

/// A peer has nothing to say on a stream: what it sends is thrown away, its end is noticed.
void Stream::on_readable() {
  const auto scratch = shard_.scratch();
  const ssize_t got = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
  const bool wait_on = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  if (wait_on) {
    await_readable();
    return;
  }
  gone();
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
  shard_.context().sequencer.leave(channel_, identity_, {shard_.index(), number_});
  shard_.remove(*this);
  boost::system::error_code ignored;
  switch (reason) {
    case CloseReason::replaced:
    case CloseReason::revoked:
    case CloseReason::drained:
      // In order: the peer reads to the end, then closes; on_readable() sees it, or the deadline.
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
      lingering_.at = now() + linger_at_most;
      shard_.watch(lingering_);
      return;
    case CloseReason::stalled:
    case CloseReason::overflow:
      // A reset frees what the kernel holds for a peer that does not take it.
      socket_.set_option(net::socket_base::linger(true, 0), ignored);
      break;
    case CloseReason::peer_closed:
    case CloseReason::count_:
      break;
  }
  socket_.close(ignored);
}

}  // namespace streamgauge::server
