#include "reports/wording.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace streamgauge::reports {
namespace {

std::string named(const std::vector<std::string>& ids) {
  constexpr std::size_t shown_max = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(ids.size(), shown_max); ++i) {
    out += (i == 0 ? "" : ", ") + ids[i];
  }
  if (ids.size() > shown_max) out += fmt::format(" and {} more", ids.size() - shown_max);
  return out;
}

std::string stale_sentence(const RunResult& run) {
  const auto ids =
      ids_where(run, [](const CheckResult& c) { return c.standing == Standing::stale; });
  if (ids.empty()) return {};
  return fmt::format("{} of the baseline {} stale, it passes now: {}.",
                     ids.size() == 1 ? "An entry" : fmt::format("{} entries", ids.size()),
                     ids.size() == 1 ? "is" : "are", named(ids));
}

std::string violated_sentence(const RunResult& run) {
  const auto ids = ids_where(run, [&](const CheckResult& c) {
    return c.standing != Standing::stale && violates(c, run.strict);
  });
  const std::string stale = stale_sentence(run);
  if (ids.empty()) return stale;
  const bool warned = std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
    return ids_where(run,
                     [&](const CheckResult& c) {
                       return c.id == id && c.finding.verdict == Verdict::fail;
                     })
        .empty();
  });
  return fmt::format(
      "{} violated: {}{}.{}{}",
      ids.size() == 1 ? "A guarantee is" : fmt::format("{} guarantees are", ids.size()), named(ids),
      warned ? " (strict: a warning counts)" : "", stale.empty() ? "" : " ", stale);
}

std::string undecided_sentence(const RunResult& run) {
  const auto ids = ids_where(run, [](const CheckResult& c) {
    return c.finding.verdict == Verdict::inconclusive || c.finding.verdict == Verdict::error;
  });
  if (ids.empty()) return "The run ended without enough evidence for a verdict.";
  return fmt::format("{} could not be decided: {}. Nothing that was decided is violated.",
                     ids.size() == 1 ? "A check" : fmt::format("{} checks", ids.size()),
                     named(ids));
}

std::string unjudged_sentence(const RunResult& run) {
  const std::size_t skipped = count(run).skip;
  if (skipped == 0) return "Nothing was judged: no check was selected.";
  return fmt::format(
      "Nothing was judged: {} skipped.",
      skipped == 1 ? "the only check was" : fmt::format("all {} checks were", skipped));
}

std::string passed_sentence(const RunResult& run) {
  const auto warned =
      ids_where(run, [](const CheckResult& c) { return c.finding.verdict == Verdict::warn; });
  const auto excused = ids_where(run, [](const CheckResult& c) {
    return c.standing != Standing::plain && c.finding.verdict == Verdict::fail;
  });
  if (!excused.empty()) {
    return fmt::format(
        "Every guarantee that was judged holds, but for what the baseline excuses: {}.",
        named(excused));
  }
  if (warned.empty()) return "Every guarantee that was judged holds.";
  return fmt::format("Every guarantee that was judged holds; {} not followed: {}.",
                     warned.size() == 1 ? "a recommendation is"
                                        : fmt::format("{} recommendations are", warned.size()),
                     named(warned));
}

}  // namespace

std::string time_in_run(Instant at, Instant run_start) {
  if (at == Instant{}) return {};
  return fmt::format("{:+.3f} s", to_seconds(at - run_start));
}

std::string stream_name(StreamId stream) {
  return stream == no_stream ? std::string{} : fmt::format("stream {}", stream);
}

std::string standing_sentence(const CheckResult& check) {
  const std::string reason =
      check.standing_reason.empty() ? std::string{} : fmt::format(" ({})", check.standing_reason);
  switch (check.standing) {
    case Standing::plain:
      break;
    case Standing::expected_failure:
      return "the baseline expects this failure" + reason + ": it does not fail the run";
    case Standing::stale:
      return "the baseline expects it to fail" + reason +
             ", and it passes: the entry is stale, take it out";
    case Standing::flaky:
      return "the baseline knows it as flaky" + reason + ": it cannot fail the run";
  }
  return {};
}

std::string closing_sentence(const RunResult& run) {
  if (!run.errors.empty()) return run.errors.front().message;  // it decides the exit code, too
  const std::string cut = run.interrupted ? "The run was interrupted. " : "";
  switch (exit_code(run)) {
    case ExitCode::pass:
      return cut + passed_sentence(run);
    case ExitCode::violated:
      return cut + violated_sentence(run);
    case ExitCode::nothing_judged:
      return cut + unjudged_sentence(run);
    case ExitCode::inconclusive:
      return cut + undecided_sentence(run);
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return cut + "The run could not be carried out.";
}

}  // namespace streamgauge::reports
