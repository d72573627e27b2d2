#include "reference-server/core/query.hpp"

#include <gtest/gtest.h>

namespace streamgauge::server {
namespace {

TEST(Query, decodes_names_and_values) {
  const auto target = parse_target("/events?channel=a%20b&id=x+y&empty=&flag&%63=d%0Ae");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/events");
  EXPECT_EQ(target->get("channel"), "a b");
  EXPECT_EQ(target->get("id"), "x y");
  EXPECT_EQ(target->get("empty", "other"), "");
  EXPECT_TRUE(target->has("flag"));
  EXPECT_EQ(target->get("c"), "d\ne");
  EXPECT_EQ(target->get("absent", "other"), "other");
}

TEST(Query, refuses_a_broken_escape) {
  for (const char* text : {"/e?a=%", "/e?a=%4", "/e?a=%4g", "/e?a=%-1", "/e?%zz=1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Query, is_found_behind_an_absolute_target) {
  const auto target = parse_target("http://example.org:80/events?channel=a");
  EXPECT_EQ(target->path, "/events");
  EXPECT_EQ(target->get("channel"), "a");
  EXPECT_EQ(parse_target("http://example.org")->path, "/");
}

TEST(Query, takes_the_first_of_several) {
  EXPECT_EQ(parse_target("/e?a=1&&a=2")->get("a"), "1");
}

}  // namespace
}  // namespace streamgauge::server
