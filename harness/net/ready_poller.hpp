// Watches a target's readiness while it is told to stop: one small request every 20 ms, each on a
// fresh connection, as a load balancer asks. On a thread of its own, so that a target that does not
// answer delays nobody else.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/history/record.hpp"
#include "harness/net/target.hpp"

namespace streamgauge::net {

class ReadyPoller {
 public:
  /// What was seen first, and each change of it.
  struct Seen {
    Instant at{};
    fact::Readiness what;
  };

  explicit ReadyPoller(ReadyQuestion question);
  ~ReadyPoller();  // ends the thread, within some 20 ms
  ReadyPoller(const ReadyPoller&) = delete;

  /// What has been seen since the last call.
  [[nodiscard]] std::vector<Seen> take();

 private:
  void poll();

  const ReadyQuestion question_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::thread thread_;
};

}  // namespace streamgauge::net
