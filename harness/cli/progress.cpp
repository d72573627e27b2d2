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

constexpr std::size_t bar_width = 16;
constexpr std::size_t columns_max = 100;

/// How far one scenario is, or what runs side by side.
std::string line(const run::PlanProgress& progress) {
  if (progress.running.size() == 1) {
    const run::Running& now = progress.running.front();
    const double share =
        now.length.count() > 0 ? to_seconds(now.elapsed) / to_seconds(now.length) : 0.0;
    return fmt::format("{} {:<18} {:<10} {:>5.1f}/{:.1f} s  {} of {} streams open  {} events",
                       bar(share, bar_width), now.scenario, now.phase, to_seconds(now.elapsed),
                       to_seconds(now.length), now.open, now.streams, format_count(now.events));
  }
  const double share =
      progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total)
                         : 0.0;
  std::string names;
  for (const run::Running& now : progress.running) {
    names += (names.empty() ? "" : ", ") + now.scenario;
  }
  std::string text = fmt::format("{} of {}  {}", progress.done, progress.total, names);
  if (text.size() > columns_max - bar_width) text.resize(columns_max - bar_width);
  return bar(share, bar_width) + " " + text;
}

}  // namespace

ProgressLine::ProgressLine(bool shown) : shown_(shown), terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressLine::wipe() {
  if (drawn_ > 0) fmt::print(stderr, "\r{:{}}\r", "", drawn_);
  drawn_ = 0;
}

void ProgressLine::show(const run::PlanProgress& progress) {
  if (!shown_) return;
  if (terminal_) {
    show_on_terminal(progress);
  } else {
    show_as_lines(progress);
  }
}

void ProgressLine::show_on_terminal(const run::PlanProgress& progress) {
  const std::string text = line(progress);
  const std::size_t columns = text.size() - 2 * bar_width;  // a bar's character takes three bytes
  const std::size_t blank = drawn_ > columns ? drawn_ - columns : 0;
  fmt::print(stderr, "\r{}{:{}}", text, "", blank);
  std::fflush(stderr);
  drawn_ = columns;
}

void ProgressLine::show_as_lines(const run::PlanProgress& progress) {
  for (const run::Running& now : progress.running) {
    std::string& last = last_phase_[now.scenario];
    if (now.phase == last) continue;
    last = now.phase;
    fmt::print(stderr, "streamgauge: {} / {} at {:.1f} s, {} streams open, {} events\n",
               now.scenario, now.phase, to_seconds(now.elapsed), now.open,
               format_count(now.events));
  }
}

}  // namespace streamgauge::cli
