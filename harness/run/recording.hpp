// Records on their way to a history file: each thread writes its own part while the run runs, and
// the parts become one file when it is over. Memory is bounded by a block for each thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/history/file.hpp"

namespace streamgauge::run {

/// One thread's records, in a file without a name: whatever ends the program, nothing is left over.
/// An error while writing is kept until the part is asked for it.
class HistoryPart final : public RecordSink {
 public:
  /// In the folder of `history_file`, whose disk has to hold the whole in the end anyway.
  explicit HistoryPart(const std::string& history_file);
  ~HistoryPart() override;
  HistoryPart(const HistoryPart&) = delete;

  void on(const Record& record) override { recorder_.on(record); }

  /// Writes what is pending; no record may follow.
  void finish() { recorder_.finish(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] const HistoryTotals& totals() const { return totals_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  void take(std::string_view chunk);

  int descriptor_ = -1;
  std::string problem_;
  HistoryTotals totals_;
  Recorder recorder_;
};

/// Joins finished parts, one behind the other, each in its own order, under `metadata`. The file
/// appears under its name only when it is whole. Errors carry ExitCode::target: the disk's.
[[nodiscard]] Result<void> join_parts(const std::string& file, std::string_view metadata,
                                      const std::vector<std::unique_ptr<HistoryPart>>& parts);

}  // namespace streamgauge::run
