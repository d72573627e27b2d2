// Everything that one thread's records are folded into: checks, measurements, and the history file
// if one is kept. One per thread, merged when the run is over.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/result/measurements.hpp"

namespace streamgauge::run {

class Fold final : public RecordSink {
 public:
  Fold(const CheckContext& context, std::vector<std::string> checks, Instant started)
      : jury_(context, std::move(checks)),
        measurements_(context.contract, context.scenario, started, context.streams) {}

  void on(const Record& record) override {
    jury_.on(record);
    measurements_.on(record);
  }

  void merge(const Fold& other) {
    jury_.merge(other.jury_);
    measurements_.merge(other.measurements_);
  }

  [[nodiscard]] const Jury& jury() const { return jury_; }
  [[nodiscard]] const Measurements& measurements() const { return measurements_; }

 private:
  Jury jury_;
  Measurements measurements_;
};

}  // namespace streamgauge::run
