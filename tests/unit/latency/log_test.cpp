#include "harness/core/latency/log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/core/latency/base64.hpp"

using namespace std::chrono_literals;
using namespace streamgauge;
using namespace streamgauge::latency;

namespace {

const Instant when{1'790'000'000s + 250ms};

Histogram few() {
  Histogram h;
  h.record(3ms, 5);
  h.record(40ms);
  return h;
}

std::string base64_of(const Histogram& h) {
  return base64_encode(encode_compressed(h));
}

std::string problem_of_log(const std::string& text) {
  const auto log = read_log(text);
  return log.has_error() ? log.error().message : "accepted";
}

}  // namespace

TEST(Base64, matches_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xff\xfe\xfd", "//79"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(base64_encode(plain), coded);
    EXPECT_EQ(base64_decode(coded), plain);
  }
  for (const char* bad : {"Z", "Zg=", "Zg", "Z===", "Zm9v\n", "Zm 9v", "Zg==Zg==", "Zm8-"}) {
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
  }
}

TEST(Log, is_written_as_format_1_3) {
  Log log;
  log.started = when;
  log.comment = "scenario: heartbeat\nseed: 1";
  log.entries.push_back({"delivery", 0s, 1s, few()});
  log.entries.push_back({"", 1500ms, 250ms, Histogram{}});
  EXPECT_EQ(write_log(log),
            "#[Histogram log format version 1.3]\n"
            "#[scenario: heartbeat]\n"
            "#[seed: 1]\n"
            "#[StartTime: 1790000000.250 (seconds since epoch), 2026-09-21T14:13:20Z]\n"
            "#[BaseTime: 1790000000.250 (seconds since epoch)]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
            "\"Interval_Compressed_Histogram\"\n"
            "Tag=delivery,0.000,1.000,40.010," +
                base64_of(few()) +
                "\n"
                "1.500,0.250,0.000," +
                base64_of(Histogram{}) + "\n");
}

TEST(Log, gives_back_what_it_was_given) {
  Log log;
  log.started = when;
  log.comment = "one\ntwo";
  log.entries.push_back({"delivery", 123456ms, 1s, few()});
  log.entries.push_back({"connect", 0ms, 1ms, Histogram{}});
  const auto again = read_log(write_log(log));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->started, log.started);
  EXPECT_EQ(again->comment, log.comment);
  ASSERT_EQ(again->entries.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(again->entries[i].tag, log.entries[i].tag);
    EXPECT_EQ(again->entries[i].start, log.entries[i].start);
    EXPECT_EQ(again->entries[i].length, log.entries[i].length);
    EXPECT_EQ(again->entries[i].histogram, log.entries[i].histogram);
  }
}

TEST(Log, keeps_tags_from_breaking_the_line) {
  Log log;
  log.entries.push_back({"a,b c\nd", 0s, 1s, few()});
  const auto again = read_log(write_log(log));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->entries.at(0).tag, "a_b_c_d");
}

TEST(Log, rounds_times_to_the_millisecond) {
  Log log;
  log.started = Instant{1499999ns};
  log.entries.push_back({"t", 1500us, 2499999ns, few()});
  const auto again = read_log(write_log(log));
  EXPECT_EQ(again->started, Instant{1ms});
  EXPECT_EQ(again->entries.at(0).start, 2ms);
  EXPECT_EQ(again->entries.at(0).length, 2ms);
}

TEST(Log, deduces_the_base_of_time_stamps_as_other_readers_do) {
  const std::string line = ",1.000,1.0," + base64_of(few()) + "\n";
  const auto start_of = [&](const std::string& head, const std::string& stamp) {
    const auto log = read_log(head + stamp + line);
    EXPECT_TRUE(log.has_value()) << log.error().message;
    return log->entries.at(0).start;
  };
  const std::string started = "#[StartTime: 1790000000.000 (seconds since epoch), whenever]\r\n";
  EXPECT_EQ(start_of(started, "12.500"), 12500ms);          // far from the start: relative
  EXPECT_EQ(start_of(started, "1790000012.500"), 12500ms);  // near: absolute
  EXPECT_EQ(start_of(started + "#[BaseTime: 1790000000.000 (s)]\n", "1.5"), 1500ms);
  EXPECT_EQ(start_of(started + "#[BaseTime: 1790000010.000 (s)]\n", "1.5"), 11500ms);
  EXPECT_EQ(start_of("", "1.5"), 0ms);  // no start time: the first stamp is the start
}

TEST(Log, passes_over_comments_blank_lines_and_legends) {
  const auto log =
      read_log("#hello\n\n\"StartTimestamp\",\"x\"\n#[note]\n0,1,2," + base64_of(few()));
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(log->entries.size(), 1u);
  EXPECT_EQ(log->comment, "note");
}

TEST(Log, names_the_line_that_is_wrong) {
  const std::string good = "0,1,2," + base64_of(few()) + "\n";
  EXPECT_EQ(problem_of_log(""),
            "histogram log, line 0: the text is empty, not even a version line is there");
  EXPECT_EQ(problem_of_log("#[Histogram log format version 2.0]\n"),
            "histogram log, line 1: log format version 2.0 is not 1.x");
  EXPECT_NE(problem_of_log("#[StartTime: soon]\n").find("line 1: the start time"),
            std::string::npos);
  EXPECT_NE(problem_of_log(good + "0,1,2\n").find("line 2: an interval needs"), std::string::npos);
  EXPECT_NE(problem_of_log("Tag=x\n").find("line 1: an interval needs"), std::string::npos);
  EXPECT_NE(problem_of_log(good + good + "x,1,2,AAAA\n").find("line 3: start and length"),
            std::string::npos);
  EXPECT_NE(problem_of_log("-1,1,2,AAAA\n").find("start and length"), std::string::npos);
  EXPECT_NE(problem_of_log("nan,1,2,AAAA\n").find("start and length"), std::string::npos);
  EXPECT_NE(problem_of_log("1e300,1,2,AAAA\n").find("start and length"), std::string::npos);
  EXPECT_NE(problem_of_log("0,1,2,not base64\n").find("not base64"), std::string::npos);
  EXPECT_NE(problem_of_log("0,1,2,AAAA\n").find("header of 40 bytes"), std::string::npos);
}
