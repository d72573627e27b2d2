// Judgments about connections over time: who leaves when, how waits grow and differ, what is taken.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/core/base/units.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/client_case/judge.hpp"

namespace streamgauge::client_case {

namespace {

template <class Kind>
std::optional<std::pair<Instant, Kind>> of_number(const Trial& trial, std::uint32_t number) {
  for (const auto& [at, what] : all<Kind>(trial)) {
    if (what->number == number) return std::pair{at, *what};
  }
  return std::nullopt;
}

/// Waits before request 2, 3, ...: as far as they were seen.
std::vector<Duration> waits(const Trial& trial, std::uint32_t requests) {
  std::vector<Duration> found;
  for (std::uint32_t n = 2; n <= requests; ++n) {
    if (const auto gap = gap_before(trial, n)) found.push_back(*gap);
  }
  return found;
}

Finding too_few(std::size_t got, std::size_t wanted, std::string bound) {
  return finding(Verdict::inconclusive, fmt::format("{} waits", got), std::move(bound),
                 fmt::format("only {} of {} waits were seen: the client did not come back often "
                             "enough to judge them",
                             got, wanted));
}

}  // namespace

Judge leaves_within(std::uint32_t number, Duration least, Duration most) {
  return [=](const Trial& trial, Level level) {
    std::string bound =
        fmt::format("{} to {} after the silence began (+{} lag)", format_duration(least),
                    format_duration(most), format_duration(trial.lag));
    const auto silent = of_number<seen::Held>(trial, number);
    if (!silent) {
      return finding(Verdict::inconclusive, "the silence never began", std::move(bound),
                     fmt::format("connection {} was never held open", number));
    }
    const auto left = of_number<seen::Left>(trial, number);
    if (!left) {
      return finding(violated_grade(level), "never left", std::move(bound),
                     fmt::format("the client still held the silent connection after {}",
                                 format_duration(trial.ended - silent->first)));
    }
    const Duration took = left->first - silent->first;
    std::string measured = "left after " + format_duration(took);
    if (took > most + trial.lag) {
      return finding(violated_grade(level), measured, std::move(bound),
                     "the client gave the silent connection up too late");
    }
    if (took + trial.lag < least) {
      return finding(violated_grade(level), measured, std::move(bound),
                     "the client gave the connection up too early");
    }
    return finding(Verdict::pass, std::move(measured), std::move(bound));
  };
}

Judge keeps(std::uint32_t number) {
  return [number](const Trial& trial, Level level) {
    const std::string bound = fmt::format("connection {} kept", number);
    if (const auto left = of_number<seen::Left>(trial, number)) {
      return finding(
          violated_grade(level), "left", bound,
          fmt::format("the client left connection {} although the server was alive", number));
    }
    if (!of_number<seen::Requested>(trial, number) || !trial.complete) {
      return finding(Verdict::inconclusive, "not seen to its end", bound,
                     fmt::format("connection {} was not observed for long enough", number));
    }
    return finding(Verdict::pass, "kept", bound);
  };
}

Judge bounded(std::uint32_t number, std::uint64_t bytes_max) {
  return [=](const Trial& trial, Level level) {
    std::string bound = fmt::format("holds at most {}", format_size(bytes_max));
    const auto left = of_number<seen::Left>(trial, number);
    if (left && left->second.bytes <= bytes_max) {
      return finding(Verdict::pass, fmt::format("left after {}", format_size(left->second.bytes)),
                     std::move(bound));
    }
    if (const auto grown = trial.memory_grown_bytes) {
      std::string measured = fmt::format("memory grew by {}", format_size(*grown));
      if (*grown <= bytes_max) return finding(Verdict::pass, measured, std::move(bound));
      return finding(violated_grade(level), measured, std::move(bound),
                     fmt::format("the client's memory grew by {}: a hostile server can exhaust it",
                                 format_size(*grown)));
    }
    if (left) {
      return finding(violated_grade(level),
                     fmt::format("left after {}", format_size(left->second.bytes)),
                     std::move(bound), "the client took more than the bound before it gave up");
    }
    return finding(Verdict::skip, "took everything", std::move(bound),
                   "the client took all that the script sent, and its memory cannot be measured "
                   "from here");
  };
}

Judge waits_grow(std::uint32_t requests, double factor) {
  return [=](const Trial& trial, Level level) {
    const auto found = waits(trial, requests);
    std::string bound = fmt::format("the last three at least {:g} times the first", factor);
    if (found.size() + 1 < requests || found.size() < 4) {
      return too_few(found.size(), requests - 1, std::move(bound));
    }
    const Duration late = std::accumulate(found.end() - 3, found.end(), Duration{}) / 3;
    std::string measured = fmt::format("{} at first, {} at last", format_duration(found.front()),
                                       format_duration(late));
    if (to_seconds(late) >= factor * to_seconds(found.front())) {
      return finding(Verdict::pass, std::move(measured), std::move(bound));
    }
    return finding(violated_grade(level), measured, std::move(bound),
                   "the client's waits do not grow: a server that is down is asked as often as one "
                   "that is up");
  };
}

Judge waits_differ(std::uint32_t requests, Duration window, double share) {
  return [=](const Trial& trial, Level level) {
    auto found = waits(trial, requests);
    std::string bound = fmt::format("at most {:.0f} % within {} of each other", share * 100,
                                    format_duration(window));
    if (found.size() + 1 < requests) return too_few(found.size(), requests - 1, std::move(bound));
    std::sort(found.begin(), found.end());
    std::size_t most = 0;
    for (auto from = found.begin(); from != found.end(); ++from) {
      const auto to = std::upper_bound(from, found.end(), *from + window);
      most = std::max(most, static_cast<std::size_t>(to - from));
    }
    const double alike = static_cast<double>(most) / static_cast<double>(found.size());
    std::string measured = fmt::format(
        "{:.0f} % of {} waits within {}, from {} to {}", alike * 100, found.size(),
        format_duration(window), format_duration(found.front()), format_duration(found.back()));
    if (alike <= share) return finding(Verdict::pass, std::move(measured), std::move(bound));
    return finding(violated_grade(level), measured, std::move(bound),
                   "the client's waits are alike: a fleet of them comes back all at once");
  };
}

}  // namespace streamgauge::client_case
