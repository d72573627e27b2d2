#include "harness/core/result/mark_fold.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace streamgauge;
using testing::ElementsAre;

namespace {

const Instant fold_began{1'790'000'000s};

Span in(Duration d) {
  return {TimeUnit::absolute, d, 0};
}

Scenario two_phases() {
  Scenario scenario;
  scenario.groups.resize(1);
  scenario.groups[0].name = "slow";
  scenario.phases.resize(2);
  scenario.phases[0].name = "calm";
  scenario.phases[1].name = "storm";
  scenario.phases[1].actions = {{in(1s), action::StopReading{0, in(2s)}},
                                {in(2s), action::Freeze{in(1s)}},
                                {in(50s), action::PublishProbes{0}}};
  return scenario;
}

struct MarkStory {
  MarkFold fold{two_phases(), Contract{}};
  MarkStory& tell(Duration at, Fact fact) {
    fold.on({fold_began + at, no_stream, fact});
    return *this;
  }
};

Mark mark(Mark::Kind kind, Duration begin, std::optional<Duration> end, std::string name) {
  std::optional<Instant> until;
  if (end) until = fold_began + *end;
  return {kind, fold_began + begin, until, std::move(name)};
}

}  // namespace

TEST(MarkFold, phases_end_where_the_next_begins_and_planned_actions_stand_at_their_time) {
  MarkStory story;
  story.tell(1s, fact::PhaseBegan{0}).tell(3s, fact::PhaseBegan{1}).tell(9s, fact::PhaseBegan{2});
  EXPECT_THAT(
      story.fold.marks(),
      ElementsAre(mark(Mark::Kind::phase, 1s, 3s, "calm"), mark(Mark::Kind::phase, 3s, 9s, "storm"),
                  mark(Mark::Kind::action, 4s, 6s, "slow stop reading")))
      << "the freeze is told as a fault, and the probes would have come after the end";
}

TEST(MarkFold, faults_last_from_their_begin_to_their_end) {
  MarkStory story;
  story.tell(1s, fact::FaultBegan{"freeze"}).tell(2s, fact::FaultEnded{"freeze"});
  story.tell(3s, fact::FaultBegan{"freeze"});
  EXPECT_THAT(story.fold.marks(), ElementsAre(mark(Mark::Kind::fault, 1s, 2s, "freeze"),
                                              mark(Mark::Kind::fault, 3s, std::nullopt, "freeze")));
}

TEST(MarkFold, commands_for_each_client_of_a_group_are_one_mark) {
  MarkStory story;
  for (int i = 0; i < 5; ++i) story.tell(100ms * i, fact::Commanded{"revoke", 0, 200, 1ms});
  story.tell(2s, fact::Commanded{"revoke", 0, 200, 1ms});
  EXPECT_THAT(story.fold.marks(),
              ElementsAre(mark(Mark::Kind::action, 0s, 400ms, "command revoke"),
                          mark(Mark::Kind::action, 2s, std::nullopt, "command revoke")));
}

TEST(MarkFold, says_what_became_of_the_target) {
  MarkStory story;
  story.tell(1s, fact::TargetChanged{TargetEvent::stop_ordered, 0, "SIGTERM"})
      .tell(2s, fact::TargetChanged{TargetEvent::exited, 3, {}})
      .tell(3s, fact::TargetDied{"signal 9"});
  EXPECT_THAT(story.fold.marks(),
              ElementsAre(mark(Mark::Kind::target, 1s, std::nullopt, "ordered to stop (SIGTERM)"),
                          mark(Mark::Kind::target, 2s, std::nullopt, "exited (code 3)"),
                          mark(Mark::Kind::target, 3s, std::nullopt, "died: signal 9")));
}

TEST(MarkFold, merging_folds_that_heard_the_same_changes_nothing) {
  MarkStory a, b;
  for (MarkStory* story : {&a, &b}) {
    story->tell(1s, fact::PhaseBegan{0}).tell(2s, fact::FaultBegan{"freeze"});
  }
  b.tell(3s, fact::FaultEnded{"freeze"}).tell(4s, fact::TargetDied{"gone"});
  a.fold.merge(b.fold);
  EXPECT_EQ(a.fold.marks(), b.fold.marks());
}

TEST(MarkFold, keeps_no_more_than_its_bound) {
  MarkStory story;
  for (int i = 0; i < 1000; ++i) {
    story.tell(std::chrono::seconds{i}, fact::Commanded{"revoke", 0, 200, 1ms});
  }
  EXPECT_EQ(story.fold.marks().size(), MarkFold::marks_max);
}
