// Golden files: what a format looks like is reviewed as a file, not as a string in a test.
#pragma once

#include <string>
#include <string_view>

namespace streamgauge::reports {

/// Fails with the lines that differ when `actual` is not golden/<name>. With SG_UPDATE_GOLDEN in
/// the environment the file is rewritten; the test fails all the same, so that nobody does it
/// unseen.
void expect_golden(std::string_view name, std::string_view actual);

}  // namespace streamgauge::reports
