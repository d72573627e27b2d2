#include "reference-server/net/shard.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <random>
#include <utility>

#include "harness/core/sse/encoder.hpp"
#include "reference-server/core/spread.hpp"
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

/// What Flaw::shutdown_truncates begins to say.
EventPtr goodbye() {
  std::string sse;
  (void)sse::append_event(sse, {"goodbye", "the server is stopping", std::nullopt, std::nullopt});
  return Event::of(sse, EventFacts{MessageClass::control, 0, {}, {}, {}});
}

/// Two instances of one epoch must not move in step.
std::uint64_t seed_of(std::uint32_t index) {
  return static_cast<std::uint64_t>(to_ns(now())) * 0x9e37'79b9'7f4a'7c15u + index;
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
Command Command::close_channel(ChannelRef channel, CloseReason reason) {
  Command made = command(Kind::close_channel);
  made.channel = std::move(channel);
  made.reason = reason;
  return made;
}
Command Command::revoke_token(std::string token) {
  Command made = command(Kind::revoke_token);
  made.token = std::move(token);
  return made;
}
Command Command::mute(std::uint64_t stream) {
  Command made = command(Kind::mute);
  made.number = stream;
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
      hub_(context.settings, counters_, seed_of(index), now()),
      scratch_(16 << 10),
      random_(seed_of(index) + 1),
      work_(io_.get_executor()),
      timer_(io_) {}

Shard::~Shard() {
  for (Command& left : inbox_) {
    if (left.descriptor >= 0) ::close(left.descriptor);
  }
  // While io_ still lives: the sockets of these belong to it.
  streams_.clear();
  kept_.clear();
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
      if (hub_.delays()) arm();
      backlog_.fetch_sub(1, std::memory_order_relaxed);
      counters_.publish_latency.observe(now() - command.event->published());
      return;
    }
    case Command::Kind::adopt:
      return adopt(std::exchange(command.descriptor, -1), command.role);
    case Command::Kind::close_stream:
      if (const auto found = streams_.find(command.number); found != streams_.end()) {
        close(*boost::intrusive_ptr<Stream>{found->second}, command.reason);
      }
      return;
    case Command::Kind::close_channel:
      for (const auto& stream :
           streams_that([&](const Stream& s) { return s.channel() == command.channel; })) {
        close(*stream, command.reason);
      }
      return;
    case Command::Kind::revoke_token:
      for (const auto& stream :
           streams_that([&](const Stream& s) { return s.identity().token == command.token; })) {
        close(*stream, CloseReason::revoked);
      }
      return;
    case Command::Kind::mute:
      if (const auto found = streams_.find(command.number); found != streams_.end()) {
        found->second->mute();
      }
      return;
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

void Shard::keep(Stream& stream) {
  kept_.emplace_back(&stream);
}

void Shard::remove(Stream& stream) {
  generations_.forget(stream.number());
  streams_.erase(stream.number());
  report_drained();
}

void Shard::generate(Stream& stream, Generation work) {
  generations_.add(stream, std::move(work));
  arm();
}

/// Kept alive: closing one may end others' lives.
template <class Matches>
std::vector<boost::intrusive_ptr<Stream>> Shard::streams_that(Matches matches) const {
  std::vector<boost::intrusive_ptr<Stream>> found;
  for (const auto& [number, stream] : streams_) {
    if (matches(*stream)) found.push_back(stream);
  }
  return found;
}

/// A chosen end brings what waits, and says when to come back if the contract promises that; who
/// was replaced or has lost the right gets nothing more.
void Shard::close(Stream& stream, CloseReason reason) {
  const auto& chosen = context_.options.contract.deliberate_close;
  EventPtr last;
  if (reason == CloseReason::closed && chosen &&
      !context_.settings.flaws.has(Flaw::close_without_retry)) {
    last = retry_event(chosen->retry, 0.1);
  }
  const bool flush = reason == CloseReason::closed || reason == CloseReason::finished;
  stream.finish(reason, std::move(last), flush);
}

EventPtr Shard::retry_event(Duration promised, double share) {
  const double random = std::uniform_real_distribution<double>(0.0, 1.0)(random_);
  std::string sse;
  sse::append_retry(
      sse, std::chrono::ceil<std::chrono::milliseconds>(retry_hint(promised, share, random)));
  return Event::of(sse, EventFacts{MessageClass::control, 0, {}, {}, {}});
}

// --- drain -------------------------------------------------------------------------------------

/// Every stream gets what waits for it, a hint when to come back, and the terminal chunk, one after
/// the other over the spread. Answers that are under way get nearly all of the grace to complete.
void Shard::begin_drain(Instant until) {
  draining_ = true;
  hub_.wake_all();  // polls that are held are answered now
  // The flaw: the streams are to end by themselves, and nobody counts the time.
  if (context_.settings.flaws.has(Flaw::shutdown_hangs)) return report_drained();
  drain_until_ = until;
  const Instant at = now();
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, stream] : streams_) {
    if (generations_.has(number)) {
      closings_.push_back({until - context_.drain.grace / 10, number});
    } else {
      numbers.push_back(number);
    }
  }
  std::shuffle(numbers.begin(), numbers.end(), random_);
  const auto times = closing_times(numbers.size(), context_.drain.spread, index_ == 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) closings_.push_back({at + times[i], numbers[i]});
  std::sort(closings_.begin(), closings_.end(),
            [](const Closing& a, const Closing& b) { return a.at > b.at; });
  close_due(at);
  report_drained();
  arm();
}

void Shard::close_due(Instant at) {
  const auto& drain = context_.options.contract.drain;
  const Flaws& flaws = context_.settings.flaws;
  const bool hints = drain && drain->retry_hint && !flaws.has(Flaw::no_retry_hint);
  while (!closings_.empty() && closings_.back().at <= at) {
    const auto found = streams_.find(closings_.back().stream);
    closings_.pop_back();
    if (found == streams_.end()) continue;
    const boost::intrusive_ptr<Stream> stream = found->second;
    if (flaws.has(Flaw::shutdown_truncates)) {
      stream->cut(goodbye());
      continue;
    }
    // They all leave now; they must not all return at once.
    EventPtr hint = hints ? retry_event(*drain->retry_hint, 0.5) : nullptr;
    stream->finish(CloseReason::drained, std::move(hint), !flaws.has(Flaw::drain_drops_queue));
  }
}

void Shard::report_drained() {
  if (!draining_ || !streams_.empty()) return;
  draining_ = false;
  drain_until_ = Deadline::never;
  closings_.clear();
  context_.shard_drained();
}

void Shard::stop() {
  if (stopping_) return;
  stopping_ = true;
  hub_.wake_all();
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
  if (!closings_.empty()) next = std::min(next, closings_.back().at);
  next = std::min(next, generations_.next().value_or(Deadline::never));
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
  generations_.step(at);
  close_due(at);
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
