// storm.spread and storm.peak-rate: those who were cut together do not come back together.
//
// Each return is placed by the sum of the delays that the client chose after its own cut, so that
// what the harness needed to cut and to connect is not counted. Their window is twice the shortest
// stretch that holds half of them (a few stragglers do not make a crowd look thin), and at least a
// hundredth of the time in which all must be back: whoever returns within less is a herd. No tenth
// of the window may hold more than the stated share, unless chance alone explains it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/storm_fold.hpp"

namespace streamgauge {

namespace {

struct Crowd {
  std::size_t back = 0;
  std::size_t peak = 0;  // in one tenth of the window
  double mean = 0;
  Duration tenth{};
  bool herd = false;
  Instant cut{};
};

/// The shortest stretch that holds half of the sorted `offsets`.
Duration densest_half(const std::vector<Duration>& offsets) {
  const auto half = offsets.size() / 2;
  Duration shortest = offsets.back() - offsets.front();
  for (std::size_t i = 0; i + half < offsets.size(); ++i) {
    shortest = std::min(shortest, offsets[i + half] - offsets[i]);
  }
  return shortest;
}

Crowd crowd_of(const Wave& wave, Duration recovered_within, double peak_share) {
  Crowd crowd;
  crowd.cut = wave.begin;
  std::vector<Duration> offsets;
  for (const auto& member : wave.members) {
    if (member.absence->reached()) {
      offsets.push_back(member.absence->waited);
    }
  }
  crowd.back = offsets.size();
  if (offsets.empty()) return crowd;
  std::sort(offsets.begin(), offsets.end());
  const auto window = std::max(2 * densest_half(offsets), recovered_within / 100);
  crowd.tenth = std::max<Duration>(window / 10, std::chrono::microseconds{1});
  std::size_t in_bin = 0;
  std::int64_t bin = -1;
  for (const auto offset : offsets) {
    const auto index = (offset - offsets.front()) / crowd.tenth;
    in_bin = index == bin ? in_bin + 1 : 1;
    bin = index;
    crowd.peak = std::max(crowd.peak, in_bin);
  }
  const auto count = static_cast<double>(crowd.back);
  crowd.mean = count / static_cast<double>(std::max<std::int64_t>(10, bin + 1));
  const double evenly = count / 10;
  const double chance = evenly + 4 * std::sqrt(evenly);
  crowd.herd = static_cast<double>(crowd.peak) > std::max(peak_share * count, chance);
  return crowd;
}

/// The most crowded of all waves; nullopt: in none did enough clients come back.
std::optional<Crowd> worst_crowd(const std::vector<Wave>& waves, const CheckContext& context,
                                 Duration recovered_within) {
  const double share = context.contract.storm.value_or(StormTerms{}).peak_share;
  std::optional<Crowd> worst;
  const auto density = [](const Crowd& crowd) {
    return static_cast<double>(crowd.peak) / static_cast<double>(crowd.back);
  };
  for (const auto& wave : waves) {
    const auto crowd = crowd_of(wave, recovered_within, share);
    if (crowd.back < StormFold::clients_min) continue;
    if (!worst || std::pair{crowd.herd, density(crowd)} > std::pair{worst->herd, density(*worst)}) {
      worst = crowd;
    }
  }
  return worst;
}

std::string herd_reason(const Crowd& crowd) {
  return fmt::format(
      "{} of {} clients chose the same {} to come back; let each wait a random share of its delay, "
      "and tell each another `retry:` or Retry-After",
      crowd.peak, crowd.back, format_duration(crowd.tenth));
}

class Spread final : public Fold<Spread> {
 public:
  explicit Spread(const CheckContext& context) : context_(context), fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const Spread& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise&) const override {
    const auto waves = fold_.waves();
    const auto bound = fmt::format("at most {:.0f} % in a tenth of the time",
                                   100 * context_.contract.storm->peak_share);
    const auto worst = worst_crowd(waves, context_, fold_.recovered_within());
    if (!worst) {
      return finding(Verdict::inconclusive, "", bound,
                     waves.empty() ? fold_.no_wave()
                                   : fmt::format("fewer than {} clients came back after a cut",
                                                 StormFold::clients_min));
    }
    auto result = finding(Verdict::pass,
                          fmt::format("{} back, peak {} in {}, mean {:.1f}", worst->back,
                                      worst->peak, format_duration(worst->tenth), worst->mean),
                          bound);
    result.counts = {{"waves", waves.size()}, {"back", worst->back}, {"peak", worst->peak}};
    if (worst->herd) {
      result.verdict = Verdict::fail;
      result.reason = herd_reason(*worst);
      result.evidence = {{worst->cut, no_stream, "cut here"}};
    }
    return result;
  }

 private:
  const CheckContext& context_;
  StormFold fold_;
};

/// What the target had to bear: arrivals as they were seen, told per second.
class PeakRate final : public Fold<PeakRate> {
 public:
  static constexpr Duration bin = std::chrono::milliseconds{100};

  explicit PeakRate(const CheckContext& context) : context_(context), fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const PeakRate& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise&) const override {
    const auto waves = fold_.waves();
    const bool stated = context_.contract.storm.has_value();
    std::size_t peak = 0, arrivals = 0;
    Duration took{};
    for (const auto& wave : waves) {
      std::vector<Instant> at;
      for (const auto& member : wave.members) {
        if (member.absence->reached()) at.push_back(member.absence->arrived);
      }
      if (at.empty()) continue;
      std::sort(at.begin(), at.end());
      arrivals += at.size();
      took += std::max(at.back() - at.front(), bin);
      for (std::size_t first = 0, last = 0; last < at.size(); ++last) {
        while (at[last] - at[first] >= bin) ++first;
        peak = std::max(peak, last - first + 1);
      }
    }
    const auto bound =
        stated ? std::string{"no herd, see storm.spread"} : std::string{"none stated"};
    if (arrivals < StormFold::clients_min) {
      return finding(Verdict::inconclusive, "", bound,
                     waves.empty() ? fold_.no_wave()
                                   : fmt::format("{} clients came back, {} are needed", arrivals,
                                                 StormFold::clients_min));
    }
    auto result =
        finding(stated ? Verdict::pass : Verdict::info,
                fmt::format("{} back, peak {} in 100 ms, mean {:.1f}", arrivals, peak,
                            static_cast<double>(arrivals) * to_seconds(bin) / to_seconds(took)),
                bound);
    result.counts = {
        {"waves", waves.size()}, {"arrivals", arrivals}, {"peak per second", peak * 10}};
    const auto worst = worst_crowd(waves, context_, fold_.recovered_within());
    if (stated && worst && worst->herd) {
      result.verdict = violated(Level::should);
      result.reason = herd_reason(*worst);
    }
    return result;
  }

 private:
  const CheckContext& context_;
  StormFold fold_;
};

}  // namespace

CheckSpec storm_spread() {
  return {.id = "storm.spread",
          .level = Level::must,
          .requirement = "Clients that were cut together come back spread over time.",
          .source = "contract storm.peak_share",
          .needs = {},
          .not_stated = &no_storm,
          .make = &make_check<Spread>,
          .wants = StormFold::wants};
}

CheckSpec storm_peak_rate() {
  return {.id = "storm.peak-rate",
          .level = Level::should,
          .requirement = "A storm of returns has no peak that spreading would have avoided.",
          .source = "contract storm.peak_share",
          .needs = {},
          .not_stated = nullptr,
          .make = &make_check<PeakRate>,
          .wants = StormFold::wants};
}

}  // namespace streamgauge
