// The search, against systems that are simulated: each says of a load whether it holds it.
#include "harness/core/capacity/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "harness/core/base/random.hpp"

namespace streamgauge::capacity {
namespace {

using System = std::function<Outcome(double load)>;

Answer search(const SearchPlan& plan, const System& system, std::vector<double>* tried = nullptr) {
  Search search(plan);
  for (;;) {
    const auto next = search.next();
    if (const auto* answer = std::get_if<Answer>(&next)) return *answer;
    const Trial& trial = std::get<Trial>(next);
    if (tried) tried->push_back(trial.load);
    EXPECT_GE(trial.load, plan.floor);
    EXPECT_LE(trial.load, plan.ceiling);
    search.record(system(trial.load));
    EXPECT_LE(search.trials(), plan.trials_max);
  }
}

System knee_at(double knee) {
  return [knee](double load) { return load <= knee ? Outcome::held : Outcome::broken; };
}

/// Held with a probability that falls from 1 to 0 around the knee: `width` is a relative deviation.
System noisy_knee(double knee, double width, std::uint64_t seed) {
  return [=, random = Random(seed)](double load) mutable {
    const double held = 1 / (1 + std::exp(std::log(load / knee) / (width / 1.8)));
    return random.share() < held ? Outcome::held : Outcome::broken;
  };
}

TEST(Search, climbs_a_ladder_and_then_halves_the_bracket) {
  SearchPlan plan{.start = 100, .resolution = 0.3, .passes = 1};
  std::vector<double> tried;
  const Answer answer = search(plan, knee_at(450), &tried);
  EXPECT_THAT(tried, testing::ElementsAre(100, 200, 400, 800, 800, 566, 566, 476, 476));
  EXPECT_EQ(answer, (Answer{Stop::objective, 400, 400, 476, 0, {{400, 476, Outcome::broken}}}));
}

TEST(Search, finds_a_known_knee_to_its_resolution_wherever_it_lies) {
  for (double knee = 3; knee < 900'000; knee = std::ceil(knee * 1.37)) {
    const Answer answer = search({}, knee_at(knee));
    ASSERT_TRUE(found(answer)) << knee;
    EXPECT_LE(answer.load, knee);
    EXPECT_GE(answer.load * 1.05 + 1, knee);
    EXPECT_GT(answer.high, knee);
    EXPECT_EQ(answer.spread, 0);
    EXPECT_EQ(answer.passes.size(), 3u);
  }
}

TEST(Search, loads_that_are_no_whole_numbers_have_three_digits) {
  SearchPlan plan{.start = 10, .floor = 0.01, .ceiling = 10'000, .whole = false};
  for (const double knee : {0.0371, 3.3, 47.7, 9'000.0}) {
    const Answer answer = search(plan, knee_at(knee));
    ASSERT_TRUE(found(answer)) << knee;
    EXPECT_NEAR(answer.load, knee, 0.06 * knee);
  }
}

TEST(Search, a_system_that_never_breaks_is_held_up_to_the_ceiling) {
  const Answer answer = search({.ceiling = 19'000}, knee_at(1e9));
  EXPECT_EQ(answer.stop, Stop::ceiling);
  EXPECT_TRUE(at_least(answer));
  EXPECT_EQ(answer.load, 19'000);
  EXPECT_FALSE(answer.high);
}

TEST(Search, a_system_that_breaks_at_once_is_followed_down_to_the_floor) {
  std::vector<double> tried;
  const Answer answer = search({.start = 8, .passes = 1}, knee_at(0), &tried);
  EXPECT_EQ(answer.stop, Stop::nothing);
  EXPECT_EQ(answer.load, 0);
  EXPECT_THAT(tried, testing::ElementsAre(8, 8, 4, 4, 2, 2, 1, 1));
  EXPECT_EQ(search({.start = 500}, knee_at(37)).load, 37) << "a knee below the start is found, too";
}

TEST(Search, a_generator_that_gives_out_first_makes_it_at_least) {
  const auto system = [](double load) {
    return load <= 3'000 ? Outcome::held : Outcome::generator;
  };
  const Answer answer = search({}, system);
  EXPECT_EQ(answer.stop, Stop::generator);
  EXPECT_TRUE(at_least(answer));
  EXPECT_NEAR(answer.load, 3'000, 150);
  EXPECT_FALSE(answer.high);
  EXPECT_EQ(search({.start = 8}, [](double) { return Outcome::generator; }).stop, Stop::generator);
}

TEST(Search, a_generator_that_gives_out_above_the_knee_is_no_matter) {
  const auto system = [](double load) {
    if (load <= 3'000) return Outcome::held;
    return load < 3'500 ? Outcome::broken : Outcome::generator;
  };
  EXPECT_EQ(search({}, system).stop, Stop::objective);
}

TEST(Search, one_accident_does_not_move_the_knee) {
  for (int accident = 1; accident < 40; ++accident) {
    int trial = 0;
    const Answer answer = search({}, [&](double load) {
      if (++trial == accident) return Outcome::broken;
      return load <= 5'000 ? Outcome::held : Outcome::broken;
    });
    ASSERT_TRUE(found(answer)) << accident;
    EXPECT_NEAR(answer.load, 5'000, 250) << accident;
  }
}

TEST(Search, a_ladder_that_was_fooled_twice_is_not_believed_by_later_passes) {
  int fooled = 0;
  const Answer answer = search({.start = 500}, [&](double load) {
    if (load == 4'000 && fooled < 2 && ++fooled > 0) return Outcome::broken;
    return load <= 11'000 ? Outcome::held : Outcome::broken;
  });
  EXPECT_EQ(answer.stop, Stop::disagree) << "the first pass ended below 4 000, the others above";
  EXPECT_NEAR(answer.passes[1].held, 11'000, 550);
  EXPECT_NEAR(answer.passes[2].held, 11'000, 550);
}

TEST(Search, a_system_that_changes_between_the_passes_is_inconclusive) {
  Search search({.start = 500});
  for (;;) {
    const auto next = search.next();
    if (const auto* answer = std::get_if<Answer>(&next)) {
      EXPECT_EQ(answer->stop, Stop::disagree);
      EXPECT_GT(answer->spread, 0.15);
      break;
    }
    const Trial& trial = std::get<Trial>(next);
    const double knee = trial.pass == 0 ? 6'000 : 4'500;
    search.record(trial.load <= knee ? Outcome::held : Outcome::broken);
  }
}

/// What the command promises: run twice, the knees are within 15 %, or one of them says that it
/// does not know.
TEST(Search, two_searches_of_a_noisy_system_agree_or_say_inconclusive) {
  for (const double width : {0.02, 0.05, 0.1, 0.3}) {
    int pairs = 0, conclusive = 0, apart = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      const Answer a = search({}, noisy_knee(7'000, width, 2 * seed));
      const Answer b = search({}, noisy_knee(7'000, width, 2 * seed + 1));
      ++pairs;
      if (!found(a) || !found(b)) continue;
      ++conclusive;
      apart += std::max(a.load, b.load) / std::min(a.load, b.load) > 1.15;
    }
    EXPECT_LE(apart, pairs / 20) << "width " << width;
    if (width < 0.06) {
      EXPECT_GE(conclusive, pairs * 9 / 10) << "width " << width;
    }
  }
}

TEST(Search, a_system_without_rhyme_or_reason_ends_all_the_same) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const Answer answer = search({.ceiling = 20'000},
                                 [&](double) { return static_cast<Outcome>(random.next() % 3); });
    EXPECT_LE(answer.passes.size(), 3u);
  }
}

}  // namespace
}  // namespace streamgauge::capacity
