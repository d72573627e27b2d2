// One HTTP/1.1 connection for small requests: publishing, readiness, admin, metrics.
//
// It connects when it has to, keeps the connection while both sides allow it, and replaces one that
// the far side has closed in the meantime. Every exchange has a deadline, whatever the far side
// does: no answer, half an answer, an answer without an end. Used on the one thread that runs the
// io_context; destroy it only when no exchange is under way.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/net/tls.hpp"

namespace streamgauge::net {

struct HttpExchange {
  enum class Failure : std::uint8_t { none, refused, unreachable, timed_out, broken, not_http };

  int status = 0;                   // 0: no response head came
  Instant answered{};               // when the head was complete
  std::string body;                 // as far as it was wanted
  std::string location;             // the field Location; empty: none
  Failure failure = Failure::none;  // also with a status: the body did not come to its end
  std::string reason;               // "connection refused", "closed without an answer", ...
};

enum class WantBody : std::uint8_t {
  no,         // read and dropped, so that the connection can be used again
  yes,        // kept, up to `body_bytes_max`
  head_only,  // not read: the connection is closed behind the head (a stream never ends)
};

class HttpConnection {
 public:
  HttpConnection(boost::asio::io_context& context,
                 std::vector<boost::asio::ip::tcp::endpoint> addresses, TlsPeer tls = {});

  /// `request`: a whole request, head and body. A response whose body only ends with the connection
  /// is not waited for with WantBody::no.
  boost::asio::awaitable<HttpExchange> exchange(std::string request, Instant deadline,
                                                WantBody want, std::size_t body_bytes_max = 0);
  /// Connects now, as exchange() would.
  boost::asio::awaitable<HttpExchange> connect(Instant deadline);
  /// For good: an exchange under way fails with Failure::broken, and so does each later one.
  void cancel();

 private:
  void close();
  boost::asio::awaitable<boost::system::error_code> open();
  boost::asio::awaitable<boost::system::error_code> secure();
  boost::asio::awaitable<void> converse(const std::string& request, WantBody want,
                                        std::size_t body_bytes_max, HttpExchange& exchange);
  template <class Wire>
  boost::asio::awaitable<void> talk(Wire& wire, const std::string& request, WantBody want,
                                    std::size_t body_bytes_max, HttpExchange& exchange);
  void watch(Instant deadline);
  void unwatch();
  [[nodiscard]] bool stale();
  void fail(HttpExchange& exchange, boost::system::error_code error) const;

  std::vector<boost::asio::ip::tcp::endpoint> addresses_;
  boost::asio::ip::tcp::socket socket_;
  TlsPeer tls_;
  std::optional<boost::asio::ssl::context> tls_context_;  // Asio's view of tls_
  using Secured = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;
  std::optional<Secured> secured_;  // while a connection by TLS is open
  boost::asio::steady_timer watchdog_;
  std::uint64_t watch_ = 0;  // number of the exchange that the watchdog is for
  bool expired_ = false;
  bool cancelled_ = false;
  boost::beast::flat_buffer buffer_;
};

}  // namespace streamgauge::net
