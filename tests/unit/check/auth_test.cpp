#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;
using testing::HasSubstr;

/// Stream 0 shows the revocable token, 1 a wrong one.
struct AuthWorld : World {
  AuthWorld() {
    contract.auth = AuthTerms{};
    target.events_headers = {{"Authorization", "Bearer {token}"}};
    target.commands["revoke"] = CommandSpec{};
    scenario.groups[0].credential = Credential::revocable;
    scenario.groups[1].credential = Credential::wrong;
  }
};

Story refused(int status = 401) {
  Story s;
  s.phase(0ms, 0).open(0, 0ms).join(1, 0ms, 1).connect(1, 0ms).head(1, 1ms, status);
  s.close(1, 2ms, Ending::rejected);
  return s;
}

TEST(Unauthorized, passes_those_who_are_refused_and_stay_away) {
  AuthWorld w;
  for (const int status : {401, 403}) {
    auto s = refused(status);
    s.phase(2s, 3);
    EXPECT_EQ(w.judge("auth.401-stops", s), Verdict::pass) << status;
  }
}

TEST(Unauthorized, fails_a_target_that_lets_them_in_or_answers_otherwise) {
  AuthWorld w;
  for (const int status : {200, 302, 404, 500}) {
    auto s = refused(status);
    s.phase(2s, 3);
    EXPECT_EQ(w.judge("auth.401-stops", s), Verdict::fail) << status;
  }
}

TEST(Unauthorized, fails_a_client_that_comes_again_with_the_same_token) {
  AuthWorld w;
  auto s = refused();
  s.connect(1, 1s, 2).head(1, 1s, 401).phase(2s, 3);
  EXPECT_EQ(w.judge("auth.401-stops", s), Verdict::fail);
  EXPECT_THAT(w.finding("auth.401-stops", s).reason, HasSubstr("F30"));
}

TEST(Unauthorized, says_nothing_when_nobody_tried) {
  AuthWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).phase(2s, 3);
  EXPECT_EQ(w.judge("auth.401-stops", s), Verdict::inconclusive);
}

Story revoked(int status = 200) {
  auto s = refused();
  s.add(no_stream, 1010ms, fact::Commanded{"revoke", 0, status, 10ms});
  return s;
}

TEST(Revoked, passes_streams_that_end_at_once_and_are_refused_from_then_on) {
  AuthWorld w;
  auto s = revoked();
  s.close(0, 1020ms, Ending::complete).connect(0, 2s, 2).head(0, 2s, 401).phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", s), Verdict::pass);
}

TEST(Revoked, fails_streams_that_stay_end_late_or_come_back) {
  AuthWorld w;
  auto stays = revoked();
  stays.phase(4s, 3).close(0, 4s);
  EXPECT_EQ(w.judge("auth.revoked-closes", stays), Verdict::fail);
  auto late = revoked();
  late.close(0, 2500ms, Ending::complete).phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", late), Verdict::fail);
  w.noise.lag_max = 1100ms;
  EXPECT_EQ(w.judge("auth.revoked-closes", late), Verdict::inconclusive);
  w.noise.lag_max = 1ms;
  auto back = revoked();
  back.close(0, 1020ms, Ending::complete).reopen(0, 2s).phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", back), Verdict::fail);
}

TEST(Revoked, judges_the_stream_that_was_open_not_one_that_had_ended_before) {
  AuthWorld w;
  Story s;
  s.phase(0ms, 0).open(0, 0ms).close(0, 500ms, Ending::complete);
  auto gone = std::move(s);
  gone.add(no_stream, 1010ms, fact::Commanded{"revoke", 0, 200, 10ms}).phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", gone), Verdict::inconclusive);
  Story back;
  back.phase(0ms, 0).open(0, 0ms).close(0, 500ms, Ending::complete).reopen(0, 600ms);
  back.add(no_stream, 1010ms, fact::Commanded{"revoke", 0, 200, 10ms}).phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", back), Verdict::fail);
}

TEST(Revoked, cannot_tell_when_the_command_was_not_carried_out) {
  AuthWorld w;
  auto never = refused();
  never.phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", never), Verdict::inconclusive);
  auto wrong = revoked(404);
  wrong.phase(4s, 3);
  EXPECT_EQ(w.judge("auth.revoked-closes", wrong), Verdict::inconclusive);
  EXPECT_THAT(w.finding("auth.revoked-closes", wrong).reason, HasSubstr("404"));
}

TEST(NoLeak, passes_readers_that_get_what_they_subscribed_to) {
  AuthWorld w;
  auto s = refused();
  s.event(0, 100ms, 1).phase(2s, 3);
  EXPECT_EQ(w.judge("auth.no-leak", s), Verdict::pass);
}

TEST(NoLeak, fails_events_of_another_channel_and_events_without_a_token) {
  AuthWorld w;
  Story other;
  other.phase(0ms, 0).open(0, 0ms, 0, 1).event(0, 100ms, 1).phase(2s, 3);
  EXPECT_EQ(w.judge("auth.no-leak", other), Verdict::fail);
  Story untrusted;
  untrusted.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 1).event(1, 100ms, 1).phase(2s, 3);
  EXPECT_EQ(w.judge("auth.no-leak", untrusted), Verdict::fail);
  w.contract.auth.reset();
  EXPECT_EQ(w.judge("auth.no-leak", untrusted), Verdict::pass);
}

TEST(NoLeak, cannot_tell_without_events_or_with_one_channel) {
  AuthWorld w;
  auto s = refused();
  s.phase(2s, 3);
  EXPECT_EQ(w.judge("auth.no-leak", s), Verdict::inconclusive);
  auto one = refused();
  one.event(0, 100ms, 1).phase(2s, 3);
  w.scenario.channels.pop_back();
  EXPECT_EQ(w.judge("auth.no-leak", one), Verdict::inconclusive);
}

}  // namespace
}  // namespace streamgauge
