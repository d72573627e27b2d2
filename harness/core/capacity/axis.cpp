#include "harness/core/capacity/axis.hpp"

#include <fmt/format.h>

#include <cmath>

#include "harness/core/base/units.hpp"

namespace streamgauge::capacity {

std::string_view to_string(Axis axis) {
  return axis == Axis::streams ? "streams" : "rate";
}

std::optional<Axis> axis_from(std::string_view name) {
  for (const Axis axis : {Axis::streams, Axis::rate}) {
    if (to_string(axis) == name) return axis;
  }
  return std::nullopt;
}

std::string load_text(Axis axis, double load) {
  if (axis == Axis::streams) {
    return fmt::format("{} stream{}", format_count(static_cast<std::uint64_t>(std::lround(load))),
                       std::lround(load) == 1 ? "" : "s");
  }
  return fmt::format("{:.4g} event{}/s per stream", load, load == 1 ? "" : "s");
}

}  // namespace streamgauge::capacity
