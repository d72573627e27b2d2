#include "harness/core/capacity/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/core/base/nearest.hpp"
#include "harness/core/base/units.hpp"

namespace streamgauge::capacity {

namespace {

constexpr double streams_max = 1e6;
constexpr double rate_max = 1e5, rate_floor = 0.1;
/// One connection publishes one event after the other; beyond, no loopback answers fast enough.
constexpr double rate_default_max = 5000;
constexpr double streams_start = 500, rate_start = 10;
constexpr unsigned repeats_max = 20;

using namespace std::chrono_literals;

Error refused(std::string_view option, std::string_view value, std::string_view would_do) {
  return usage_error(fmt::format("{} {}: give {}", option, value, would_do));
}

Result<std::optional<double>> whole(std::string_view option, const std::string& text, double least,
                                    double most, std::string_view what) {
  if (text.empty()) return std::optional<double>{};
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = error == std::errc{} && end == text.data() + text.size();
  if (good && static_cast<double>(value) >= least && static_cast<double>(value) <= most) {
    return std::optional(static_cast<double>(value));
  }
  return refused(option, text,
                 fmt::format("a number of {} from {:.0f} to {:.0f}", what, least, most));
}

/// "25", "2.5", "25/s", "90/m"
Result<std::optional<double>> rate(std::string_view option, const std::string& text) {
  if (text.empty()) return std::optional<double>{};
  const auto value = parse_rate(text.find('/') == text.npos ? text + "/s" : text);
  if (value && *value >= rate_floor && *value <= rate_max) return std::optional(*value);
  return refused(option, text,
                 fmt::format("events per second and stream from {:g} to {:.0f}, e.g. 25/s",
                             rate_floor, rate_max));
}

Result<std::optional<double>> load(Axis axis, std::string_view option, const std::string& text) {
  if (axis == Axis::rate) return rate(option, text);
  return whole(option, text, 1, streams_max, "streams");
}

Result<std::optional<Duration>> duration(std::string_view option, const std::string& text,
                                         Duration least, Duration most, std::string_view example) {
  if (text.empty()) return std::optional<Duration>{};
  const auto value = parse_duration(text);
  if (value && *value >= least && *value <= most) return value;
  return refused(option, text,
                 fmt::format("a duration from {} to {}, e.g. {}", format_duration(least),
                             format_duration(most), example));
}

Result<std::optional<std::uint64_t>> size(std::string_view option, const std::string& text,
                                          std::uint64_t least, std::uint64_t most,
                                          std::string_view example) {
  if (text.empty()) return std::optional<std::uint64_t>{};
  const auto value = parse_size(text);
  if (value && *value >= least && *value <= most) return value;
  return refused(
      option, text,
      fmt::format("a size from {} to {}, e.g. {}", format_size(least), format_size(most), example));
}

Result<std::vector<Axis>> axes_of(const Typed& typed) {
  if (typed.axes.empty()) return std::vector<Axis>{Axis::streams, Axis::rate};
  std::vector<Axis> axes;
  for (const std::string& name : typed.axes) {
    const auto axis = axis_from(name);
    if (!axis) {
      const std::string_view names[] = {to_string(Axis::streams), to_string(Axis::rate)};
      return usage_error(fmt::format("--axis {}: give streams, rate, or both with a comma{}", name,
                                     did_you_mean(name, names)));
    }
    if (std::find(axes.begin(), axes.end(), *axis) == axes.end()) axes.push_back(*axis);
  }
  return axes;
}

/// --need, --start and --max are in the unit of the axis: with two of them nobody knows which.
Result<void> check_unit(const Typed& typed, const std::vector<Axis>& axes) {
  const std::pair<std::string_view, const std::string*> in_units[] = {
      {"--need", &typed.need}, {"--start", &typed.start}, {"--max", &typed.max}};
  for (const auto& [option, value] : in_units) {
    if (value->empty() || axes.size() == 1) continue;
    return usage_error(fmt::format(
        "{} {}: two axes are searched, and it is not clear of which it speaks; add --axis streams "
        "(a number of streams) or --axis rate (events per second and stream)",
        option, *value));
  }
  if (axes.size() > 1) return {};
  const bool of_streams = axes.front() == Axis::streams;
  const std::string& idle = of_streams ? typed.streams : typed.rate;
  if (idle.empty()) return {};
  return usage_error(fmt::format(
      "--{0} {1}: it is what is searched (--axis {0}); --need, --start and --max speak of it, and "
      "--{2} of what stays as it is",
      to_string(axes.front()), idle, to_string(other(axes.front()))));
}

Result<AxisRequest> axis_request(Axis axis, const Typed& typed) {
  AxisRequest request{axis, axis == Axis::streams ? 10.0 : 1000.0, {}, {}, {}};
  const auto fixed = load(other(axis), axis == Axis::streams ? "--rate" : "--streams",
                          axis == Axis::streams ? typed.rate : typed.streams);
  if (!fixed) return fixed.error();
  if (*fixed) request.fixed = **fixed;
  const std::tuple<std::string_view, const std::string*, std::optional<double>*> loads[] = {
      {"--need", &typed.need, &request.need},
      {"--start", &typed.start, &request.start},
      {"--max", &typed.max, &request.max}};
  for (const auto& [option, text, into] : loads) {
    const auto value = load(axis, option, *text);
    if (!value) return value.error();
    *into = *value;
  }
  if (request.need && request.max && *request.need > *request.max) {
    return usage_error(
        fmt::format("--need {}: it is above --max {}, so that it could never be met; give a --max "
                    "of {} or more",
                    typed.need, typed.max, typed.need));
  }
  return request;
}

template <class T, class Into>
Result<void> take(const Result<std::optional<T>>& value, Into& into) {
  if (!value) return value.error();
  if (*value) into = static_cast<Into>(**value);
  return {};
}
template <class T>
Result<void> take(const Result<std::optional<T>>& value, std::optional<T>& into) {
  if (!value) return value.error();
  into = *value;
  return {};
}

}  // namespace

Result<Request> read_request(const Typed& typed) {
  Request out;
  out.axes.clear();
  const auto axes = axes_of(typed);
  if (!axes) return axes.error();
  if (auto clear = check_unit(typed, *axes); !clear) return clear.error();
  for (const Axis axis : *axes) {
    const auto request = axis_request(axis, typed);
    if (!request) return request.error();
    out.axes.push_back(*request);
  }
  out.heartbeats = !typed.no_heartbeats;
  const Result<void> taken[] = {
      take(duration("--p99", typed.p99, 1ms, 1min, "250ms"), out.p99),
      take(duration("--hold", typed.hold, 1s, 1h, "4s"), out.hold),
      take(duration("--cool-down", typed.cool_down, 0s, 10min, "500ms"), out.cool_down),
      take(duration("--budget", typed.budget, 1s, 168h, "15m"), out.budget),
      take(size("--memory", typed.memory, 1_MiB, 1024 * 1024_MiB, "512MiB"), out.memory_max),
      take(size("--size", typed.size, 128, 1_MiB, "256"), out.size_bytes),
      take(whole("--repeat", typed.repeat, 1, repeats_max, "repeats"), out.repeats)};
  for (const Result<void>& each : taken) {
    if (!each) return each.error();
  }
  return out;
}

std::uint64_t streams_asked(const Request& request) {
  double most = 0;
  for (const AxisRequest& axis : request.axes) {
    if (axis.axis == Axis::rate) {
      most = std::max(most, axis.fixed);
      continue;
    }
    for (const auto& load : {axis.need, axis.start, axis.max})
      most = std::max(most, load.value_or(0));
  }
  return static_cast<std::uint64_t>(most);
}

PlannedSearch plan_search(const AxisRequest& axis, const Request& request,
                          std::uint32_t streams_allowed) {
  PlannedSearch out;
  SearchPlan& plan = out.plan;
  plan.passes = request.repeats;
  plan.start = axis.axis == Axis::streams ? streams_start : rate_start;
  if (axis.axis == Axis::streams) {
    plan.ceiling = streams_allowed;
    out.ceiling_reason = fmt::format("a process may hold {} streams here (ulimit -Hn)",
                                     format_count(streams_allowed));
  } else {
    plan.whole = false;
    plan.floor = rate_floor;
    plan.ceiling = rate_default_max;
    out.ceiling_reason =
        fmt::format("--max says how far to go, and is {:g}/s when it is not given", plan.ceiling);
  }
  if (axis.need) plan.start = *axis.need;
  if (axis.start) plan.start = *axis.start;
  if (axis.max || axis.need) {
    plan.ceiling = axis.max ? *axis.max : *axis.need;
    out.ceiling_reason.clear();
  }
  plan.floor = std::min(plan.floor, plan.ceiling);
  return out;
}

}  // namespace streamgauge::capacity
