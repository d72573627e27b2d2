#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "reports/matrix_console.hpp"
#include "reports/matrix_json.hpp"

namespace streamgauge::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Matrix sample() {
  Matrix matrix;
  matrix.subject = "proxy";
  matrix.title = "Three proxies";
  matrix.columns = {{"buffering.headers-prompt", "head", "The head comes."},
                    {"path.idle-cut", "idle cut", "Later than heartbeats."}};
  matrix.rows.push_back(
      {.id = "nginx-default",
       .cells = {{Verdict::fail, "never", "14 of 14 never came", Standing::expected_failure},
                 {Verdict::pass, "3.01 s", "after 3.01 s", Standing::plain}}});
  matrix.rows.push_back(
      {.id = "caddy",
       .cells = {{Verdict::fail, "late 2 s", "worst 2 s\x01", Standing::plain},
                 {Verdict::warn, "3.6 s", "3 s is configured", Standing::plain}}});
  matrix.rows.push_back({.id = "squid", .skipped = "apt-get install squid"});
  return matrix;
}

TEST(MatrixConsole, shows_each_cell_and_explains_what_is_news) {
  const auto text = write_matrix_console(sample());
  EXPECT_THAT(text, HasSubstr("head"));
  EXPECT_THAT(text, HasSubstr("= never"));
  EXPECT_THAT(text, HasSubstr("caddy: buffering.headers-prompt: worst 2 s\\x01"));
  EXPECT_THAT(text, HasSubstr("apt-get install squid"));
  EXPECT_THAT(text, Not(HasSubstr("14 of 14")));
  EXPECT_THAT(text, HasSubstr("exit code 1"));
}

TEST(MatrixConsole, goes_on_in_a_second_block_where_the_page_is_narrow) {
  auto matrix = sample();
  for (int i = 0; i < 8; ++i) {
    matrix.columns.push_back({"more", "a long title", ""});
    for (auto& row : matrix.rows) {
      if (!row.cells.empty()) row.cells.push_back({Verdict::pass, "ok", "", Standing::plain});
    }
  }
  ConsoleOptions options;
  options.width_columns = 60;
  const auto text = write_matrix_console(matrix, options);
  EXPECT_NE(text.find("nginx-default"), text.rfind("nginx-default"));
}

TEST(MatrixJson, holds_every_cell_with_its_column) {
  const auto json = boost::json::parse(write_matrix_json(sample())).as_object();
  EXPECT_EQ(json.at("schema").as_string(), matrix_schema);
  EXPECT_EQ(json.at("exit_code").as_int64(), 1);
  const auto& rows = json.at("rows").as_array();
  ASSERT_EQ(rows.size(), 3u);
  const auto& cell = rows[0].at("cells").at(0).as_object();
  EXPECT_EQ(cell.at("column").as_string(), "buffering.headers-prompt");
  EXPECT_EQ(cell.at("verdict").as_string(), "fail");
  EXPECT_EQ(cell.at("standing").as_string(), to_string(Standing::expected_failure));
  EXPECT_EQ(rows[2].at("skipped").as_string(), "apt-get install squid");
}

}  // namespace
}  // namespace streamgauge::reports
