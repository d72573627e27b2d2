// Everything that one thread's records are folded into: checks, measurements, and the history file
// if one is kept. One per thread, merged when the run is over.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/result/measurements.hpp"
#include "harness/run/recording.hpp"

namespace streamgauge::run {

class Fold final : public RecordSink {
 public:
  /// `history_file`: where the records go as well; empty: nowhere.
  Fold(const CheckContext& context, std::vector<std::string> checks, Instant started,
       const std::string& history_file = {})
      : jury_(context, std::move(checks)),
        measurements_(context.contract, context.scenario, started, context.streams) {
    if (!history_file.empty()) part_ = std::make_unique<HistoryPart>(history_file);
  }

  void on(const Record& record) override {
    jury_.on(record);
    measurements_.on(record);
    if (part_) part_->on(record);
  }

  /// Takes over the other's part of the history.
  void merge(Fold& other) {
    jury_.merge(other.jury_);
    measurements_.merge(other.measurements_);
    if (!other.part_) return;
    other.part_->finish();
    merged_.push_back(std::move(other.part_));
  }

  [[nodiscard]] const Jury& jury() const { return jury_; }
  [[nodiscard]] const Measurements& measurements() const { return measurements_; }
  /// In the order in which their folds were merged: who judges again must merge in the same.
  [[nodiscard]] const std::vector<std::unique_ptr<HistoryPart>>& parts() const { return merged_; }

 private:
  Jury jury_;
  Measurements measurements_;
  std::unique_ptr<HistoryPart> part_;
  std::vector<std::unique_ptr<HistoryPart>> merged_;
};

}  // namespace streamgauge::run
