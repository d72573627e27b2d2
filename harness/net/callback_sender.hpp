// What one stream of a test service reports to its harness: numbered from 1, one after the other.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "harness/core/client_case/observation.hpp"
#include "harness/net/http_connection.hpp"
#include "harness/net/http_probe.hpp"

namespace streamgauge::net {

/// Made and destroyed anywhere; all else happens on the context's thread. Bounded: past
/// `waiting_bytes_max` of messages that its harness does not take, nothing more is sent.
class CallbackSender : public std::enable_shared_from_this<CallbackSender> {
 public:
  static constexpr std::size_t waiting_bytes_max = 64u << 20;

  CallbackSender(boost::asio::io_context& context, HttpUrl url, Addresses addresses);

  /// By any thread, in the order in which it is called.
  void send(client_case::Seen what);
  /// By any thread: what is not sent by now is dropped.
  void stop();

 private:
  boost::asio::awaitable<void> run(std::shared_ptr<CallbackSender> keeper);

  boost::asio::io_context& context_;
  HttpUrl url_;
  HttpConnection connection_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t next_ = 1;
  bool sending_ = false;
  bool stopped_ = false;
};

}  // namespace streamgauge::net
