#include "harness/core/http/head.hpp"

#include <algorithm>

namespace streamgauge::http {

namespace {

constexpr std::string_view blanks = " \t";

[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

[[nodiscard]] std::string lowered(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Takes the next line off the front of `head`, without its CRLF or LF.
[[nodiscard]] std::string_view take_line(std::string_view& head) {
  const std::size_t end = head.find('\n');
  std::string_view line = head.substr(0, end);
  head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Calls `take` with the value of each field named `name` until it answers true; whether it did.
template <class Take>
bool any_field(std::string_view head, std::string_view name, Take take) {
  (void)take_line(head);  // the status line
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    if (line.empty()) return false;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same(line.substr(0, colon), name)) continue;
    if (take(trimmed(line.substr(colon + 1)))) return true;
  }
  return false;
}

/// Where the first `wanted` outside of a quoted string stands, or the end.
[[nodiscard]] std::size_t find_unquoted(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == wanted && !quoted) return at;
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == '\\' && quoted) ++at;
  }
  return text.size();
}

/// Takes what stands before the next `separator` off the front of `text`, trimmed.
[[nodiscard]] std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = find_unquoted(text, separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(part);
}

[[nodiscard]] bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    const char l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

/// The text of a quoted string (an absent closing quote is forgiven), or `value` itself.
[[nodiscard]] std::string unquoted(std::string_view value) {
  if (!value.starts_with('"')) return std::string{value};
  std::string text;
  for (std::size_t at = 1; at < value.size() && value[at] != '"'; ++at) {
    if (value[at] == '\\' && at + 1 < value.size()) ++at;
    text.push_back(value[at]);
  }
  return text;
}

}  // namespace

std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  std::optional<std::string_view> found;
  any_field(head, name, [&](std::string_view value) {
    found = value;
    return true;
  });
  return found;
}

bool has_token(std::string_view head, std::string_view name, std::string_view token) {
  return any_field(head, name, [&](std::string_view value) {
    while (!value.empty()) {
      if (same(take_part(value, ','), token)) return true;
    }
    return false;
  });
}

std::optional<MediaType> parse_media_type(std::string_view value) {
  const std::string_view essence = take_part(value, ';');
  const std::size_t slash = essence.find('/');
  if (slash == std::string_view::npos || !is_token(essence.substr(0, slash)) ||
      !is_token(essence.substr(slash + 1))) {
    return std::nullopt;
  }
  MediaType type{lowered(essence), std::nullopt};
  while (!value.empty() && !type.charset) {
    const std::string_view parameter = take_part(value, ';');
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !same(parameter.substr(0, equals), "charset")) continue;
    if (std::string charset = unquoted(parameter.substr(equals + 1)); !charset.empty()) {
      type.charset = lowered(charset);
    }
  }
  return type;
}

}  // namespace streamgauge::http
