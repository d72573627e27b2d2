// The chaos proxy: stands between clients and a server and does to their connections what its
// faults say; without a fault it passes bytes on at once, and says how long that took.
//
// One thread of its own: an edge-triggered epoll, two descriptors for each connection, the
// decisions made by fault::Passage. Memory is bounded: a receiver that does not take what it is
// sent makes its sender wait once 256 KiB lie between them, except by the fault `absorb`.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/fault/fault.hpp"
#include "harness/core/latency/histogram.hpp"

namespace streamgauge::net {

struct ProxyOptions {
  std::string address = "127.0.0.1";  // to listen on: an IPv4 or IPv6 address
  std::uint16_t port = 0;             // 0: any free one
  /// The server's addresses, tried in this order for each connection.
  std::vector<boost::asio::ip::tcp::endpoint> upstream;
  std::vector<fault::FaultSpec> faults;
  std::uint64_t seed = 1;
};

struct PlacedFault {
  std::string id;  // "1", "2", ... or as it was named
  fault::FaultSpec spec;
  std::uint64_t connections = 0;  // that it was chosen for
  std::uint64_t fired = 0;        // how often it took effect
};

struct ProxyStats {
  std::uint64_t connections_total = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t accept_failures = 0;    // no descriptors; the connection waits in the kernel
  std::uint64_t upstream_failures = 0;  // the server could not be reached
  std::uint64_t bytes_up = 0;           // written to the server, and to clients
  std::uint64_t bytes_down = 0;
  std::uint64_t bytes_waiting = 0;  // read, but not taken by their receivers yet
  std::uint64_t bytes_waiting_max = 0;
  /// From the wake-up that found bytes to their being written, of what went through at once: the
  /// proxy's own part, which no fault asked for.
  latency::Histogram added;
  std::vector<PlacedFault> faults;
};

class ChaosProxy {
 public:
  /// Listens and starts its thread. Errors: no address (usage), taken port, no descriptors
  /// (target).
  [[nodiscard]] static Result<std::unique_ptr<ChaosProxy>> start(ProxyOptions options);
  ~ChaosProxy();  // as stop()
  ChaosProxy(const ChaosProxy&) = delete;
  ChaosProxy& operator=(const ChaosProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  // From any thread; each has taken effect, also on open connections, when it returns.

  /// Places a fault behind those that are there; its time window counts from now. Answers its id:
  /// `id`, or a number of its own when that is empty. Errors: an id that is taken, 64 faults.
  Result<std::string> add(fault::FaultSpec spec, std::string id = {});
  /// Replaces it: to open connections the new one is added, the old one taken away. Errors: no such
  /// id.
  Result<void> change(const std::string& id, fault::FaultSpec spec);
  /// What it holds back is let go. Errors: no such id.
  Result<void> remove(const std::string& id);
  void remove_all();
  /// Ends all open connections, with an RST or in order.
  void cut_all(bool reset);
  [[nodiscard]] ProxyStats stats();

  /// Closes the listener, resets what is still connected, ends the thread. Idempotent.
  void stop();

 private:
  class Loop;
  explicit ChaosProxy(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace streamgauge::net
