#include <gtest/gtest.h>

#include "tests/unit/policy/stepper.hpp"

namespace streamgauge::policy {
namespace {

using decision::Follow;

Input redirect(int status, std::uint32_t before = 0) {
  return input::Answered{status, false, {}, true, before};
}

struct RedirectCase {
  int status;
  Follow expected;
};

class Redirect : public ::testing::TestWithParam<RedirectCase> {};

TEST_P(Redirect, is_followed_as_its_status_says_by_every_policy) {
  for (const PolicyKind kind : {PolicyKind::browser, PolicyKind::agent, PolicyKind::hybrid,
                                PolicyKind::fetch, PolicyKind::naive}) {
    Stepper client{policy_defaults(kind)};
    EXPECT_EQ(client.step(redirect(GetParam().status)), Decision{GetParam().expected});
  }
}

INSTANTIATE_TEST_SUITE_P(Statuses, Redirect,
                         ::testing::Values(RedirectCase{301, {true, true}},
                                           RedirectCase{302, {false, true}},
                                           RedirectCase{303, {false, true}},
                                           RedirectCase{307, {false, false}},
                                           RedirectCase{308, {true, false}}),
                         [](const auto& tested) { return std::to_string(tested.param.status); });

TEST(Redirects, are_bounded_in_a_row) {
  PolicySpec spec = browser_spec();
  spec.limits.redirects_max = 3;
  Stepper client{spec};
  EXPECT_EQ(client.step(redirect(302, 2)), (Decision{Follow{false, true}}));
  EXPECT_EQ(client.step(redirect(302, 3)), (Decision{GiveUp{Reason::too_many_redirects, 302}}));
}

TEST(Redirects, that_lead_nowhere_are_an_error) {
  Stepper client{browser_spec()};
  EXPECT_EQ(client.step(answered(307)), (Decision{GiveUp{Reason::nowhere_to_go, 307}}));
}

TEST(Redirects, are_a_status_like_others_for_who_follows_none) {
  Stepper client{policy_defaults(PolicyKind::none)};
  EXPECT_EQ(client.step(redirect(301)), (Decision{GiveUp{Reason::final_status, 301}}));
}

TEST(Redirects, other_statuses_of_their_class_are_none) {
  for (const int status : {300, 304, 305, 306}) {
    Stepper client{browser_spec()};
    EXPECT_EQ(client.step(redirect(status)), (Decision{GiveUp{Reason::final_status, status}}));
  }
}

TEST(Redirects, are_remembered_wrongly_by_defects) {
  PolicySpec spec = browser_spec();
  spec.defects = {Defect::forgets_permanent, Defect::keeps_temporary};
  Stepper client{spec};
  EXPECT_EQ(client.step(redirect(308)), (Decision{Follow{false, false}}));
  EXPECT_EQ(client.step(redirect(307)), (Decision{Follow{true, false}}));
}

}  // namespace
}  // namespace streamgauge::policy
