// Scripts and style of the pages, put into the program when it is built (see embed.cmake): those
// in assets/, and the distribution's Chart.js.
#pragma once

#include <string_view>

namespace streamgauge::reports {

struct Asset {
  std::string_view text;
  std::string_view sha256;  // hexadecimal
};

namespace assets {
extern const Asset chart_js, page_css, tables_js, plots_js, live_js;
}

}  // namespace streamgauge::reports
