#include "harness/run/proxy_matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamgauge::run {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

CheckResult said(std::string id, Verdict verdict, std::string measured,
                 std::vector<std::pair<std::string, std::uint64_t>> counts = {}) {
  CheckResult check;
  check.id = std::move(id);
  check.finding.verdict = verdict;
  check.finding.measured = std::move(measured);
  check.finding.counts = std::move(counts);
  return check;
}

TEST(ProxyCell, says_in_a_word_what_was_measured) {
  const auto text = [](const CheckResult& check) { return proxy_cell(check, nullptr).text; };
  EXPECT_EQ(text(said("buffering.headers-prompt", Verdict::pass, "worst 1 ms of 14 heads")), "ok");
  EXPECT_EQ(text(said("buffering.headers-prompt", Verdict::fail, "14 of 14 never came")), "never");
  EXPECT_EQ(text(said("buffering.headers-prompt", Verdict::fail, "worst 750 ms of 14 heads")),
            "late 750 ms");
  EXPECT_EQ(text(said("buffering.events-prompt", Verdict::fail, "30 late of 31, p90 205 ms")),
            "late 205 ms");
  EXPECT_EQ(text(said("buffering.no-coalescing", Verdict::fail, "50 of 100 pairs together (50 %)")),
            "together 50 %");
  EXPECT_EQ(text(said("path.idle-cut", Verdict::pass, "after 3 s of silence",
                      {{"cut after us", 3'000'000}})),
            "3 s");
  EXPECT_EQ(text(said("path.idle-cut", Verdict::pass, "never in 4 s",
                      {{"cut after us", 0}, {"silence outlived us", 4'000'000}})),
            "none in 4 s");
  EXPECT_EQ(text(said("path.absorbs-bounded", Verdict::fail, "100 MiB",
                      {{"taken bytes each", 100u << 20}, {"offered bytes each", 101u << 20}})),
            "all, 100 MiB");
}

TEST(ProxyCell, expects_what_is_known_to_fail_and_notices_when_it_does_not) {
  ProxyKnowledge known;
  known.fails["buffering.headers-prompt"] = "it holds everything";
  const auto failing =
      proxy_cell(said("buffering.headers-prompt", Verdict::fail, "14 of 14 never came"), &known);
  EXPECT_EQ(failing.standing, Standing::expected_failure);
  EXPECT_THAT(failing.detail, HasSubstr("it holds everything"));
  const auto passing =
      proxy_cell(said("buffering.headers-prompt", Verdict::pass, "worst 1 ms"), &known);
  EXPECT_EQ(passing.standing, Standing::stale);
  const auto other = proxy_cell(said("buffering.events-prompt", Verdict::fail, "held"), &known);
  EXPECT_EQ(other.standing, Standing::plain);
}

TEST(ProxyCell, compares_the_idle_time_out_with_the_configured_one) {
  ProxyKnowledge known;
  known.idle_cut = 3s;
  const auto cut_after = [&](std::uint64_t us) {
    return proxy_cell(said("path.idle-cut", Verdict::pass, "cut", {{"cut after us", us}}), &known)
        .verdict;
  };
  EXPECT_EQ(cut_after(2'700'000), Verdict::pass);
  EXPECT_EQ(cut_after(3'290'000), Verdict::pass);
  EXPECT_EQ(cut_after(3'310'000), Verdict::warn);
  EXPECT_EQ(cut_after(0), Verdict::warn);
  known.idle_cut.reset();
  EXPECT_EQ(cut_after(0), Verdict::pass);
  EXPECT_EQ(cut_after(3'000'000), Verdict::warn);
}

TEST(ProxyMatrixColumns, are_checks_that_there_are) {
  for (const MatrixColumn& column : proxy_matrix_columns()) {
    EXPECT_NE(find_check(column.id), nullptr) << column.id;
    EXPECT_FALSE(column.description.empty());
  }
}

}  // namespace
}  // namespace streamgauge::run
