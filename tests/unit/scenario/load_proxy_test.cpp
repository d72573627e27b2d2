#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/scenario/proxy_spec.hpp"

namespace streamgauge {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view whole = R"(
proxy: nginx-default
description: As it comes.
spawn:
  program: nginx
  args: [-c, "{dir}/nginx.conf"]
  packages: [nginx]
  user: nobody
  reload_signal: HUP
  version_args: [-v]
  files:
    nginx.conf: |
      listen 127.0.0.1:{port}; proxy_pass http://{upstream_host}:{upstream_port};
known:
  idle_cut: 3s
  idle_cut_default: 60 s (proxy_read_timeout)
  fails:
    buffering.headers-prompt: held until 4 KiB are there
)";

TEST(LoadProxy, reads_every_key) {
  const auto proxy = load_proxy(whole, "nginx-default.yaml");
  ASSERT_TRUE(proxy) << proxy.error().message;
  EXPECT_EQ(proxy->name, "nginx-default");
  ASSERT_TRUE(proxy->spawn);
  EXPECT_EQ(proxy->spawn->user, "nobody");
  EXPECT_EQ(proxy->spawn->reload_signal, 1);
  EXPECT_THAT(proxy->spawn->version_args, ElementsAre("-v"));
  EXPECT_EQ(proxy->known.idle_cut, 3s);
  EXPECT_EQ(proxy->known.fails.at("buffering.headers-prompt"), "held until 4 KiB are there");
}

TEST(LoadProxy, takes_faults_of_the_built_in_proxy_in_place_of_a_program) {
  const auto proxy = load_proxy("proxy: slow\nchaos: [latency=5ms, idle-cut=2s]\n", "slow.yaml");
  ASSERT_TRUE(proxy) << proxy.error().message;
  EXPECT_FALSE(proxy->spawn);
  EXPECT_THAT(proxy->faults, ElementsAre("latency=5ms", "idle-cut=2s"));
}

TEST(LoadProxy, knows_that_some_never_cut_an_idle_stream) {
  const auto proxy =
      load_proxy("proxy: x\nchaos: latency=5ms\nknown: {idle_cut: none}\n", "x.yaml");
  ASSERT_TRUE(proxy) << proxy.error().message;
  EXPECT_FALSE(proxy->known.idle_cut);
}

struct Mistake {
  const char* yaml;
  const char* message;
};

TEST(LoadProxy, says_where_a_mistake_is_and_what_would_do) {
  const Mistake mistakes[] = {
      {"description: x\n", "p.yaml:1:1: missing key 'proxy' in a proxy"},
      {"proxy: x\n", "p.yaml:1:1: a proxy has exactly one of the keys spawn"},
      {"proxy: x\nspawn: {program: a}\nchaos: [b=1s]\n", "exactly one of the keys spawn"},
      {"proxy: x\nspwan: {program: a}\n",
       "p.yaml:2:1: unknown key 'spwan' in a proxy (did you mean"},
      {"proxy: x\nspawn: {program: a, args: ['{upstream}']}\n",
       "p.yaml:2:28: key 'args': unknown placeholder {upstream}"},
      {"proxy: x\nspawn: {program: a, args: ['{channel}']}\n", "unknown placeholder {channel}"},
      {"proxy: x\nspawn: {program: a, reload_signal: WINCH}\n",
       "key 'reload_signal': found 'WINCH'"},
      {"proxy: x\nspawn: {program: a}\nknown: {idle_cut: soon}\n",
       "p.yaml:3:19: key 'idle_cut': found 'soon', expected a duration"},
      {"proxy: x\nspawn: {program: a}\nknown: {fails: {nothing: x}}\n",
       "'nothing' is not a check's id"},
  };
  for (const auto& [yaml, message] : mistakes) {
    const auto proxy = load_proxy(yaml, "p.yaml");
    ASSERT_FALSE(proxy) << yaml;
    EXPECT_THAT(proxy.error().message, HasSubstr(message)) << yaml;
    EXPECT_EQ(proxy.error().exit_code, ExitCode::usage);
  }
}

TEST(SplitPath, parts_hops_at_commas) {
  EXPECT_THAT(split_path("caddy"), ElementsAre("caddy"));
  EXPECT_THAT(split_path("caddy,chaos:latency=5ms+idle-cut=5s"),
              ElementsAre("caddy", "chaos:latency=5ms+idle-cut=5s"));
  EXPECT_THAT(split_path("a,,b"), ElementsAre("a", "", "b"));
}

}  // namespace
}  // namespace streamgauge
