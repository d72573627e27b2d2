#include "harness/core/scenario/scenario_forms.hpp"

#include <fmt/format.h>

#include <array>

#include "harness/core/scenario/placeholders.hpp"
#include "harness/core/scenario/words.hpp"

namespace streamgauge::scenario_forms {
namespace {

/// "streams_total", "streams_total + 8", "streams_per_user - 1".
std::optional<StreamCount> parse_relative(std::string_view text) {
  StreamCount out;
  for (const auto& [base, word] : scenario_words::limit) {
    if (text.substr(0, text.find(' ')) != word) continue;
    out.base = base;
    out.plus = 0;
    text.remove_prefix(word.size());
    if (text.empty()) return out;
    const bool plus = text.starts_with(" + ");
    if (!plus && !text.starts_with(" - ")) return std::nullopt;
    const auto number = yaml::whole(1, streams_max).parse(text.substr(3));
    if (!number) return std::nullopt;
    out.plus = static_cast<std::int64_t>(*number) * (plus ? 1 : -1);
    return out;
  }
  return std::nullopt;
}

}  // namespace

yaml::Form<StreamCount> stream_count() {
  const auto absolute = yaml::whole(1, streams_max);
  return {absolute.expected +
              ", or in terms of the contract as streams_total + 8 or "
              "streams_per_user",
          [absolute](std::string_view t) -> std::optional<StreamCount> {
            if (const auto count = absolute.parse(t)) {
              return StreamCount{StreamCount::Base::absolute, static_cast<std::int64_t>(*count)};
            }
            return parse_relative(t);
          }};
}

void take_streams(const yaml::Mapping& map, ClientGroup& group) {
  map.take("streams", stream_count(), group.count);
  const bool absolute = group.count.base == StreamCount::Base::absolute;
  group.streams = absolute ? static_cast<std::uint32_t>(group.count.plus) : 1;
}

yaml::Form<std::string> member_pattern() {
  static constexpr std::array<std::string_view, 1> known{"n"};
  auto form = yaml::line("one line of text, in which {n} becomes the member's number");
  return {form.expected, [parse = form.parse](std::string_view t) -> std::optional<std::string> {
            if (unknown_placeholder(t, known)) return std::nullopt;
            return parse(t);
          }};
}

}  // namespace streamgauge::scenario_forms
