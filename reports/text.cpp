#include "reports/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace streamgauge::reports {
namespace {

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool in_ranges(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](Range r) { return r.first <= c && c <= r.last; });
}

// Coarse on purpose: a report's table may be a column off in a rare script, never unreadable.
constexpr std::array<Range, 13> zero_width{{{0x0300, 0x036F},
                                            {0x0483, 0x0489},
                                            {0x0591, 0x05BD},
                                            {0x0610, 0x061A},
                                            {0x064B, 0x065F},
                                            {0x0E34, 0x0E3A},
                                            {0x0E47, 0x0E4E},
                                            {0x1AB0, 0x1AFF},
                                            {0x1DC0, 0x1DFF},
                                            {0x200B, 0x200D},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F},
                                            {0xFE20, 0xFE2F}}};
constexpr std::array<Range, 10> double_width{{{0x1100, 0x115F},
                                              {0x2E80, 0x303E},
                                              {0x3041, 0xA4CF},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0xFFE0, 0xFFE6},
                                              {0x1F300, 0x1FAFF},
                                              {0x20000, 0x3FFFD}}};
// Would move the cursor, end the line or reorder what was already printed.
constexpr std::array<Range, 6> steering{{{0x0000, 0x001F},
                                         {0x007F, 0x009F},
                                         {0x200E, 0x200F},
                                         {0x2028, 0x202E},
                                         {0x2066, 0x2069},
                                         {0xFEFF, 0xFEFF}}};

std::size_t width_of(char32_t c) {
  if (in_ranges(zero_width, c)) return 0;
  return in_ranges(double_width, c) ? 2 : 1;
}

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

std::string_view ascii_of(char32_t c) {
  switch (c) {
    case U'\u00A0':
      return " ";
    case U'\u00B1':
      return "+/-";
    case U'\u00B5':
    case U'\u03BC':
      return "u";
    case U'\u00B7':
      return "-";
    case U'\u00D7':
      return "x";
    case U'\u2010':
    case U'\u2011':
    case U'\u2012':
    case U'\u2013':
    case U'\u2014':
      return "-";
    case U'\u2018':
    case U'\u2019':
      return "'";
    case U'\u201C':
    case U'\u201D':
      return "\"";
    case U'\u2026':
      return "...";
    case U'\u2192':
      return "->";
    case U'\u2260':
      return "!=";
    case U'\u2264':
      return "<=";
    case U'\u2265':
      return ">=";
    default:
      return "?";
  }
}

}  // namespace

CodePoint next_code_point(std::string_view text, std::size_t& at) {
  const unsigned char lead = byte_at(text, at);
  const CodePoint broken{lead, false};
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || at + length > text.size()) {
    ++at;
    return broken;
  }
  if (length == 1) {
    ++at;
    return {lead, true};
  }
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned char next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) {
      ++at;
      return broken;
    }
    value = (value << 6U) | (next & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) {
    ++at;
    return broken;
  }
  at += length;
  return {value, true};
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6U));
    put(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12U));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  } else {
    put(0xF0 | (c >> 18U));
    put(0x80 | ((c >> 12U) & 0x3FU));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  }
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const CodePoint c = next_code_point(text, at);
    if (c.valid) {
      out.append(text.substr(before, at - before));
    } else {
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(c.value));
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const CodePoint c = next_code_point(text, at);
    if (c.value == '\n') {
      out += "\\n";
    } else if (c.value == '\r') {
      out += "\\r";
    } else if (c.value == '\t') {
      out += "\\t";
    } else if (!c.valid || c.value < 0x20 || c.value == 0x7F) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(c.value));
    } else if (in_ranges(steering, c.value)) {
      out += fmt::format("\\u{{{:04X}}}", static_cast<unsigned>(c.value));
    } else {
      out.append(text.substr(before, at - before));
    }
  }
  return out;
}

std::string to_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = next_code_point(text, at);
    if (c.valid && c.value < 0x80) {
      out += static_cast<char>(c.value);
    } else if (c.valid && width_of(c.value) == 0) {
      continue;
    } else {
      out += c.valid ? ascii_of(c.value) : "?";
    }
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next_code_point(text, at).value);
  return width;
}

std::string elide(std::string_view text, std::size_t width, std::string_view mark) {
  if (display_width(text) <= width) return std::string{text};
  const std::size_t mark_width = display_width(mark);
  if (mark_width > width) return {};
  std::size_t used = 0, end = 0;
  for (std::size_t at = 0; at < text.size();) {
    used += width_of(next_code_point(text, at).value);
    if (used > width - mark_width) break;
    end = at;
  }
  while (end > 0 && text[end - 1] == ' ') --end;
  return std::string{text.substr(0, end)}.append(mark);
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  width = std::max<std::size_t>(width, 1);
  while (display_width(text) > width) {
    std::size_t used = 0, hard_end = 0, space = std::string_view::npos;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t before = at;
      const CodePoint c = next_code_point(text, at);
      if (c.value == ' ' && before > 0) space = before;  // may stand just past the last column
      used += width_of(c.value);
      if (used > width) break;
      hard_end = at;
    }
    std::size_t after_first = 0;
    (void)next_code_point(text, after_first);
    const std::size_t end =
        space != std::string_view::npos ? space : std::max(hard_end, after_first);
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

std::string rfc3339(Instant at) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(at.time_since_epoch());
  const auto day = floor<days>(ms);
  const year_month_day date{sys_days{day}};
  const hh_mm_ss time{ms - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

std::string safe_file_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    out += keep ? c : '_';
  }
  if (out.empty() || out.front() == '.') out.insert(0, "_");
  if (out.size() > 100) out.resize(100);  // leaves room for what a report appends
  return out;
}

}  // namespace streamgauge::reports
