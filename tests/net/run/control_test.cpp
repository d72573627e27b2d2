#include "harness/run/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamgauge::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CheckResult check(std::string id, Verdict verdict, std::string measured = "205 ms") {
  CheckResult result;
  result.id = std::move(id);
  result.finding.verdict = verdict;
  result.finding.measured = std::move(measured);
  if (verdict != Verdict::pass) result.finding.reason = "it was late";
  return result;
}

PlannedScenario through(const std::vector<std::string>& hops) {
  PlannedScenario planned;
  for (const auto& name : hops) {
    PlannedHop hop;
    hop.word = hop.spec.name = name;
    planned.path.push_back(std::move(hop));
  }
  return planned;
}

/// Answers as a world does in which each of `culprits` makes its check fail.
struct World {
  std::map<std::string, std::string> culprits;  // check -> hop; "" : the target itself
  std::vector<std::string> asked{};

  Attempt attempt() {
    return [this](const PlannedScenario& planned) -> std::optional<ScenarioResult> {
      std::string words;
      for (const auto& hop : planned.path) words += hop.spec.name + ">";
      for (const auto& id : planned.checks) words += " " + id;
      asked.push_back(words);
      ScenarioResult result;
      for (const auto& id : planned.checks) {
        const auto& hop = culprits.at(id);
        const bool there =
            hop.empty() || std::any_of(planned.path.begin(), planned.path.end(),
                                       [&](const auto& h) { return h.spec.name == hop; });
        result.checks.push_back(
            check(id, there ? Verdict::fail : Verdict::pass, there ? "205 ms" : "1 ms"));
      }
      return result;
    };
  }
};

TEST(Control, names_the_proxy_without_which_a_check_passes) {
  ScenarioResult result;
  result.checks = {check("a.b", Verdict::fail), check("c.d", Verdict::pass)};
  World world{{{"a.b", "haproxy"}}};
  compare_with_control(through({"haproxy"}), result, world.attempt());
  EXPECT_EQ(result.checks[0].hop, "haproxy");
  EXPECT_THAT(result.checks[0].finding.reason,
              HasSubstr("Without the proxy 'haproxy' the same scenario says: pass, 1 ms"));
  EXPECT_THAT(world.asked, ElementsAre(" a.b"));
}

TEST(Control, does_not_blame_the_path_for_what_fails_without_it) {
  ScenarioResult result;
  result.checks = {check("a.b", Verdict::fail)};
  World world{{{"a.b", ""}}};
  compare_with_control(through({"haproxy"}), result, world.attempt());
  EXPECT_EQ(result.checks[0].hop, "");
  EXPECT_THAT(result.checks[0].finding.reason, HasSubstr("the path is not at fault"));
}

TEST(Control, finds_the_first_hop_from_the_target_outwards_whose_addition_makes_a_check_fail) {
  ScenarioResult result;
  result.checks = {check("a.b", Verdict::fail), check("c.d", Verdict::fail),
                   check("e.f", Verdict::fail)};
  World world{{{"a.b", "outer"}, {"c.d", "inner"}, {"e.f", "middle"}}};
  compare_with_control(through({"outer", "middle", "inner"}), result, world.attempt());
  EXPECT_EQ(result.checks[0].hop, "outer");
  EXPECT_EQ(result.checks[1].hop, "inner");
  EXPECT_EQ(result.checks[2].hop, "middle");
  EXPECT_THAT(result.checks[2].finding.reason, HasSubstr("(2 of 3, counted from the clients)"));
  EXPECT_THAT(world.asked,
              ElementsAre(" a.b c.d e.f", "inner> a.b c.d e.f", "middle>inner> a.b e.f"));
}

TEST(Control, is_not_run_when_nothing_failed) {
  ScenarioResult result;
  result.checks = {check("a.b", Verdict::pass), check("c.d", Verdict::inconclusive)};
  World world;
  compare_with_control(through({"haproxy"}), result, world.attempt());
  EXPECT_THAT(world.asked, IsEmpty());
}

TEST(Control, that_cannot_be_run_names_nobody_and_says_so) {
  ScenarioResult result;
  result.checks = {check("a.b", Verdict::fail)};
  compare_with_control(through({"haproxy"}), result,
                       [](const PlannedScenario&) { return std::nullopt; });
  EXPECT_EQ(result.checks[0].hop, "");
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_THAT(result.notes[0], HasSubstr("could not be run"));
}

}  // namespace
}  // namespace streamgauge::run
