#include "harness/net/http_connection.hpp"

#include <sys/socket.h>

#include <openssl/ssl.h>
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "harness/net/clock.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {
namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
namespace {

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t head_bytes_max = 64u << 10;
constexpr std::size_t buffer_bytes_max = 128u << 10;

using ResponseParser = beast_http::response_parser<beast_http::buffer_body>;

bool is_http_error(error_code error) {
  return error.category() ==
         beast_http::make_error_code(beast_http::error::end_of_stream).category();
}

}  // namespace

HttpConnection::HttpConnection(asio::io_context& context,
                               std::vector<asio::ip::tcp::endpoint> addresses, TlsPeer tls)
    : addresses_(std::move(addresses)),
      socket_(context),
      tls_(std::move(tls)),
      watchdog_(context),
      buffer_(buffer_bytes_max) {
  if (!tls_) return;
  SSL_CTX_up_ref(tls_.context->native());  // Asio's context gives one back
  tls_context_.emplace(tls_.context->native());
}

void HttpConnection::close() {
  error_code ignored;
  socket_.close(ignored);
  buffer_.clear();
  // `secured_` stays until the next connection: an operation on it may be under way.
}

void HttpConnection::cancel() {
  cancelled_ = true;
  close();
}

void HttpConnection::watch(Instant deadline) {
  expired_ = false;
  watchdog_.expires_at(to_steady(deadline));
  watchdog_.async_wait([this, mine = ++watch_](error_code error) {
    // A handler that was already queued when its exchange ended must not touch the next one.
    if (error || mine != watch_) return;
    expired_ = true;
    close();
  });
}

void HttpConnection::unwatch() {
  ++watch_;
  watchdog_.cancel();
}

/// Closed by the far side while idle, or bytes that nobody asked for (a 408): not to be used again.
bool HttpConnection::stale() {
  char byte = 0;
  const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void HttpConnection::fail(HttpExchange& exchange, error_code error) const {
  using Failure = HttpExchange::Failure;
  if (expired_) {
    exchange.failure = Failure::timed_out;
    exchange.reason = "timed out";
  } else if (error == asio::error::connection_refused) {
    exchange.failure = Failure::refused;
    exchange.reason = "connection refused";
  } else if (error == asio::error::network_unreachable || error == asio::error::host_unreachable) {
    exchange.failure = Failure::unreachable;
    exchange.reason = error.message();
  } else if (error == beast_http::error::end_of_stream || error == asio::error::eof) {
    exchange.failure = Failure::broken;
    exchange.reason = "closed without an answer";
  } else if (error == beast_http::error::partial_message) {
    exchange.failure = Failure::broken;
    exchange.reason = "closed in the middle of an answer";
  } else if (is_http_error(error)) {
    exchange.failure = Failure::not_http;
    exchange.reason = "not an HTTP/1.x response (" + error.message() + ")";
  } else {
    exchange.failure = Failure::broken;
    exchange.reason = error.message();
  }
}

asio::awaitable<error_code> HttpConnection::open() {
  error_code error = asio::error::host_not_found;
  for (const auto& address : addresses_) {
    if (cancelled_ || expired_) co_return asio::error::operation_aborted;
    close();
    std::tie(error) = co_await socket_.async_connect(address, as_value);
    if (!error) break;
  }
  if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (!error && tls_) error = co_await secure();
  co_return error;
}

asio::awaitable<error_code> HttpConnection::secure() {
  secured_.emplace(socket_, *tls_context_);
  tls_.context->prepare(secured_->native_handle(), tls_.host);
  const auto [error] = co_await secured_->async_handshake(asio::ssl::stream_base::client, as_value);
  co_return error;
}

asio::awaitable<HttpExchange> HttpConnection::connect(Instant deadline) {
  HttpExchange exchange;
  watch(deadline);
  if (const auto error = co_await open(); error || expired_) {
    fail(exchange, error);
    close();
  }
  unwatch();
  co_return exchange;
}

asio::awaitable<void> HttpConnection::converse(const std::string& request, WantBody want,
                                               std::size_t body_bytes_max, HttpExchange& exchange) {
  if (socket_.is_open() && stale()) close();
  if (!socket_.is_open()) {
    if (const auto error = co_await open()) co_return fail(exchange, error);
  }
  if (secured_) co_return co_await talk(*secured_, request, want, body_bytes_max, exchange);
  co_await talk(socket_, request, want, body_bytes_max, exchange);
}

template <class Wire>
asio::awaitable<void> HttpConnection::talk(Wire& wire, const std::string& request, WantBody want,
                                           std::size_t body_bytes_max, HttpExchange& exchange) {
  // A server may refuse and close before it has read all: its answer counts, so a failed write is
  // only remembered until the answer has been looked for.
  const auto [write_error, written] =
      co_await asio::async_write(wire, asio::buffer(request), as_value);

  std::optional<ResponseParser> parser;
  do {  // interim answers (1xx) precede the one that counts
    parser.emplace();
    parser->header_limit(head_bytes_max);
    parser->body_limit(boost::none);
    if (request.starts_with("HEAD ")) parser->skip(true);
    const auto [error, bytes] =
        co_await beast_http::async_read_header(wire, buffer_, *parser, as_value);
    if (error) co_return fail(exchange, write_error && !expired_ ? write_error : error);
  } while (parser->get().result_int() / 100 == 1 && parser->get().result_int() != 101);
  exchange.status = static_cast<int>(parser->get().result_int());
  exchange.location = std::string(parser->get()[beast_http::field::location]);
  exchange.answered = now();

  const bool endless = parser->need_eof() && want == WantBody::no;
  if (want == WantBody::head_only || endless) co_return close();
  std::array<char, 8192> piece;
  while (!parser->is_done()) {
    auto& body = parser->get().body();
    body.data = piece.data();
    body.size = piece.size();
    body.more = true;
    const auto [error, bytes] =
        co_await beast_http::async_read_some(wire, buffer_, *parser, as_value);
    const std::size_t got = piece.size() - body.size;
    if (want == WantBody::yes && exchange.body.size() < body_bytes_max) {
      exchange.body.append(piece.data(), std::min(got, body_bytes_max - exchange.body.size()));
    }
    if (error && error != beast_http::error::need_buffer) co_return fail(exchange, error);
  }
  if (write_error || !parser->get().keep_alive() || buffer_.size() != 0) close();
}

asio::awaitable<HttpExchange> HttpConnection::exchange(std::string request, Instant deadline,
                                                       WantBody want, std::size_t body_bytes_max) {
  HttpExchange exchange;
  watch(deadline);
  co_await converse(request, want, body_bytes_max, exchange);
  unwatch();
  if (exchange.failure != HttpExchange::Failure::none) close();
  co_return exchange;
}

}  // namespace streamgauge::net
