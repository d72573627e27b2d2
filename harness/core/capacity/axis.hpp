// What is raised from trial to trial of a search for capacity. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamgauge::capacity {

enum class Axis : std::uint8_t {
  streams,  // at a fixed number of events per second and stream
  rate,     // events per second and stream, at a fixed number of streams
};
[[nodiscard]] std::string_view to_string(Axis axis);
[[nodiscard]] std::optional<Axis> axis_from(std::string_view name);
[[nodiscard]] constexpr Axis other(Axis axis) {
  return axis == Axis::streams ? Axis::rate : Axis::streams;
}
/// "4 000 streams", "25 events/s per stream"
[[nodiscard]] std::string load_text(Axis axis, double load);

}  // namespace streamgauge::capacity
