// The counters of all shards, for people and for Prometheus.
#pragma once

#include <string>

#include "reference-server/net/context.hpp"

namespace streamgauge::server {

/// Prometheus text exposition format 0.0.4.
[[nodiscard]] std::string metrics_text(Context& context);
[[nodiscard]] std::string stats_json(Context& context);

}  // namespace streamgauge::server
