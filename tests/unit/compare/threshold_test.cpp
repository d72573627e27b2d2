#include "harness/core/compare/threshold.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/compare/metric.hpp"

namespace streamgauge::compare {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

TEST(Threshold, is_a_metric_and_a_share) {
  for (const char* text :
       {"delivery.p99>+10%", "delivery.p99>10%", " delivery.p99 > +10 % ", "delivery.p99>10.0%"}) {
    const auto read = parse_threshold(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, (Threshold{*find_metric("delivery.p99"), 0.10})) << text;
  }
  EXPECT_EQ(parse_threshold("delivery.p99.9>+2.5%")->metric, *find_metric("delivery.p999"));
  EXPECT_DOUBLE_EQ(parse_threshold("cpu.per_event>+1000%")->delta, 10);
}

TEST(Threshold, errors_name_what_was_found_and_what_is_accepted) {
  const struct {
    const char *text, *found, *accepted;
  } table[] = {
      {"", "--fail-if ''", "METRIC>+N%"},
      {"delivery.p99", "expected METRIC>+N%", "delivery.p99>+10%"},
      {"delivery.p99>+10", "'10' is no share", "METRIC>+N%"},
      {"delivery.p99>+5ms", "'5ms' is no share", "METRIC>+N%"},
      {"delivery.p99>-10%", "'-10' per cent", "above 0"},
      {"delivery.p99>+0%", "'0' per cent", "above 0"},
      {"delivery.p99>+1001%", "'1001' per cent", "up to 1000"},
      {"delivery.p99>+.5%", "'.5' per cent", "above 0"},
      {"delivery.p99>+nan%", "'nan' per cent", "above 0"},
      {"delivery.p9>+10%", "no metric 'delivery.p9'", "did you mean"},
      {"cpu>+10%", "no metric 'cpu'", "cpu.per_event"},
      {"delivery.max>+10%", "luck of a single event", "delivery.p50"},
  };
  for (const auto& [text, found, accepted] : table) {
    const auto read = parse_threshold(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().exit_code, ExitCode::usage);
    EXPECT_THAT(read.error().message, AllOf(HasSubstr(found), HasSubstr(accepted)));
  }
}

TEST(Thresholds, are_the_default_ones_when_none_is_given) {
  const auto defaults = thresholds({});
  ASSERT_TRUE(defaults);
  EXPECT_THAT(*defaults, SizeIs(5));
  EXPECT_EQ(thresholds({"delivery.p50>+3%"})->size(), 1u);
}

TEST(Thresholds, refuse_a_metric_twice) {
  const auto twice = thresholds({"delivery.p99>+10%", "delivery.p99>+20%"});
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message, HasSubstr("already"));
}

}  // namespace
}  // namespace streamgauge::compare
