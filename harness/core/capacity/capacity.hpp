// What `streamgauge capacity` ends in: the one structure that its reports are written from, and the
// conclusions that follow from its trials alone. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/error.hpp"
#include "harness/core/capacity/axis.hpp"
#include "harness/core/capacity/objectives.hpp"
#include "harness/core/capacity/scalability.hpp"
#include "harness/core/capacity/search.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge::capacity {

struct TrialResult {
  Trial trial;
  Measured measured;
  TrialVerdict verdict;
};

struct AxisResult {
  Axis axis = Axis::streams;
  double fixed = 0;  // of the other axis
  SearchPlan plan{};
  std::string ceiling_reason{};  // what sets the ceiling when nobody asked for it; empty: asked for
  std::optional<double> need{};  // --need: so much must be held
  std::vector<TrialResult> trials{};
  Answer answer{};
  std::string cut_short{};  // what ended the search before its answer; empty: nothing did
};

enum class AxisVerdict : std::uint8_t {
  found,         // a knee; with a need: it is met
  at_least,      // held as much as was asked for
  unmet,         // the need is not met, or nothing at all is held
  inconclusive,  // generator saturated, passes disagree, machine shared, interrupted
};
[[nodiscard]] std::string_view to_string(AxisVerdict verdict);

struct Conclusion {
  AxisVerdict verdict = AxisVerdict::inconclusive;
  std::string headline;  // "4 250 streams", "at least 9 000 streams", "not known"
  std::string reason;    // why the search stopped there, a sentence or two
  bool target_saturated = false;
};
[[nodiscard]] Conclusion conclude(const AxisResult& axis);

/// The share of all processors that other programs had (median of the trials): above this a knee is
/// that of what was left of the machine.
inline constexpr double others_max = 0.25;
[[nodiscard]] std::optional<double> others_share(const AxisResult& axis);

/// Memory of the target by streams, over the trials that were held. Streams axis only.
[[nodiscard]] std::optional<Line> memory_line(const AxisResult& axis);
/// Deliveries per second by load, over the trials in which the generator had time.
[[nodiscard]] std::optional<ScalabilityFit> scalability(const AxisResult& axis);
/// Of the trials held nearest to the answer: the median of each figure; nullptr: none was.
[[nodiscard]] const TrialResult* typical_at_answer(const AxisResult& axis);

struct Capacity {
  std::string command{};
  std::string target, target_description, contract;
  std::vector<std::string> path{};
  double time_scale = 1;
  std::uint32_t seed = 1, size_bytes = 256;
  unsigned threads = 1;
  Duration hold{}, cool_down{}, budget{};
  Objectives objectives;
  std::vector<AxisResult> axes;
  std::vector<std::string> notes{};
  std::vector<Error> errors{};
  Environment environment{};
  Instant started{};
  Duration length{};
  bool interrupted = false;
};

/// Errors first (their code); then 1 for a need that is not met; then 5 for what is inconclusive;
/// 0.
[[nodiscard]] ExitCode exit_code(const Capacity& capacity);
/// The same in a word, as result.json has it: pass, fail, error, nothing judged, inconclusive.
[[nodiscard]] std::string_view verdict_of(const Capacity& capacity);

}  // namespace streamgauge::capacity
