#include "reference-server/core/settings.hpp"

#include <gtest/gtest.h>

#include <set>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;

TEST(Flaws, are_each_named_once_and_expect_a_check) {
  std::set<std::string_view> ids;
  for (const FlawSpec& flaw : all_flaws()) {
    EXPECT_TRUE(ids.insert(flaw.id).second) << flaw.id;
    EXPECT_FALSE(flaw.expected.empty()) << flaw.id;
    EXPECT_EQ(find_flaw(flaw.id), &flaw);
    EXPECT_FALSE(flaw.source.empty() || flaw.description.empty()) << flaw.id;
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(Flaw::count_));
  EXPECT_EQ(find_flaw("none-such"), nullptr);
}

TEST(Settings, of_the_default_contract_bound_everything) {
  const auto settings = hub_settings(default_contract(), {}, 7);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->queue.events_max, 256u);
  EXPECT_EQ(settings->queue.bytes_max, 1_MiB);
  EXPECT_EQ(settings->heartbeat->every, 15s);
  EXPECT_EQ(settings->stalled_after, Duration{90s});
  EXPECT_EQ(settings->replay.events_max, 1024u);
}

TEST(Settings, keep_a_bounded_queue_when_the_contract_states_none) {
  const auto settings = hub_settings(Contract{}, {}, 7);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->queue.events_max, 256u);
  EXPECT_FALSE(settings->heartbeat);
  EXPECT_FALSE(settings->stalled_after);
  EXPECT_EQ(settings->replay.events_max, 0u);
}

TEST(Settings, lose_all_queue_bounds_under_the_flaw) {
  const auto settings = hub_settings(default_contract(), with(Flaw::unbounded_queue), 7);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->queue.events_max, QueueBounds::unlimited);
  EXPECT_EQ(settings->queue.bytes_max, QueueBounds::unlimited);
}

TEST(Settings, refuse_what_cannot_be_kept_and_name_the_key) {
  Contract contract = default_contract();
  contract.heartbeat->every = 9ms;
  EXPECT_NE(hub_settings(contract, {}, 7).error().message.find("heartbeat.every"),
            std::string::npos);
  contract = default_contract();
  contract.queue->events_max = 0;
  EXPECT_NE(hub_settings(contract, {}, 7).error().message.find("queue.events"), std::string::npos);
  contract = default_contract();
  contract.queue->lag_event = "la\ng";
  EXPECT_NE(hub_settings(contract, {}, 7).error().message.find("queue.lag_event"),
            std::string::npos);
  contract = default_contract();
  contract.eviction->stalled_after = 99ms;
  EXPECT_NE(hub_settings(contract, {}, 7).error().message.find("eviction.stalled_after"),
            std::string::npos);
}

TEST(StreamHead, tells_proxies_to_keep_their_hands_off) {
  const std::string head = stream_head(default_contract(), {}, false, "");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  for (const char* line : {"\r\nContent-Type: text/event-stream; charset=utf-8\r\n",
                           "\r\nCache-Control: no-cache, no-transform\r\n",
                           "\r\nX-Accel-Buffering: no\r\n", "\r\nTransfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(count_of(head, line), 1u) << line;
  }
}

TEST(StreamHead, to_http_1_0_is_not_chunked) {
  const std::string head = stream_head(default_contract(), {}, true, "");
  EXPECT_EQ(count_of(head, "chunked"), 0u);
  EXPECT_EQ(count_of(head, "\r\nConnection: close\r\n"), 1u);
}

TEST(StreamHead, lacks_the_accel_header_under_the_flaw_and_nothing_else) {
  const std::string right = stream_head(default_contract(), {}, false, "");
  std::string flawed = stream_head(default_contract(), with(Flaw::no_x_accel_buffering), false, "");
  EXPECT_EQ(count_of(flawed, "X-Accel"), 0u);
  EXPECT_EQ(flawed.size() + std::string_view{"X-Accel-Buffering: no\r\n"}.size(), right.size());
}

TEST(StreamOpening, holds_preamble_and_retry_in_that_order) {
  Contract contract;
  EXPECT_EQ(stream_opening(contract), nullptr);
  contract.preamble = "connected";
  contract.retry = 1500ms;
  EXPECT_EQ(stream_opening(contract)->bytes(Framing::plain), ":connected\n\nretry: 1500\n\n");
}

TEST(Encode, refuses_line_breaks_and_writes_them_raw_only_under_the_flaw) {
  Publication publication;
  publication.type = "a\nevent: evil";
  publication.data = "x\n\ndata: sg-injected";
  EXPECT_FALSE(encode(publication, "1-1", {}));
  publication.type = "a";
  const auto right = encode(publication, "1-1", {});
  ASSERT_TRUE(right);
  EXPECT_EQ(count_of(*right, "\n\n"), 1u);
  EXPECT_EQ(count_of(*right, "\ndata: sg-injected"), 0u);
  const auto flawed = encode(publication, "1-1", with(Flaw::newline_injection));
  ASSERT_TRUE(flawed);
  EXPECT_EQ(count_of(*flawed, "\ndata: sg-injected"), 1u);
}

}  // namespace
}  // namespace streamgauge::server
