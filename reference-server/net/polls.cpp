#include "reference-server/net/polls.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "reference-server/net/clock.hpp"
#include "reference-server/net/context.hpp"

// GCC 12 takes the coroutine frame's own operator delete for a mismatch once it has inlined it.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::server {
namespace {

constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr Duration held_when_unstated = std::chrono::seconds{25};

/// A poll that waits. What wakes it: a message, the end of its time, its peer's leaving, a drain.
struct HeldPoll final : Waiter {
  explicit HeldPoll(net::io_context& io) : timer(io) {}
  void wake() override { timer.cancel(); }

  net::steady_timer timer;
  bool gone = false;
};

bool has_gone(tcp::socket& socket) {
  char byte = 0;
  const ssize_t n = ::recv(socket.native_handle(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/// A request that comes behind this one is no reason to leave: it waits for its turn.
void watch_peer(const std::shared_ptr<HeldPoll>& held, tcp::socket& socket) {
  socket.async_wait(tcp::socket::wait_read,
                    [held, &socket](const boost::system::error_code& error) {
                      // Called off: the poll is over, and with it perhaps the socket.
                      if (error == net::error::operation_aborted) return;
                      if (!error && !has_gone(socket)) return;
                      held->gone = true;
                      held->wake();
                    });
}

Duration held_at_most(const Context& context) {
  const auto& heartbeat = context.settings.heartbeat;
  return heartbeat ? heartbeat->every : held_when_unstated;
}

Answer finished_stream(std::string body) {
  Answer answer;
  answer.body = std::move(body);
  answer.content_type = "text/event-stream";
  answer.headers = "Cache-Control: no-store\r\n";
  return answer;
}

/// Where the contract answers an id that is too old with a status. Not with 204: of a poll that
/// would mean that nothing has come.
bool too_old(const OpenPoll& open, const ChannelRef& channel, Shard& shard) {
  const TooOld answer = shard.context().settings.too_old;
  if (answer != TooOld::status_204 && answer != TooOld::status_410) return false;
  return open.last_event_id &&
         shard.hub().resume(channel, *open.last_event_id, now()) == Hub::Resume::too_old;
}

Answer gone_answer() {
  Answer answer;
  answer.status = 410;
  answer.body = "the events after this id are no longer kept\n";
  return answer;
}

}  // namespace

net::awaitable<std::optional<Answer>> answer_poll(OpenPoll open, tcp::socket& socket,
                                                  Shard& shard) {
  Context& context = shard.context();
  const StreamHandle handle{shard.index(), shard.next_stream()};
  const auto joined = context.sequencer.join(open.channel, open.identity, handle,
                                             open.last_event_id.has_value(), now());
  if (joined.refusal != Directory::Refusal::none) co_return refusal_answer(joined.refusal, context);
  // Everything sequenced before the join goes into the ring now; the rest will wake the poll.
  shard.drain_inbox();
  Hub& hub = shard.hub();
  if (too_old(open, joined.channel, shard)) {
    context.sequencer.leave(joined.channel, open.identity, handle);
    shard.counters().replay_misses.add(1);
    co_return gone_answer();
  }
  PollPlace place = hub.begin_poll(joined.channel, open.last_event_id, now());
  const Instant until = now() + held_at_most(context);
  std::string body = open.last_event_id ? hub.collect(joined.channel, place, now())
                                        : hub.cursor(joined.channel, place);
  if (body.empty() && joined.finished) {
    context.sequencer.leave(joined.channel, open.identity, handle);
    co_return refusal_answer(Directory::Refusal::finished, context);
  }
  const auto held = std::make_shared<HeldPoll>(shard.io());
  hub.wait(joined.channel, *held);
  watch_peer(held, socket);
  while (body.empty() && !held->gone && !shard.stopping() && context.phase.load() == Phase::ready &&
         now() < until) {
    held->timer.expires_after(
        std::chrono::duration_cast<net::steady_timer::duration>(until - now()));
    co_await held->timer.async_wait(as_values);
    if (socket.is_open()) body = hub.collect(joined.channel, place, now());
  }
  hub.stop_waiting(joined.channel, *held);
  boost::system::error_code ignored;
  if (socket.is_open()) socket.cancel(ignored);
  context.sequencer.leave(joined.channel, open.identity, handle);
  shard.counters().polls_answered.add(1);
  if (held->gone || !socket.is_open()) co_return std::nullopt;
  if (body.empty()) body = hub.cursor(joined.channel, place);
  co_return finished_stream(std::move(body));
}

}  // namespace streamgauge::server
