// Words and figures that the console and the page of a search for capacity share.
#pragma once

#include <string>
#include <vector>

#include "harness/core/capacity/capacity.hpp"

namespace streamgauge::reports {

/// How the conclusion on an axis looks: pass and fail only where it answers what was asked.
[[nodiscard]] Verdict look_of(const capacity::Conclusion& conclusion);
[[nodiscard]] Verdict look_of(capacity::Outcome outcome);
/// "held", "broken", "unclear": what a trial came to, in a word for a table.
[[nodiscard]] std::string_view word_of(capacity::Outcome outcome);

/// "streams, at 10 events/s each"; "events per second, at 1 000 streams"
[[nodiscard]] std::string axis_title(const capacity::AxisResult& axis);
/// A load without its unit: "4 000", "12.5"
[[nodiscard]] std::string plain_load(capacity::Axis axis, double load);

/// One trial as the cells of a table; the headings are those of trial_columns().
[[nodiscard]] const std::vector<std::string>& trial_columns();
[[nodiscard]] std::vector<std::string> trial_cells(capacity::Axis axis,
                                                   const capacity::TrialResult& trial);

/// What the law says beyond the measurements, marked as predicted, or why it says nothing.
[[nodiscard]] std::string scalability_text(const capacity::AxisResult& axis);
/// "1.7 KiB per stream (95 %: 1.6 to 1.8 KiB) on 8.1 MiB, over 12 trials"; empty: no fit.
[[nodiscard]] std::string memory_text(const capacity::AxisResult& axis);
/// What was demanded of each trial.
[[nodiscard]] std::string objectives_text(const capacity::Capacity& capacity);
/// What the verdict means, a sentence.
[[nodiscard]] std::string verdict_text(const capacity::Capacity& capacity);

}  // namespace streamgauge::reports
