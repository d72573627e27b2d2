#include "harness/core/scenario/schedule.hpp"

#include <gtest/gtest.h>

#include "spans.hpp"

namespace streamgauge {
namespace {

using namespace std::chrono_literals;

Contract contract_with_heartbeat(Duration every) {
  Contract contract;
  contract.heartbeat.emplace();
  contract.heartbeat->every = every;
  return contract;
}

Phase phase(std::string name, Span length, std::vector<TimedAction> actions = {}) {
  Phase result;
  result.name = std::move(name);
  result.length = length;
  result.actions = std::move(actions);
  return result;
}

TEST(Schedule, phases_follow_each_other_in_the_contracts_own_time) {
  Scenario scenario;
  scenario.phases = {phase("first", heartbeats(3)), phase("second", absolute(1s))};
  const Schedule line = schedule(scenario, contract_with_heartbeat(750ms));
  ASSERT_EQ(line.steps.size(), 2u);
  EXPECT_EQ(line.steps[0].at, 0s);
  EXPECT_EQ(std::get<step::BeginPhase>(line.steps[0].what).index, 0);
  EXPECT_EQ(line.steps[1].at, 2250ms);
  EXPECT_EQ(std::get<step::BeginPhase>(line.steps[1].what).index, 1);
  EXPECT_EQ(line.length, 3250ms);
}

TEST(Schedule, actions_come_after_their_phase_began_even_at_its_very_start) {
  Scenario scenario;
  scenario.phases = {phase("only", absolute(1s),
                           {{absolute(500ms), action::ResumeReading{1}},
                            {absolute(0s), action::StopReading{1, std::nullopt}}})};
  const Schedule line = schedule(scenario, Contract{});
  ASSERT_EQ(line.steps.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<step::BeginPhase>(line.steps[0].what));
  EXPECT_TRUE(
      std::holds_alternative<action::StopReading>(std::get<step::Act>(line.steps[1].what).action));
  EXPECT_EQ(line.steps[2].at, 500ms);
}

TEST(Schedule, a_freeze_is_followed_by_its_thaw) {
  Scenario scenario;
  scenario.phases = {phase("frozen", absolute(4s), {{absolute(1s), action::Freeze{absolute(2s)}}}),
                     phase("healed", absolute(1s))};
  const Schedule line = schedule(scenario, Contract{});
  ASSERT_EQ(line.steps.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<step::Thaw>(line.steps[2].what));
  EXPECT_EQ(line.steps[2].at, 3s);
}

TEST(Schedule, a_freeze_beyond_the_end_is_cut_at_the_end) {
  Scenario scenario;
  scenario.phases = {phase("frozen", absolute(2s), {{absolute(1s), action::Freeze{absolute(9s)}}})};
  const Schedule line = schedule(scenario, Contract{});
  ASSERT_EQ(line.steps.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<step::Thaw>(line.steps[2].what));
  EXPECT_EQ(line.steps[2].at, line.length);
}

TEST(Schedule, a_scenario_without_phases_has_no_steps_and_no_length) {
  const Schedule line = schedule(Scenario{}, Contract{});
  EXPECT_TRUE(line.steps.empty());
  EXPECT_EQ(line.length, 0s);
}

}  // namespace
}  // namespace streamgauge
