#include "harness/core/scenario/span_form.hpp"

#include "harness/core/scenario/words.hpp"

namespace streamgauge {
namespace {

constexpr double multiples_max = 1000;

std::optional<Span> parse_multiple(std::string_view text, yaml::Zero zero) {
  const std::size_t gap = text.find(' ');
  if (gap == std::string_view::npos) return std::nullopt;
  const std::string_view word = text.substr(gap + 1);
  Span span;
  for (const auto& [unit, name] : scenario_words::time_unit) {
    if (word == name) span.unit = unit;
  }
  if (span.unit == TimeUnit::absolute) return std::nullopt;
  const auto factor = yaml::parse_number(text.substr(0, gap));
  if (!factor || *factor < 0 || *factor > multiples_max) return std::nullopt;
  if (*factor == 0 && zero == yaml::Zero::refused) return std::nullopt;
  span.factor = *factor;
  return span;
}

}  // namespace

yaml::Form<Span> span_form(yaml::Zero zero) {
  std::string expected = "a span such as 2s or 3 heartbeat (also of";
  for (const auto& [unit, word] : scenario_words::time_unit) {
    if (unit != TimeUnit::heartbeat) expected.append(" ").append(word).append(",");
  }
  expected.back() = ')';
  return {std::move(expected),
          [zero, absolute = yaml::duration(zero)](std::string_view t) -> std::optional<Span> {
            if (const auto multiple = parse_multiple(t, zero)) return multiple;
            if (const auto length = absolute.parse(t)) {
              return Span{TimeUnit::absolute, *length, 0};
            }
            return std::nullopt;
          }};
}

bool surely_longer(const Span& a, const Span& b) {
  return a.unit == b.unit && (a.absolute > b.absolute || a.factor > b.factor);
}

}  // namespace streamgauge
