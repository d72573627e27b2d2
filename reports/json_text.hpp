// JSON that a person can read in a pager and a diff tool can compare.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace streamgauge::reports {

/// Indented by two; arrays and objects of scalars that fit on a line of 100 stay on one. Members
/// keep their order. Numbers are plain decimals (Boost.JSON writes 1.5 as 1.5E0); one that is not
/// finite becomes null, as JSON has no word for it. Ends with a line feed.
[[nodiscard]] std::string json_text(const boost::json::value& value);

}  // namespace streamgauge::reports
