#include "harness/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "harness/core/base/units.hpp"
#include "harness/net/clock.hpp"

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

/// "98.7 k" for a rate that changes while it is read.
std::string short_count(double n) {
  if (n >= 999'500) return fmt::format("{:.3g} M", n / 1e6);
  if (n >= 9'950) return fmt::format("{:.3g} k", n / 1e3);
  return fmt::format("{:.0f}", n);
}

/// Rate, streams, loss, latency and time left, as far as they are known.
std::string figures(const LivePoint& now) {
  std::string text = fmt::format("{} of {} streams · {} events/s · {} missing", now.open,
                                 now.streams, short_count(now.received_per_s), now.missing);
  if (now.p99) text += " · p99 " + format_duration(*now.p99);
  if (now.left && *now.left > Duration{})
    text += fmt::format(" · {:.0f} s left", to_seconds(*now.left));
  return text;
}

/// What fits on a line; a cut inside a sign of several bytes takes all of it.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}
void cut(std::string& text, std::size_t columns) {
  while (columns_of(text) > columns) {
    while ((static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
    text.pop_back();
  }
}

/// How far one scenario is, or what runs side by side.
std::string line(const run::PlanProgress& progress, const LivePoint& point) {
  if (progress.running.size() == 1) {
    const run::Running& now = progress.running.front();
    const double share =
        now.length.count() > 0 ? to_seconds(now.elapsed) / to_seconds(now.length) : 0.0;
    std::string text = fmt::format("{} {}  {}", now.scenario, now.phase, figures(point));
    cut(text, columns_max - bar_width);
    return bar(share, bar_width) + " " + text;
  }
  const double share =
      progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total)
                         : 0.0;
  std::string names;
  for (const run::Running& now : progress.running) {
    names += (names.empty() ? "" : ", ") + now.scenario;
  }
  std::string text =
      fmt::format("{} of {}  {}  {}", progress.done, progress.total, figures(point), names);
  cut(text, columns_max - bar_width);
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
  history_.take(progress, net::now());
  if (terminal_) {
    show_on_terminal(progress);
  } else {
    show_as_lines(progress);
  }
}

void ProgressLine::show_on_terminal(const run::PlanProgress& progress) {
  const std::string text = line(progress, *history_.latest());
  const std::size_t columns = columns_of(text);
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
    fmt::print(stderr, "streamgauge: {} / {} at {:.1f} s, {} streams open, {} events, {} missing\n",
               now.scenario, now.phase, to_seconds(now.elapsed), now.open, format_count(now.events),
               now.figures.missing);
  }
}

}  // namespace streamgauge::cli
