#include <gmock/gmock.h>

#include "harness/run/selftest.hpp"

namespace streamgauge::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Contract contract(std::string name, bool heartbeat) {
  Contract contract;
  contract.name = std::move(name);
  if (heartbeat) contract.heartbeat.emplace();
  return contract;
}

StageBook book() {
  return {{contract("default", false), contract("beating", true)},
          {{"few", {"heartbeat.cadence"}},
           {"most", {"heartbeat.cadence", "heartbeat.no-burst", "wire.grammar"}},
           {"other", {"wire.status", "wire.grammar"}}}};
}

Flaw flaw(std::vector<std::string> expected, std::vector<std::string> related = {}) {
  return {"id", "description", "source", std::move(expected), std::move(related)};
}

CheckResult verdict_of(std::string id, Verdict verdict) {
  CheckResult result;
  result.id = std::move(id);
  result.finding.verdict = verdict;
  return result;
}

TEST(Stages, are_the_fewest_scenarios_by_the_first_contract_that_states_the_check) {
  EXPECT_THAT(stages_for(flaw({"heartbeat.cadence", "heartbeat.no-burst"}), book()),
              ElementsAre(Stage{"beating", "most"}));
  EXPECT_THAT(stages_for(flaw({"wire.grammar", "wire.status"}), book()),
              ElementsAre(Stage{"default", "other"}));
  EXPECT_THAT(stages_for(flaw({"heartbeat.cadence", "wire.status"}), book()),
              ElementsAre(Stage{"default", "other"}, Stage{"beating", "few"}));
}

TEST(Stages, are_none_where_nobody_judges_the_check) {
  EXPECT_THAT(stages_for(flaw({"eviction.within", "no.such"}), book()), IsEmpty());
}

TEST(Catch, needs_an_expected_check_that_fires_and_no_unrelated_one) {
  const Flaw f = flaw({"a.a", "a.b"}, {"b.b"});
  EXPECT_TRUE(
      weigh(f, {verdict_of("a.a", Verdict::pass), verdict_of("a.b", Verdict::fail)}).clean());
  EXPECT_TRUE(
      weigh(f, {verdict_of("a.a", Verdict::warn), verdict_of("b.b", Verdict::fail)}).clean());
  EXPECT_FALSE(weigh(f, {verdict_of("a.a", Verdict::pass)}).clean());
  EXPECT_FALSE(weigh(f, {verdict_of("b.b", Verdict::fail)}).clean());
  const Catch both = weigh(f, {verdict_of("a.a", Verdict::fail), verdict_of("c.c", Verdict::fail)});
  EXPECT_FALSE(both.clean());
  EXPECT_THAT(both.unrelated, ElementsAre("c.c"));
  EXPECT_THAT(both.expected, ElementsAre("a.a"));
}

TEST(Catch, a_check_that_crashed_has_caught_nothing) {
  const Catch caught = weigh(flaw({"a.a"}), {verdict_of("a.a", Verdict::error)});
  EXPECT_FALSE(caught.clean());
  EXPECT_FALSE(
      weigh(flaw({"a.a"}), {verdict_of("a.a", Verdict::fail), verdict_of("c.c", Verdict::error)})
          .clean());
}

TEST(Catch, says_when_the_expected_check_was_undecided) {
  EXPECT_TRUE(weigh(flaw({"a.a"}), {verdict_of("a.a", Verdict::inconclusive)}).undecided);
  EXPECT_FALSE(weigh(flaw({"a.a"}), {verdict_of("c.c", Verdict::inconclusive)}).undecided);
}

}  // namespace
}  // namespace streamgauge::run
