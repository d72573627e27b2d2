#include "reference-server/net/wire.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

// GCC 12 takes the coroutine frame's own operator delete for a mismatch once it has inlined it.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::server {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto as_values = net::as_tuple(net::use_awaitable);
constexpr std::size_t piece_bytes = 4096;

net::awaitable<bool> send_plain(tcp::socket& socket, std::string_view bytes) {
  const ssize_t sent =
      ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  if (taken == bytes.size()) co_return true;
  auto [error, n] = co_await net::async_write(
      socket, net::buffer(bytes.data() + taken, bytes.size() - taken), as_values);
  co_return !error;
}

net::awaitable<bool> send_unsent(Wire& wire) {
  const std::string bytes{wire.tls->unsent()};
  if (bytes.empty()) co_return true;
  const bool sent = co_await send_plain(wire.socket, bytes);
  wire.tls->sent(bytes.size());
  co_return sent;
}

net::awaitable<error_code> take_some(Wire& wire) {
  std::array<char, piece_bytes> piece;
  auto [error, n] = co_await wire.socket.async_read_some(net::buffer(piece), as_values);
  if (!error) wire.tls->take({piece.data(), n});
  co_return error;
}

/// What the peer has said next; end of file when it says nothing more.
net::awaitable<error_code> hear_some(Wire& wire, boost::beast::flat_buffer& buffer) {
  for (;;) {
    const std::size_t most = std::min(piece_bytes, buffer.max_size() - buffer.size());
    if (most == 0) co_return http::error::buffer_overflow;
    const auto into = buffer.prepare(most);
    const std::ptrdiff_t heard = wire.tls->hear({static_cast<char*>(into.data()), into.size()});
    if (heard > 0) buffer.commit(static_cast<std::size_t>(heard));
    if (heard < 0) co_return net::error::eof;
    if (!co_await send_unsent(wire)) co_return net::error::broken_pipe;
    if (heard > 0) co_return error_code{};
    if (const error_code error = co_await take_some(wire)) co_return error;
  }
}

/// As Beast's read() does, on bytes that TLS has given.
net::awaitable<error_code> read_secured(Wire& wire, boost::beast::flat_buffer& buffer,
                                        RequestParser& parser, bool head_only) {
  while (!(head_only ? parser.is_header_done() : parser.is_done())) {
    error_code error = http::error::need_more;
    if (buffer.size() > 0) {
      error = {};
      buffer.consume(parser.put(buffer.data(), error));
      if (error && error != http::error::need_more) co_return error;
      if (!error) continue;
    }
    error = co_await hear_some(wire, buffer);
    if (error == net::error::eof) {
      co_return parser.got_some() ? http::error::partial_message : http::error::end_of_stream;
    }
    if (error) co_return error;
  }
  co_return error_code{};
}

}  // namespace

net::awaitable<bool> shake_hands(Wire& wire, const TlsIdentity& identity) {
  wire.tls = std::make_unique<TlsPeer>(identity);
  for (;;) {
    const TlsPeer::Step step = wire.tls->handshake();
    if (!co_await send_unsent(wire)) co_return false;
    if (step != TlsPeer::Step::more) co_return step == TlsPeer::Step::done;
    if (co_await take_some(wire)) co_return false;
  }
}

net::awaitable<error_code> read_request(Wire& wire, boost::beast::flat_buffer& buffer,
                                        RequestParser& parser, bool head_only) {
  if (wire.tls) co_return co_await read_secured(wire, buffer, parser, head_only);
  if (head_only) {
    auto [error, n] = co_await http::async_read_header(wire.socket, buffer, parser, as_values);
    co_return error;
  }
  auto [error, n] = co_await http::async_read(wire.socket, buffer, parser, as_values);
  co_return error;
}

net::awaitable<bool> send(Wire& wire, std::string bytes) {
  if (!wire.tls) co_return co_await send_plain(wire.socket, bytes);
  std::string_view left = bytes;
  while (!left.empty()) {
    const std::string_view piece = left.substr(0, TlsPeer::said_at_once_max);
    if (!wire.tls->say(piece) || !co_await send_unsent(wire)) co_return false;
    left.remove_prefix(piece.size());
  }
  co_return true;
}

}  // namespace streamgauge::server
