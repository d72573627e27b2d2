#include "harness/core/contract/yaml_forms.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "harness/core/base/units.hpp"

namespace streamgauge::yaml {
namespace {

std::optional<std::uint64_t> parse_whole(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Form<double> in_range(double min, double max, bool open, std::string expected) {
  return {std::move(expected), [=](std::string_view t) -> std::optional<double> {
            const auto value = parse_number(t);
            if (!value || *value > max || *value < min || (open && *value == min)) {
              return std::nullopt;
            }
            return value;
          }};
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  // from_chars takes "inf", "nan" and hexadecimal floats in other formats; only digits lead here.
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

Form<Duration> duration(Zero zero, Duration max) {
  std::string expected = "a duration such as 250ms, 15s, 2m";
  if (max != duration_max) expected += ", at most " + format_duration(max);
  return {std::move(expected), [=](std::string_view t) -> std::optional<Duration> {
            const auto value = parse_duration(t);
            if (!value || *value < Duration::zero() || *value > max) return std::nullopt;
            if (*value == Duration::zero() && zero == Zero::refused) return std::nullopt;
            return value;
          }};
}

Form<std::uint64_t> whole(std::uint64_t min, std::uint64_t max) {
  return {fmt::format("a whole number from {} to {}", min, max),
          [=](std::string_view t) -> std::optional<std::uint64_t> {
            const auto value = parse_whole(t);
            if (!value || *value < min || *value > max) return std::nullopt;
            return value;
          }};
}

Form<double> number(double min, double max) {
  return in_range(min, max, false, fmt::format("a number from {} to {}", min, max));
}

Form<double> number_above(double min, double max) {
  return in_range(min, max, true, fmt::format("a number above {}, at most {}", min, max));
}

Form<std::uint64_t> size(std::uint64_t min, std::uint64_t max) {
  return {fmt::format("a size such as 256B, 64KiB, 1MiB, from {} to {}", format_size(min),
                      format_size(max)),
          [=](std::string_view t) -> std::optional<std::uint64_t> {
            const auto value = parse_size(t);
            if (!value || *value < min || *value > max) return std::nullopt;
            return value;
          }};
}

Form<double> rate(double max) {
  return {fmt::format("a rate such as 10/s or 600/m, above 0, at most {:.0f}/s", max),
          [=](std::string_view t) -> std::optional<double> {
            const auto value = parse_rate(t);
            if (!value || !(*value > 0) || *value > max) return std::nullopt;
            return value;
          }};
}

Form<double> byte_rate(std::uint64_t min, std::uint64_t max) {
  return {fmt::format("bytes a second such as 64KiB/s, from {}/s to {}/s", format_size(min),
                      format_size(max)),
          [=](std::string_view t) -> std::optional<double> {
            if (!t.ends_with("/s")) return std::nullopt;
            const auto value = parse_size(t.substr(0, t.size() - 2));
            if (!value || *value < min || *value > max) return std::nullopt;
            return static_cast<double>(*value);
          }};
}

Form<bool> boolean() {
  return {"true or false", [](std::string_view t) -> std::optional<bool> {
            if (t == "true") return true;
            if (t == "false") return false;
            return std::nullopt;
          }};
}

Form<std::string> text(std::size_t bytes_max) {
  return {fmt::format("text of at most {} bytes", bytes_max),
          [=](std::string_view t) -> std::optional<std::string> {
            if (t.size() > bytes_max) return std::nullopt;
            return std::string{t};
          }};
}

Form<std::string> line(std::string expected) {
  return {std::move(expected), [](std::string_view t) -> std::optional<std::string> {
            if (t.empty() || t.size() > 1000) return std::nullopt;
            for (const char c : t) {
              if (is_control(c)) return std::nullopt;
            }
            return std::string{t};
          }};
}

Form<std::string> name(std::string what) {
  return {std::move(what) + " of letters, digits, '-' and '_', at most 64",
          [](std::string_view t) -> std::optional<std::string> {
            if (t.empty() || t.size() > 64) return std::nullopt;
            for (const char c : t) {
              if (!is_name_char(c)) return std::nullopt;
            }
            return std::string{t};
          }};
}

}  // namespace streamgauge::yaml
