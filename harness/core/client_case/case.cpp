#include "harness/core/client_case/case.hpp"

#include <algorithm>
#include <exception>

#include "harness/core/check/finding.hpp"

namespace streamgauge::client_case {

bool fits(std::string_view pattern, std::string_view id) {
  // Greedy with one step back: the last star takes as much as it must.
  std::size_t p = 0, i = 0, star = std::string_view::npos, taken = 0;
  while (i < id.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = i;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == id[i])) {
      ++p;
      ++i;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      i = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Duration comeback_window(const Trial& trial, Duration reconnection_time) {
  constexpr Duration least = std::chrono::milliseconds{500};
  Duration longest{};
  for (const auto& [at, request] : all<seen::Requested>(trial)) {
    if (const auto gap = gap_before(trial, request->number)) longest = std::max(longest, *gap);
  }
  if (longest == Duration{}) return std::max(least, scaled(reconnection_time, 1.6));
  return std::max(least, 2 * longest);
}

std::optional<Instant> together(const Until& until, const std::vector<Observation>& log) {
  std::uint32_t requests = 0;
  bool ended = until.ended == 0, left = until.left == 0, held = until.held == 0;
  bool end_event = !until.end_event;
  for (const Observation& entry : log) {
    if (std::holds_alternative<seen::Requested>(entry.what)) ++requests;
    if (const auto* what = std::get_if<seen::Ended>(&entry.what)) {
      ended |= what->number == until.ended;
    }
    if (const auto* what = std::get_if<seen::Left>(&entry.what)) {
      // Whoever leaves has put an end to it, and to what was still to be sent.
      left |= what->number == until.left;
      ended |= what->number == until.ended;
      held |= what->number == until.held;
    }
    if (const auto* what = std::get_if<seen::Held>(&entry.what)) held |= what->number == until.held;
    if (const auto* what = std::get_if<seen::Event>(&entry.what)) {
      end_event |= what->data == "sg-end";
    }
    if (requests >= until.requests && ended && left && held && end_event) return entry.at;
  }
  return std::nullopt;
}

std::optional<Capability> missing(const Case& item, const Capabilities& can) {
  for (const Capability need : item.needs) {
    if (!can.has(need)) return need;
  }
  return std::nullopt;
}

Finding judge(const Case& item, const Trial& trial) {
  // A port that refuses at first is asked by nobody whom that discourages: that is the verdict.
  if (all<seen::Requested>(trial).empty() && item.script.refuses_for == Duration{}) {
    const auto gone = all<seen::Gone>(trial);
    const std::string why = gone.empty() ? std::string{"it never asked for the stream"}
                                         : "it is gone: " + gone.front().second->how;
    return finding(Verdict::error, "no request", "a request",
                   "nothing can be said of this client: " + why);
  }
  Finding result;
  try {
    result = item.judge(trial, item.level);
  } catch (const std::exception& error) {
    return finding(Verdict::error, "", "", std::string{"the judgment failed: "} + error.what());
  }
  if (result.verdict == Verdict::pass) return result;
  // The end of the log tells most: what came last, and what did not.
  const std::size_t shown = std::min(trial.log.size(), EvidenceList::max);
  for (auto at = trial.log.end() - static_cast<std::ptrdiff_t>(shown); at != trial.log.end();
       ++at) {
    result.evidence.push_back({at->at, no_stream, to_string(at->what)});
  }
  return result;
}

}  // namespace streamgauge::client_case
