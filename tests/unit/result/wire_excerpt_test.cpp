#include "harness/core/result/wire_excerpt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace streamgauge;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

const Instant wire_began{1'790'000'000s};

CheckResult check_about(Verdict verdict, std::vector<StreamId> streams) {
  CheckResult out;
  out.finding.verdict = verdict;
  for (const StreamId stream : streams) out.finding.evidence.push_back({wire_began, stream, "x"});
  return out;
}

}  // namespace

TEST(WireExcerpt, names_the_streams_in_the_evidence_of_what_does_not_pass_the_gravest_first) {
  EXPECT_THAT(streams_in_evidence(
                  {check_about(Verdict::pass, {1}), check_about(Verdict::warn, {2, 3}),
                   check_about(Verdict::fail, {4, no_stream, 2}), check_about(Verdict::skip, {5})}),
              ElementsAre(4, 2, 3));
  EXPECT_THAT(streams_in_evidence({check_about(Verdict::info, {1})}), IsEmpty());
}

TEST(WireExcerpt, shows_so_many_streams_at_most) {
  std::vector<CheckResult> checks;
  for (StreamId i = 0; i < 20; ++i) checks.push_back(check_about(Verdict::fail, {i, i + 100}));
  EXPECT_EQ(streams_in_evidence(checks).size(), wire_streams_max);
}

TEST(WireExcerpt, keeps_bytes_where_streams_are_few_and_load_is_not_measured) {
  EXPECT_TRUE(wire_limits(1, false));
  EXPECT_TRUE(wire_limits(256, false));
  EXPECT_FALSE(wire_limits(257, false));
  EXPECT_FALSE(wire_limits(1, true));
}

TEST(WireExcerpt, takes_each_stream_from_the_thread_that_had_it) {
  WireLog a, b;
  a.add(0, wire_began, WireChunk::Kind::received, "even");
  b.add(1, wire_began, WireChunk::Kind::received, "odd");
  const auto excerpts = wire_excerpts({1, 0, 7}, {&a, &b}, {});
  ASSERT_EQ(excerpts.size(), 2u);
  EXPECT_EQ(excerpts[0].stream, 1u);
  EXPECT_EQ(excerpts[0].chunks.at(0).bytes, "odd");
  EXPECT_EQ(excerpts[1].chunks.at(0).bytes, "even");
}

TEST(WireExcerpt, shows_no_credentials) {
  EXPECT_EQ(without_credentials("GET /e?token=s3cret HTTP/1.1\r\nAuthorization: Bearer abc\r\n"
                                "cookie: a=b\r\nX-Other: s3cret\r\n\r\n",
                                {"s3cret", "ab"}),
            "GET /e?token=(hidden) HTTP/1.1\r\nAuthorization: (hidden)\r\n"
            "cookie: (hidden)\r\nX-Other: (hidden)\r\n\r\n");
  EXPECT_EQ(without_credentials("", {"s3cret"}), "");
  EXPECT_EQ(without_credentials("about:\n\nno end", {""}), "about:\n\nno end");
}

TEST(WireExcerpt, a_second_attempt_adds_its_bytes_to_the_same_stream) {
  std::vector<WireExcerpt> first{{1, {{wire_began, WireChunk::Kind::sent, "a"}}, 2}};
  add_excerpts(first, {{1, {{wire_began + 1s, WireChunk::Kind::sent, "b"}}, 3}, {2, {}, 0}});
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].chunks.size(), 2u);
  EXPECT_EQ(first[0].lost_bytes, 5u);
}
