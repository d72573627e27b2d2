// The ranges of a scenario's values, shared by files and command lines, so that both say the same.
#pragma once

#include "harness/core/contract/yaml.hpp"
#include "harness/core/scenario/span_form.hpp"

namespace streamgauge::scenario_forms {

inline constexpr auto streams_max = static_cast<std::uint32_t>(streams_per_scenario_max);
inline constexpr double events_per_s_max = 1e6;
inline constexpr std::uint64_t size_bytes_max = 16u << 20;

/// "8", "streams_total + 8", "streams_per_user".
[[nodiscard]] yaml::Form<StreamCount> stream_count();
/// Reads `streams`; a count that only a contract resolves is one stream until then.
void take_streams(const yaml::Mapping& map, ClientGroup& group);
/// One line in which {n} may stand, and no other placeholder.
[[nodiscard]] yaml::Form<std::string> member_pattern();
inline auto failures() {
  return yaml::as<std::uint32_t>(yaml::whole(1, 1'000'000));
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
/// What a client holds of something at most.
inline auto client_bytes(std::uint64_t least) {
  return yaml::as<std::size_t>(yaml::size(least, 1u << 30));
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
/// 0 stands for whichever fits.
inline auto hop_number() {
  return yaml::as<std::uint16_t>(yaml::whole(0, 16));
}
inline auto connect_within() {
  return yaml::duration(yaml::Zero::refused, std::chrono::hours{1});
}

}  // namespace streamgauge::scenario_forms
