#include "harness/core/check/check.hpp"

#include <gtest/gtest.h>

#include <set>

#include "harness/core/check/band.hpp"
#include "harness/core/check/fold.hpp"
#include "tests/unit/check/history.hpp"

namespace streamgauge {
namespace {

using namespace test;

TEST(Verdicts, read_back_what_they_print) {
  for (const auto verdict : {Verdict::pass, Verdict::info, Verdict::skip, Verdict::warn,
                             Verdict::inconclusive, Verdict::error, Verdict::fail}) {
    EXPECT_EQ(verdict_from(to_string(verdict)), verdict);
  }
  EXPECT_EQ(verdict_from("passed"), std::nullopt);
  EXPECT_EQ(to_string(Level::should), "SHOULD");
}

TEST(Evidence, keeps_the_earliest_few_and_counts_all) {
  EvidenceList list;
  for (int i = 9; i >= 0; --i) list.add({at(i * 1ms), 1, "x"});
  ASSERT_EQ(list.items().size(), EvidenceList::max);
  EXPECT_EQ(list.total(), 10u);
  for (std::size_t i = 0; i < EvidenceList::max; ++i) {
    EXPECT_EQ(list.items()[i].at, at(static_cast<int>(i) * 1ms));
  }
}

TEST(Evidence, is_the_same_in_whatever_order_threads_are_merged) {
  EvidenceList a, b, ab, ba, all;
  for (int i = 0; i < 8; ++i) {
    const Evidence evidence{at((i % 4) * 1ms), static_cast<StreamId>(i), "x"};
    (i % 3 == 0 ? a : b).add(evidence);
    all.add(evidence);
  }
  ab = a, ab.merge(b);
  ba = b, ba.merge(a);
  EXPECT_EQ(ab.items(), all.items());
  EXPECT_EQ(ba.items(), all.items());
  EXPECT_EQ(ab.total(), 8u);
}

TEST(Ranges, show_as_many_digits_as_tell_their_ends_apart) {
  using namespace std::chrono_literals;
  EXPECT_EQ(range_text(741ms, 759ms), "741\u2013759 ms");
  EXPECT_EQ(range_text(980ms, 1250ms), "980 ms\u20131.25 s");
  EXPECT_EQ(range_text(1998ms, 2003ms), "1998\u20132003 ms");
  EXPECT_EQ(range_text(2s, 2s), "2 s");
  EXPECT_EQ(range_text(12340us, 12349us), "12340\u201312349 us");
  EXPECT_EQ(range_text(2000000001ns, 2000000002ns), "2000 ms");
}

TEST(Observations, have_no_percentile_above_the_worst) {
  Observations observations;
  observations.add(std::chrono::microseconds{300}, at({}), 0);
  EXPECT_EQ(observations.at_percentile(99), observations.worst());
}

TEST(Facts, have_one_bit_each) {
  EXPECT_EQ((facts<fact::Joined>()), 1u);
  EXPECT_EQ((facts<fact::Joined, fact::Connecting>()), 3u);
  const Fact died = fact::TargetDied{};
  EXPECT_EQ((facts<fact::TargetDied>()), 1u << died.index());
}

TEST(Table, has_unique_ids_and_says_where_each_requirement_comes_from) {
  std::set<std::string_view> ids;
  for (const auto& spec : all_checks()) {
    EXPECT_TRUE(ids.insert(spec.id).second) << spec.id;
    EXPECT_NE(spec.id.find('.'), std::string_view::npos) << spec.id;
    EXPECT_FALSE(spec.requirement.empty()) << spec.id;
    EXPECT_EQ(spec.requirement.back(), '.') << spec.id;
    EXPECT_FALSE(spec.source.empty()) << spec.id;
    EXPECT_NE(spec.wants, 0u) << spec.id;
    EXPECT_EQ(find_check(spec.id), &spec);
  }
  EXPECT_GE(ids.size(), 15u);
  EXPECT_EQ(find_check("wire.nosuch"), nullptr);
}

TEST(Jury, refuses_ids_that_are_not_in_the_table) {
  World w;
  EXPECT_THROW((void)w.finding("wire.nosuch", Story{}), std::invalid_argument);
}

TEST(Jury, skips_what_the_contract_does_not_state_and_names_the_key) {
  World w;
  const auto finding = w.finding("heartbeat.cadence", Story{});
  EXPECT_EQ(finding.verdict, Verdict::skip);
  EXPECT_EQ(finding.reason, "the contract 'test' states no heartbeat");
}

TEST(Jury, skips_what_the_target_cannot_do_and_names_the_capability) {
  World w;
  w.target.capabilities.clear();
  w.target.publish.reset();
  const auto finding = w.finding("wire.no-injection", Story{});
  EXPECT_EQ(finding.verdict, Verdict::skip);
  EXPECT_EQ(finding.reason, "the target lacks the capability 'publish'");
}

TEST(Jury, skips_what_the_target_file_waives_with_its_reason) {
  World w;
  w.target.skip_checks = {"heartbeat.*: has none", "wire.status: behind a login"};
  EXPECT_EQ(w.finding("wire.status", Story{}).reason, "the target file skips it: behind a login");
  w.heartbeat(100ms);
  EXPECT_EQ(w.finding("heartbeat.form", Story{}).verdict, Verdict::skip);
  EXPECT_NE(w.finding("wire.charset", Story{}).verdict, Verdict::skip);
}

TEST(Jury, has_no_check_that_passes_without_any_evidence) {
  World w;
  w.heartbeat(100ms);
  w.contract.headers.cache_control = {"no-cache"};
  w.contract.headers.x_accel_buffering = "no";
  w.contract.queue = QueueTerms{};
  w.contract.queue->events_max = 64;
  w.contract.queue->lag_event = "lag";
  w.contract.queue->overflow = Overflow::drop_oldest;
  w.contract.queue->critical_kept = true;
  w.contract.eviction = EvictionTerms{};
  w.contract.eviction->stalled_after = 1s;
  w.contract.replay = ReplayTerms{};
  w.contract.replay->events_max = 100;
  w.contract.delivery = DeliveryTerms{};
  w.contract.delivery->latency_p99 = 50ms;
  w.contract.delivery->first_last_skew = 50ms;
  w.contract.drain = DrainTerms{};
  w.contract.drain->retry_hint = w.contract.drain->spread = 1s;
  w.contract.limits = {600, 10, 5s, true};
  w.contract.identity = IdentityTerms{};
  w.contract.auth = AuthTerms{};
  w.contract.storm = StormTerms{};
  w.contract.client = ClientTerms{};
  w.contract.client->header_timeout = w.contract.client->liveness = 1s;
  w.contract.client->fallback_after = 3;
  w.contract.client->fallback_for = 1s;
  w.contract.tokens = TokenTerms{};
  w.contract.deliberate_close = DeliberateCloseTerms{};
  w.contract.finished_status = 204;
  w.contract.priming = true;
  w.contract.first_event = "connected";
  w.target.events_path = "/events?channel={channel}&id={id}&user={user}";
  w.target.events_headers = {{"Authorization", "Bearer {token}"}};
  w.target.generate = CommandSpec{};
  for (const auto* command : {"drain", "revoke", "close", "finish"}) {
    w.target.commands[command] = CommandSpec{};
  }
  w.target.capabilities.push_back(Capability::shared_ids);
  w.path = {"varnish"};
  for (const auto& spec : all_checks()) {
    // Of one transport only, and of a proxy that nobody reloaded, nothing is asked.
    const bool idle = spec.id == "delivery.same-on-transports" || spec.id == "path.survives-reload";
    EXPECT_EQ(w.judge(spec.id, Story{}), idle ? Verdict::skip : Verdict::inconclusive) << spec.id;
    if (idle) continue;
    Story quiet;  // streams that open and close, and nothing else
    quiet.phase(0ms, 0).open(0, 0ms).open(1, 0ms, 0, 1).close(0, 10ms).close(1, 10ms);
    const auto verdict = w.judge(spec.id, quiet);
    if (spec.family() != "wire" && spec.id != "buffering.headers-prompt") {  // judge heads alone
      EXPECT_TRUE(verdict == Verdict::inconclusive || verdict == Verdict::fail) << spec.id;
    }
  }
}

}  // namespace
}  // namespace streamgauge
