// One connection to a script: reads the request, plays the reply, watches for the client's leaving.
// Lives on the script server's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>

#include "harness/core/client_case/script.hpp"
#include "harness/net/observation_log.hpp"
#include "harness/net/wire_log.hpp"

namespace streamgauge::net {

class ScriptConnection {
 public:
  /// `requests` counts those of the stage; the references are kept alive by play()'s `keeper`.
  ScriptConnection(boost::asio::ip::tcp::socket socket, std::uint32_t number, bool elsewhere,
                   ObservationLog& log, WireLog& wire, const client_case::Script& script,
                   std::uint32_t& requests);

  /// Ends it, whatever it is doing.
  void end();

  // In this order, the last two side by side; see play().
  boost::asio::awaitable<bool> read_request();
  boost::asio::awaitable<void> play_reply();
  boost::asio::awaitable<void> watch();
  [[nodiscard]] auto executor() { return socket_.get_executor(); }

 private:
  boost::asio::awaitable<bool> wait(Duration length);
  boost::asio::awaitable<bool> write(std::string_view bytes);
  boost::asio::awaitable<void> finish(bool abort);
  void leave();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  ObservationLog& log_;
  WireLog& wire_;
  const client_case::Script& script_;
  std::uint32_t& requests_;
  std::uint32_t number_;       // of the connection, for the wire
  std::uint32_t request_ = 0;  // of the stage's requests, from 1
  std::uint64_t sent_ = 0;
  bool elsewhere_;
  bool gone_ = false;      // the client has left
  bool finished_ = false;  // the script has ended it
  bool ended_ = false;     // the stage has
};

/// `keeper`: what the connection's references belong to.
boost::asio::awaitable<void> play(std::shared_ptr<ScriptConnection> connection,
                                  std::shared_ptr<void> keeper);

}  // namespace streamgauge::net
