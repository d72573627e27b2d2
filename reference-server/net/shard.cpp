#include "reference-server/net/shard.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <random>
#include <utility>

#include "harness/core/sse/encoder.hpp"
#include "reference-server/net/clock.hpp"
#include "reference-server/net/connection.hpp"
#include "reference-server/net/context.hpp"
#include "reference-server/net/stream.hpp"

namespace streamgauge::server {
namespace {

constexpr Duration deadlines_every = std::chrono::milliseconds{100};

Command command(Command::Kind kind) {
  Command made;
  made.kind = kind;
  return made;
}

std::uint64_t seed_of(std::uint64_t epoch, std::uint32_t index) {
  return epoch * 0x9e37'79b9'7f4a'7c15u + index;
}

}  // namespace

Command Command::publish(ChannelRef to, EventPtr what) {
  Command made = command(Kind::publish);
  made.channel = std::move(to);
  made.event = std::move(what);
  return made;
}
Command Command::adopt(int descriptor, Role role) {
  Command made = command(Kind::adopt);
  made.descriptor = descriptor;
  made.role = role;
  return made;
}
Command Command::close_stream(std::uint64_t stream, CloseReason reason) {
  Command made = command(Kind::close_stream);
  made.number = stream;
  made.reason = reason;
  return made;
}
Command Command::forget(std::uint64_t channel_number) {
  Command made = command(Kind::forget);
  made.number = channel_number;
  return made;
}
Command Command::drain(Instant until) {
  Command made = command(Kind::drain);
  made.until = until;
  return made;
}
Command Command::stop() {
  return command(Kind::stop);
}

Shard::Shard(Context& context, std::uint32_t index)
    : context_(context),
      index_(index),
      hub_(context.settings, counters_, seed_of(context.settings.epoch, index), now()),
      scratch_(16 << 10),
      work_(io_.get_executor()),
      timer_(io_) {}

Shard::~Shard() {
  for (Command& left : inbox_) {
    if (left.descriptor >= 0) ::close(left.descriptor);
  }
  // While io_ still lives: the sockets of these belong to it.
  streams_.clear();
}

void Shard::run() {
  io_.run();
}

// --- inbox -------------------------------------------------------------------------------------

void Shard::post(Command command, bool wake) {
  const std::lock_guard lock(inbox_mutex_);
  if (command.kind == Command::Kind::publish) backlog_.fetch_add(1, std::memory_order_relaxed);
  inbox_.push_back(std::move(command));
  if (!wake || wake_posted_) return;
  wake_posted_ = true;
  net::post(io_, [this] { drain_inbox(); });
}

void Shard::drain_inbox() {
  {
    const std::lock_guard lock(inbox_mutex_);
    wake_posted_ = false;
    taken_.swap(inbox_);
  }
  assert(!executing_);
  executing_ = true;
  for (Command& command : taken_) execute(command);
  executing_ = false;
  taken_.clear();
}

void Shard::execute(Command& command) {
  switch (command.kind) {
    case Command::Kind::publish: {
      hub_.publish(command.channel, command.event, now());
      backlog_.fetch_sub(1, std::memory_order_relaxed);
      counters_.publish_latency.observe(now() - command.event->published());
      return;
    }
    case Command::Kind::adopt:
      return adopt(std::exchange(command.descriptor, -1), command.role);
    case Command::Kind::close_stream:
      return close_stream(command.number, command.reason);
    case Command::Kind::forget:
      return hub_.forget(command.number);
    case Command::Kind::drain:
      return begin_drain(command.until);
    case Command::Kind::stop:
      return stop();
  }
}

void Shard::adopt(int descriptor, Role role) {
  if (stopping_) {
    ::close(descriptor);
    return;
  }
  boost::system::error_code error;
  tcp::socket socket(io_);
  // The family matters to Asio only where it prints addresses.
  socket.assign(tcp::v4(), descriptor, error);
  if (error) {
    ::close(descriptor);
    return;
  }
  serve_connection(std::move(socket), *this, role);
}

// --- streams -----------------------------------------------------------------------------------

void Shard::add(boost::intrusive_ptr<Stream> stream) {
  const std::uint64_t number = stream->number();
  streams_.emplace(number, std::move(stream));
}

void Shard::remove(Stream& stream) {
  streams_.erase(stream.number());
  report_drained();
}

void Shard::close_stream(std::uint64_t number, CloseReason reason) {
  const auto found = streams_.find(number);
  if (found != streams_.end()) found->second->finish(reason, nullptr, false);
}

/// Every stream gets what waits for it, a hint when to come back, and the terminal chunk.
void Shard::begin_drain(Instant until) {
  draining_ = true;
  drain_until_ = until;
  const auto& drain = context_.options.contract.drain;
  std::mt19937_64 random(seed_of(context_.settings.epoch, index_) + 1);
  std::vector<boost::intrusive_ptr<Stream>> streams;
  for (const auto& [number, stream] : streams_) streams.push_back(stream);
  for (const auto& stream : streams) {
    EventPtr hint;
    if (drain && drain->retry_hint) {
      // Between half and one and a half of the hint: they all leave now, they must not all return
      // at once.
      const double spread = std::uniform_real_distribution<double>(0.5, 1.5)(random);
      std::string sse;
      sse::append_retry(sse, std::chrono::duration_cast<std::chrono::milliseconds>(
                                 scaled(*drain->retry_hint, spread)));
      hint = Event::of(sse, EventFacts{MessageClass::control, 0, {}, {}, {}});
    }
    stream->finish(CloseReason::drained, hint, true);
  }
  report_drained();
  arm();
}

void Shard::report_drained() {
  if (!draining_ || !streams_.empty()) return;
  draining_ = false;
  drain_until_ = Deadline::never;
  context_.shard_drained();
}

void Shard::stop() {
  if (stopping_) return;
  stopping_ = true;
  std::vector<boost::intrusive_ptr<Stream>> streams;
  for (const auto& [number, stream] : streams_) streams.push_back(stream);
  for (const auto& stream : streams) stream->abort(CloseReason::overflow);
  sweep_deadlines(Deadline::never);
  timer_.cancel();
  work_.reset();
}

// --- time --------------------------------------------------------------------------------------

void Shard::watch(Deadline& deadline) {
  if (deadline.is_linked()) return;
  deadlines_.push_back(deadline);
  arm();
}

/// Closes the sockets of those whose time is over; whoever waits on one is told by the error.
void Shard::sweep_deadlines(Instant at) {
  for (auto it = deadlines_.begin(); it != deadlines_.end();) {
    Deadline& deadline = *it++;
    if (deadline.at > at || deadline.expired) continue;
    deadline.expired = true;
    boost::system::error_code ignored;
    deadline.socket->close(ignored);
  }
}

void Shard::arm() {
  if (stopping_) return;
  Instant next = hub_.next_tick().value_or(Deadline::never);
  if (hub_.subscribers() > 0 && hub_.sweep_interval()) next = std::min(next, next_sweep_);
  if (!deadlines_.empty()) next = std::min(next, next_deadlines_);
  next = std::min(next, drain_until_);
  if (next >= armed_for_) return;
  armed_for_ = next;
  const Duration wait = std::max(next - now(), Duration::zero());
  timer_.expires_after(std::chrono::duration_cast<net::steady_timer::duration>(wait));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
}

void Shard::on_timer() {
  armed_for_ = Deadline::never;
  const Instant at = now();
  hub_.tick(at);
  if (const auto every = hub_.sweep_interval(); every && at >= next_sweep_) {
    hub_.sweep(at);
    next_sweep_ = at + *every;
  }
  if (at >= next_deadlines_) {
    sweep_deadlines(at);
    next_deadlines_ = at + deadlines_every;
  }
  if (at >= drain_until_) {
    std::vector<boost::intrusive_ptr<Stream>> streams;
    for (const auto& [number, stream] : streams_) streams.push_back(stream);
    drain_until_ = Deadline::never;
    for (const auto& stream : streams) stream->abort(CloseReason::stalled);
  }
  arm();
}

}  // namespace streamgauge::server
