#include "reports/console_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

std::string_view sgr(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return {};
    case Tone::strong:
      return "1";
    case Tone::dim:
      return "2";
    case Tone::good:
      return "32";
    case Tone::bad:
      return "1;31";
    case Tone::caution:
      return "33";
    case Tone::unsure:
      return "35";
    case Tone::note:
      return "36";
  }
  return {};
}

}  // namespace

Page::Page(std::size_t width_columns, bool colour, bool ascii)
    : width_(std::clamp<std::size_t>(width_columns, 60, 160)), colour_(colour), ascii_(ascii) {}

std::string Page::clean(std::string_view raw) const {
  std::string text = printable(raw);
  return ascii_ ? to_ascii(text) : text;
}

std::string Page::paint(Tone tone, std::string_view text) const {
  if (!colour_ || tone == Tone::plain || text.empty()) return std::string{text};
  return fmt::format("\x1b[{}m{}\x1b[0m", sgr(tone), text);
}

std::string Page::cut(std::string_view text, std::size_t width) const {
  return elide(text, width, ascii_ ? "..." : "…");
}

std::string Page::cell(std::string_view text, std::size_t width, Tone tone, Align align) const {
  const std::string shown = cut(text, width);
  const std::string padding(width - std::min(width, display_width(shown)), ' ');
  const std::string painted = paint(tone, shown);
  return align == Align::left ? painted + padding : padding + painted;
}

Look Page::look(Verdict verdict) const {
  switch (verdict) {
    case Verdict::pass:
      return {Tone::good, ascii_ ? "+" : "✓"};
    case Verdict::info:
      return {Tone::note, "i"};
    case Verdict::skip:
      return {Tone::dim, ascii_ ? "-" : "–"};
    case Verdict::warn:
      return {Tone::caution, "!"};
    case Verdict::inconclusive:
      return {Tone::unsure, "?"};
    case Verdict::error:
      return {Tone::bad, ascii_ ? "E" : "✗"};
    case Verdict::fail:
      return {Tone::bad, ascii_ ? "x" : "✗"};
  }
  return {Tone::plain, "?"};
}

void Page::line(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  out_.append(text) += '\n';
}

void Page::paragraph(std::string_view first, std::string_view text, Tone tone) {
  const std::size_t indent = painted_width(first);
  std::string before{first};
  for (const std::string& part : wrap(text, width_ - std::min(width_ - 20, indent))) {
    line(before + paint(tone, part));
    before.assign(indent, ' ');
  }
}

void Page::barred(std::string_view every, std::string_view text, Tone tone) {
  for (const std::string& part : wrap(text, width_ - painted_width(every))) {
    line(std::string{every} + paint(tone, part));
  }
}

void Page::labelled(std::string_view label, std::string_view text, Tone tone) {
  paragraph("  " + cell(label, 11, Tone::dim), text, tone);
}

void Page::labelled(std::string_view label, const std::vector<std::string>& parts) {
  std::string text = "  " + cell(label, 11, Tone::dim);
  bool line_is_empty = true;
  for (const std::string& part : parts) {
    const std::string piece = (line_is_empty ? "" : std::string{dot()}) + part;
    if (!line_is_empty && painted_width(text) + display_width(piece) > width_) {
      line(text);
      text = std::string(13, ' ') + part;
    } else {
      text += piece;
    }
    line_is_empty = false;
  }
  line(text);
}

std::size_t painted_width(std::string_view text) {
  std::string bare;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size() - 1);
    } else {
      bare += text[i];
    }
  }
  return display_width(bare);
}

}  // namespace streamgauge::reports
