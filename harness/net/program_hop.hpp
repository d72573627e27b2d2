// A hop that is a program of its own: nginx, HAProxy and their kind. See hop.hpp.
#pragma once

#include <memory>

#include "harness/net/hop.hpp"
#include "harness/net/spawned.hpp"

namespace streamgauge::net {

class ProgramHop final : public Hop {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Hop>> open(const ProxySpec& spec,
                                                         const Addresses& upstream,
                                                         const HopOptions& options);
  explicit ProgramHop(std::unique_ptr<Spawned> spawned, std::optional<int> reload_signal)
      : spawned_(std::move(spawned)), reload_signal_(reload_signal) {}

  [[nodiscard]] Addresses addresses() const override { return spawned_->question().addresses; }
  [[nodiscard]] std::optional<fact::HopSample> sample() const override;
  [[nodiscard]] std::optional<std::string> died() override { return spawned_->died(); }
  [[nodiscard]] std::optional<std::string> reload() override;
  [[nodiscard]] bool can_restart() const override { return true; }
  void end(bool killed) override { killed ? spawned_->kill() : spawned_->halt(); }
  [[nodiscard]] Result<void> start_again() override { return spawned_->start_again(); }

 private:
  std::unique_ptr<Spawned> spawned_;
  std::optional<int> reload_signal_;
};

}  // namespace streamgauge::net
