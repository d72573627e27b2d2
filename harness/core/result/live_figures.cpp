#include "harness/core/result/live_figures.hpp"

#include <algorithm>

namespace streamgauge {

void LiveFigures::add(const LiveFigures& other) {
  events += other.events;
  published += other.published;
  reconnects += other.reconnects;
  missing += other.missing;
  delivery.merge(other.delivery);
  rss_bytes = std::max(rss_bytes, other.rss_bytes);
}

}  // namespace streamgauge
