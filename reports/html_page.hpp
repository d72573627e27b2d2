// The shell of every page: head, style, scripts, foot. One file that needs no network: its policy
// (Content-Security-Policy) allows its own scripts by their hash and nothing else, so that even a
// text that got through as markup could neither run nor call anybody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/html_plot.hpp"

namespace streamgauge::reports {

struct PageParts {
  std::string title;
  std::string body;  // HTML: everything between skip link and footer
  std::string foot;  // HTML
  std::string main_id = "main";
  const std::vector<Plot>* plots = nullptr;  // null: none, and no Chart.js
  bool live = false;  // draws what its own server sends (assets/live.js), and may ask it
};

[[nodiscard]] std::string html_page(const PageParts& parts);

}  // namespace streamgauge::reports
