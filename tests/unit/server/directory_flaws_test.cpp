// What flaws of limits and identities do in the directory; that of a clean one: directory_test.cpp.
#include <gtest/gtest.h>

#include "builders.hpp"
#include "reference-server/core/directory.hpp"

namespace streamgauge::server {
namespace {

using Refusal = Directory::Refusal;

struct Fixture {
  explicit Fixture(std::optional<Flaw> flaw) : directory(bounds(flaw)) {
    channel = directory.channel("c", t0).channel;
  }
  static DirectoryBounds bounds(std::optional<Flaw> flaw) {
    DirectoryBounds made;
    made.limits.streams_total = 3;
    made.limits.streams_per_user = 2;
    if (flaw) made.flaws.add(*flaw);
    return made;
  }
  Directory::Joined join(StreamIdentity identity) {
    return directory.join(*channel, identity, {0, ++last});
  }
  Directory directory;
  ChannelRef channel;
  std::uint64_t last = 0;
};

TEST(DirectoryFlaw, user_limit_off_knows_no_limit_per_user_but_the_total) {
  Fixture with(Flaw::user_limit_off);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(with.join({"", "ann"}).refusal, Refusal::none);
  EXPECT_EQ(with.join({"", "ann"}).refusal, Refusal::streams_full);
}

TEST(DirectoryFlaw, total_limit_off_knows_the_limit_per_user_alone) {
  Fixture with(Flaw::total_limit_off);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(with.join({}).refusal, Refusal::none);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(with.join({"", "ann"}).refusal, Refusal::none);
  EXPECT_EQ(with.join({"", "ann"}).refusal, Refusal::user_full);
}

TEST(DirectoryFlaw, evict_at_cap_throws_out_the_oldest_for_each_new_one) {
  Fixture with(Flaw::evict_at_cap);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(with.join({}).evicted);
  const auto fourth = with.join({});
  EXPECT_EQ(fourth.refusal, Refusal::none);
  EXPECT_EQ(fourth.evicted, (StreamHandle{0, 1}));
  with.directory.leave(*with.channel, {}, {0, 2});  // ended by itself
  with.directory.leave(*with.channel, {}, {0, 1});
  EXPECT_FALSE(with.join({}).evicted);
  EXPECT_EQ(with.join({}).evicted, (StreamHandle{0, 3}));
}

TEST(DirectoryFlaw, slots_not_returned_keeps_them_for_ever) {
  Fixture with(Flaw::slots_not_returned);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(with.join({"", "ann"}).refusal, Refusal::none);
    with.directory.leave(*with.channel, {"", "ann"}, {0, with.last});
  }
  EXPECT_EQ(with.join({"", "ann"}).refusal, Refusal::user_full);
  EXPECT_EQ(with.directory.streams(), 2u);
}

TEST(DirectoryFlaw, late_close_unregisters_names_the_stream_that_lost_its_place) {
  for (const bool flawed : {false, true}) {
    Fixture with(flawed ? std::optional{Flaw::late_close_unregisters} : std::nullopt);
    (void)with.join({"me"});
    EXPECT_TRUE(with.join({"me"}).replaced);
    const auto lost = with.directory.leave(*with.channel, {"me"}, {0, 1});
    EXPECT_EQ(lost.has_value(), flawed);
    EXPECT_EQ(lost.value_or(StreamHandle{0, 2}), (StreamHandle{0, 2}));
    EXPECT_EQ(with.directory.stream_of("me").has_value(), !flawed);
  }
}

TEST(DirectoryFlaw, both_streams_live_replaces_nobody) {
  Fixture with(Flaw::both_streams_live);
  (void)with.join({"me"});
  EXPECT_FALSE(with.join({"me"}).replaced);
  EXPECT_EQ(with.directory.streams(), 2u);
}

}  // namespace
}  // namespace streamgauge::server
