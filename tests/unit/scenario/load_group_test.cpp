#include <gmock/gmock.h>

#include "harness/core/scenario/load.hpp"

namespace streamgauge {
namespace {

using std::chrono::seconds;
using CountBase = StreamCount::Base;

/// A scenario of one group with `keys`, which joins at the start.
std::string with_group(std::string_view keys) {
  return "scenario: s\nchannels: [one, two]\ngroups:\n  - {name: g, channel: one, " +
         std::string{keys} + "}\nphases: [{name: p, for: 1s}]\nchecks: [a.b]\n";
}

ClientGroup group(std::string_view keys) {
  const auto scenario = load_scenario(with_group(keys), "s.yaml");
  EXPECT_TRUE(scenario) << scenario.error().message;
  return scenario ? scenario->groups[0] : ClientGroup{};
}

std::string error_of_group(std::string_view keys) {
  const auto scenario = load_scenario(with_group(keys), "s.yaml");
  return scenario ? "read" : scenario.error().message;
}

TEST(LoadGroup, counts_streams_in_numbers_or_in_the_contracts_terms) {
  struct Case {
    std::string_view text;
    StreamCount count;
    std::uint32_t until_resolved;
  };
  for (const Case& c : {
           Case{"1", {CountBase::absolute, 1}, 1},
           Case{"2000000", {CountBase::absolute, 2'000'000}, 2'000'000},
           Case{"streams_total", {CountBase::streams_total, 0}, 1},
           Case{"streams_total + 8", {CountBase::streams_total, 8}, 1},
           Case{"streams_per_user", {CountBase::streams_per_user, 0}, 1},
           Case{"streams_per_user + 3", {CountBase::streams_per_user, 3}, 1},
           Case{"streams_per_user - 1", {CountBase::streams_per_user, -1}, 1},
       }) {
    const ClientGroup g = group("streams: " + std::string{c.text});
    EXPECT_EQ(g.count, c.count) << c.text;
    EXPECT_EQ(g.streams, c.until_resolved) << c.text;
  }
  EXPECT_EQ(group("ramp: 0s").count, (StreamCount{CountBase::absolute, 1}));
}

TEST(LoadGroup, refuses_other_counts) {
  for (const std::string text :
       {"streams_total +8", "streams_total + 0", "streams_total + -1", "streams_total + 2000001",
        "streams_totals", "8 + streams_total", "streams_total * 2", "streams_total + "}) {
    EXPECT_EQ(error_of_group("streams: '" + text + "'"),
              "s.yaml:4:38: key 'streams': found '" + text +
                  "', expected a whole number from 1 to 2000000, or in terms of the contract as "
                  "streams_total + 8 or streams_per_user");
  }
}

TEST(LoadGroup, reads_who_its_members_are_and_what_they_ask_for) {
  const ClientGroup g = group(
      "id: 'node-{n}', user: u, token: revocable, request: generate, "
      "path_stall: {at: after-first-bytes, connections: 3}");
  EXPECT_EQ(g.id, "node-{n}");
  EXPECT_EQ(g.user, "u");
  EXPECT_EQ(g.credential, Credential::revocable);
  EXPECT_EQ(g.request, RequestKind::generate);
  EXPECT_EQ(g.stall, StallPoint::after_first_bytes);
  EXPECT_EQ(g.stalled_attempts, 3u);
  EXPECT_FALSE(g.joins_later);
  EXPECT_EQ(group("path_stall: {at: before-headers}").stall, StallPoint::before_headers);
  EXPECT_EQ(group("path_stall: {at: before-headers}").stalled_attempts, 1u);
  EXPECT_EQ(group("token: wrong").credential, Credential::wrong);
  EXPECT_EQ(group("token: none").credential, Credential::none);
  const ClientGroup plain = group("streams: 1");
  EXPECT_EQ(plain.credential, Credential::valid);
  EXPECT_EQ(plain.request, RequestKind::events);
  EXPECT_EQ(plain.stall, StallPoint::none);
  EXPECT_EQ(plain.id + plain.user, "");
}

TEST(LoadGroup, reads_what_a_robust_agent_does) {
  const PolicySpec p =
      group(
          "policy: {kind: agent, liveness: 40s, fallback_after: 3, fallback_for: 5m, "
          "honours_retry_after: false, backoff_reset_on_open: true, constants: contract}")
          .policy;
  EXPECT_EQ(p.liveness, seconds{40});
  EXPECT_EQ(p.fallback_after, 3u);
  EXPECT_EQ(p.fallback_for, seconds{300});
  EXPECT_FALSE(p.honours_retry_after);
  EXPECT_TRUE(p.defects.has(Defect::backoff_reset_on_open));
  EXPECT_TRUE(p.from_contract);
  const PolicySpec plain = group("policy: {kind: agent, constants: own}").policy;
  EXPECT_FALSE(plain.from_contract);
  EXPECT_TRUE(plain.honours_retry_after);
  EXPECT_EQ(group("policy: {kind: browser, liveness: 3s}").policy.liveness, seconds{3});
}

TEST(LoadGroup, reads_what_each_kind_of_client_does) {
  const PolicySpec hybrid =
      group("policy: {kind: hybrid, downlink: sse, liveness: 10s, fallback_for: 1m}").policy;
  EXPECT_EQ(hybrid.downlink, Downlink::sse);
  EXPECT_EQ(hybrid.liveness, seconds{10});
  EXPECT_EQ(hybrid.fallback_after, 3u);
  EXPECT_EQ(hybrid.fallback_for, seconds{60});
  const PolicySpec fetch = group("policy: {kind: fetch, probe_after: 1m, jitter: 0}").policy;
  EXPECT_EQ(fetch.header_timeout, seconds{10});
  EXPECT_EQ(fetch.probe_after, seconds{60});
  EXPECT_EQ(group("policy: {kind: naive, reconnect: 1s}").policy.reconnect, seconds{1});
  EXPECT_EQ(group("policy: none").policy.limits.redirects_max, 0u);
  EXPECT_EQ(group("policy: naive").policy.limits.redirects_max, 20u);
}

TEST(LoadGroup, reads_the_bounds_of_a_client) {
  const ClientLimits limits = group(
                                  "policy: {kind: browser, line_max: 1KiB, event_max: 2KiB, "
                                  "error_body_max: 3, head_max: 4KiB, head_fields_max: 5, "
                                  "redirects: 6}")
                                  .policy.limits;
  EXPECT_EQ(limits, (ClientLimits{1024, 2048, 3, 4096, 5, 6}));
}

TEST(LoadGroup, reads_what_its_requests_say_and_what_they_go_over) {
  const ClientGroup g = group(
      "transport: long-poll, method: POST, headers: {X-A: b, Accept: c}, "
      "body: hello, last_event_id: '41'");
  EXPECT_EQ(g.transport, Transport::long_poll);
  EXPECT_EQ(g.says, (GroupRequest{"POST", {{"X-A", "b"}, {"Accept", "c"}}, "hello", "41"}));
  EXPECT_EQ(group("streams: 1").transport, Transport::sse);
  EXPECT_EQ(group("streams: 1").says, GroupRequest{});
}

TEST(LoadGroup, says_what_is_wrong_and_where) {
  struct Case {
    std::string_view keys, error;
  };
  for (const Case& c : {
           Case{"id: 'node-{m}'",
                "s.yaml:4:33: key 'id': found 'node-{m}', expected one line of text, in which {n} "
                "becomes the member's number"},
           Case{"token: stolen",
                "s.yaml:4:36: key 'token': found 'stolen', expected one of: valid, wrong, none, "
                "revocable"},
           Case{"request: poll",
                "s.yaml:4:38: key 'request': found 'poll', expected one of: events, generate"},
           Case{"path_stall: {connections: 2}",
                "s.yaml:4:41: missing key 'at' in path_stall, expected one of: before-headers, "
                "after-first-bytes"},
           Case{"path_stall: {at: before-headers, connections: 0}",
                "s.yaml:4:75: key 'connections': found '0', expected a whole number from 1 to "
                "1000000"},
           Case{"join: never",
                "s.yaml:4:35: key 'join': found 'never', expected one of: start, "
                "later"},
           Case{"join: later",
                "s.yaml:1:1: the group 'g' joins later, but no action 'join' lets it"},
           Case{"policy: {kind: browser, fallback_after: 3}",
                "s.yaml:4:69: key 'fallback_after': only the policies 'agent', 'hybrid' have it, "
                "not 'browser'"},
           Case{"policy: {kind: none, honours_retry_after: false}",
                "s.yaml:4:71: key 'honours_retry_after': only the policies 'agent', 'hybrid', "
                "'fetch' have it, not 'none'"},
           Case{"policy: {kind: agent, downlink: poll}",
                "s.yaml:4:61: key 'downlink': only the policy 'hybrid' has it, not 'agent'"},
           Case{"policy: {kind: fetch, line_max: 1000}",
                "s.yaml:4:61: key 'line_max': found '1000', expected a size such as 256B, 64KiB, "
                "1MiB, from 1 KiB to 1 GiB"},
           Case{"transport: pigeon",
                "s.yaml:4:40: key 'transport': found 'pigeon', expected one of: sse, long-poll, "
                "websocket"},
           Case{"headers: {\"X Y\": a}",
                "s.yaml:4:39: key 'headers': 'X Y' is not a header's name"},
           Case{"method: GET, body: x",
                "s.yaml:4:48: key 'body': a GET has none; 'method: POST' would do"},
           Case{"policy: {kind: agent, fallback_for: 1m}",
                "s.yaml:4:65: key 'fallback_for': needs fallback_after, the failures that lead to "
                "the fallback"},
           Case{"policy: {kind: agent, fallback_for: 1m, constants: contract}", "read"},
           Case{"policy: {kind: agent, constants: mine}",
                "s.yaml:4:62: key 'constants': found 'mine', expected one of: own, contract"},
       }) {
    EXPECT_EQ(error_of_group(c.keys), c.error) << c.keys;
  }
}

}  // namespace
}  // namespace streamgauge
