#include "reference-server/core/generation.hpp"

#include <gtest/gtest.h>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

TokenTerms terms() {
  TokenTerms made;
  made.first_within = 500ms;
  made.gap_max = 250ms;
  return made;
}

/// When each event came, and what the last one was.
struct Course {
  std::vector<Duration> at;
  std::string last;
};

Course run(GenerationRequest request, std::optional<Flaw> flaw = {}) {
  Flaws flaws;
  if (flaw) flaws.add(*flaw);
  Generation generation(request, terms(), flaws, t0);
  Course course;
  for (bool complete = false; !complete && course.at.size() < 1000;) {
    const Instant now = generation.due();
    const Generation::Step step = generation.step(now);
    complete = step.complete;
    for (const EventPtr& event : step.events) {
      course.at.push_back(now - t0);
      course.last = event->bytes(Framing::plain);
    }
  }
  return course;
}

TEST(Generation, sends_the_first_token_at_once_the_others_at_the_pace_and_a_terminator) {
  const Course course = run({3, 20ms});
  EXPECT_EQ(course.at, (std::vector<Duration>{0ms, 20ms, 40ms, 40ms}));
  EXPECT_EQ(course.last, "data: [DONE]\n\n");
}

TEST(Generation, without_gaps_gives_others_their_turn) {
  Generation generation({1000, 0ms}, terms(), {}, t0);
  EXPECT_EQ(generation.step(t0).events.size(), 64u);
  EXPECT_EQ(generation.due(), t0);
}

TEST(Generation, does_not_make_up_for_lost_time_in_a_burst) {
  Generation generation({10, 20ms}, terms(), {}, t0);
  EXPECT_EQ(generation.step(t0 + 5ms).events.size(), 1u);
  EXPECT_EQ(generation.due(), t0 + 20ms);  // a little late: the pace is kept
  EXPECT_EQ(generation.step(t0 + 1s).events.size(), 1u);
  EXPECT_EQ(generation.due(), t0 + 1020ms);
}

TEST(Generation, waits_for_a_peer_that_is_behind) {
  Generation generation({10, 20ms}, terms(), {}, t0);
  generation.wait(t0 + 1ms);
  EXPECT_TRUE(generation.step(t0 + 20ms).events.empty());
  EXPECT_EQ(generation.step(t0 + 21ms).events.size(), 1u);
}

TEST(GenerationFlaw, ends_without_the_terminator) {
  const Course course = run({3, 20ms}, Flaw::tokens_truncated);
  EXPECT_EQ(course.at.size(), 3u);
  EXPECT_EQ(course.last, "data: token 3\n\n");
}

TEST(GenerationFlaw, batches_tokens_after_pauses_beyond_the_bound) {
  const Course course = run({40, 20ms}, Flaw::tokens_batched);
  EXPECT_EQ(course.at.size(), 41u);
  EXPECT_EQ(course.at[0], Duration{0});
  EXPECT_GT(course.at[1], 2 * terms().gap_max);
  EXPECT_EQ(course.at[1], course.at[13]);
  EXPECT_GT(course.at[14], course.at[13] + terms().gap_max);
}

TEST(GenerationFlaw, sends_the_first_token_long_after_the_bound) {
  EXPECT_GT(run({3, 20ms}, Flaw::first_token_late).at[0], 2 * terms().first_within);
}

}  // namespace
}  // namespace streamgauge::server
