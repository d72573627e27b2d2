// The ranges of a scenario's values, shared by files and command lines, so that both say the same.
#pragma once

#include "harness/core/contract/yaml_forms.hpp"
#include "harness/core/scenario/span_form.hpp"

namespace streamgauge::scenario_forms {

inline constexpr std::uint32_t streams_max = 2'000'000;
inline constexpr double events_per_s_max = 1e6;
inline constexpr std::uint64_t size_bytes_max = 16u << 20;

inline auto streams() {
  return yaml::as<std::uint32_t>(yaml::whole(1, streams_max));
}
inline auto ramp() {
  return yaml::duration(yaml::Zero::allowed, std::chrono::hours{1});
}
inline auto receive_buffer() {
  return yaml::as<std::uint32_t>(yaml::size(1u << 10, 1u << 30));
}
inline auto read_rate() {
  return yaml::byte_rate(1, 1ull << 40);
}
inline auto events_per_s() {
  return yaml::rate(events_per_s_max);
}
inline auto event_size() {
  return yaml::as<std::uint32_t>(yaml::size(1, size_bytes_max));
}
inline auto critical_every() {
  return yaml::as<std::uint32_t>(yaml::whole(0, 1'000'000'000));
}
inline auto seed() {
  return yaml::as<std::uint32_t>(yaml::whole(0, 0xffff'ffffu));
}
inline auto connect_within() {
  return yaml::duration(yaml::Zero::refused, std::chrono::hours{1});
}

}  // namespace streamgauge::scenario_forms
