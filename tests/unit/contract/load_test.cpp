#include "harness/core/contract/load.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace streamgauge {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view whole = R"(contract: full
description: |
  Two
  lines.
headers:
  cache_control: [no-cache, no-transform]
  x_accel_buffering: no
  within: 400ms
preamble: connected
heartbeat:
  every: 15s
  first_within: 20s
  form: event
  text: ping
  under_traffic: reset
  on_empty_stream: false
  tolerance: 0.5
retry: 3s
queue:
  events: 64
  bytes: 1MiB
  overflow: drop-newest
  lag_event: lag
  lag_text: lost {n}
  critical_kept: true
eviction:
  stalled_after: 90s
  tolerance: 0.1
replay:
  events: 100
  bytes: 64KiB
  within: 5m
  too_old: reset-event
  too_old_event: reset
delivery:
  latency_p99: 250ms
  first_last_skew: 100ms
  complete: false
drain:
  grace: 10s
  retry_hint: 1s
  exit_within: 20s
  spread: 2s
limits:
  streams_total: 5000
  streams_per_user: 10
  retry_after: 30s
  retry_after_spread: true
first_event: hello
identity:
  newest_wins: false
  closed_within: 300ms
auth:
  unauthorized: 403
  revoked_within: 400ms
storm:
  recovered_within: 12s
  peak_share: 0.4
client:
  header_timeout: 14s
  liveness: 41s
  backoff_base: 2s
  backoff_factor: 3
  backoff_cap: 33s
  jitter: 0.6
  stable_after: 6s
  fallback_after: 4
  fallback_for: 7m
tokens:
  first_within: 800ms
  gap_max: 90ms
  terminator: the end
deliberate_close:
  retry: 5s
finished_status: 204
memory:
  slack: 8MiB
gate_scale: 0.05
)";

Contract loaded(std::string_view yaml) {
  const auto contract = load_contract(yaml, "c.yaml");
  EXPECT_TRUE(contract) << contract.error().message;
  return contract ? *contract : Contract{};
}

std::string error_of(std::string_view yaml) {
  const auto contract = load_contract(yaml, "c.yaml");
  return contract ? "read" : contract.error().message;
}

std::string file_text(const std::string& path) {
  std::ifstream in{std::string{SG_SOURCE_DIR "/"} + path};
  EXPECT_TRUE(in) << path;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(LoadContract, reads_every_key) {
  const Contract c = loaded(whole);
  EXPECT_EQ(c.name, "full");
  EXPECT_EQ(c.description, "Two\nlines.\n");
  EXPECT_EQ(c.file, "c.yaml");
  EXPECT_THAT(c.headers.cache_control, testing::ElementsAre("no-cache", "no-transform"));
  EXPECT_EQ(c.headers.x_accel_buffering, "no");
  EXPECT_EQ(c.headers.within, milliseconds{400});
  EXPECT_EQ(c.preamble, "connected");
  ASSERT_TRUE(c.heartbeat);
  EXPECT_EQ(*c.heartbeat, (HeartbeatTerms{seconds{15}, seconds{20}, HeartbeatForm::event, "ping",
                                          HeartbeatUnderTraffic::reset, false, 0.5}));
  EXPECT_EQ(c.retry, seconds{3});
  ASSERT_TRUE(c.queue);
  EXPECT_EQ(*c.queue, (QueueTerms{64, 1_MiB, Overflow::drop_newest, "lag", true, "lost {n}"}));
  ASSERT_TRUE(c.eviction);
  EXPECT_EQ(*c.eviction, (EvictionTerms{seconds{90}, 0.1}));
  ASSERT_TRUE(c.replay);
  EXPECT_EQ(*c.replay, (ReplayTerms{100, 64_KiB, seconds{300}, TooOld::reset_event, "reset"}));
  ASSERT_TRUE(c.delivery);
  EXPECT_EQ(*c.delivery, (DeliveryTerms{milliseconds{250}, milliseconds{100}, false}));
  ASSERT_TRUE(c.drain);
  EXPECT_EQ(*c.drain, (DrainTerms{seconds{10}, seconds{1}, seconds{20}, seconds{2}}));
  EXPECT_EQ(c.limits, (LimitTerms{5000, 10, seconds{30}, true}));
  EXPECT_EQ(c.memory.slack_bytes, 8_MiB);
  EXPECT_EQ(c.time_scale, 1.0);
}

TEST(LoadContract, reads_every_key_about_streams_clients_and_storms) {
  const Contract c = loaded(whole);
  EXPECT_EQ(c.first_event, "hello");
  EXPECT_FALSE(c.priming);
  EXPECT_EQ(c.identity, (IdentityTerms{false, milliseconds{300}}));
  EXPECT_EQ(c.auth, (AuthTerms{403, milliseconds{400}}));
  EXPECT_EQ(c.storm, (StormTerms{seconds{12}, 0.4}));
  ClientTerms client;
  client.header_timeout = seconds{14};
  client.liveness = seconds{41};
  client.backoff_base = seconds{2};
  client.backoff_factor = 3;
  client.backoff_cap = seconds{33};
  client.jitter = 0.6;
  client.stable_after = seconds{6};
  client.fallback_after = 4;
  client.fallback_for = std::chrono::minutes{7};
  EXPECT_EQ(c.client, client);
  EXPECT_EQ(c.tokens, (TokenTerms{milliseconds{800}, milliseconds{90}, "the end"}));
  EXPECT_EQ(c.deliberate_close, DeliberateCloseTerms{seconds{5}});
  EXPECT_EQ(c.finished_status, 204);
  EXPECT_EQ(c.gate_scale, 0.05);
  EXPECT_TRUE(
      loaded("contract: c\npriming: true\nreplay: {events: 1, too_old: from-oldest}").priming);
}

TEST(LoadContract, fills_the_defaults_of_a_section_that_is_named) {
  const Contract c = loaded(
      "contract: c\nidentity: {}\nauth: {}\nstorm: {recovered_within: 1s}\nclient: {}\n"
      "tokens: {first_within: 1s, gap_max: 1s}");
  EXPECT_EQ(c.identity, IdentityTerms{});
  EXPECT_EQ(c.auth, AuthTerms{});
  EXPECT_EQ(c.storm->peak_share, 0.25);
  EXPECT_EQ(c.client, ClientTerms{});
  EXPECT_EQ(c.tokens->terminator, "[DONE]");
}

TEST(LoadContract, leaves_unstated_what_is_not_said) {
  const Contract c = loaded("contract: bare\n");
  Contract bare;
  bare.name = "bare";
  bare.file = "c.yaml";
  EXPECT_EQ(c, bare);
}

TEST(LoadContract, takes_the_first_heartbeat_within_one_period_unless_told) {
  EXPECT_EQ(loaded("contract: c\nheartbeat: {every: 4s}").heartbeat->first_within, seconds{4});
  EXPECT_EQ(loaded("contract: c\nheartbeat: {first_within: 1s, every: 4s}").heartbeat->first_within,
            seconds{1});
}

TEST(LoadContract, says_what_is_wrong_and_where) {
  struct Case {
    std::string_view yaml, error;
  };
  for (const Case& c : {
           Case{"",
                "c.yaml: found nothing, expected a mapping with the keys contract, description, "
                "headers, preamble, first_event, priming, heartbeat, retry, queue, eviction, "
                "replay, delivery, drain, limits, identity, auth, storm, client, tokens, "
                "deliberate_close, finished_status, memory, gate_scale, time_scale"},
           Case{"description: x",
                "c.yaml:1:1: missing key 'contract' in a contract, expected a name of letters, "
                "digits, "
                "'-' and '_', at most 64"},
           Case{"contract: c\nheartbeat:\n    every: 15 parsecs",
                "c.yaml:3:12: key 'every': found '15 parsecs', expected a duration such as 250ms, "
                "15s, "
                "2m"},
           Case{"contract: c\nheartbeat:\n  evrey: 15s",
                "c.yaml:3:3: unknown key 'evrey' in heartbeat (did you mean 'every'?); accepted: "
                "every, "
                "first_within, form, text, under_traffic, on_empty_stream, tolerance"},
           Case{"contract: c\nheartbeat: {form: comment}",
                "c.yaml:2:12: missing key 'every' in heartbeat, expected a duration such as 250ms, "
                "15s, "
                "2m"},
           Case{"contract: c\nheartbeat: {every: 15s, form: smoke}",
                "c.yaml:2:31: key 'form': found 'smoke', expected one of: comment, event"},
           Case{"contract: c\nheartbeat: {every: 15s, tolerance: 1.5}",
                "c.yaml:2:36: key 'tolerance': found '1.5', expected a number above 0, at most 1"},
           Case{"contract: c\nheartbeat: {every: 0s}",
                "c.yaml:2:20: key 'every': found '0s', expected a duration such as 250ms, 15s, 2m"},
           Case{"contract: c\nqueue: {events: 0, overflow: disconnect}",
                "c.yaml:2:17: key 'events': found '0', expected a whole number from 1 to "
                "1000000000"},
           Case{"contract: c\nqueue: {events: 10}",
                "c.yaml:2:8: missing key 'overflow' in queue, expected one of: disconnect, "
                "drop-oldest, "
                "drop-newest"},
           Case{"contract: c\nqueue: 10",
                "c.yaml:2:8: key 'queue': found '10', expected a mapping with the keys events, "
                "bytes, "
                "overflow, lag_event, lag_text, critical_kept"},
           Case{"contract: c\nheaders: {cache_control: [no-cache, [x]]}",
                "c.yaml:2:37: key 'cache_control': found a list, expected a directive such as "
                "no-cache, "
                "or a list of them"},
           Case{"contract: c\nauth: {unauthorized: 200}",
                "c.yaml:2:22: key 'unauthorized': found '200', expected a whole number from 400 to "
                "499"},
           Case{"contract: c\nstorm: {}",
                "c.yaml:2:8: missing key 'recovered_within' in storm, expected a duration such as "
                "250ms, 15s, 2m"},
           Case{"contract: c\ntokens: {first_within: 1s}",
                "c.yaml:2:9: missing key 'gap_max' in tokens, expected a duration such as 250ms, "
                "15s, 2m"},
           Case{"contract: c\nclient: {jitter: 1.1}",
                "c.yaml:2:18: key 'jitter': found '1.1', expected a number from 0 to 1"},
           Case{"contract: c\nfinished_status: 200",
                "c.yaml:2:18: key 'finished_status': found '200', expected a status after which "
                "clients stay away: 204, or from 400 to 499"},
           Case{"contract: c\nfinished_status: 399",
                "c.yaml:2:18: key 'finished_status': found '399', expected a status after which "
                "clients stay away: 204, or from 400 to 499"},
           Case{"contract: c\nfinished_status: 410", "read"},
           Case{"contract: c\ngate_scale: 0",
                "c.yaml:2:13: key 'gate_scale': found '0', expected a number above 0, at most "
                "1000"},
           Case{"contract: c\npreamble: \"a\\nb\"",
                "c.yaml:2:11: key 'preamble': found 'a\\nb', expected one line of text: the first "
                "comment's text"},
       }) {
    EXPECT_EQ(error_of(c.yaml), c.error) << c.yaml;
  }
}

TEST(SetContractValue, lays_one_value_over_the_contract) {
  Contract c = loaded(whole);
  ASSERT_TRUE(set_contract_value(c, "queue.events=128"));
  EXPECT_EQ(*c.queue, (QueueTerms{128, 1_MiB, Overflow::drop_newest, "lag", true, "lost {n}"}));
  ASSERT_TRUE(set_contract_value(c, "headers.cache_control=[a, b]"));
  EXPECT_THAT(c.headers.cache_control, testing::ElementsAre("a", "b"));
  ASSERT_TRUE(set_contract_value(c, "retry=5s"));
  EXPECT_EQ(c.retry, seconds{5});
  ASSERT_TRUE(set_contract_value(c, "heartbeat.text=a=b: c"));
  EXPECT_EQ(c.heartbeat->text, "a=b: c");
}

TEST(SetContractValue, lets_the_first_heartbeat_follow_unless_it_was_stated) {
  Contract follows = loaded("contract: c\nheartbeat: {every: 4s}");
  ASSERT_TRUE(set_contract_value(follows, "heartbeat.every=2s"));
  EXPECT_EQ(follows.heartbeat->first_within, seconds{2});
  Contract stated = loaded("contract: c\nheartbeat: {every: 4s, first_within: 1s}");
  ASSERT_TRUE(set_contract_value(stated, "heartbeat.every=2s"));
  EXPECT_EQ(stated.heartbeat->first_within, seconds{1});
}

TEST(SetContractValue, says_what_is_wrong_and_changes_nothing) {
  const Contract before = loaded(whole);
  struct Case {
    std::string_view assignment, error;
  };
  for (const Case& c : {
           Case{"queue.events=abc",
                "queue.events=abc: key 'events': found 'abc', expected a whole "
                "number from 1 to 1000000000"},
           Case{"queue.event=1",
                "queue.event=1: unknown key 'event' in queue (did you mean 'events' or "
                "'lag_event'?); accepted: events, bytes, overflow, lag_event, lag_text, "
                "critical_kept"},
           Case{"retry=",
                "retry=: key 'retry': found nothing, expected a duration such as 250ms, 15s, 2m"},
           Case{"retry.x=1",
                "retry.x=1: key 'retry': found a mapping, expected a duration such as "
                "250ms, 15s, 2m"},
           Case{"queue", "queue: expected key=value such as queue.events=128"},
           Case{"=1", "=1: expected key=value such as queue.events=128"},
           Case{"queue..events=1", "queue..events=1: expected key=value such as queue.events=128"},
           Case{"a.b.c.d.e.f.g.h.i=1",
                "a.b.c.d.e.f.g.h.i=1: expected key=value such as queue.events=128"},
           Case{"eviction.stalled_after=1s",
                "eviction.stalled_after=1s: eviction.stalled_after (1 s) must be longer than "
                "heartbeat.every (15 s): between two heartbeats an idle client has nothing to "
                "acknowledge and would be evicted"},
       }) {
    Contract contract = before;
    const auto result = set_contract_value(contract, c.assignment);
    ASSERT_FALSE(result) << c.assignment;
    EXPECT_EQ(result.error().message, c.error);
    EXPECT_EQ(contract, before) << c.assignment;
  }
  Contract bare = loaded("contract: c");
  const auto result = set_contract_value(bare, "queue.bytes=1KiB");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "queue.bytes=1KiB: missing key 'events' in queue, expected a whole "
            "number from 1 to 1000000000");
}

TEST(WriteContract, is_read_back_as_it_was) {
  Contract odd = loaded("contract: odd");
  odd.description = "quotes \" and \\, a\nnew line, \ttab, \x01, \xc3\xbc: # not a comment";
  odd.preamble = "- : {}";
  odd.heartbeat.emplace();
  odd.heartbeat->every = Duration{1'234'567'891};
  odd.heartbeat->first_within = Duration{1'234'567'001};
  odd.retry = Duration{1};
  odd.time_scale = 0.1 + 0.2;
  odd.delivery = DeliveryTerms{};
  Contract primed = loaded("contract: primed\nreplay: {events: 1, too_old: status-204}");
  primed.priming = true;
  primed.client.emplace();
  for (const Contract& contract :
       {primed, loaded(whole), scaled(loaded(whole), 0.05), scaled(loaded(whole), 1.0 / 3), odd}) {
    const auto again = load_contract(write_contract(contract), "c.yaml");
    ASSERT_TRUE(again) << again.error().message << "\n" << write_contract(contract);
    EXPECT_EQ(*again, contract) << write_contract(contract);
  }
}

TEST(ShippedContracts, are_read_and_written_back) {
  for (const std::string name : {"default", "standard", "nchan", "vectorflow", "unarr",
                                 "exceptionless", "harness", "stellarmind", "llm-stream", "mcp"}) {
    const std::string path = "scenarios/contracts/" + name + ".yaml";
    const auto contract = load_contract(file_text(path), path);
    ASSERT_TRUE(contract) << contract.error().message;
    EXPECT_EQ(contract->name, name);
    for (const double scale : {1.0, 0.05}) {
      const Contract expected = scaled(*contract, scale);
      const auto again = load_contract(write_contract(expected), path);
      ASSERT_TRUE(again) << again.error().message;
      EXPECT_EQ(*again, expected) << write_contract(expected);
    }
  }
}

TEST(ShippedContracts, have_a_gate_in_which_a_heartbeat_takes_750_ms) {
  for (const std::string name :
       {"default", "vectorflow", "unarr", "exceptionless", "harness", "stellarmind", "mcp"}) {
    const std::string path = "scenarios/contracts/" + name + ".yaml";
    const auto contract = load_contract(file_text(path), path);
    ASSERT_TRUE(contract && contract->heartbeat && contract->gate_scale) << name;
    EXPECT_EQ(scaled(*contract, *contract->gate_scale).heartbeat->every, milliseconds{750}) << name;
  }
}

TEST(ShippedContracts, the_standard_one_demands_no_more_than_the_standard) {
  const auto c = load_contract(file_text("scenarios/contracts/standard.yaml"), "standard.yaml");
  ASSERT_TRUE(c);
  EXPECT_FALSE(c->heartbeat || c->queue || c->eviction || c->replay || c->retry || c->drain);
  EXPECT_TRUE(c->headers.cache_control.empty());
  EXPECT_FALSE(c->headers.x_accel_buffering);
}

}  // namespace
}  // namespace streamgauge
