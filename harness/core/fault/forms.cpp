#include "harness/core/fault/forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace streamgauge::fault {
namespace {

constexpr std::uint64_t bytes_max = std::uint64_t{1} << 40;
constexpr std::string_view separators = "%:+,";

template <class T>
yaml::Form<Value> as_value(yaml::Form<T> form) {
  return {form.expected, [parse = form.parse](std::string_view t) -> std::optional<Value> {
            if (auto value = parse(t)) return Value{std::move(*value)};
            return std::nullopt;
          }};
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

yaml::Form<Value> header_name() {
  return {"the name of a header field such as Last-Event-ID",
          [](std::string_view t) -> std::optional<Value> {
            if (!is_token(t)) return std::nullopt;
            return Value{std::string{t}};
          }};
}

yaml::Form<Value> word_of(std::string_view words) {
  std::string expected = fmt::format("one of: {}", words);
  for (std::size_t at = 8; (at = expected.find(' ', at)) != std::string::npos; at += 2) {
    expected.replace(at, 1, ", ");
  }
  return {std::move(expected), [words](std::string_view t) -> std::optional<Value> {
            for (std::string_view rest = words; !rest.empty();) {
              const std::string_view word = rest.substr(0, rest.find(' '));
              if (word == t) return Value{std::string{t}};
              rest.remove_prefix(std::min(rest.size(), word.size() + 1));
            }
            return std::nullopt;
          }};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

yaml::Form<Value> form_of(const Parameter& parameter) {
  switch (parameter.form) {
    case ParameterForm::duration:
      return as_value(yaml::duration());
    case ParameterForm::size:
      return as_value(yaml::size(1, parameter.most));
    case ParameterForm::byte_rate:
      return as_value(yaml::as<std::uint64_t>(yaml::byte_rate(1, bytes_max)));
    case ParameterForm::count:
      return as_value(yaml::whole(1, parameter.most));
    case ParameterForm::status:
      return as_value(yaml::whole(400, 599));
    case ParameterForm::header:
      return header_name();
    case ParameterForm::text:
      return as_value(yaml::line("one line of text"));
    case ParameterForm::word:
      return word_of(parameter.words);
  }
  return {};
}

std::string written(Duration duration) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> units{
      {{3'600'000'000'000, "h"},
       {60'000'000'000, "m"},
       {1'000'000'000, "s"},
       {1'000'000, "ms"},
       {1'000, "us"},
       {1, "ns"}}};
  if (duration == Duration::zero()) return "0";
  for (const auto& [ns, unit] : units) {
    if (duration.count() % ns == 0) return fmt::format("{}{}", duration.count() / ns, unit);
  }
  return {};
}

std::string written_share(double share) {
  return fmt::format("{}", share);
}

std::string written(const Value& value, ParameterForm form) {
  if (const auto* duration = std::get_if<Duration>(&value)) return written(*duration);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto* number = std::get_if<std::uint64_t>(&value);
  if (number == nullptr) return {};
  if (form != ParameterForm::size && form != ParameterForm::byte_rate) {
    return fmt::format("{}", *number);
  }
  std::string size = fmt::format("{}B", *number);
  if (*number % (1u << 20) == 0) {
    size = fmt::format("{}MiB", *number >> 20);
  } else if (*number % (1u << 10) == 0) {
    size = fmt::format("{}KiB", *number >> 10);
  }
  return form == ParameterForm::byte_rate ? size + "/s" : size;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (separators.find(c) != std::string_view::npos || byte <= 0x20 || byte == 0x7f) {
      out += fmt::format("%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[at + 2]) : -1;
    if (low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

}  // namespace streamgauge::fault
