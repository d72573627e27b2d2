#include "harness/core/sse/envelope.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace streamgauge::sse {

namespace {

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Takes "NUMBER " from the front of `text`. from_chars knows neither spaces nor a plus sign.
template <class Number>
[[nodiscard]] bool take_number(std::string_view& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop == end || *stop != ' ') return false;
  const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
  const bool padded = digits.front() == '0' && digits.data() + 1 != stop;
  const bool minus_zero = digits.front() == '0' && text.front() == '-';
  if (padded || minus_zero) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return true;
}

[[nodiscard]] constexpr std::optional<EnvelopeKind> kind_of(char letter) {
  switch (letter) {
    case 'n':
      return EnvelopeKind::normal;
    case 'c':
      return EnvelopeKind::critical;
    case 'p':
      return EnvelopeKind::probe;
    default:
      return std::nullopt;
  }
}

[[nodiscard]] constexpr char letter_of(EnvelopeKind kind) {
  switch (kind) {
    case EnvelopeKind::normal:
      return 'n';
    case EnvelopeKind::critical:
      return 'c';
    case EnvelopeKind::probe:
      return 'p';
  }
  return '?';
}

}  // namespace

std::optional<Envelope> parse_envelope(std::string_view data) {
  if (!data.starts_with("sg1 ")) return std::nullopt;
  data.remove_prefix(4);
  Envelope envelope;
  std::int64_t intended_ns = 0;
  if (!take_number(data, envelope.run) || !take_number(data, envelope.stream) ||
      !take_number(data, envelope.seq) || !take_number(data, intended_ns) || data.empty()) {
    return std::nullopt;
  }
  const auto kind = kind_of(data.front());
  const bool goes_on = data.size() > 1 && is_letter_or_digit(data[1]);
  if (!kind || goes_on || envelope.seq == 0) return std::nullopt;
  envelope.kind = *kind;
  envelope.intended = instant_from_ns(intended_ns);
  return envelope;
}

void append_envelope(std::string& out, const Envelope& envelope, std::size_t size) {
  const std::size_t begin = out.size();
  fmt::format_to(std::back_inserter(out), "sg1 {} {} {} {} {}", envelope.run, envelope.stream,
                 envelope.seq, to_ns(envelope.intended), letter_of(envelope.kind));
  const std::size_t written = out.size() - begin;
  if (written >= size) return;
  out.push_back(' ');
  const std::size_t left = size - written - 1;
  out.append(left == 0 ? 1 : left, '.');
}

}  // namespace streamgauge::sse
