// Reads whole HTTP/1.1 requests from a connection, for the small servers of the harness.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace streamgauge::net {

using HttpMessage = boost::beast::http::request<boost::beast::http::string_body>;

struct RequestLimits {
  std::uint32_t head_bytes_max = 1u << 20;
  std::uint64_t body_bytes_max = 64u << 20;
};

/// nullopt when the connection ends or breaks, or when it is no HTTP or too large. `rest` keeps
/// what came behind the request, for the next call. The socket must outlive the call.
[[nodiscard]] boost::asio::awaitable<std::optional<HttpMessage>> read_request(
    boost::asio::ip::tcp::socket& socket, std::string& rest, RequestLimits limits);

}  // namespace streamgauge::net
