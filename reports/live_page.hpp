// The page that draws a run while it goes on: the shell and plots of report.html, fed by /points
// (an array of what was so far) and the event stream /events?channel=live (`point`, `over`).
#pragma once

#include <string>

namespace streamgauge::reports {

[[nodiscard]] std::string live_page();

}  // namespace streamgauge::reports
