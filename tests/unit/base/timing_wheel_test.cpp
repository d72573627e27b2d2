#include "harness/core/base/timing_wheel.hpp"

#include <gmock/gmock.h>

#include <map>

#include "harness/core/base/random.hpp"

namespace streamgauge {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Instant start = instant_from_ns(5'000'000'000);

class Wheel : public ::testing::Test {
 protected:
  std::vector<int> advance(Duration to) {
    std::vector<int> fired;
    wheel.advance(start + to, [&](int token) { fired.push_back(token); });
    return fired;
  }
  TimingWheel<int> wheel{start, 1ms, 8};  // small, so that revolutions are short
};

TEST_F(Wheel, fires_at_the_deadline_and_not_before) {
  wheel.add(start + 3ms, 1);
  EXPECT_THAT(advance(3ms - 1ns), IsEmpty());
  EXPECT_THAT(advance(3ms), ElementsAre(1));
  EXPECT_THAT(advance(100ms), IsEmpty());
  EXPECT_EQ(wheel.size(), 0u);
}

TEST_F(Wheel, rounds_up_to_the_next_tick_and_says_to_which) {
  EXPECT_EQ(wheel.add(start + 2ms + 1ns, 1), start + 3ms);
  EXPECT_EQ(wheel.add(start + 4ms, 2), start + 4ms);
  EXPECT_THAT(advance(2ms + 1ns), IsEmpty());
  EXPECT_THAT(advance(3ms), ElementsAre(1));
}

TEST_F(Wheel, keeps_the_order_of_deadlines_and_of_adding) {
  wheel.add(start + 5ms, 1);
  wheel.add(start + 2ms, 2);
  wheel.add(start + 5ms, 3);
  EXPECT_THAT(advance(6ms), ElementsAre(2, 1, 3));
}

TEST_F(Wheel, waits_for_its_round_beyond_one_revolution) {
  wheel.add(start + 3ms, 1);
  wheel.add(start + 11ms, 2);  // the same slot, a revolution later
  wheel.add(start + 27ms, 3);
  EXPECT_THAT(advance(3ms), ElementsAre(1));
  EXPECT_THAT(advance(10ms), IsEmpty());
  EXPECT_THAT(advance(11ms), ElementsAre(2));
  EXPECT_THAT(advance(26ms), IsEmpty());
  EXPECT_THAT(advance(27ms), ElementsAre(3));
}

TEST_F(Wheel, a_long_pause_fires_everything_once) {
  for (int i = 0; i < 30; ++i) wheel.add(start + i * 1ms, i);
  EXPECT_EQ(advance(1s).size(), 30u);
  EXPECT_EQ(wheel.size(), 0u);
}

TEST_F(Wheel, what_is_overdue_fires_at_the_next_call) {
  advance(50ms);
  wheel.add(start, 1);
  wheel.add(start + 50ms, 2);
  EXPECT_THAT(advance(50ms), ElementsAre(1, 2));
}

TEST_F(Wheel, may_be_added_to_while_it_fires) {
  int rounds = 0;
  wheel.add(start + 1ms, 1);
  const auto fire = [&](int token) {
    ++rounds;
    if (token == 1) wheel.add(start, 2);        // overdue: not lost
    if (token == 2) wheel.add(start + 5ms, 3);  // to come
  };
  for (int i = 1; i <= 5; ++i) wheel.advance(start + i * 1ms, fire);
  EXPECT_EQ(rounds, 3);
}

TEST_F(Wheel, an_overdue_token_that_adds_itself_does_not_spin) {
  int fired = 0;
  wheel.add(start, 1);
  const auto fire = [&](int token) {
    ++fired;
    wheel.add(start, token);
  };
  wheel.advance(start + 3ms, fire);
  EXPECT_LE(fired, 2);
  wheel.advance(start + 4ms, fire);
  EXPECT_EQ(wheel.size(), 1u);
}

TEST_F(Wheel, tells_when_it_is_next_needed) {
  EXPECT_EQ(wheel.next_due(), std::nullopt);
  wheel.add(start + 100ms, 1);
  EXPECT_EQ(wheel.next_due(), start + 100ms);
  wheel.add(start + 6ms, 2);
  EXPECT_EQ(wheel.next_due(), start + 6ms);
  wheel.add(start + 2500us, 3);
  EXPECT_EQ(wheel.next_due(), start + 3ms);
  advance(6ms);
  EXPECT_EQ(wheel.next_due(), start + 100ms);
  advance(92ms);  // the slot of 100 ms, a revolution early
  EXPECT_EQ(wheel.next_due(), start + 100ms);
}

// Against the obvious: a multimap from due tick to token.
TEST_F(Wheel, agrees_with_a_sorted_list_whatever_the_steps) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random{seed};
    TimingWheel<int> tested{start, 1ms, 8};
    std::multimap<Instant, int> expected;
    Instant now = start;
    int token = 0;
    for (int step = 0; step < 300; ++step) {
      for (auto n = random.next() % 4; n > 0; --n) {
        const Instant due = now + Duration{static_cast<std::int64_t>(random.next() % 40'000'000)};
        expected.emplace(tested.add(due, token), token);
        ++token;
      }
      if (const auto next = tested.next_due()) {
        ASSERT_EQ(*next, expected.begin()->first) << "seed " << seed;
      }
      now += Duration{static_cast<std::int64_t>(random.next() % 15'000'000)};
      std::multiset<int> fired, due;
      tested.advance(now, [&](int t) { fired.insert(t); });
      while (!expected.empty() && expected.begin()->first <= now) {
        due.insert(expected.begin()->second);
        expected.erase(expected.begin());
      }
      ASSERT_EQ(fired, due) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace streamgauge
