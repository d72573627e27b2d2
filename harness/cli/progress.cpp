#include "harness/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "harness/core/base/units.hpp"

namespace streamgauge::cli {

namespace {

std::string bar(double share, std::size_t width) {
  const auto filled =
      static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width) + 0.5);
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += i < filled ? "━" : "─";
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool shown) : shown_(shown), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (drawn_ > 0) fmt::print(stderr, "\r{:{}}\r", "", drawn_);
}

void ProgressLine::show(const run::Progress& progress) {
  if (!shown_) return;
  if (terminal_) {
    show_on_terminal(progress);
  } else {
    show_as_line(progress);
  }
}

void ProgressLine::show_on_terminal(const run::Progress& progress) {
  const double share = progress.length.count() > 0
                           ? to_seconds(progress.elapsed) / to_seconds(progress.length)
                           : 0.0;
  const std::string text = fmt::format(
      "{} {:<18} {:<10} {:>5.1f}/{:.1f} s  {} of {} streams open  {} events", bar(share, 16),
      progress.scenario, progress.phase, to_seconds(progress.elapsed), to_seconds(progress.length),
      progress.open, progress.streams, format_count(progress.events));
  const std::size_t columns = text.size() - 2 * 16;  // a bar's character takes three bytes
  const std::size_t blank = drawn_ > columns ? drawn_ - columns : 0;
  fmt::print(stderr, "\r{}{:{}}", text, "", blank);
  std::fflush(stderr);
  drawn_ = columns;
}

void ProgressLine::show_as_line(const run::Progress& progress) {
  const std::string phase = fmt::format("{} / {}", progress.scenario, progress.phase);
  if (phase == last_phase_) return;
  last_phase_ = phase;
  fmt::print(stderr, "streamgauge: {} at {:.1f} s, {} streams open, {} events\n", phase,
             to_seconds(progress.elapsed), progress.open, format_count(progress.events));
}

}  // namespace streamgauge::cli
