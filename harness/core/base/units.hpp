// Durations, sizes and rates as people write them: "15s", "64KiB", "10/s".
//
// One place parses and prints them, so that a contract, a scenario, a command line and a report
// speak alike. Parsing answers nullopt for anything that is not wholly understood; the caller, who
// knows the file and the key, words the error. There is no space before a unit, no sign, and a
// decimal point has digits on both sides; what cannot be held exactly (half a byte) is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/base/time.hpp"

namespace streamgauge {

/// "250ms", "15s", "1.5s", "2m", "1h", "100us", "10ns", "0"; a number without a unit is refused
/// except 0.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// "64", "64B", "64KiB", "1MiB", "2GiB", "10kB", "10MB" (the latter two decimal), "1.5MiB", in
/// bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// "10/s", "600/m", "0.5/s": events per second.
[[nodiscard]] std::optional<double> parse_rate(std::string_view text);

/// Three significant digits and the fitting unit: "1.25 ms", "15 s", "90 us", "0 s". Seconds up to
/// ten minutes, then "12.5 m" up to an hour, then "1.5 h"; a negative one begins with "-".
[[nodiscard]] std::string format_duration(Duration d);

/// "512 B", "64 KiB", "1.5 MiB", up to TiB. Three significant digits, four from 1000 to 1023.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// Thousands separated for reading: "12 345 678".
[[nodiscard]] std::string format_count(std::uint64_t n);

inline namespace literals {
constexpr std::uint64_t operator""_KiB(unsigned long long n) {
  return n * 1024;
}
constexpr std::uint64_t operator""_MiB(unsigned long long n) {
  return n * 1024 * 1024;
}
}  // namespace literals

}  // namespace streamgauge
