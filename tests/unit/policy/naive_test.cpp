#include <gtest/gtest.h>

#include "tests/unit/policy/stepper.hpp"

namespace streamgauge::policy {
namespace {

TEST(Naive, waits_the_same_after_everything) {
  Stepper client{policy_defaults(PolicyKind::naive)};
  client.step(opened);
  EXPECT_EQ(client.delay(drained), 3s);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.delay(failed), 3s);
  EXPECT_EQ(client.delay(answered(503, 60s)), 3s) << "it has no ear for Retry-After";
  EXPECT_EQ(client.delay(answered(429)), 3s);
}

TEST(Naive, takes_the_time_of_a_retry_field) {
  Stepper client{policy_defaults(PolicyKind::naive)};
  client.step(input::RetryField{250});
  EXPECT_EQ(client.delay(failed), 250ms);
}

TEST(Naive, stops_at_what_will_not_change) {
  for (const int status : {204, 401, 403, 404}) {
    EXPECT_EQ(Stepper{policy_defaults(PolicyKind::naive)}.step(answered(status)),
              (Decision{GiveUp{Reason::final_status, status}}));
  }
  EXPECT_EQ(Stepper{policy_defaults(PolicyKind::naive)}.step(answered(200)),
            (Decision{GiveUp{Reason::not_event_stream, 200}}));
}

struct DefectCase {
  const char* name;
  Defect defect;
  Input input;
  Decision right;
  Decision wrong;
};

class PolicyDefect : public ::testing::TestWithParam<DefectCase> {};

TEST_P(PolicyDefect, changes_what_it_says_it_does) {
  PolicySpec spec = policy_defaults(PolicyKind::naive);
  EXPECT_EQ(Stepper{spec}.step(GetParam().input), GetParam().right);
  spec.defects.add(GetParam().defect);
  EXPECT_EQ(Stepper{spec}.step(GetParam().input), GetParam().wrong);
}

const Decision later = Reconnect{3s};
INSTANTIATE_TEST_SUITE_P(
    Defects, PolicyDefect,
    ::testing::Values(DefectCase{"stops_when_unavailable", Defect::stops_when_unavailable,
                                 answered(503), later, GiveUp{Reason::final_status, 503}},
                      DefectCase{"stops_after_clean_end", Defect::stops_after_clean_end, drained,
                                 later, GiveUp{Reason::clean_end, 0}},
                      DefectCase{"retries_final", Defect::retries_final, answered(404),
                                 GiveUp{Reason::final_status, 404}, later},
                      DefectCase{"ignores_204", Defect::ignores_204, answered(204),
                                 GiveUp{Reason::final_status, 204}, later},
                      DefectCase{"no_delay", Defect::no_delay, failed, later, Reconnect{0s}}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST(PolicyDefects, a_retry_field_that_is_ignored_changes_nothing) {
  PolicySpec spec = browser_spec();
  spec.defects = {Defect::ignores_retry};
  Stepper client{spec};
  client.step(input::RetryField{250});
  EXPECT_EQ(client.delay(failed), 3s);
}

}  // namespace
}  // namespace streamgauge::policy
