#include "reference-server/net/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace streamgauge::server {
namespace {

constexpr std::string_view reasons[] = {"peer_closed", "stalled",  "overflow",
                                        "replaced",    "revoked",  "closed",
                                        "finished",    "answered", "drained"};
static_assert(std::size(reasons) == static_cast<std::size_t>(CloseReason::count_));

constexpr std::string_view refusals[] = {"unauthorized",  "user_full", "streams_full",
                                         "channels_full", "finished",  "draining"};
static_assert(std::size(refusals) == static_cast<std::size_t>(Refusals::count_));

template <class Read>
std::uint64_t sum(Context& context, Read read) {
  std::uint64_t total = 0;
  for (const auto& shard : context.shards) total += read(shard->counters()).value();
  return total;
}

struct Simple {
  const char* name;
  const char* help;
  Counter Counters::*counter;
  bool gauge;
};

constexpr std::string_view transport_help = "Subscribers now, by what their messages go over";

constexpr Simple simple[] = {
    {"sse_streams_open", "Streams that are open now", &Counters::streams_open, true},
    {"sse_streams_total", "Streams opened since the start", &Counters::streams_total, false},
    {"sse_delivered_events_total", "Events written whole to subscribers",
     &Counters::delivered_events, false},
    {"sse_delivered_bytes_total", "Bytes of their SSE blocks", &Counters::delivered_bytes, false},
    {"sse_heartbeats_sent_total", "Heartbeats written", &Counters::heartbeats_sent, false},
    {"sse_heartbeats_skipped_total", "Heartbeats not sent because messages were waiting",
     &Counters::heartbeats_skipped, false},
    {"sse_lag_notices_total", "Notices of dropped events written", &Counters::lag_notices, false},
    {"sse_queue_events", "Events that wait in subscribers' queues now", &Counters::queued_events,
     true},
    {"sse_replay_hits_total", "Resumes served from the replay ring", &Counters::replay_hits, false},
    {"sse_replay_misses_total", "Resumes whose id was too old or unknown", &Counters::replay_misses,
     false},
    {"sse_polls_answered_total", "Long-polls answered, with messages or at the end of their time",
     &Counters::polls_answered, false},
    {"sse_accept_failures_total", "Connections that could not be accepted",
     &Counters::accept_failures, false},
};

prometheus::ClientMetric value_metric(std::uint64_t value, bool gauge) {
  prometheus::ClientMetric metric;
  (gauge ? metric.gauge.value : metric.counter.value) = static_cast<double>(value);
  return metric;
}

prometheus::MetricFamily family(const char* name, const char* help, bool gauge) {
  prometheus::MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = gauge ? prometheus::MetricType::Gauge : prometheus::MetricType::Counter;
  return made;
}

void add_labelled(prometheus::MetricFamily& to, const char* label, std::string_view value,
                  std::uint64_t count) {
  prometheus::ClientMetric metric = value_metric(count, false);
  metric.label.push_back({label, std::string{value}});
  to.metric.push_back(std::move(metric));
}

prometheus::MetricFamily by_transport(Context& context) {
  prometheus::MetricFamily made = family("sse_subscribers", transport_help.data(), true);
  const auto add = [&](std::string_view transport, std::uint64_t count) {
    prometheus::ClientMetric metric = value_metric(count, true);
    metric.label.push_back({"transport", std::string{transport}});
    made.metric.push_back(std::move(metric));
  };
  const auto open = sum(context, [](Counters& c) -> Counter& { return c.streams_open; });
  const auto sockets = sum(context, [](Counters& c) -> Counter& { return c.websockets_open; });
  const auto polls = sum(context, [](Counters& c) -> Counter& { return c.polls_open; });
  add("sse", open - std::min(sockets, open));
  add("websocket", sockets);
  add("long-poll", polls);
  return made;
}

prometheus::MetricFamily publish_latency(Context& context) {
  prometheus::MetricFamily made;
  made.name = "sse_publish_latency_seconds";
  made.help = "From the numbering of an event to the end of its fan-out in a shard";
  made.type = prometheus::MetricType::Histogram;
  prometheus::ClientMetric metric;
  std::uint64_t total = 0;
  std::uint64_t sum_ns = 0;
  for (std::size_t bucket = 0; bucket <= LatencyBuckets::bounds_s.size(); ++bucket) {
    for (const auto& shard : context.shards)
      total += shard->counters().publish_latency.count(bucket);
    const double bound = bucket < LatencyBuckets::bounds_s.size()
                             ? LatencyBuckets::bounds_s[bucket]
                             : std::numeric_limits<double>::infinity();
    prometheus::ClientMetric::Bucket cumulative;
    cumulative.cumulative_count = total;
    cumulative.upper_bound = bound;
    metric.histogram.bucket.push_back(cumulative);
  }
  for (const auto& shard : context.shards) sum_ns += shard->counters().publish_latency.sum_ns();
  metric.histogram.sample_count = total;
  metric.histogram.sample_sum = static_cast<double>(sum_ns) * 1e-9;
  made.metric.push_back(std::move(metric));
  return made;
}

}  // namespace

std::string metrics_text(Context& context) {
  std::vector<prometheus::MetricFamily> families;
  for (const Simple& one : simple) {
    families.push_back(family(one.name, one.help, one.gauge));
    const auto total = sum(context, [&one](Counters& c) -> Counter& { return c.*one.counter; });
    families.back().metric.push_back(value_metric(total, one.gauge));
  }
  families.push_back(by_transport(context));
  families.push_back(family("sse_published_events_total", "Publications accepted", false));
  families.back().metric.push_back(value_metric(context.sequencer.published(), false));
  families.push_back(family("sse_published_bytes_total", "Bytes of their SSE blocks", false));
  families.back().metric.push_back(value_metric(context.sequencer.published_bytes(), false));
  families.push_back(
      family("sse_dropped_events_total", "Events dropped for slow subscribers", false));
  add_labelled(families.back(), "class", "normal",
               sum(context, [](Counters& c) -> Counter& { return c.dropped_normal; }));
  add_labelled(families.back(), "class", "critical",
               sum(context, [](Counters& c) -> Counter& { return c.dropped_critical; }));
  families.push_back(family("sse_streams_closed_total", "Streams closed, by reason", false));
  for (std::size_t i = 0; i < std::size(reasons); ++i) {
    add_labelled(families.back(), "reason", reasons[i],
                 sum(context, [i](Counters& c) -> Counter& { return c.closed[i]; }));
  }
  families.push_back(family("sse_streams_refused_total",
                            "Requests for a stream that were not given one, by reason", false));
  for (std::size_t i = 0; i < std::size(refusals); ++i) {
    add_labelled(families.back(), "reason", refusals[i], context.refused.by_reason[i].load());
  }
  families.push_back(publish_latency(context));
  return prometheus::TextSerializer{}.Serialize(families);
}

std::string stats_json(Context& context) {
  boost::json::object stats;
  for (const Simple& one : simple) {
    stats[std::string_view{one.name}.substr(4)] =
        sum(context, [&one](Counters& c) -> Counter& { return c.*one.counter; });
  }
  stats["published_events_total"] = context.sequencer.published();
  stats["published_bytes_total"] = context.sequencer.published_bytes();
  stats["dropped_normal_total"] =
      sum(context, [](Counters& c) -> Counter& { return c.dropped_normal; });
  stats["dropped_critical_total"] =
      sum(context, [](Counters& c) -> Counter& { return c.dropped_critical; });
  boost::json::object closed;
  for (std::size_t i = 0; i < std::size(reasons); ++i) {
    closed[reasons[i]] = sum(context, [i](Counters& c) -> Counter& { return c.closed[i]; });
  }
  stats["closed"] = std::move(closed);
  boost::json::object refused;
  for (std::size_t i = 0; i < std::size(refusals); ++i) {
    refused[refusals[i]] = context.refused.by_reason[i].load();
  }
  stats["refused"] = std::move(refused);
  stats["channels"] = context.sequencer.channels();
  stats["threads"] = context.shards.size();
  stats["ready"] = context.phase.load() == Phase::ready;
  return boost::json::serialize(stats) + "\n";
}

}  // namespace streamgauge::server
