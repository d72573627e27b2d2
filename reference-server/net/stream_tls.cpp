// A stream whose bytes go through TLS: what is encrypted is sent before anything more is.
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "reference-server/net/context.hpp"
#include "reference-server/net/stream.hpp"

namespace streamgauge::server {

/// Takes at most a record's worth: what is encrypted cannot be taken back, and an eviction must not
/// have to wait for more than that.
std::ptrdiff_t Stream::send_secured(std::span<const std::string_view> pieces) {
  if (!send_encrypted()) return -1;
  if (!tls_->unsent().empty()) return 0;
  std::string text;
  for (const std::string_view piece : pieces) {
    text.append(piece.substr(0, TlsPeer::said_at_once_max - text.size()));
    if (text.size() == TlsPeer::said_at_once_max) break;
  }
  if (!tls_->say(text) || !send_encrypted()) return -1;
  if (!tls_->unsent().empty()) send_encrypted_later();
  return static_cast<std::ptrdiff_t>(text.size());
}

/// As far as the socket takes it; false when the connection is dead.
bool Stream::send_encrypted() {
  while (!tls_->unsent().empty()) {
    const std::string_view bytes = tls_->unsent();
    const ssize_t sent =
        ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      tls_->sent(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    }
  }
  return true;
}

void Stream::send_encrypted_later() {
  if (sends_later_) return;
  sends_later_ = true;
  socket_.async_wait(tcp::socket::wait_write, [self = boost::intrusive_ptr<Stream>{this}](
                                                  const boost::system::error_code& error) {
    self->sends_later_ = false;
    if (error || !self->socket_.is_open()) return;
    if (!self->send_encrypted()) return self->gone();
    if (!self->tls_->unsent().empty()) self->send_encrypted_later();
  });
}

/// False when the peer says nothing more.
bool Stream::hear(std::string_view encrypted) {
  tls_->take(encrypted);
  std::array<char, 4096> text;
  for (;;) {
    const std::ptrdiff_t heard = tls_->hear(text);
    if (!tls_->unsent().empty() && !send_encrypted()) return false;  // a key update's answer
    if (heard <= 0) return heard == 0;
    if (frames_) take_frames({text.data(), static_cast<std::size_t>(heard)});
    if (!socket_.is_open()) return true;
  }
}

/// In order, as far as the socket takes it at once.
void Stream::end_secured() {
  tls_->say_the_end();
  (void)send_encrypted();
}

}  // namespace streamgauge::server
