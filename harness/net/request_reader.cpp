#include "harness/net/request_reader.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>

// GCC 12 sees a mismatch where Asio's coroutine frames inline their own new and delete.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace streamgauge::net {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

namespace {

constexpr auto as_read = asio::as_tuple(asio::use_awaitable);
using WholeRequestParser = beast_http::request_parser<beast_http::string_body>;

/// Gives the parser what there is; false when it is no HTTP.
bool take_request(WholeRequestParser& parser, std::string& rest) {
  while (!rest.empty() && !parser.is_done()) {
    boost::system::error_code error;
    const std::size_t used = parser.put(asio::buffer(rest), error);
    rest.erase(0, used);
    if (error == beast_http::error::need_more) return true;
    if (error) return false;
    if (used == 0) return true;
  }
  return true;
}

}  // namespace

asio::awaitable<std::optional<HttpMessage>> read_request(asio::ip::tcp::socket& socket,
                                                         std::string& rest, RequestLimits limits) {
  WholeRequestParser parser;
  parser.header_limit(limits.head_bytes_max);
  parser.body_limit(limits.body_bytes_max);
  parser.eager(true);
  char piece[16384];
  for (;;) {
    if (!take_request(parser, rest) || rest.size() > limits.head_bytes_max) co_return std::nullopt;
    if (parser.is_done()) co_return parser.release();
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(piece), as_read);
    if (error) co_return std::nullopt;
    rest.append(piece, size);
  }
}

}  // namespace streamgauge::net
