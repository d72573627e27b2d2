// junit.xml for CI systems, valid against both schemas in use (Ant's and Jenkins's xunit plugin).
//
// A suite for each family; a case for each check and scenario, of class
// "streamgauge.<scenario>.<family>". How verdicts map:
//   pass, info           a passed case; what was measured is in the suite's system-out
//   fail                 <failure type="fail">
//   warn                 <failure type="warn"> in a strict run, otherwise passed
//   inconclusive, error  <error type="inconclusive"> and <error type="error">: CI must see them, as
//                        the exit code does, but they are no violation
//   skip                 <skipped>
// A baseline turns failures that it expects, and what is known to be flaky, into <skipped> with its
// reason, and what passes although it should fail into <failure type="stale">.
// What concerns the run (unreachable target, nothing judged, interruption) is a suite "streamgauge"
// with a case in error. So there is always a case, and one is red whenever the exit code is not 0.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// A scenario's length is shared out evenly over its checks, which all watch the same run, so that
/// sums over cases come out as the time that passed.
[[nodiscard]] std::string write_junit(const RunResult& run);

/// For element content and for double-quoted attributes; bytes that XML 1.0 has no place for become
/// visible text (\x1B).
[[nodiscard]] std::string xml_text(std::string_view raw);
[[nodiscard]] std::string xml_attribute(std::string_view raw);

}  // namespace streamgauge::reports
