// What the machine gave to whom, phase by phase: for saturation.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/run/rig.hpp"
#include "harness/run/saturation.hpp"

namespace streamgauge::run {

class ProcessorAccount {
 public:
  /// The phase before, if any, ends with this. `target`: of its threads until now.
  void begin(std::string phase, const GeneratorThreads& generator, net::ThreadTimes target);
  void end(const GeneratorThreads& generator, const net::ThreadTimes& target);
  [[nodiscard]] std::vector<PhaseUse> take() { return std::move(phases_); }

 private:
  struct Begin {
    std::string phase;
    Instant at;
    Duration machine_busy;
    net::ThreadTimes own;  // this process and its descendants
    net::ThreadTimes target;
  };
  std::optional<Begin> begin_;
  std::vector<PhaseUse> phases_;
};

}  // namespace streamgauge::run
