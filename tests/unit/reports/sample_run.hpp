// Made-up runs that reports are tried on. Deterministic: goldens are made from them.
#pragma once

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// Three scenarios, every verdict, a check in several scenarios, hostile bytes in evidence.
[[nodiscard]] RunResult rich_run();
/// Two scenarios in which everything holds.
[[nodiscard]] RunResult passing_run();
/// The target did not answer: no scenario, one error.
[[nodiscard]] RunResult unreachable_run();
/// As passing_run, but one scenario whose checks are these.
[[nodiscard]] RunResult run_with(std::vector<CheckResult> checks);
[[nodiscard]] CheckResult check_with(std::string id, Verdict verdict, std::string reason = {});

/// Bytes that no format may pass on as they are: controls, an escape sequence, broken UTF-8,
/// markup, a bidirectional override.
[[nodiscard]] std::string hostile_bytes();

}  // namespace streamgauge::reports
