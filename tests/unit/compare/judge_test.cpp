#include "harness/core/compare/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/compare/simulated.hpp"

namespace streamgauge::compare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Machine quiet{.luck = 0.01, .drift = 0.02, .order = 0.0, .storms = 0.0};

Comparison judged(std::size_t pairs, const Difference& difference = {}) {
  Comparison comparison = simulated_pairs(3, pairs, difference, quiet);
  judge(comparison, by_default());
  return comparison;
}

TEST(CompareJudge, says_the_same_when_the_interval_excludes_the_delta) {
  const Comparison comparison = judged(12);
  const MetricResult& p50 = metric_of(comparison, "delivery.p50");
  EXPECT_EQ(p50.outcome, Outcome::same) << p50.reason;
  EXPECT_LT(p50.high, 1.05);
  EXPECT_THAT(p50.pair_ratios, SizeIs(12));
  EXPECT_EQ(exit_code(comparison), ExitCode::pass);
  EXPECT_EQ(verdict_text(comparison), "no regression");
}

TEST(CompareJudge, says_regression_when_significant_and_beyond_the_delta) {
  const Comparison comparison = judged(12, {.slower = 1.2});
  const MetricResult& p50 = metric_of(comparison, "delivery.p50");
  EXPECT_EQ(p50.outcome, Outcome::regression) << p50.reason;
  EXPECT_NEAR(p50.ratio, 1.2, 0.03);
  EXPECT_LE(p50.p_adjusted, significance_level);
  EXPECT_GE(p50.p_adjusted, p50.p);
  EXPECT_EQ(exit_code(comparison), ExitCode::violated);
}

TEST(CompareJudge, a_significant_change_below_the_delta_is_no_regression) {
  const Comparison comparison = judged(40, {.slower = 1.03});
  const MetricResult& p50 = metric_of(comparison, "delivery.p50");
  EXPECT_LE(p50.p_adjusted, significance_level);
  EXPECT_EQ(p50.outcome, Outcome::same) << p50.reason;
}

TEST(CompareJudge, says_improvement_on_the_other_side) {
  const Comparison comparison = judged(12, {.slower = 0.8});
  EXPECT_EQ(metric_of(comparison, "delivery.p50").outcome, Outcome::improvement);
  EXPECT_NE(exit_code(comparison), ExitCode::violated);
}

TEST(CompareJudge, a_maximum_is_told_and_never_judged) {
  const Comparison comparison = judged(12, {.slower = 3});
  EXPECT_EQ(metric_of(comparison, "delivery.max").outcome, Outcome::told);
  EXPECT_FALSE(metric_of(comparison, "delivery.max").judged);
}

TEST(CompareJudge, what_is_not_measured_takes_no_part) {
  Comparison comparison = simulated_pairs(3, 12, {}, quiet);
  for (ComparedRun& run : comparison.runs) run.figures.cpu_ns.reset();
  judge(comparison, by_default());
  EXPECT_EQ(metric_of(comparison, "cpu.per_event").outcome, Outcome::not_measured);
  EXPECT_EQ(exit_code(comparison), ExitCode::pass);
  judge(comparison, {{{*find_metric("cpu.per_event"), 0.1}}, 100});
  EXPECT_EQ(exit_code(comparison), ExitCode::nothing_judged);
}

TEST(CompareJudge, thresholds_choose_what_is_judged_and_by_how_much) {
  Comparison comparison = simulated_pairs(3, 12, {.slower = 1.2}, quiet);
  judge(comparison, {{{*find_metric("delivery.p50"), 0.5}}, 400});
  EXPECT_EQ(metric_of(comparison, "delivery.p50").outcome, Outcome::same);
  EXPECT_EQ(metric_of(comparison, "delivery.p90").outcome, Outcome::told);
  EXPECT_EQ(metric_of(comparison, "delivery.p50").p_adjusted,
            metric_of(comparison, "delivery.p50").p)
      << "one question needs no correction";
}

TEST(CompareJudge, too_few_pairs_decide_nothing) {
  const Comparison few = judged(pairs_needed(5) - 1, {.slower = 2});
  EXPECT_EQ(exit_code(few), ExitCode::inconclusive);
  EXPECT_THAT(few.undecided, HasSubstr("at least 8"));
  EXPECT_EQ(exit_code(judged(pairs_needed(5), {.slower = 2})), ExitCode::violated);
}

TEST(CompareJudge, leaves_a_pair_out_with_either_of_its_runs) {
  Comparison comparison = simulated_pairs(3, 12, {}, quiet);
  comparison.runs[5].excluded = "the generator was saturated";
  judge(comparison, by_default());
  EXPECT_THAT(comparison.pairs_judged, ElementsAre(0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(comparison.sides[0].judged_runs, 11u);
  EXPECT_EQ(comparison.sides[1].delivery.count(), 11u * 10'000);
  EXPECT_EQ(exit_code(comparison), ExitCode::pass);
}

TEST(CompareJudge, a_pair_that_was_not_finished_does_not_count) {
  Comparison comparison = simulated_pairs(3, 9, {}, quiet);
  comparison.runs.pop_back();
  judge(comparison, by_default());
  EXPECT_THAT(comparison.pairs_judged, SizeIs(8));
}

TEST(CompareJudge, decides_nothing_when_more_than_a_third_is_left_out) {
  Comparison comparison = simulated_pairs(3, 15, {.slower = 2}, quiet);
  for (std::size_t i = 0; i < 10; i += 2) comparison.runs[i].excluded = "events were lost";
  judge(comparison, by_default());
  EXPECT_EQ(exit_code(comparison), ExitCode::violated) << "a third is still enough";
  comparison.runs[10].excluded = "events were lost";
  judge(comparison, by_default());
  EXPECT_EQ(exit_code(comparison), ExitCode::inconclusive);
  EXPECT_THAT(comparison.undecided, HasSubstr("6 of 15 pairs"));
}

TEST(CompareJudge, decides_nothing_when_it_was_interrupted_or_never_began) {
  Comparison comparison = simulated_pairs(3, 12, {.slower = 2}, quiet);
  comparison.interrupted = true;
  judge(comparison, by_default());
  EXPECT_EQ(exit_code(comparison), ExitCode::inconclusive);
  Comparison none;
  judge(none, by_default());
  EXPECT_EQ(exit_code(none), ExitCode::inconclusive);
}

TEST(CompareJudge, errors_outrank_everything) {
  Comparison comparison = simulated_pairs(3, 12, {.slower = 2}, quiet);
  comparison.errors.push_back(target_error("the target died"));
  judge(comparison, by_default());
  EXPECT_EQ(exit_code(comparison), ExitCode::target);
}

TEST(CompareJudge, takes_the_geometric_mean_of_a_sides_runs_in_a_pair) {
  Comparison comparison;
  for (std::size_t pair = 0; pair < 8; ++pair) {
    for (const double ms : {1.0, 1.0, 2.0, 0.5}) {
      ComparedRun run;
      run.side = comparison.runs.size() % 4 < 2 ? Side::a : Side::b;
      run.pair = pair;
      run.figures.delivery = delivery_of(ms * 1e6, ms * 1e6, ms * 1e6);
      comparison.runs.push_back(std::move(run));
    }
    ++comparison.pairs_begun;
  }
  judge(comparison, by_default());
  EXPECT_NEAR(metric_of(comparison, "delivery.p50").ratio, 1, 0.002);
}

TEST(CompareJudge, adding_a_metric_changes_no_other_ones_figures) {
  Comparison one = simulated_pairs(3, 12, {}, quiet), two = one;
  judge(one, {{{*find_metric("delivery.p50"), 0.1}}, 200});
  judge(two, {{{*find_metric("delivery.p50"), 0.1}, {*find_metric("delivery.p90"), 0.1}}, 200});
  EXPECT_EQ(metric_of(one, "delivery.p50").high, metric_of(two, "delivery.p50").high);
  EXPECT_EQ(metric_of(one, "delivery.p50").p, metric_of(two, "delivery.p50").p);
}

/// The same runs, as if they had been made on two days.
Comparison stored(std::size_t runs, const Difference& difference) {
  Comparison comparison = simulated_pairs(3, runs, difference, quiet);
  comparison.design = Design::unpaired;
  comparison.pairs_begun = 0;
  judge(comparison, by_default());
  return comparison;
}

TEST(CompareJudge, groups_of_earlier_runs_are_told_apart_by_ranks) {
  const Comparison worse = stored(6, {.slower = 1.5});
  EXPECT_EQ(metric_of(worse, "delivery.p50").outcome, Outcome::regression)
      << metric_of(worse, "delivery.p50").reason;
  EXPECT_NEAR(metric_of(worse, "delivery.p50").ratio, 1.5, 0.1);
  EXPECT_THAT(metric_of(worse, "delivery.p50").pair_ratios, IsEmpty());
  EXPECT_EQ(metric_of(stored(10, {}), "memory.per_stream").outcome, Outcome::same);
}

TEST(CompareJudge, one_run_a_side_tells_nothing_of_chance) {
  const Comparison comparison = stored(1, {.slower = 3});
  EXPECT_EQ(exit_code(comparison), ExitCode::inconclusive);
  EXPECT_THAT(comparison.undecided, HasSubstr("at least 5 a side"));
  EXPECT_NEAR(metric_of(comparison, "delivery.p50").ratio, 3, 0.2) << "the figures are there";
}

TEST(CompareJudge, needs_more_pairs_for_more_metrics) {
  EXPECT_EQ(pairs_needed(1), 6u);  // 2/2^6 <= 5 %
  EXPECT_EQ(pairs_needed(5), 8u);  // 5 times 2/2^8
  EXPECT_EQ(runs_needed(1), 4u);   // 2 of 70 deals
  EXPECT_EQ(runs_needed(5), 5u);   // 5 times 2 of 252
}

}  // namespace
}  // namespace streamgauge::compare
