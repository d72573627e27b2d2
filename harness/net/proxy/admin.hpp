// The HTTP admin of a chaos proxy: JSON over a few small requests, on a thread of its own.
//
//   GET    /stats            what passed, what waits, the proxy's own latency
//   GET    /faults           [{"id", "fault", "connections", "fired"}]
//   POST   /faults           {"fault": "idle-cut=5s", "id": "mine"} -> 201 {"ids": ["mine"]}
//   PUT    /faults/ID        {"fault": "idle-cut=9s"} -> 204
//   DELETE /faults/ID        -> 204; DELETE /faults: all of them
//   POST   /cut              ends all connections: {"reset": true} by an RST -> 204
//
// Errors are {"error": "a sentence"}. Bounded: 16 connections, 64 KiB a request, 10 s for one.
// Requests that a browser's page makes (they have an Origin) are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/net/proxy/chaos_proxy.hpp"

namespace streamgauge::net {

struct AdminRequest {
  std::string method, target, body;
};
struct AdminAnswer {
  int status = 200;
  std::string body;  // JSON, or empty
};
/// What a request comes to.
[[nodiscard]] AdminAnswer answer_admin(ChaosProxy& proxy, const AdminRequest& request);

class ProxyAdmin {
 public:
  /// `proxy` outlives it. Errors: no address (usage), taken port (target).
  [[nodiscard]] static Result<std::unique_ptr<ProxyAdmin>> start(ChaosProxy& proxy,
                                                                 const std::string& address,
                                                                 std::uint16_t port);
  ~ProxyAdmin();
  ProxyAdmin(const ProxyAdmin&) = delete;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Server;
  explicit ProxyAdmin(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace streamgauge::net
