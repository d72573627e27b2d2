#include "reference-server/net/connection.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "harness/core/http/websocket.hpp"
#include "reference-server/net/clock.hpp"
#include "reference-server/net/context.hpp"
#include "reference-server/net/polls.hpp"
#include "reference-server/net/routes.hpp"
#include "reference-server/net/stream.hpp"
#include "reference-server/net/wire.hpp"

// GCC 12 takes the coroutine frame's own operator delete for a mismatch once it has inlined it.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::server {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto token = net::as_tuple(net::use_awaitable);

// Publishers wait for shards that are this many events behind: otherwise inboxes would be the
// unbounded queue that the subscribers' queues are not.
constexpr std::size_t backlog_max = 1024;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    default:
      return Method::other;
  }
}

net::awaitable<void> pause(Shard& shard, Duration wait) {
  net::steady_timer timer(shard.io(),
                          std::chrono::duration_cast<net::steady_timer::duration>(wait));
  co_await timer.async_wait(token);
}

bool crowded(const Context& context) {
  for (const auto& shard : context.shards) {
    if (shard->backlog() > backlog_max) return true;
  }
  return false;
}

net::awaitable<Answer> publish(Publish what, Shard& shard) {
  Context& context = shard.context();
  if (context.settings.flaws.has(Flaw::head_of_line)) {
    const ChannelRef channel = context.sequencer.find(what.channel);
    while (channel && channel->blocked.load() > 0 && !shard.stopping()) {
      co_await pause(shard, std::chrono::milliseconds{1});
    }
  }
  const auto published = context.sequencer.publish(what.channel, what.publication, &shard, now());
  shard.drain_inbox();
  while (crowded(context) && !shard.stopping()) {
    co_await pause(shard, std::chrono::milliseconds{1});
  }
  co_return published_answer(published);
}

/// What this stream is sent first; with a `first_event` it is told who it is.
EventPtr opening_of(const StreamHandle& handle, const StreamIdentity& identity, Context& context) {
  const Contract& contract = context.options.contract;
  if (!contract.first_event) return context.opening;
  const std::string id =
      identity.id.empty() ? fmt::format("{}-{}", handle.shard, handle.stream) : identity.id;
  const std::string data = boost::json::serialize(boost::json::object{{"id", id}});
  return stream_opening(contract, context.settings.flaws, data);
}

/// `q=0` would refuse it (RFC 9110, 12.5.3); nobody here says that.
bool accepts_gzip(std::string_view accept_encoding) {
  return accept_encoding.find("gzip") != std::string_view::npos;
}

/// Under a flaw of buffering the bytes are held back, and compressed for who accepts it.
void hold_back(Stream& stream, StreamStart& start, bool accepts_gzip, Context& context) {
  const auto hold = hold_of(context.settings.flaws, accepts_gzip);
  if (!hold) return;
  if (*hold == Hold::gzip) {
    start.head = context.head_gzip;
    start.framing = Framing::plain;  // the chunks are made behind the compressor
  }
  stream.hold(*hold);
}

/// nullopt: the connection has become a stream of tokens.
std::optional<Answer> open_answer(OpenAnswer open, bool http10, Wire& wire, Shard& shard) {
  Context& context = shard.context();
  const StreamHandle handle{shard.index(), shard.next_stream()};
  const auto joined = context.sequencer.join_answer(open.identity, handle);
  if (joined.refusal != Directory::Refusal::none) return refusal_answer(joined.refusal, context);
  const boost::intrusive_ptr<Stream> stream{
      new Stream(shard, handle.stream, joined.channel, std::move(open.identity))};
  shard.add(stream);
  shard.drain_inbox();
  StreamStart start;
  start.head = http10 ? context.head_plain : context.head_chunked;
  start.framing = http10 ? Framing::plain : Framing::chunked;
  hold_back(*stream, start, false, context);
  stream->start(std::move(wire.socket), std::move(wire.tls), std::move(start));
  const auto& terms = context.options.contract.tokens;
  if (stream->open()) {
    shard.generate(*stream, Generation(open.request, terms, context.settings.flaws, now()));
  }
  return std::nullopt;
}

/// A resume that the contract answers with a status: too old, or nothing left of what is finished.
std::optional<Answer> instead_of_stream(const OpenStream& open, const Sequencer::Joined& joined,
                                        Shard& shard) {
  if (!open.last_event_id) return std::nullopt;
  Context& context = shard.context();
  const Hub::Resume found = shard.hub().resume(joined.channel, *open.last_event_id, now());
  const TooOld too_old = context.settings.too_old;
  if (found == Hub::Resume::too_old &&
      (too_old == TooOld::status_204 || too_old == TooOld::status_410)) {
    shard.counters().replay_misses.add(1);
    Answer answer;
    answer.status = too_old == TooOld::status_204 ? 204 : 410;
    answer.body = "the events after this id are no longer kept\n";
    return answer;
  }
  const bool as_empty = context.settings.flaws.has(Flaw::finished_as_empty_stream);
  if (joined.finished && found != Hub::Resume::replay && !as_empty) {
    return refusal_answer(Directory::Refusal::finished, context);
  }
  return std::nullopt;
}

EventPtr websocket_head(const std::string& key) {
  return Event::raw(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      streamgauge::http::websocket_accept(key) + "\r\n\r\n");
}

/// The key of a proper handshake (RFC 6455, 4.2.1): 16 bytes in base64.
std::string_view websocket_key(const http::request<http::string_body>& message) {
  const auto key = message[http::field::sec_websocket_key];
  const bool proper = boost::beast::websocket::is_upgrade(message) && key.size() == 24 &&
                      message[http::field::sec_websocket_version] == "13";
  return proper ? std::string_view{key.data(), key.size()} : std::string_view{};
}

/// nullopt: the connection has become a stream.
std::optional<Answer> open_stream(OpenStream open, bool http10, Wire& wire, Shard& shard) {
  Context& context = shard.context();
  const StreamHandle handle{shard.index(), shard.next_stream()};
  const auto joined = context.sequencer.join(open.channel, open.identity, handle,
                                             open.last_event_id.has_value(), now());
  if (joined.refusal != Directory::Refusal::none) return refusal_answer(joined.refusal, context);
  const boost::intrusive_ptr<Stream> stream{
      new Stream(shard, handle.stream, joined.channel, open.identity)};
  shard.add(stream);
  // Everything sequenced before the join goes into the ring now; the rest will come live.
  shard.drain_inbox();
  if (auto answer = instead_of_stream(open, joined, shard)) {
    stream->give_up();
    return answer;
  }
  StreamStart start;
  start.head = http10 ? context.head_plain : context.head_chunked;
  start.opening = opening_of(handle, open.identity, context);
  start.framing = http10 ? Framing::plain : Framing::chunked;
  if (!open.websocket_key.empty()) {
    start.head = websocket_head(open.websocket_key);
    start.framing = Framing::websocket;
  }
  start.last_event_id = std::move(open.last_event_id);
  hold_back(*stream, start, open.accepts_gzip && !http10, context);
  stream->start(std::move(wire.socket), std::move(wire.tls), std::move(start));
  if (joined.finished) stream->finish(CloseReason::finished, nullptr, true);
  shard.arm();
  return std::nullopt;
}

std::optional<unsigned> status_of(const error_code& error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  if (error.category() == make_error_code(http::error::bad_target).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return 400;
  }
  return std::nullopt;
}

/// After a refused request nothing that follows can be understood: answer, then close in order, so
/// that the answer is not lost to a reset over bytes that nobody read.
net::awaitable<void> refuse(Wire& wire, Shard& shard, Deadline& deadline, unsigned status,
                            std::string sentence) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(sentence);
  if (!co_await send(wire, render(answer, false, false))) co_return;
  error_code ignored;
  wire.socket.shutdown(tcp::socket::shutdown_send, ignored);
  deadline.at = now() + std::chrono::seconds{1};
  while (true) {
    const auto scratch = shard.scratch();
    auto [error, n] =
        co_await wire.socket.async_read_some(net::buffer(scratch.data(), scratch.size()), token);
    if (error) co_return;
  }
}

net::awaitable<void> serve(tcp::socket given, Shard& shard, Role role) {
  Context& context = shard.context();
  const ServerOptions& options = context.options;
  Wire wire(std::move(given));
  Deadline deadline(wire.socket);
  deadline.at = now() + options.head_within;
  shard.watch(deadline);
  if (role == Role::service && context.tls && !co_await shake_hands(wire, *context.tls)) co_return;
  boost::beast::flat_buffer buffer(options.head_bytes_max + (64 << 10));
  while (!shard.stopping()) {
    RequestParser parser;
    parser.header_limit(options.head_bytes_max);
    parser.body_limit(options.body_bytes_max);
    error_code error = co_await read_request(wire, buffer, parser, true);
    if (!error && !parser.is_done()) {
      deadline.at = now() + options.body_within;
      if (parser.get()[http::field::expect] == "100-continue" &&
          !co_await send(wire, "HTTP/1.1 100 Continue\r\n\r\n")) {
        co_return;
      }
      error = co_await read_request(wire, buffer, parser, false);
    }
    if (error) {
      if (const auto status = deadline.expired ? std::nullopt : status_of(error)) {
        co_await refuse(wire, shard, deadline, *status, error.message() + "\n");
      }
      co_return;
    }
    deadline.at = Deadline::never;
    const auto& message = parser.get();
    Request request;
    request.method = method_of(message.method());
    request.target = {message.target().data(), message.target().size()};
    const auto last = message["Last-Event-ID"];
    request.last_event_id = {last.data(), last.size()};
    const auto authorization = message[http::field::authorization];
    request.authorization = {authorization.data(), authorization.size()};
    request.accepts_gzip = context.settings.flaws.has(Flaw::compressed_without_flush) &&
                           accepts_gzip(message[http::field::accept_encoding]);
    request.websocket_key = websocket_key(message);
    request.body = message.body();
    const bool http10 = message.version() < 11;
    const bool head_only = request.method == Method::head;
    bool keep_alive = message.keep_alive();

    Routed routed =
        role == Role::admin ? route_admin(request, context) : route_service(request, context);
    std::string reply;
    bool then_drain = false;
    if (auto* open = std::get_if<OpenStream>(&routed)) {
      if (head_only) {
        reply.assign((http10 ? context.head_plain : context.head_chunked)->bytes(Framing::plain));
        keep_alive = keep_alive && !http10;
      } else {
        deadline.unlink();
        auto answer = open_stream(std::move(*open), http10, wire, shard);
        if (!answer) co_return;
        shard.watch(deadline);
        reply = render(*answer, keep_alive, false);
      }
    } else if (auto* poll = std::get_if<OpenPoll>(&routed)) {
      auto answer = co_await answer_poll(std::move(*poll), wire.socket, shard);
      if (!answer) co_return;
      keep_alive = keep_alive && context.phase.load() == Phase::ready;
      reply = render(*answer, keep_alive, false);
    } else if (auto* work = std::get_if<OpenAnswer>(&routed)) {
      deadline.unlink();
      auto answer = open_answer(std::move(*work), http10, wire, shard);
      if (!answer) co_return;
      shard.watch(deadline);
      reply = render(*answer, keep_alive, false);
    } else if (auto* what = std::get_if<Publish>(&routed)) {
      const Answer answer = co_await publish(std::move(*what), shard);
      reply = render(answer, keep_alive, false);
    } else {
      const Answer& answer = std::get<Answer>(routed);
      then_drain = answer.then_drain;
      reply = render(answer, keep_alive, head_only);
    }
    deadline.at = now() + options.idle_within;
    const bool sent = co_await send(wire, std::move(reply));
    if (then_drain) context.begin_drain();
    if (!sent) co_return;
    if (!keep_alive) {
      error_code ignored;
      wire.socket.shutdown(tcp::socket::shutdown_both, ignored);
      co_return;
    }
  }
}

}  // namespace

void serve_connection(tcp::socket socket, Shard& shard, Role role) {
  net::co_spawn(shard.io(), serve(std::move(socket), shard, role), net::detached);
}

}  // namespace streamgauge::server
