#include "harness/run/saved_metadata.hpp"

#include <gmock/gmock.h>

namespace streamgauge::run {
namespace {

using testing::HasSubstr;

SavedMetadata sample() {
  SavedMetadata m;
  m.target = "reference";
  m.target_text = "target: reference\n";
  m.contract_text = "contract: default\n";
  m.time_scale = 0.05;
  m.flaws = {"late-headers"};
  m.run_started_ns = 1'790'000'000'123'456'789;
  m.index = 3;
  m.scenario_text = "scenario: \"ä\"\n";
  m.settings = {"a.b=1"};
  m.checks = {"wire.status"};
  m.seed = 0xffff'ffff;
  m.streams = 16;
  m.starved = "the machine was saturated";
  m.starved_when_ns = {1, 2};
  m.parts = {1, 2, 1'000'000'000'000};
  return m;
}

TEST(SavedMetadata, comes_back_as_it_was_to_the_nanosecond) {
  const auto back = read_metadata(write_metadata(sample()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, sample());
}

TEST(SavedMetadata, of_another_kind_is_refused) {
  for (const char* text : {"", "{", "[]", "{}", "{\"format\":\"streamgauge-run/2\"}", "null"}) {
    const auto read = read_metadata(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().exit_code, ExitCode::usage);
  }
}

TEST(SavedMetadata, names_the_member_that_is_missing_or_wrong) {
  std::string text = write_metadata(sample());
  const auto at = text.find("\"streams\":16");
  ASSERT_NE(at, text.npos);
  for (const char* wrong : {"\"streams\":-1", "\"streams\":\"16\"", "\"strums\":16",
                            "\"streams\":1.5", "\"streams\":4294967296"}) {
    const auto read = read_metadata(std::string(text).replace(at, 12, wrong));
    ASSERT_FALSE(read) << wrong;
    EXPECT_THAT(read.error().message, HasSubstr("'streams'"));
  }
}

}  // namespace
}  // namespace streamgauge::run
