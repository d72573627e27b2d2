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

TEST(Has, derives_what_the_places_of_placeholders_and_commands_say) {
  TargetSpec target;
  for (const Capability each : {Capability::identity, Capability::users, Capability::auth,
                                Capability::generate, Capability::drain, Capability::revoke,
                                Capability::close, Capability::finish, Capability::shared_ids}) {
    EXPECT_FALSE(has(target, each)) << to_string(each);
  }
  target.events_path = "/e?id={id}&u={user}";
  target.events_headers = {{"Accept", "x"}, {"Authorization", "Bearer {token}"}};
  target.generate.emplace();
  target.commands = {{"drain", {}}, {"revoke", {}}, {"close", {}}, {"finish", {}}};
  target.capabilities = {Capability::shared_ids};
  for (const Capability each : {Capability::identity, Capability::users, Capability::auth,
                                Capability::generate, Capability::drain, Capability::revoke,
                                Capability::close, Capability::finish, Capability::shared_ids}) {
    EXPECT_TRUE(has(target, each)) << to_string(each);
  }
  target.commands.clear();
  target.spawn.emplace();
  EXPECT_TRUE(has(target, Capability::drain));  // by its stop signal
  EXPECT_FALSE(has(target, Capability::close));
}

TEST(CapabilityWords, are_those_of_the_files) {
  EXPECT_EQ(to_string(Capability::event_type), "event_type");
  EXPECT_EQ(to_string(Capability::local_process), "local_process");
}

}  // namespace
}  // namespace streamgauge
