// storm.no-lockstep: clients that were cut at the same moment do not choose the same delays.
//
// Judged are the sums of the delays up to each client's n-th attempt, for each n of each wave: who
// differs in the first delay and agrees in the others stays apart. Two choices are the same when
// they lie within 2 % of the last delay, and within a two-hundredth of the time in which all must
// be back: a little randomness on top of a long wait is enough if it spreads them. More than a
// third alike, and more than chance makes of few, is lockstep.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/core/base/units.hpp"
#include "harness/core/check/checks.hpp"
#include "harness/core/check/finding.hpp"
#include "harness/core/check/storm_fold.hpp"

namespace streamgauge {

namespace {

constexpr double same_within = 0.02;
constexpr double share_max = 1.0 / 3;

class NoLockstep final : public Fold<NoLockstep> {
 public:
  explicit NoLockstep(const CheckContext& context) : fold_(context) {}
  void on(const Record& record) override { fold_.on(record); }
  void absorb(const NoLockstep& other) { fold_.merge(other.fold_); }

  Finding judge(const Noise&) const override {
    const auto waves = fold_.waves();
    const auto bound = std::string{"at most 33 % alike"};
    if (waves.empty()) return finding(Verdict::inconclusive, "", bound, fold_.no_wave());
    Step worst;
    std::uint64_t steps = 0;
    for (const auto& wave : waves) {
      for (std::size_t n = 0; n < Absence::attempts_told; ++n) {
        const auto step = step_of(wave, n, to_seconds(fold_.recovered_within()) / 200);
        if (step.clients < StormFold::clients_min) continue;
        ++steps;
        if (worst.clients == 0 ||
            std::pair{step.locked(), step.share()} > std::pair{worst.locked(), worst.share()}) {
          worst = step;
        }
      }
    }
    if (steps == 0) {
      return finding(Verdict::inconclusive, "", bound,
                     fmt::format("fewer than {} clients of a wave chose a delay before they came "
                                 "back; leave it to their policy when to return",
                                 StormFold::clients_min));
    }
    auto result = finding(Verdict::pass,
                          fmt::format("{:.0f} % of {} chose the same, attempt {}",
                                      100 * worst.share(), worst.clients, worst.attempt),
                          bound);
    result.counts = {{"waves", waves.size()},
                     {"steps judged", steps},
                     {"clients", worst.clients},
                     {"alike", worst.alike}};
    if (worst.locked()) {
      result.verdict = Verdict::fail;
      result.reason = reason_of(worst);
      result.evidence = {{worst.cut, no_stream,
                          fmt::format("cut here; {} then chose about {}", worst.alike,
                                      format_duration(worst.choice))}};
    }
    return result;
  }

 private:
  /// What the members of a wave chose for their n-th attempt.
  struct Step {
    std::size_t clients = 0;
    std::size_t alike = 0;  // the most that chose the same
    std::size_t told = 0;   // of those, how many had been told so by `retry:`
    std::size_t asked = 0;  // or by Retry-After
    std::size_t attempt = 0;
    Duration choice{};
    Instant cut{};
    [[nodiscard]] double share() const {
      return clients == 0 ? 0 : static_cast<double>(alike) / static_cast<double>(clients);
    }
    [[nodiscard]] bool locked() const {
      const auto all = static_cast<double>(clients);
      return static_cast<double>(alike) > share_max * all + 2 * std::sqrt(all);
    }
  };
  struct Choice {
    double sum = 0;   // seconds
    double last = 0;  // the n-th delay alone
    const Absence* absence = nullptr;
  };

  static double seconds(Absence::Tick tick) { return to_seconds(Duration{tick}); }

  static Step step_of(const Wave& wave, std::size_t n, double apart_s) {
    std::vector<Choice> choices;
    for (const auto& [stream, absence] : wave.members) {
      if (absence->delays <= n) continue;
      const double sum = seconds(absence->due[n]);
      const double before = n == 0 ? 0 : seconds(absence->due[n - 1]);
      choices.push_back({sum, sum - before, absence});
    }
    std::sort(choices.begin(), choices.end(),
              [](const Choice& a, const Choice& b) { return a.sum < b.sum; });
    Step step;
    step.clients = choices.size();
    step.attempt = n + 1;
    step.cut = wave.begin;
    std::size_t from = 0;
    for (std::size_t first = 0, last = 0; last < choices.size(); ++last) {
      const double same_s = std::min(same_within * choices[last].last, apart_s);
      while (choices[last].sum - choices[first].sum > same_s) ++first;
      if (last - first + 1 <= step.alike) continue;
      step.alike = last - first + 1;
      from = first;
    }
    for (std::size_t i = from; i < from + step.alike; ++i) {
      step.told += same(choices[i].last, choices[i].absence->told_ms / 1e3) ? 1 : 0;
      step.asked += same(choices[i].last, choices[i].absence->retry_after) ? 1 : 0;
    }
    if (step.alike > 0) {
      step.choice = scaled(std::chrono::seconds{1}, choices[from + step.alike / 2].sum);
    }
    return step;
  }

  static bool same(double chosen, double told) {
    return told > 0 && std::abs(chosen - told) <= same_within * told;
  }

  static std::string reason_of(const Step& step) {
    const auto many = step.alike * 9 / 10;
    const auto what = fmt::format("{} of {} clients chose the same {} until attempt {}", step.alike,
                                  step.clients, format_duration(step.choice), step.attempt);
    if (step.asked > many) {
      return what +
             ", which the target had told them all: give each refused client another Retry-After";
    }
    if (step.told > many) {
      return what +
             ", which the target had told them all: send each stream another `retry:`, or "
             "let clients add a random share to it";
    }
    return what + " of their own: the client policy has no jitter; let a delay be random";
  }

  StormFold fold_;
};

}  // namespace

CheckSpec storm_no_lockstep() {
  return {.id = "storm.no-lockstep",
          .level = Level::must,
          .requirement = "Clients cut at the same moment do not all choose the same delay.",
          .source = "contract storm.peak_share",
          .needs = {},
          .not_stated = &no_storm,
          .make = &make_check<NoLockstep>,
          .wants = StormFold::wants};
}

}  // namespace streamgauge
