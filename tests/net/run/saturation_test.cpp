#include "harness/run/saturation.hpp"

#include <gtest/gtest.h>

namespace streamgauge::run {
namespace {

using namespace std::chrono_literals;

constexpr unsigned two_processors = 2;

PhaseUse phase(Duration ran, Duration waited) {
  PhaseUse use;
  use.phase = "steady";
  use.length = 10s;
  use.machine_busy = 20s;
  use.harness = {{1, {"streamgauge", {100ms, 0ms}}}, {2, {"sg-swarm", {ran, waited}}}};
  return use;
}

TEST(Saturation, is_of_the_busiest_thread_in_its_busiest_phase) {
  PhaseUse quiet = phase(1s, 0s);
  quiet.phase = "quiet";
  const Saturation load = saturation({quiet, phase(4s, 1s), quiet}, two_processors);
  EXPECT_TRUE(load.measured);
  EXPECT_EQ(load.thread, "sg-swarm");
  EXPECT_EQ(load.phase, "steady");
  EXPECT_DOUBLE_EQ(load.ran, 0.4);
  EXPECT_DOUBLE_EQ(load.waited, 0.1);
  EXPECT_FALSE(load.generator_saturated);
  EXPECT_EQ(generator_sentence(load),
            "the generator was not saturated: its busiest thread (sg-swarm) ran 40 % of phase "
            "'steady'");
  const std::string starved = generator_sentence(saturation({phase(1s, 2s)}, two_processors));
  EXPECT_NE(starved.find("and waited for a processor 20 % of it"), std::string::npos) << starved;
}

TEST(Saturation, begins_above_nine_tenths_of_the_time_run_or_waited) {
  EXPECT_FALSE(saturation({phase(9s, 0s)}, two_processors).generator_saturated);
  EXPECT_TRUE(saturation({phase(9010ms, 0s)}, two_processors).generator_saturated);
  EXPECT_FALSE(saturation({phase(4s, 5s)}, two_processors).generator_saturated);
  EXPECT_TRUE(saturation({phase(4s, 5010ms)}, two_processors).generator_saturated);
}

TEST(Saturation, says_whether_the_generator_or_the_machine_has_too_much_to_do) {
  EXPECT_NE(generator_sentence(saturation({phase(9500ms, 0s)}, two_processors)).find("--threads"),
            std::string::npos);
  EXPECT_NE(generator_sentence(saturation({phase(4s, 6s)}, two_processors)).find("the machine has"),
            std::string::npos);
}

TEST(Saturation, is_not_told_from_phases_too_short_or_without_figures) {
  PhaseUse brief = phase(450ms, 0s);
  brief.length = 450ms;
  EXPECT_FALSE(saturation({brief}, two_processors).measured);
  EXPECT_FALSE(saturation({}, two_processors).measured);
  PhaseUse unknown = phase(0s, 0s);
  unknown.harness.clear();
  const Saturation load = saturation({unknown}, two_processors);
  EXPECT_FALSE(load.measured);
  EXPECT_FALSE(load.generator_saturated);
  EXPECT_NE(generator_sentence(load).find("could not be measured"), std::string::npos);
}

PhaseUse target_of(Duration ran, Duration waited, Duration machine_busy) {
  PhaseUse use = phase(1s, 0s);
  use.target = {ran, waited};
  use.machine_busy = machine_busy;
  return use;
}

TEST(Saturation, starves_a_target_that_waits_while_others_run) {
  const Saturation load = saturation({target_of(4s, 6s, 20s)}, two_processors);
  EXPECT_TRUE(load.target_starved);
  EXPECT_DOUBLE_EQ(load.target_waited, 0.6);
  EXPECT_DOUBLE_EQ(load.target_share, 0.2);
  EXPECT_DOUBLE_EQ(load.others_share, 0.8);
}

TEST(Saturation, does_not_excuse_a_target_that_waits_little_or_only_for_itself) {
  EXPECT_FALSE(saturation({target_of(4s, 2s, 20s)}, two_processors).target_starved);  // a third
  EXPECT_TRUE(saturation({target_of(4s, 2010ms, 20s)}, two_processors).target_starved);
  EXPECT_FALSE(saturation({target_of(15s, 15s, 20s)}, two_processors).target_starved);  // a quarter
  EXPECT_TRUE(saturation({target_of(14900ms, 15s, 20s)}, two_processors).target_starved);
}

TEST(Saturation, does_not_excuse_a_target_that_has_little_to_do) {
  EXPECT_FALSE(saturation({target_of(1s, 3990ms, 20s)}, two_processors).target_starved);
  EXPECT_TRUE(saturation({target_of(1s, 4s, 20s)}, two_processors).target_starved);
}

TEST(Saturation, of_one_phase_does_not_excuse_a_target_in_the_others) {
  const PhaseUse well = target_of(16s, 100ms, 20s);
  PhaseUse want = target_of(1s, 5s, 20s);
  EXPECT_TRUE(saturation({want}, two_processors).target_starved);
  EXPECT_FALSE(saturation({well, want}, two_processors).target_starved);
}

TEST(Saturation, tells_in_which_phases_a_target_starved_and_how_badly) {
  const Instant start{};
  PhaseUse well = target_of(16s, 100ms, 20s), want = target_of(1s, 5s, 20s);
  well.began = start;
  want.began = start + well.length;
  want.phase = "held";
  const Want found = starved_phases({well, want}, two_processors);
  const std::vector<Stretch> expected{{want.began, want.began + 2 * want.length}};
  EXPECT_EQ(found.when, expected);
  EXPECT_NE(found.why.find("in phase 'held': the target had to wait for a processor 83 %"),
            std::string::npos)
      << found.why;
  EXPECT_TRUE(starved_phases({well}, two_processors).when.empty());
  EXPECT_EQ(starved_phases({well}, two_processors).why, "");
}

}  // namespace
}  // namespace streamgauge::run
