// Silence within an answer: what stall-after and headers-then-stall do. What comes afterwards is
// held (256 KiB of it, then its sender waits) and delivered when the stall ends.
#pragma once

#include <memory>
#include <optional>

#include "harness/core/fault/holdback.hpp"
#include "harness/core/fault/trigger.hpp"

namespace streamgauge::fault {

/// Reads the parameters of a Trigger, and `for`.
class Stall final : public StrikingMachine {
 public:
  explicit Stall(const FaultSpec& spec) : StrikingMachine(spec), lasts_(spec.duration("for")) {}

  void release(Instant now, Outlet& out) override;
  bool holds(Direction direction) const override {
    return direction == Direction::down && !held_.empty();
  }
  bool full(Direction direction) const override {
    return direction == Direction::down && held_.size() >= held_bytes_max;
  }

 protected:
  void strike(Instant now, Outlet& out) override;
  void on_piece_after(Direction direction, const Piece& piece, Instant now, Outlet& out) override;
  void on_own_time(Instant now, Outlet& out) override;

 private:
  const std::optional<Duration> lasts_;
  bool over_ = false;  // it has ended: what comes passes, until the next answer
  Holdback held_;
};

}  // namespace streamgauge::fault
