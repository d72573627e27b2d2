#include "harness/net/http_listener.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <list>
#include <sstream>
#include <thread>

#include "harness/net/request_reader.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto as_listened = asio::as_tuple(asio::use_awaitable);

beast_http::response<beast_http::string_body> http_message(const HttpAnswer& answer,
                                                           unsigned version, bool keep) {
  beast_http::response<beast_http::string_body> response;
  response.version(version);
  response.result(static_cast<unsigned>(answer.status));
  if (!answer.body.empty()) response.set(beast_http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.fields) response.set(name, value);
  response.body() = answer.body;
  response.keep_alive(keep);
  response.prepare_payload();
  return response;
}

using Sockets = std::list<std::shared_ptr<tcp::socket>>;

std::string text_of(const HttpAnswer& answer, unsigned version, bool keep) {
  std::ostringstream text;
  text << http_message(answer, version, keep);
  return std::move(text).str();
}

asio::awaitable<void> serve(std::shared_ptr<tcp::socket> socket, HttpListener::Handler* handler,
                            Sockets* open) {
  std::string rest;
  for (;;) {
    const auto request = co_await read_request(*socket, rest, {});
    if (!request) break;
    HttpCall call{std::string(request->method_string()), std::string(request->target()),
                  request->body(), std::string((*request)[beast_http::field::host])};
    const bool keep = request->keep_alive();
    const std::string response = text_of((*handler)(call), request->version(), keep);
    const auto [broken, sent] =
        co_await asio::async_write(*socket, asio::buffer(response), as_listened);
    if (broken || !keep) break;
  }
  boost::system::error_code ignored;
  socket->shutdown(tcp::socket::shutdown_both, ignored);
  open->remove(socket);
}

}  // namespace

struct HttpListener::Body {
  ~Body() {
    if (!thread.joinable()) return;
    asio::post(io, [this] {
      boost::system::error_code ignored;
      acceptor.close(ignored);
      for (const auto& socket : open) socket->close(ignored);
    });
    thread.join();
  }

  void accept() {
    acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (!error) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay{true}, ignored);
        open.push_back(std::make_shared<tcp::socket>(std::move(socket)));
        asio::co_spawn(io, serve(open.back(), &handler, &open), asio::detached);
      }
      accept();
    });
  }

  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  Handler handler;
  Sockets open;
  std::string address;
  std::thread thread;
};

HttpListener::HttpListener() : body_(std::make_unique<Body>()) {}
HttpListener::~HttpListener() = default;

Result<std::unique_ptr<HttpListener>> HttpListener::start(const std::string& address,
                                                          std::uint16_t port, Handler handler) {
  boost::system::error_code error;
  const auto host = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, error);
  if (error) {
    return usage_error(
        fmt::format("'{}' is not an address to listen on (127.0.0.1, ::1, ...)", address));
  }
  std::unique_ptr<HttpListener> listener(new HttpListener);
  Body& body = *listener->body_;
  const tcp::endpoint at{host, port};
  body.acceptor.open(at.protocol(), error);
  if (!error) body.acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) body.acceptor.bind(at, error);
  if (!error) body.acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return target_error(
        fmt::format("cannot listen on {}:{}: {}", address, port, error.http_message()));
  }
  body.handler = std::move(handler);
  body.address = host.is_v6() ? fmt::format("[{}]", host.to_string()) : host.to_string();
  body.accept();
  body.thread = std::thread([&body] { body.io.run(); });
  return listener;
}

std::uint16_t HttpListener::port() const {
  return body_->acceptor.local_endpoint().port();
}

std::string HttpListener::url() const {
  return fmt::format("http://{}:{}", body_->address, port());
}

}  // namespace streamgauge::net
