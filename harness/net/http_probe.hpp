// Small HTTP requests that block the caller, with a deadline for the whole: readiness, admin,
// metrics, and the question whether a target is there at all. Never for the engine's hot path.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/scenario/target_spec.hpp"
#include "harness/net/http_connection.hpp"

namespace streamgauge::net {

using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

struct HttpUrl {
  std::string host;         // without brackets: "127.0.0.1", "::1", "localhost"
  std::uint16_t port = 80;  // 443 for https
  bool tls = false;
  std::string authority;  // for the Host field: "127.0.0.1:8080", "[::1]:8080"
  std::string path;       // percent-encoded path without the query; "/" at least
  std::string query;      // with its "?", or empty
};

/// Usage errors: not a URL, a scheme other than http and https, user info.
[[nodiscard]] Result<HttpUrl> parse_http_url(std::string_view text);

/// Numeric addresses first answer at once; a name is looked up with a deadline of its own, as the
/// system's resolver knows none.
[[nodiscard]] Result<Addresses> resolve(const std::string& host, std::uint16_t port,
                                        Duration within);

/// One TCP connect, closed again. The error's message is the cause alone: "connection refused".
[[nodiscard]] Result<void> try_connect(const Addresses& addresses, Duration within);

struct HttpRequest {
  std::string method = "GET";
  std::string host;
  std::string path = "/";
  HeaderList headers;
  std::string body;
  bool head_only = false;                 // do not wait for the body: the answer may be a stream
  std::size_t body_bytes_max = 1u << 20;  // the rest is read and dropped
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::string location{};  // the field Location; empty: none
};

/// The error's message is the cause alone ("connection refused", "timed out", ...).
[[nodiscard]] Result<HttpResponse> http_request(const Addresses& addresses,
                                                const HttpRequest& request, Duration within,
                                                const TlsPeer& tls = {});

/// A whole request on a connection of its own; the body is dropped. `interrupted`, when it becomes
/// true, ends it within some 20 ms.
[[nodiscard]] HttpExchange http_exchange(const Addresses& addresses, const std::string& request,
                                         Instant deadline,
                                         const std::atomic<bool>* interrupted = nullptr,
                                         const TlsPeer& tls = {});

/// Request line, Host, the given fields and the body with its Content-Length. A Host or
/// Content-Length among `request.headers` takes the place of ours; values must not hold CR or LF.
[[nodiscard]] std::string request_text(const HttpRequest& request, bool keep_alive);

}  // namespace streamgauge::net
