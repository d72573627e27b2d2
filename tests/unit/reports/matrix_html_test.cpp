#include "reports/matrix_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

using testing::HasSubstr;
using testing::Not;

Matrix proxies() {
  Matrix matrix;
  matrix.command = "streamgauge matrix proxies";
  matrix.subject = "proxy";
  matrix.title = "Proxies between a server and its clients";
  matrix.columns = {{"buffering.headers-prompt", "headers", "Headers pass at once."},
                    {"buffering.events-prompt", "events", "Each event passes at once."}};
  matrix.rows.push_back({"apache", "A web server.", "2.4", {}, {}, {}});
  matrix.rows.back().cells = {{Verdict::pass, "2 ms", ""}, {Verdict::pass, "3 ms", ""}};
  matrix.rows.push_back({"nginx", "With its defaults.", "1.22", {}, {}, {}});
  matrix.rows.back().cells = {
      {Verdict::fail, "none in 4 s", "Nothing passes.", Standing::expected_failure},
      {Verdict::fail, "205 ms", "Events wait for others."}};
  matrix.rows.push_back({"envoy", {}, {}, {}, {}, {}});
  matrix.rows.back().skipped = "not installed";
  matrix.started = rich_run().started;
  return matrix;
}

TEST(MatrixHtml, has_a_row_for_each_subject_and_words_for_what_does_not_pass) {
  const std::string page = write_matrix_html(proxies());
  for (const char* part : {"Differs from what is known", "<th scope=\"row\" data-key=\"apache\">",
                           "2 ms", "known", "href=\"#cell-2-2\"", "id=\"cell-2-2\"",
                           "Events wait for others.", "not installed", "./streamgauge matrix"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  EXPECT_LT(page.find("id=\"cell-2-2\""), page.find("id=\"cell-2-1\"")) << "news first";
}

TEST(MatrixHtml, sorts_only_where_every_row_has_its_cells) {
  Matrix matrix = proxies();
  EXPECT_THAT(write_matrix_html(matrix), Not(HasSubstr("<table data-sortable>")));
  matrix.rows.pop_back();
  EXPECT_THAT(write_matrix_html(matrix), HasSubstr("<table data-sortable>"));
}

TEST(MatrixHtml, hostile_text_never_becomes_markup) {
  const std::string hostile = hostile_bytes() + "<img src=x onerror=alert(1)>";
  Matrix matrix = proxies();
  matrix.title = matrix.subject = matrix.command = matrix.environment.hostname = hostile;
  matrix.notes = {hostile};
  matrix.columns[0] = {hostile, hostile, hostile};
  matrix.rows[0].id = matrix.rows[0].description = matrix.rows[0].version = hostile;
  matrix.rows[1].cells[1] = {Verdict::fail, hostile, hostile};
  matrix.rows[2].error = hostile;
  EXPECT_THAT(write_matrix_html(matrix), Not(HasSubstr("<img")));
}

}  // namespace
}  // namespace streamgauge::reports
