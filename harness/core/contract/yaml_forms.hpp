// What a value may be: how its text is read, within which range, and the words that say so.
//
// Numbers out of range, not finite, or with anything after them are refused, never clamped.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/base/time.hpp"

namespace streamgauge::yaml {

template <class T>
struct Form {
  std::string expected;  // "a duration such as 250ms, 15s, 2m"
  std::function<std::optional<T>(std::string_view)> parse;
};

/// No guarantee and no phase is longer; it keeps sums and multiples far from overflow.
inline constexpr Duration duration_max = std::chrono::hours{24 * 30};

enum class Zero : std::uint8_t { refused, allowed };

[[nodiscard]] Form<Duration> duration(Zero zero = Zero::refused, Duration max = duration_max);
/// Whole numbers in [min, max], ASCII digits only.
[[nodiscard]] Form<std::uint64_t> whole(std::uint64_t min, std::uint64_t max);
/// Decimal numbers in [min, max], as "0.25" or "1e3"; `above`: greater than min.
[[nodiscard]] Form<double> number(double min, double max);
[[nodiscard]] Form<double> number_above(double min, double max);
/// Sizes in bytes in [min, max], as "64KiB".
[[nodiscard]] Form<std::uint64_t> size(std::uint64_t min, std::uint64_t max);
/// Events per second in (0, max], as "10/s".
[[nodiscard]] Form<double> rate(double max);
/// Bytes per second in [min, max], as "64KiB/s".
[[nodiscard]] Form<double> byte_rate(std::uint64_t min, std::uint64_t max);
/// true or false, nothing else: YAML 1.1's yes, no, on and off are how "no" gets lost.
[[nodiscard]] Form<bool> boolean();
/// Any text, several lines included, at most `bytes_max`.
[[nodiscard]] Form<std::string> text(std::size_t bytes_max = 64u << 10);
/// One line without control characters, not empty, at most 1000 bytes.
[[nodiscard]] Form<std::string> line(std::string expected);
/// Letters, digits, '-' and '_', at most 64: safe in a path, in a URL and in a dotted key.
[[nodiscard]] Form<std::string> name(std::string what);

/// One of a table's words; "expected one of: comment, event".
template <class E, class Table>
[[nodiscard]] Form<E> one_of(const Table& table) {
  std::vector<std::pair<std::string, E>> words;
  std::string expected = "one of: ";
  for (const auto& [value, word] : table) {
    if (!words.empty()) expected += ", ";
    expected += word;
    words.emplace_back(word, value);
  }
  return {std::move(expected), [words = std::move(words)](std::string_view t) -> std::optional<E> {
            for (const auto& [word, value] : words) {
              if (word == t) return value;
            }
            return std::nullopt;
          }};
}

/// Narrows what `form` reads to a smaller type; the form's range must fit it.
template <class To, class From>
[[nodiscard]] Form<To> as(Form<From> form) {
  return {form.expected, [parse = form.parse](std::string_view t) -> std::optional<To> {
            if (const auto value = parse(t)) return static_cast<To>(*value);
            return std::nullopt;
          }};
}

/// The whole of `text` as a finite decimal number.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

}  // namespace streamgauge::yaml
