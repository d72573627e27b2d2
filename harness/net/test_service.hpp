// Our own client behind the public contract-test protocol for SSE clients, so that any suite that
// speaks it can judge us. What the protocol is: harness/core/client_case/README.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::net {

class TestService {
 public:
  static constexpr std::size_t streams_max = 1000;

  /// Streams are clients of that policy; a stream's own parameters come on top. Errors: the
  /// address.
  [[nodiscard]] static Result<std::unique_ptr<TestService>> start(const std::string& address,
                                                                  std::uint16_t port,
                                                                  const PolicySpec& policy);
  ~TestService();  // ends every stream
  TestService(const TestService&) = delete;

  [[nodiscard]] std::string url() const;
  /// Returns when it has been told to stop, or once `interrupted`.
  void wait(const std::atomic<bool>& interrupted);

 private:
  TestService();
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net
