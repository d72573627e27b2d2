// Pieces of JSON that several files of programs' reports have.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/base/time.hpp"
#include "harness/core/latency/histogram.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge::reports {

/// Whatever bytes come in, JSON's text is UTF-8.
[[nodiscard]] boost::json::string text(std::string_view raw);
[[nodiscard]] boost::json::array texts(const std::vector<std::string>& raw);

/// To the microsecond: more digits would claim a precision that no clock here has.
[[nodiscard]] double seconds(Duration d);

/// Percentiles in nanoseconds, null when it is empty, and the whole of it as `hdr`.
[[nodiscard]] boost::json::value histogram_json(const latency::Histogram& h);
[[nodiscard]] boost::json::object environment_json(const Environment& e);
[[nodiscard]] boost::json::array errors_json(const std::vector<Error>& errors);

}  // namespace streamgauge::reports
