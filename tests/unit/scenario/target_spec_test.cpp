#include "harness/core/scenario/target_spec.hpp"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

TEST(Expand, replaces_what_it_knows_and_leaves_the_rest) {
  const std::map<std::string, std::string> values{
      {"port", "80"}, {"dir", "/tmp/x"}, {"event", ""}, {"data", "{port}"}};
  struct Case {
    std::string_view text, expanded;
  };
  for (const Case& c : {
           Case{"", ""},
           Case{"no braces", "no braces"},
           Case{"{port}", "80"},
           Case{"{dir}/{port}{port}", "/tmp/x/8080"},
           Case{"a={event}&b", "a=&b"},
           Case{"{data}", "{port}"},  // text in values is not expanded again
           Case{"{nosuch} {port}", "{nosuch} 80"},
           Case{"events { listen {port}; }", "events { listen 80; }"},
           Case{"{{port}}", "{80}"},
           Case{"{port", "{port"},
           Case{"}{", "}{"},
           Case{"{}", "{}"},
           Case{R"({"data":"{event}"})", R"({"data":""})"},
       }) {
    EXPECT_EQ(expand(c.text, values), c.expanded) << c.text;
  }
}

TEST(Has, derives_publishing_and_process_from_the_keys_that_bring_them) {
  TargetSpec target;
  target.capabilities = {Capability::resume};
  EXPECT_TRUE(has(target, Capability::resume));
  EXPECT_FALSE(has(target, Capability::channels));
  EXPECT_FALSE(has(target, Capability::publish));
  EXPECT_FALSE(has(target, Capability::local_process));
  target.publish.emplace();
  target.spawn.emplace();
  EXPECT_TRUE(has(target, Capability::publish));
  EXPECT_TRUE(has(target, Capability::local_process));
}

TEST(CapabilityWords, are_those_of_the_files) {
  EXPECT_EQ(to_string(Capability::event_type), "event_type");
  EXPECT_EQ(to_string(Capability::local_process), "local_process");
}

}  // namespace
}  // namespace streamgauge
