// A stream whose bytes a flaw holds back, or breaks up, on their way to the socket.
#include <utility>

#include "reference-server/net/clock.hpp"
#include "reference-server/net/stream.hpp"

namespace streamgauge::server {
namespace {

// When the socket did not take what was ready: nobody is told, so it is tried again.
constexpr Duration retry_after = std::chrono::milliseconds{20};

}  // namespace

void Stream::hold(Hold how) {
  held_ = std::make_unique<Held>(how, shard_.io());
}

/// Takes all, unless the socket has not taken what it should have before.
std::ptrdiff_t Stream::write_held(std::span<const std::string_view> pieces) {
  if (!send_ready()) return -1;
  if (!held_->output.ready(now()).empty()) return 0;
  std::ptrdiff_t total = 0;
  for (const std::string_view piece : pieces) total += static_cast<std::ptrdiff_t>(piece.size());
  held_->output.put(pieces, now());
  if (!send_ready()) return -1;
  await_release();
  return total;
}

/// False when the connection is dead.
bool Stream::send_ready() {
  while (true) {
    const std::string_view bytes = held_->output.ready(now());
    if (bytes.empty()) return true;
    const std::ptrdiff_t sent = send({&bytes, 1});
    if (sent < 0) return false;
    held_->output.sent(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < bytes.size()) return true;
  }
}

void Stream::await_release() {
  const Instant at = now();
  const bool left = !held_->output.ready(at).empty();
  if (held_->waiting || (!left && !held_->output.due())) return;
  held_->waiting = true;
  const Duration wait = left ? retry_after : *held_->output.due() - at;
  held_->timer.expires_after(std::chrono::duration_cast<net::steady_timer::duration>(wait));
  held_->timer.async_wait(
      [self = boost::intrusive_ptr<Stream>{this}](const boost::system::error_code& error) {
        self->held_->waiting = false;
        if (error || !self->socket_.is_open()) return;
        if (self->send_ready()) self->await_release();
      });
}

/// Flaw::truncates_on_full: through a small buffer, as writers have one. It fills the kernel's to
/// the brim, where one large write is taken whole or not at all.
std::ptrdiff_t Stream::send_in_steps(std::span<const std::string_view> pieces) {
  constexpr std::size_t step = 1000;
  std::ptrdiff_t total = 0;
  for (std::string_view left : pieces) {
    while (!left.empty()) {
      const std::string_view part = left.substr(0, step);
      const std::ptrdiff_t sent = send({&part, 1});
      if (sent < 0) return -1;
      total += sent;
      if (static_cast<std::size_t>(sent) < part.size()) return total;
      left.remove_prefix(part.size());
    }
  }
  return total;
}

/// The stream ends in order: what is held leaves, as far as the socket takes it.
void Stream::end_held() {
  held_->output.end();
  (void)send_ready();
}

}  // namespace streamgauge::server
