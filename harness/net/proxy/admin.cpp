#include "harness/net/proxy/admin.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <thread>

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t request_bytes_max = 64u << 10;
constexpr std::size_t connections_max = 16;
constexpr auto exchange_within = std::chrono::seconds{10};

beast_http::response<beast_http::string_body> response_to(
    ChaosProxy& proxy, const beast_http::request<beast_http::string_body>& request) {
  AdminAnswer answer;
  if (request.find(beast_http::field::origin) != request.end()) {
    answer = {403, "{\"error\":\"not for pages in a browser\"}\n"};
  } else {
    answer = answer_admin(proxy, {std::string{request.method_string()},
                                  std::string{request.target()}, request.body()});
  }
  beast_http::response<beast_http::string_body> response;
  response.version(11);
  response.result(static_cast<unsigned>(answer.status));
  response.set(beast_http::field::content_type, "application/json");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(answer.body);
  response.prepare_payload();
  return response;
}

asio::awaitable<void> converse(beast::tcp_stream stream, ChaosProxy& proxy, std::size_t& open) {
  beast::flat_buffer buffer{request_bytes_max};
  for (bool more = true; more;) {
    beast_http::request_parser<beast_http::string_body> parser;
    parser.header_limit(request_bytes_max / 2);
    parser.body_limit(request_bytes_max / 2);
    stream.expires_after(exchange_within);
    const auto [read_error, got] =
        co_await beast_http::async_read(stream, buffer, parser, as_value);
    if (read_error) break;
    const auto response = response_to(proxy, parser.get());
    const auto [write_error, put] = co_await beast_http::async_write(stream, response, as_value);
    more = !write_error && response.keep_alive();
  }
  --open;
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, ChaosProxy& proxy, std::size_t& open) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(as_value);
    if (error == asio::error::operation_aborted) co_return;
    if (error || open >= connections_max) continue;  // the socket closes
    ++open;
    asio::co_spawn(acceptor.get_executor(),
                   converse(beast::tcp_stream{std::move(socket)}, proxy, open), asio::detached);
  }
}

}  // namespace

struct ProxyAdmin::Server {
  explicit Server(ChaosProxy& of) : proxy(of), acceptor(context) {}
  ~Server() {
    context.stop();
    if (thread.joinable()) thread.join();
  }

  asio::io_context context{1};
  ChaosProxy& proxy;
  tcp::acceptor acceptor;
  std::size_t open = 0;
  std::uint16_t port = 0;
  std::thread thread;
};

Result<std::unique_ptr<ProxyAdmin>> ProxyAdmin::start(ChaosProxy& proxy, const std::string& address,
                                                      std::uint16_t port) {
  error_code error;
  const tcp::endpoint at{asio::ip::make_address(address, error), port};
  if (error) {
    return usage_error(
        fmt::format("cannot listen on '{}': expected an IPv4 or IPv6 address", address));
  }
  auto server = std::make_unique<Server>(proxy);
  server->acceptor.open(at.protocol(), error);
  if (!error) server->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) server->acceptor.bind(at, error);
  if (!error) server->acceptor.listen(64, error);
  if (!error) server->port = server->acceptor.local_endpoint(error).port();
  if (error) {
    return target_error(fmt::format("the proxy's admin cannot listen on {} port {}: {}", address,
                                    port, error.message()));
  }
  asio::co_spawn(server->context, accept_all(server->acceptor, proxy, server->open),
                 asio::detached);
  server->thread = std::thread([raw = server.get()] { raw->context.run(); });
  return std::unique_ptr<ProxyAdmin>(new ProxyAdmin(std::move(server)));
}

ProxyAdmin::ProxyAdmin(std::unique_ptr<Server> server) : server_(std::move(server)) {}
ProxyAdmin::~ProxyAdmin() = default;

std::uint16_t ProxyAdmin::port() const {
  return server_->port;
}

}  // namespace streamgauge::net
