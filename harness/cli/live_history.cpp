#include "harness/cli/live_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "reports/openmetrics.hpp"
#include "reports/text.hpp"

namespace streamgauge::cli {

namespace {

namespace json = boost::json;

json::value ms(const std::optional<Duration>& d) {
  if (!d) return nullptr;
  return std::chrono::duration<double, std::milli>(*d).count();
}

/// The histogram of several scenarios that run side by side is that of all their deliveries.
void put_latency(LivePoint& point, const latency::Histogram& delivery) {
  if (delivery.empty()) return;
  point.p50 = delivery.at_percentile(50);
  point.p99 = delivery.at_percentile(99);
  point.max = delivery.max();
}

}  // namespace

bool LiveHistory::take(const run::PlanProgress& progress, Instant now) {
  if (points_.empty()) {
    started_ = now;
  } else if (now - last_ < every_) {
    return false;
  }
  const double seconds = points_.empty() ? 0 : to_seconds(now - last_);
  last_ = now;
  LivePoint point;
  point.at = now - started_;
  point.done = progress.done;
  point.total = progress.total;
  point.running = progress.running;
  Sums step;
  latency::Histogram delivery;
  std::map<std::string, Sums> next;
  for (const run::Running& one : progress.running) {
    const Sums sums{one.figures.events, one.figures.published, one.figures.reconnects};
    const auto at = before_.find(one.scenario);
    const Sums old = at == before_.end() ? Sums{} : at->second;
    step.events += sums.events - std::min(old.events, sums.events);
    step.published += sums.published - std::min(old.published, sums.published);
    step.reconnects += sums.reconnects - std::min(old.reconnects, sums.reconnects);
    next[one.scenario] = sums;
    delivery.merge(one.figures.delivery);
    point.streams += one.streams;
    point.open += one.open;
    point.missing += one.figures.missing;
    point.rss_bytes += one.figures.rss_bytes;
    if (one.length > Duration{}) {
      point.left = std::max(point.left.value_or(Duration{}), one.length - one.elapsed);
    }
  }
  before_ = std::move(next);
  total_.events += step.events;
  total_.published += step.published;
  total_.reconnects += step.reconnects;
  if (seconds > 0) {
    point.received_per_s = static_cast<double>(step.events) / seconds;
    point.published_per_s = static_cast<double>(step.published) / seconds;
    point.reconnects_per_s = static_cast<double>(step.reconnects) / seconds;
  }
  put_latency(point, delivery);
  latest_ = std::move(point);
  points_.push_back(point_json(latest_));
  if (points_.size() > points_max) {
    for (std::size_t i = 0; 2 * i < points_.size(); ++i) points_[i] = std::move(points_[2 * i]);
    points_.resize((points_.size() + 1) / 2);
    every_ *= 2;
  }
  return true;
}

std::string point_json(const LivePoint& point) {
  json::array running;
  for (const run::Running& one : point.running) {
    running.push_back(json::object{{"scenario", reports::valid_utf8(one.scenario)},
                                   {"phase", reports::valid_utf8(one.phase)},
                                   {"elapsed", to_seconds(one.elapsed)},
                                   {"length", to_seconds(one.length)},
                                   {"streams", one.streams},
                                   {"open", one.open},
                                   {"events", one.events}});
  }
  json::object out{{"at", to_seconds(point.at)},
                   {"done", point.done},
                   {"total", point.total},
                   {"streams", point.streams},
                   {"open", point.open},
                   {"missing", point.missing},
                   {"received", point.received_per_s},
                   {"published", point.published_per_s},
                   {"reconnects", point.reconnects_per_s},
                   {"p50", ms(point.p50)},
                   {"p99", ms(point.p99)},
                   {"max", ms(point.max)},
                   {"running", std::move(running)}};
  out["left"] = point.left ? json::value(to_seconds(*point.left)) : json::value(nullptr);
  out["memory"] = point.rss_bytes > 0
                      ? json::value(static_cast<double>(point.rss_bytes) / (1024.0 * 1024.0))
                      : json::value(nullptr);
  return json::serialize(out);
}

std::string LiveHistory::history_json() const {
  std::string out = "[";
  for (const std::string& point : points_) out += (out.size() > 1 ? ",\n" : "") + point;
  return out += "]\n";
}

std::string LiveHistory::metrics() const {
  reports::MetricsText out;
  const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
    out.family(name, "gauge", help);
    out.sample("", {}, value);
  };
  const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out.family(name, "counter", help);
    out.sample("_total", {}, value);
  };
  gauge("streamgauge_scenarios_done", "Scenarios that are over.", std::uint64_t{latest_.done});
  gauge("streamgauge_scenarios_planned", "Scenarios in all.", std::uint64_t{latest_.total});
  gauge("streamgauge_streams", "Simulated clients of what is running.", latest_.streams);
  gauge("streamgauge_streams_open", "Their open streams.", latest_.open);
  gauge("streamgauge_missing_events", "Numbers that their sequences skipped.", latest_.missing);
  counter("streamgauge_events_received", "Events that clients received.", total_.events);
  counter("streamgauge_events_published", "Events that the target accepted.", total_.published);
  counter("streamgauge_reconnects", "Streams that were opened again.", total_.reconnects);
  out.family("streamgauge_delivery_latency_seconds", "gauge",
             "From the intended send time, over the last second.", "seconds");
  for (const auto& [quantile, value] :
       {std::pair{"0.5", latest_.p50}, {"0.99", latest_.p99}, {"1.0", latest_.max}}) {
    if (value) out.sample("", {{"q", quantile}}, to_seconds(*value));
  }
  if (latest_.rss_bytes > 0) {
    out.family("streamgauge_target_memory_bytes", "gauge", "Resident memory.", "bytes");
    out.sample("", {}, latest_.rss_bytes);
  }
  return std::move(out).finish();
}

}  // namespace streamgauge::cli
