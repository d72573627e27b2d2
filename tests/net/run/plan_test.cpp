#include "harness/run/plan.hpp"

#include <gmock/gmock.h>

namespace streamgauge::run {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::StartsWith;

Home home() {
  Home home;
  home.root = SG_SOURCE_DIR;
  home.build_dir = SG_BUILD_DIR;
  return home;
}

std::string error_of(const Options& options) {
  const auto plan = make_plan(home(), options);
  return plan ? "no error" : plan.error().message;
}

TEST(Plan, without_options_is_the_gate_on_the_reference_server_at_its_own_time_scale) {
  const auto plan = make_plan(home(), {});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->target.name, "reference");
  EXPECT_EQ(plan->contract.name, "default");
  EXPECT_EQ(plan->time_scale, 0.05);
  EXPECT_EQ(plan->contract.heartbeat->every, std::chrono::milliseconds{750});
  EXPECT_EQ(plan->scenarios.size(), gate_scenarios().size());
}

TEST(Plan, a_url_is_judged_by_the_standard_in_real_time) {
  Options options;
  options.target = "http://127.0.0.1:8080?topic=a";
  const auto plan = make_plan(home(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->target.url, "http://127.0.0.1:8080");
  EXPECT_EQ(plan->target.events_path, "/?topic=a");
  EXPECT_EQ(plan->contract.name, "standard");
  EXPECT_EQ(plan->time_scale, 1.0);
}

TEST(Plan, a_contract_that_is_named_brings_its_own_gate_scale) {
  Options options;
  options.contract = "vectorflow";
  const auto plan = make_plan(home(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->time_scale, 0.025);
  EXPECT_EQ(plan->contract.heartbeat->every, std::chrono::milliseconds{750});
  options.time_scale = 1.0;
  const auto real_time = make_plan(home(), options);
  ASSERT_TRUE(real_time) << real_time.error().message;
  EXPECT_EQ(real_time->time_scale, 1.0);
}

TEST(Plan, makes_room_for_a_script_that_is_larger_than_the_limit_and_says_so) {
  Options options;
  options.scenarios = {"steady-fanout"};
  options.settings = {"groups.readers.streams=10000"};
  const auto plan = make_plan(home(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_GE(plan->contract.limits.streams_total, 10'010u);
  EXPECT_THAT(plan->notes, Contains(HasSubstr("limits.streams_total raised from 600")));
  options.settings = {};
  const auto small = make_plan(home(), options);
  ASSERT_TRUE(small) << small.error().message;
  EXPECT_EQ(small->contract.limits.streams_total, 600u);
}

TEST(Plan, only_leaves_the_checks_of_a_family_and_the_scenarios_that_have_any) {
  Options options;
  options.families = {"eviction"};
  const auto plan = make_plan(home(), options);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_FALSE(plan->scenarios.empty());
  EXPECT_LT(plan->scenarios.size(), gate_scenarios().size());
  for (const PlannedScenario& planned : plan->scenarios) {
    EXPECT_THAT(planned.checks, Each(StartsWith("eviction."))) << planned.scenario.name;
  }
  EXPECT_THAT(plan->notes, Contains(HasSubstr("idle-heartbeat")));
}

TEST(Plan, an_unknown_check_names_near_matches_even_when_none_is_near) {
  Options options;
  options.checks = {"heartbeat.cadense"};
  EXPECT_THAT(error_of(options), HasSubstr("heartbeat.cadence"));
  options.checks = {"nosuch"};
  EXPECT_THAT(error_of(options), HasSubstr("the closest are"));
  EXPECT_EQ(make_plan(home(), options).error().exit_code, ExitCode::usage);
}

TEST(Plan, an_unknown_target_contract_or_scenario_lists_what_there_is) {
  Options options;
  options.target = "nchann";
  EXPECT_THAT(error_of(options), HasSubstr("did you mean nchan"));
  options = {};
  options.contract = "xyz";
  EXPECT_THAT(error_of(options), HasSubstr("default"));
  options = {};
  options.scenarios = {"steady-fanot"};
  EXPECT_THAT(error_of(options), HasSubstr("did you mean steady-fanout"));
}

TEST(Plan, a_selection_that_leaves_nothing_is_not_judged) {
  Options options;
  options.scenarios = {"idle-heartbeat"};
  options.families = {"delivery"};
  const auto plan = make_plan(home(), options);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().exit_code, ExitCode::nothing_judged);
}

TEST(Plan, refuses_time_scales_that_are_no_scale) {
  Options options;
  for (const double scale : {0.0, -1.0, 0.0001, 1001.0}) {
    options.time_scale = scale;
    EXPECT_THAT(error_of(options), HasSubstr("--time-scale")) << scale;
  }
}

TEST(Plan, flaws_are_for_the_reference_server_alone) {
  Options options;
  options.target = "http://127.0.0.1:1/";
  options.flaws = {"late-headers"};
  EXPECT_THAT(error_of(options), HasSubstr("--flaw"));
}

TEST(Plan, expands_families_into_ids_once_each) {
  const auto ids = expand_checks({"heartbeat.*", "heartbeat.cadence", "wire.status"});
  ASSERT_TRUE(ids);
  EXPECT_EQ(std::count(ids->begin(), ids->end(), "heartbeat.cadence"), 1);
  EXPECT_EQ(ids->back(), "wire.status");
}

}  // namespace
}  // namespace streamgauge::run
