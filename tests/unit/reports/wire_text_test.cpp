#include "reports/wire_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden.hpp"
#include "sample_run.hpp"

namespace streamgauge::reports {
namespace {

TEST(WireText, shows_every_byte_and_ends_a_line_where_the_wire_does) {
  EXPECT_EQ(wire_text("data: a\\b\r\n\r\n"), "data: a\\\\b\\r\\n\n\\r\\n\n");
  EXPECT_EQ(wire_text(std::string_view("\0\t\x7f\xc3\xa9", 5)), "\\x00\\t\\x7F\\xC3\\xA9");
  EXPECT_EQ(wire_text("0123456789", 4), "0123… and 6 bytes more");
  EXPECT_EQ(wire_text("0123", 4), "0123");
}

TEST(WireText, writes_a_file_for_each_stream_that_evidence_names) {
  const auto files = write_wire_files(rich_run());
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "wire/steady-fanout-3.txt");
  expect_golden("wire-steady-fanout-3.txt", files[0].content);
  expect_golden("wire-steady-fanout-117.txt", files[1].content);
}

}  // namespace
}  // namespace streamgauge::reports
