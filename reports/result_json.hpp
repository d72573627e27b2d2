// result.json: everything that the run ended in, for programs. Schema: reports/result.schema.json.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// Names the format; a change that breaks a reader raises the number, additions do not.
inline constexpr std::string_view result_schema = "streamgauge/1";

/// Strings are valid UTF-8 (a target's broken bytes appear as \xNN), numbers are finite, and what
/// was not measured is null rather than 0. Times: `at_s` seconds since the run's start; histograms
/// in nanoseconds, with their values in `hdr` (base64 of the compressed V2 encoding).
/// `files`: names of the files beside it in the report's folder.
[[nodiscard]] std::string write_result_json(const RunResult& run,
                                            const std::vector<std::string>& files = {});

}  // namespace streamgauge::reports
