// Two targets compared: the runs, what was made of them, and the structure that reports are written
// from.
//
// A is what is known, B is what is asked about; every ratio is B/A.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/base/time.hpp"
#include "harness/core/compare/metric.hpp"
#include "harness/core/compare/threshold.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge::compare {

enum class Side : std::uint8_t { a, b };
[[nodiscard]] constexpr std::size_t index(Side side) {
  return static_cast<std::size_t>(side);
}
[[nodiscard]] constexpr std::string_view to_string(Side side) {
  return side == Side::a ? "A" : "B";
}

/// One run of one side.
struct ComparedRun {
  Side side = Side::a;
  std::size_t pair = 0;  // from 0; of runs that were not interleaved: its place among its side's
  Figures figures;
  std::string origin{};    // file beside the report, or as typed, that holds its result
  std::string excluded{};  // why it is not judged by: a sentence; empty: it is
};

/// How the runs belong together.
enum class Design : std::uint8_t {
  paired,   // live: interleaved, so that what befalls the machine befalls both runs of a pair
  unpaired  // stored: two groups of runs, each from its own time
};
[[nodiscard]] std::string_view to_string(Design design);

struct SideFacts {
  std::string name;  // of the target
  std::string description{};
  std::vector<std::string> path{};  // hops from the clients to the target; empty: direct
  std::size_t judged_runs = 0;
  latency::Histogram delivery{};  // of the runs that are judged by, together: for the eye
};

enum class Outcome : std::uint8_t {
  same,          // the interval excludes a change for the worse as large as the delta
  improvement,   // significant, and beyond the delta for the better
  regression,    // significant after Holm, and beyond the delta
  inconclusive,  // none of these can be said
  told,          // not judged: for information
  not_measured
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct MetricResult {
  std::size_t metric = 0;  // place in metrics()
  bool judged = false;
  double delta = 0;                     // 0.10 is 10 %
  std::array<double, 2> typical{};      // the median run of A and of B, in the metric's unit
  double ratio = 1, low = 1, high = 1;  // B/A and its 95 % interval
  double p = 1, p_adjusted = 1;         // two-sided; after Holm over the judged ones
  bool exact = true;                    // p by all arrangements
  Outcome outcome = Outcome::not_measured;
  std::string reason{};               // a sentence
  std::vector<double> pair_ratios{};  // of the pairs that are judged by, in their order
};

struct Comparison {
  std::string command{};  // as typed
  Design design = Design::paired;
  std::string scenario{};
  std::array<SideFacts, 2> sides{};
  std::vector<ComparedRun> runs;            // in the order in which they were made
  std::vector<MetricResult> metrics;        // in the order of metrics()
  std::size_t pairs_begun = 0;              // paired: also those that are left out
  std::vector<std::size_t> pairs_judged{};  // numbers, from 0
  std::uint64_t seed = 1;
  std::string undecided{};  // why nothing at all can be said; empty: it can
  std::vector<std::string> notes{};
  std::vector<Error> errors{};  // target died, unreachable, ...: outrank outcomes
  Environment environment{};
  Instant started{};
  Duration length{};
  bool interrupted = false;
};

/// Errors -> their code; a regression -> 1; no judged metric was measured -> 4; inconclusive -> 5;
/// else 0.
[[nodiscard]] ExitCode exit_code(const Comparison& comparison);
/// "no regression", "regression", "inconclusive", "nothing judged", "error".
[[nodiscard]] std::string_view verdict_text(const Comparison& comparison);

}  // namespace streamgauge::compare
