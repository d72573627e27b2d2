// The page that the console report is set on: columns, tones and the choice of signs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/check/check.hpp"

namespace streamgauge::reports {

enum class Tone { plain, strong, dim, good, bad, caution, unsure, note };
enum class Align { left, right };

/// How a verdict looks.
struct Look {
  Tone tone;
  std::string sign;
};

class Page {
 public:
  Page(std::size_t width_columns, bool colour, bool ascii);

  [[nodiscard]] std::size_t width() const { return width_; }
  /// Safe to print, in the page's character set. Every text that is not ours goes through here,
  /// before it is measured.
  [[nodiscard]] std::string clean(std::string_view raw) const;
  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;
  /// Cut and padded to exactly `width` columns, then painted.
  [[nodiscard]] std::string cell(std::string_view text, std::size_t width, Tone tone = Tone::plain,
                                 Align align = Align::left) const;
  [[nodiscard]] std::string cut(std::string_view text, std::size_t width) const;
  [[nodiscard]] Look look(Verdict verdict) const;
  [[nodiscard]] std::string_view arrow() const { return ascii_ ? "->" : "→"; }
  [[nodiscard]] std::string_view dot() const { return ascii_ ? " | " : " · "; }
  [[nodiscard]] std::string_view bar() const { return ascii_ ? "|" : "│"; }
  [[nodiscard]] std::string_view dash() const { return ascii_ ? "-" : "–"; }

  void line(std::string_view text = {});
  /// `first` before the first line, as many spaces before the others; `text` is painted.
  void paragraph(std::string_view first, std::string_view text, Tone tone = Tone::plain);
  /// The same with `every` before each line.
  void barred(std::string_view every, std::string_view text, Tone tone = Tone::plain);
  /// "  label      text", wrapped; the second form wraps between the parts only.
  void labelled(std::string_view label, std::string_view text, Tone tone = Tone::plain);
  void labelled(std::string_view label, const std::vector<std::string>& parts);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::size_t width_;
  bool colour_, ascii_;
  std::string out_;
};

/// Columns of `text` without the escape sequences of paint().
[[nodiscard]] std::size_t painted_width(std::string_view text);

}  // namespace streamgauge::reports
