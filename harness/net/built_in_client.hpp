// One client of the swarm, on its own: for the client cases, and behind the contract-test protocol.
//
// It is a swarm of one, the very code that makes load; what it learns is told as an application
// would hear it, with text decoded.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/core/base/error.hpp"
#include "harness/core/client_case/case.hpp"
#include "harness/core/scenario/scenario.hpp"

namespace streamgauge::net {

class BuiltInClient {
 public:
  /// Called on the client's thread: opened, event, comment, failure.
  using Tell = std::function<void(client_case::Seen)>;

  /// Errors: not an address that it can connect to, no descriptors.
  [[nodiscard]] static Result<std::unique_ptr<BuiltInClient>> start(
      const std::string& url, const PolicySpec& policy, const client_case::StreamOrder& order,
      Tell tell);
  ~BuiltInClient();  // closes; nothing is told any more once it returns
  BuiltInClient(const BuiltInClient&) = delete;

  /// Leaves its stream and comes again at once.
  void restart();
  void close();

 private:
  BuiltInClient();
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace streamgauge::net
