#include "harness/core/base/nearest.hpp"

#include <gmock/gmock.h>

#include <array>

namespace streamgauge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<std::string_view, 4> checks{"heartbeat.cadence", "heartbeat.form",
                                                 "delivery.no-loss", "delivery.in-order"};

TEST(EditDistance, counts_inserts_deletes_replacements_and_swaps) {
  struct Case {
    std::string_view a, b;
    std::size_t distance;
  };
  for (const Case& c :
       {Case{"", "", 0}, Case{"", "abc", 3}, Case{"abc", "", 3}, Case{"abc", "abc", 0},
        Case{"abc", "abd", 1}, Case{"abc", "ab", 1}, Case{"abc", "xabc", 1},
        Case{"recieve", "receive", 1}, Case{"kitten", "sitting", 3}, Case{"ca", "abc", 3}}) {
    EXPECT_EQ(edit_distance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

TEST(Nearest, finds_a_typing_slip_whatever_the_case) {
  EXPECT_THAT(nearest("Heartbeat.Cadance", checks), ElementsAre("heartbeat.cadence"));
}

TEST(Nearest, puts_the_nearest_first_and_obeys_the_maximum) {
  constexpr std::array<std::string_view, 3> names{"stxxam", "streamx", "stream"};
  EXPECT_THAT(nearest("stream", names), ElementsAre("stream", "streamx", "stxxam"));
  EXPECT_THAT(nearest("stream", names, 1), ElementsAre("stream"));
}

TEST(Nearest, finds_the_whole_from_a_part_of_three_letters_but_not_of_two) {
  EXPECT_THAT(nearest("cadence", checks), ElementsAre("heartbeat.cadence"));
  EXPECT_THAT(nearest("los", checks), ElementsAre("delivery.no-loss"));
  EXPECT_THAT(nearest("lo", checks), IsEmpty());
}

TEST(Nearest, draws_the_line_at_a_third_of_the_longer_name) {
  constexpr std::array<std::string_view, 1> names{"abcdef"};
  EXPECT_THAT(nearest("abcdxy", names), ElementsAre("abcdef"));  // 2 of 6
  EXPECT_THAT(nearest("abcxyz", names), IsEmpty());              // 3 of 6
}

TEST(Nearest, has_nothing_to_say_to_an_empty_or_an_endless_name) {
  EXPECT_THAT(nearest("", checks), IsEmpty());
  EXPECT_THAT(nearest(std::string(201, 'a'), checks), IsEmpty());
}

TEST(DidYouMean, reads_as_the_end_of_a_sentence) {
  constexpr std::array<std::string_view, 3> names{"abcd", "abce", "abcf"};
  EXPECT_EQ(did_you_mean("zzzzz", names), "");
  EXPECT_EQ(did_you_mean("abcde", std::array<std::string_view, 1>{"abcd"}),
            " (did you mean 'abcd'?)");
  EXPECT_EQ(did_you_mean("abcx", names), " (did you mean 'abcd', 'abce' or 'abcf'?)");
}

}  // namespace
}  // namespace streamgauge
