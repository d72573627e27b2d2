#include "reference-server/core/directory.hpp"

#include <gtest/gtest.h>

#include "builders.hpp"

namespace streamgauge::server {
namespace {

using namespace std::chrono_literals;
using Refusal = Directory::Refusal;

TEST(Directory, lets_the_newest_stream_of_an_id_win_and_no_ghost_take_its_place) {
  Directory directory({});
  const ChannelRef channel = directory.channel("c", t0).channel;
  EXPECT_FALSE(directory.join(*channel, {"me", ""}, {0, 1}).replaced);
  const auto second = directory.join(*channel, {"me", ""}, {1, 1});
  EXPECT_EQ(second.replaced, (StreamHandle{0, 1}));
  directory.leave(*channel, {"me", ""}, {0, 1});  // the late end of the first
  EXPECT_EQ(directory.stream_of("me"), (StreamHandle{1, 1}));
  directory.leave(*channel, {"me", ""}, {1, 1});
  EXPECT_FALSE(directory.stream_of("me"));
  EXPECT_EQ(channel->subscribers, 0u);
}

TEST(Directory, limits_streams_in_total_and_per_user_and_gives_places_back) {
  DirectoryBounds bounds;
  bounds.limits.streams_total = 3;
  bounds.limits.streams_per_user = 2;
  Directory directory(bounds);
  const ChannelRef channel = directory.channel("c", t0).channel;
  EXPECT_EQ(directory.join(*channel, {"", "ann"}, {0, 1}).refusal, Refusal::none);
  EXPECT_EQ(directory.join(*channel, {"", "ann"}, {0, 2}).refusal, Refusal::none);
  EXPECT_EQ(directory.join(*channel, {"", "ann"}, {0, 3}).refusal, Refusal::user_full);
  EXPECT_EQ(directory.join(*channel, {"", "bob"}, {0, 4}).refusal, Refusal::none);
  EXPECT_EQ(directory.join(*channel, {"", ""}, {0, 5}).refusal, Refusal::streams_full);
  directory.leave(*channel, {"", "ann"}, {0, 1});
  EXPECT_EQ(directory.join(*channel, {"", "ann"}, {0, 6}).refusal, Refusal::none);
}

TEST(Directory, gives_the_place_of_a_replaced_stream_to_the_one_that_replaces_it) {
  DirectoryBounds bounds;
  bounds.limits.streams_total = 1;
  Directory directory(bounds);
  const ChannelRef channel = directory.channel("c", t0).channel;
  EXPECT_EQ(directory.join(*channel, {"me", "ann"}, {0, 1}).refusal, Refusal::none);
  EXPECT_EQ(directory.join(*channel, {"me", "ann"}, {0, 2}).refusal, Refusal::none);
  EXPECT_EQ(directory.join(*channel, {"other", "ann"}, {0, 3}).refusal, Refusal::streams_full);
}

TEST(Directory, forgets_idle_channels_for_new_ones_but_none_in_use) {
  DirectoryBounds bounds;
  bounds.channels_max = 2;
  bounds.channel_kept = 10s;
  Directory directory(bounds);
  const ChannelRef used = directory.channel("used", t0).channel;
  (void)directory.join(*used, {}, {0, 1});
  const ChannelRef gone = directory.channel("idle", t0).channel;
  gone->sequence = 5;
  const std::uint64_t idle = gone->number;
  EXPECT_EQ(directory.channel("new", t0 + 9s).channel, nullptr);
  const auto made = directory.channel("new", t0 + 10s);
  ASSERT_TRUE(made.channel);
  EXPECT_EQ(made.forgotten, std::vector<std::uint64_t>{idle});
  EXPECT_EQ(made.channel->floor, 5u);
  EXPECT_EQ(directory.find("idle"), nullptr);
  EXPECT_EQ(directory.find("used"), used);
}

}  // namespace
}  // namespace streamgauge::server
