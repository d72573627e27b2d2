// A check's verdict on a proxy in a few words, and beside what is known of the proxy.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "harness/core/base/units.hpp"
#include "harness/run/proxy_matrix.hpp"

namespace streamgauge::run {

namespace {

constexpr double idle_tolerance = 0.1;
constexpr const char* holds_everything = "buffering.events-prompt";

std::uint64_t count_of(const CheckResult& check, std::string_view name) {
  for (const auto& [key, n] : check.finding.counts) {
    if (key == name) return n;
  }
  return 0;
}

std::optional<Duration> idle_cut(const CheckResult& check) {
  const auto us = count_of(check, "cut after us");
  if (us == 0) return std::nullopt;
  return std::chrono::microseconds{static_cast<std::int64_t>(us)};
}

std::string idle_text(const CheckResult& check) {
  const auto cut = idle_cut(check);
  if (cut) return format_duration(*cut);
  const auto outlived = static_cast<std::int64_t>(count_of(check, "silence outlived us"));
  return fmt::format("none in {}", format_duration(std::chrono::microseconds{outlived}));
}

std::string absorbed_text(const CheckResult& check) {
  const auto taken = count_of(check, "taken bytes each");
  const auto offered = count_of(check, "offered bytes each");
  // All of it but what is still in the sockets on the way.
  const bool all = offered > 0 && taken + (12u << 20) >= offered;
  return (all ? "all, " : "") + format_size(taken);
}

std::string reload_text(const CheckResult& check) {
  return fmt::format("{} stay {} back", count_of(check, "stayed"), count_of(check, "back"));
}

struct Short {
  std::string_view check;
  std::string (*text)(const CheckResult&);
};
constexpr Short shorts[] = {{"path.idle-cut", idle_text},
                            {"path.absorbs-bounded", absorbed_text},
                            {"path.survives-reload", reload_text}};

/// "late 205 ms" in place of "3 late of 12, p90 205 ms": what comes behind the last blank pair.
std::string generic_text(const CheckResult& check) {
  const Verdict verdict = check.finding.verdict;
  if (verdict == Verdict::pass) return "ok";
  if (verdict == Verdict::skip) return "-";
  if (verdict == Verdict::inconclusive) return "unsure";
  const std::string& measured = check.finding.measured;
  const auto p90 = measured.find("p90 ");
  if (p90 != std::string::npos) return "late " + measured.substr(p90 + 4);
  const auto worst = measured.find("worst ");
  if (worst == 0) {
    const auto of = measured.find(" of ");
    return "late " + measured.substr(6, of == std::string::npos ? of : of - 6);
  }
  if (measured.find("never came") != std::string::npos) return "never";
  if (measured.find(" held of ") != std::string::npos) return "held";
  const auto percent = measured.find('(');
  if (percent != std::string::npos && measured.find(" %)") != std::string::npos) {
    return "together " + measured.substr(percent + 1, measured.find(')') - percent - 1);
  }
  return "fails";
}

std::string words(const CheckResult& check) {
  const Finding& finding = check.finding;
  if (finding.verdict == Verdict::skip || finding.verdict == Verdict::inconclusive) {
    return generic_text(check);
  }
  for (const Short& each : shorts) {
    if (each.check == check.id) return each.text(check);
  }
  return generic_text(check);
}

/// A time-out that is not the configured one is worth a warning, though no guarantee is broken.
void compare_idle_cut(const CheckResult& check, const ProxyKnowledge& known, MatrixCell& cell) {
  if (check.id != "path.idle-cut" || cell.verdict != Verdict::pass) return;
  const auto measured = idle_cut(check);
  if (!known.idle_cut) {
    if (!measured) return;
    cell.verdict = Verdict::warn;
    cell.detail += fmt::format("; no idle time-out was known of it, and {} was measured",
                               format_duration(*measured));
    return;
  }
  if (!measured) {
    cell.verdict = Verdict::warn;
    cell.detail +=
        fmt::format("; {} is configured, and nothing was cut", format_duration(*known.idle_cut));
    return;
  }
  const double ratio = to_seconds(*measured) / to_seconds(*known.idle_cut);
  cell.detail += fmt::format("; {} is configured", format_duration(*known.idle_cut));
  if (std::abs(ratio - 1) > idle_tolerance) cell.verdict = Verdict::warn;
}

}  // namespace

MatrixCell proxy_cell(const CheckResult& check, const ProxyKnowledge* known) {
  const Finding& finding = check.finding;
  MatrixCell cell;
  cell.verdict = finding.verdict;
  cell.text = words(check);
  cell.detail = fmt::format("{}{}{}", finding.measured,
                            finding.bound.empty() ? "" : fmt::format(" (bound: {})", finding.bound),
                            finding.reason.empty() ? "" : ": " + finding.reason);
  if (known == nullptr) return cell;
  compare_idle_cut(check, *known, cell);
  if (cell.verdict == Verdict::inconclusive && known->fails.contains(holds_everything)) {
    cell.verdict = Verdict::skip;
    cell.text = "-";
    cell.detail += "; too little comes through a proxy that holds everything";
  }
  const auto expected = known->fails.find(check.id);
  if (expected == known->fails.end()) return cell;
  if (cell.verdict == Verdict::fail) {
    cell.standing = Standing::expected_failure;
    cell.detail += "; known: " + expected->second;
  } else if (cell.verdict == Verdict::pass) {
    cell.standing = Standing::stale;
    cell.detail += "; known to fail, and it does not: " + expected->second;
  }
  return cell;
}

}  // namespace streamgauge::run
