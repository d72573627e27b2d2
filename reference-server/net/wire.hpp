// A connection's bytes while requests are read from it: in the clear, or through TLS.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>

#include "reference-server/net/shard.hpp"
#include "reference-server/net/tls.hpp"

namespace streamgauge::server {

struct Wire {
  explicit Wire(tcp::socket of) : socket(std::move(of)) {}
  tcp::socket socket;
  std::unique_ptr<TlsPeer> tls;  // nullptr: in the clear
};

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// False when the peer does not get through the handshake.
[[nodiscard]] net::awaitable<bool> shake_hands(Wire& wire, const TlsIdentity& identity);
/// Reads on until the head, or all of the request is there.
[[nodiscard]] net::awaitable<boost::system::error_code> read_request(
    Wire& wire, boost::beast::flat_buffer& buffer, RequestParser& parser, bool head_only);
/// At once when the kernel takes it, as it nearly always does; false when the connection is dead.
[[nodiscard]] net::awaitable<bool> send(Wire& wire, std::string bytes);

}  // namespace streamgauge::server
