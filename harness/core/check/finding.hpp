// Findings in one line each, so that a check's judge() reads as a list of cases.
#pragma once

#include <string>
#include <utility>

#include "harness/core/check/check.hpp"

namespace streamgauge {

[[nodiscard]] inline Finding finding(Verdict verdict, std::string measured, std::string bound,
                                     std::string reason = {}) {
  Finding result;
  result.verdict = verdict;
  result.measured = std::move(measured);
  result.bound = std::move(bound);
  result.reason = std::move(reason);
  return result;
}

/// A violation is `fail` for MUST and `warn` for SHOULD and MAY.
[[nodiscard]] constexpr Verdict violated(Level level) {
  return level == Level::must ? Verdict::fail : Verdict::warn;
}

/// `text` fit for a report: control characters escaped, at most `max` characters.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max = 60);

}  // namespace streamgauge
