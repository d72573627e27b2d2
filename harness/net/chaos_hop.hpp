// A hop that is the built-in chaos proxy, on a thread of the harness. See hop.hpp.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/net/hop.hpp"
#include "harness/net/proxy/chaos_proxy.hpp"

namespace streamgauge::net {

class ChaosHop final : public Hop {
 public:
  /// The faults of the spec are in force from the start, their waits multiplied by the time scale.
  [[nodiscard]] static Result<std::unique_ptr<Hop>> open(const ProxySpec& spec,
                                                         const Addresses& upstream,
                                                         const HopOptions& options);
  ChaosHop(std::unique_ptr<ChaosProxy> proxy, ProxyOptions options, double time_scale)
      : proxy_(std::move(proxy)), options_(std::move(options)), time_scale_(time_scale) {
    options_.port = proxy_->port();
  }

  [[nodiscard]] Addresses addresses() const override;
  /// Its memory is the harness's own: nothing can be told apart.
  [[nodiscard]] std::optional<fact::HopSample> sample() const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::string> died() override { return std::nullopt; }
  [[nodiscard]] std::string account() override;
  [[nodiscard]] bool can_restart() const override { return true; }
  /// Killed or not: the port is closed and every connection is reset. With the faults of its spec
  /// alone it is started again: a program that is restarted forgets, too.
  void end(bool killed) override;
  [[nodiscard]] Result<void> start_again() override;
  [[nodiscard]] Result<void> add_fault(const std::string& text) override;
  void remove_faults() override;

 private:
  std::mutex mutex_;  // of what follows: a restart is on a thread of its own
  std::unique_ptr<ChaosProxy> proxy_;
  ProxyOptions options_;
  double time_scale_;
  std::vector<std::string> added_;  // ids of what add_fault() has placed
};

}  // namespace streamgauge::net
