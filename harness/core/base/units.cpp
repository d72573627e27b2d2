#include "harness/core/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace streamgauge {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t of_smallest;
};

constexpr std::array<Unit, 6> duration_units{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 7> size_units{{{"", 1},
                                          {"B", 1},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"KiB", std::uint64_t{1} << 10},
                                          {"MiB", std::uint64_t{1} << 20},
                                          {"GiB", std::uint64_t{1} << 30}}};

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits{text.begin(), end};
  text.remove_prefix(digits.size());
  return digits;
}

struct Decimal {
  std::string_view whole, fraction;  // both only digits; fraction empty: no point
};

/// Takes "12" or "12.5" off the front; a point needs digits on both sides.
[[nodiscard]] std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number{take_digits(text), {}};
  if (number.whole.empty()) return std::nullopt;
  if (!text.starts_with('.')) return number;
  text.remove_prefix(1);
  number.fraction = take_digits(text);
  if (number.fraction.empty()) return std::nullopt;
  return number;
}

/// The number times `unit` as a whole number, exactly: nullopt when it is none or exceeds `max`.
[[nodiscard]] std::optional<std::uint64_t> exact_product(Decimal number, std::uint64_t unit,
                                                         std::uint64_t max) {
  std::uint64_t whole = 0;
  const auto [end, error] =
      std::from_chars(number.whole.data(), number.whole.data() + number.whole.size(), whole);
  if (error != std::errc{} || whole > max / unit) return std::nullopt;
  const std::uint64_t sum = whole * unit;
  const std::size_t last = number.fraction.find_last_not_of('0');
  number.fraction = last == std::string_view::npos ? "" : number.fraction.substr(0, last + 1);
  std::uint64_t digits = 0, scale = 1;
  if (number.fraction.size() > 18) return std::nullopt;
  for (const char digit : number.fraction) {
    digits = digits * 10 + static_cast<std::uint64_t>(digit - '0');
    scale *= 10;
  }
  // digits * unit / scale. Cancelled first, the product stays below `unit`, for digits < scale.
  const std::uint64_t common = std::gcd(scale, unit);
  if (digits % (scale / common) != 0) return std::nullopt;
  const std::uint64_t part = digits / (scale / common) * (unit / common);
  if (part > max - sum) return std::nullopt;
  return sum + part;
}

[[nodiscard]] std::optional<std::uint64_t> parse_quantity(std::string_view text,
                                                          std::span<const Unit> units,
                                                          std::uint64_t max) {
  const auto number = take_decimal(text);
  if (!number) return std::nullopt;
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& candidate) { return candidate.name == text; });
  if (unit == units.end()) return std::nullopt;
  return exact_product(*number, unit->of_smallest, max);
}

/// Decimals that leave three significant digits; whole numbers lose none.
[[nodiscard]] int decimals_of(double value) {
  return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

/// "1.25", "12.5", "125", "3600"; zeros after the point go.
[[nodiscard]] std::string three_digits(double value) {
  std::string text = fmt::format("{:.{}f}", value, decimals_of(value));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

struct PrintedUnit {
  std::string_view name;
  double of_smallest;
  double below;  // the next unit takes over from here; judged after rounding
};

constexpr double forever = std::numeric_limits<double>::infinity();
constexpr std::array<PrintedUnit, 6> printed_durations{{{"ns", 1, 1000},
                                                        {"us", 1e3, 1000},
                                                        {"ms", 1e6, 1000},
                                                        {"s", 1e9, 600},
                                                        {"m", 60e9, 60},
                                                        {"h", 3600e9, forever}}};
constexpr std::array<PrintedUnit, 5> printed_sizes{{{"B", 1, 1024},
                                                    {"KiB", 1024, 1024},
                                                    {"MiB", 1024.0 * 1024, 1024},
                                                    {"GiB", 1024.0 * 1024 * 1024, 1024},
                                                    {"TiB", 1024.0 * 1024 * 1024 * 1024, forever}}};

[[nodiscard]] std::string format_quantity(double value, std::span<const PrintedUnit> units) {
  for (const PrintedUnit& unit : units) {
    const double in_unit = value / unit.of_smallest;
    const double power = std::pow(10.0, decimals_of(in_unit));
    if (std::round(in_unit * power) / power < unit.below) {
      return fmt::format("{} {}", three_digits(in_unit), unit.name);
    }
  }
  return {};  // not reached: the last unit has no upper end
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<Duration::rep>::max());
  const auto ns = parse_quantity(text, duration_units, max);
  if (!ns) return std::nullopt;
  return Duration{static_cast<Duration::rep>(*ns)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, size_units, std::numeric_limits<std::uint64_t>::max());
}

std::optional<double> parse_rate(std::string_view text) {
  const std::string_view whole_text = text;
  if (!take_decimal(text) || (text != "/s" && text != "/m")) return std::nullopt;
  const std::string_view number = whole_text.substr(0, whole_text.size() - text.size());
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return text == "/m" ? value / 60 : value;
}

std::string format_duration(Duration d) {
  if (d == Duration::zero()) return "0 s";
  const auto ns = static_cast<double>(d.count());
  return (ns < 0 ? "-" : "") + format_quantity(std::abs(ns), printed_durations);
}

std::string format_size(std::uint64_t bytes) {
  return format_quantity(static_cast<double>(bytes), printed_sizes);
}

std::string format_count(std::uint64_t n) {
  const std::string digits = fmt::format("{}", n);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped.push_back(' ');
    grouped.push_back(digits[i]);
  }
  return grouped;
}

}  // namespace streamgauge
