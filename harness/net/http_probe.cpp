#include "harness/net/http_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"
#include "harness/net/http_connection.hpp"

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr std::chrono::milliseconds interrupted_within{20};

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

bool names(const HeaderList& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return same_name(header.first, name); });
}

asio::awaitable<void> exchange_once(HttpConnection* connection, std::string request,
                                    Instant deadline, WantBody want, std::size_t body_bytes_max,
                                    HttpExchange* result) {
  *result = co_await connection->exchange(std::move(request), deadline, want, body_bytes_max);
}

asio::awaitable<void> connect_once(HttpConnection* connection, Instant deadline,
                                   HttpExchange* result) {
  *result = co_await connection->connect(deadline);
}

/// What a coroutine throws is a bug and must reach the caller of run().
void rethrow(const std::exception_ptr& bug) {
  if (bug) std::rethrow_exception(bug);
}

using Lookup = Result<Addresses>;

Lookup look_up(const std::string& host, std::uint16_t port) {
  asio::io_context context(1);
  tcp::resolver resolver(context);
  boost::system::error_code error;
  const auto found = resolver.resolve(host, std::to_string(port), error);
  if (error) {
    return target_error(fmt::format("host '{}' cannot be resolved: {}", host, error.message()));
  }
  Addresses addresses;
  for (const auto& entry : found) addresses.push_back(entry.endpoint());
  return addresses;
}

}  // namespace

Result<HttpUrl> parse_http_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) {
    return usage_error(fmt::format("'{}' is not a URL ({}); expected http://HOST[:PORT][/PATH]",
                                   text, parsed.error().message()));
  }
  const boost::urls::url_view url = *parsed;
  const std::string scheme(url.scheme());
  const bool tls = same_name(scheme, "https");
  if (!tls && !same_name(scheme, "http")) {
    return usage_error(
        fmt::format("'{}': scheme '{}' is not supported; expected http or https", text, scheme));
  }
  if (url.has_userinfo()) {
    return usage_error(fmt::format(
        "'{}': a user in the URL is not supported; send credentials as a header of a target file",
        text));
  }
  HttpUrl result;
  result.tls = tls;
  if (tls) result.port = 443;
  result.host = url.host_address();
  if (result.host.empty()) return usage_error(fmt::format("'{}' names no host", text));
  if (url.has_port() && !url.port().empty()) {
    // Not port_number(): in Boost 1.81 it takes numbers that are too large modulo 65536.
    const std::string digits(url.port());
    const unsigned long number = digits.size() > 5 ? 0 : std::stoul(digits);
    result.port = number <= 65535 ? static_cast<std::uint16_t>(number) : std::uint16_t{0};
    if (result.port == 0) {
      return usage_error(fmt::format("'{}': the port must be from 1 to 65535", text));
    }
  }
  result.authority = std::string(url.encoded_host_and_port());
  if (result.authority.ends_with(':')) result.authority.pop_back();
  result.path = std::string(url.encoded_path());
  if (result.path.empty()) result.path = "/";
  if (url.has_query()) result.query = "?" + std::string(url.encoded_query());
  return result;
}

Result<Addresses> resolve(const std::string& host, std::uint16_t port, Duration within) {
  boost::system::error_code not_numeric;
  const auto numeric = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) return Addresses{tcp::endpoint(numeric, port)};
  // RFC 6761, 6.3: always the loopback, also on a machine without /etc/hosts (a bare container).
  if (same_name(host, "localhost")) {
    return Addresses{tcp::endpoint(asio::ip::address_v4::loopback(), port),
                     tcp::endpoint(asio::ip::address_v6::loopback(), port)};
  }
  // getaddrinfo cannot be interrupted: a lookup that takes too long is left behind on its thread.
  std::promise<Lookup> promise;
  auto answer = promise.get_future();
  std::thread([host, port, promise = std::move(promise)]() mutable {
    promise.set_value(look_up(host, port));
  }).detach();
  if (answer.wait_for(within) != std::future_status::ready) {
    return target_error(
        fmt::format("host '{}' was not resolved within {}", host, format_duration(within)));
  }
  return answer.get();
}

Result<void> try_connect(const Addresses& addresses, Duration within) {
  asio::io_context context(1);
  HttpConnection connection(context, addresses);
  HttpExchange result;
  asio::co_spawn(context, connect_once(&connection, now() + within, &result), rethrow);
  context.run();
  if (result.failure == HttpExchange::Failure::none) return {};
  return target_error(result.reason);
}

std::string request_text(const HttpRequest& request, bool keep_alive) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.path);
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  if (!names(request.headers, "Host")) add("Host", request.host);
  if (!names(request.headers, "User-Agent")) add("User-Agent", "streamgauge");
  const bool bodyless = request.method == "GET" || request.method == "HEAD";
  if (!names(request.headers, "Content-Length") && !(bodyless && request.body.empty())) {
    add("Content-Length", std::to_string(request.body.size()));
  }
  if (!keep_alive && !names(request.headers, "Connection")) add("Connection", "close");
  for (const auto& [name, value] : request.headers) add(name, value);
  text.append("\r\n").append(request.body);
  return text;
}

HttpExchange http_exchange(const Addresses& addresses, const std::string& request, Instant deadline,
                           const std::atomic<bool>* interrupted, const TlsPeer& tls) {
  asio::io_context context(1);
  HttpConnection connection(context, addresses, tls);
  HttpExchange result;
  asio::co_spawn(context, exchange_once(&connection, request, deadline, WantBody::no, 0, &result),
                 rethrow);
  while (!context.stopped()) {
    context.run_for(interrupted_within);
    if (interrupted != nullptr && *interrupted) connection.cancel();
  }
  return result;
}

Result<HttpResponse> http_request(const Addresses& addresses, const HttpRequest& request,
                                  Duration within, const TlsPeer& tls) {
  asio::io_context context(1);
  HttpConnection connection(context, addresses, tls);
  HttpExchange result;
  asio::co_spawn(context,
                 exchange_once(&connection, request_text(request, false), now() + within,
                               request.head_only ? WantBody::head_only : WantBody::yes,
                               request.body_bytes_max, &result),
                 rethrow);
  context.run();
  if (result.failure != HttpExchange::Failure::none) return target_error(result.reason);
  return HttpResponse{result.status, std::move(result.body), std::move(result.location)};
}

}  // namespace streamgauge::net
