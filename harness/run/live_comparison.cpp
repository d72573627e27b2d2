#include "harness/run/live_comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "harness/core/compare/sample.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/hops.hpp"
#include "harness/run/outcome.hpp"
#include "harness/run/priority.hpp"

namespace streamgauge::run {

namespace {

using compare::ComparedRun;
using compare::Comparison;

constexpr Duration rest_step = std::chrono::milliseconds{20};
constexpr std::string_view loss = "delivery.no-loss";

class LiveComparison {
 public:
  LiveComparison(const Home& home, const LiveComparisonOptions& options,
                 const LiveComparisonHooks& hooks)
      : home_(home), options_(options), hooks_(hooks), random_(options.seed) {}

  Result<Comparison> run() {
    for (const compare::Side side : {compare::Side::a, compare::Side::b}) {
      if (auto planned = plan(side); !planned) return planned.error();
    }
    out_.design = compare::Design::paired;
    out_.scenario = plans_[0].scenarios.front().scenario.name;
    out_.seed = options_.seed;
    out_.environment = run::environment();
    tell_what_differs();
    if (options_.real_time) out_.notes.push_back(take_real_time_priority());
    out_.started = net::now();
    std::size_t whole = 0;
    while (going() && compare::another_pair(options_.pacing, out_.pairs_begun, whole,
                                            net::now() - out_.started)) {
      whole += pair() ? 1 : 0;
    }
    out_.interrupted = interrupted();
    out_.length = net::now() - out_.started;
    compare::judge(out_, options_.judging);
    return std::move(out_);
  }

 private:
  Result<void> plan(compare::Side side) {
    const ComparedTarget& of = options_.sides[index(side)];
    Options options = options_.common;
    options.target = of.target;
    options.path = of.path;
    options.repeat = false;
    options.jobs = 1;
    auto plan = make_plan(home_, options);
    if (!plan) return plan.error();
    if (!has(plan->target, Capability::publish)) {
      return Error{ExitCode::nothing_judged,
                   fmt::format("'{}' cannot be published to, so that there is nothing to compare: "
                               "give it a file under scenarios/targets with a publish template",
                               plan->target.name)};
    }
    plan->control = false;
    for (const std::string& note : plan->notes) tell(note);
    compare::SideFacts& facts = out_.sides[index(side)];
    facts.name = plan->target.name;
    facts.description = plan->target.description;
    facts.path = names_of(plan->scenarios.front().path);
    plans_[index(side)] = std::move(*plan);
    return {};
  }

  void tell(std::string note) {
    auto& notes = out_.notes;
    if (std::count(notes.begin(), notes.end(), note) == 0) notes.push_back(std::move(note));
  }

  void tell_what_differs() {
    const std::size_t a = out_.sides[0].path.size(), b = out_.sides[1].path.size();
    if (a != b) {
      tell(fmt::format(
          "{} passes more hops than {} ({} against {}): what they add is part of the difference; a "
          "'chaos' without a fault on the other side puts the proxy itself on both",
          a < b ? "B" : "A", a < b ? "A" : "B", std::max(a, b), std::min(a, b)));
    }
    const auto& checks = plans_[0].scenarios.front().checks;
    if (std::count(checks.begin(), checks.end(), loss) == 0) {
      tell(fmt::format("the scenario '{}' does not judge {}: a run that lost events is not seen",
                       out_.scenario, loss));
    }
  }

  /// Whether it can be judged by.
  bool pair() {
    const std::size_t number = out_.pairs_begun++;
    bool whole = true;
    for (const compare::Side side : compare::drawn_order(random_, options_.repeat)) {
      if (!out_.runs.empty()) cool_down();
      if (!going()) return false;
      whole &= one(side, number);
    }
    return whole;
  }

  bool one(compare::Side side, std::size_t number) {
    Plan& plan = plans_[index(side)];
    // Both sides of a pair draw the same numbers.
    plan.seed = plan.scenarios.front().scenario.seed =
        options_.seed + static_cast<std::uint32_t>(number);
    const RunResult result = run_plan(home_, plan, hooks_of(side, number));
    ++runs_;
    if (interrupted()) return false;
    for (const Error& error : result.errors) {
      out_.errors.push_back({error.exit_code, fmt::format("{}, pair {}: {}", to_string(side),
                                                          number + 1, error.message)});
    }
    ComparedRun run;
    run.side = side;
    run.pair = number;
    if (!result.scenarios.empty()) {
      compare::Sample sample = compare::sample_of(result.scenarios.front());
      run.figures = std::move(sample.figures);
      run.excluded = std::move(sample.excluded);
    } else {
      run.excluded = "it could not be played";
    }
    if (hooks_.keep) {
      if (auto kept = hooks_.keep(result, run); !kept) out_.errors.push_back(kept.error());
    }
    const bool counts = run.excluded.empty();
    out_.runs.push_back(std::move(run));
    return counts;
  }

  [[nodiscard]] PlanHooks hooks_of(compare::Side side, std::size_t number) const {
    PlanHooks hooks;
    hooks.interrupted = hooks_.plan.interrupted;
    if (!hooks_.plan.progress) return hooks;
    const std::string name =
        fmt::format("pair {} of {}, {}", number + 1, options_.pacing.pairs, to_string(side));
    hooks.progress = [this, name](PlanProgress progress) {
      progress.done = runs_;
      progress.total = 2 * options_.repeat * options_.pacing.pairs;
      for (Running& running : progress.running) {
        running.scenario = name;
        running.phase = "running";  // one line a run is enough where lines cannot be redrawn
      }
      hooks_.plan.progress(progress);
    };
    return hooks;
  }

  /// What the run before has left over (sockets that close, memory that is freed) is none of the
  /// next one's.
  void cool_down() const {
    const Instant until = net::now() + options_.cool_down;
    while (going() && net::now() < until) {
      std::this_thread::sleep_until(net::to_steady(std::min(until, net::now() + rest_step)));
    }
  }

  [[nodiscard]] bool interrupted() const {
    return hooks_.plan.interrupted != nullptr && *hooks_.plan.interrupted;
  }
  [[nodiscard]] bool going() const { return !interrupted() && out_.errors.empty(); }

  const Home& home_;
  const LiveComparisonOptions& options_;
  const LiveComparisonHooks& hooks_;
  Random random_;
  std::array<Plan, 2> plans_;
  std::size_t runs_ = 0;
  Comparison out_;
};

}  // namespace

Result<Comparison> live_comparison(const Home& home, const LiveComparisonOptions& options,
                                   const LiveComparisonHooks& hooks) {
  return LiveComparison(home, options, hooks).run();
}

}  // namespace streamgauge::run
