// Each vector NAME.sse is read whole, byte by byte and cut at every offset; NAME.expected, written
// by hand from the standard, says what must come out.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/unit/sse/plain_reading.hpp"
#include "tests/unit/sse/transcript.hpp"

namespace streamgauge::sse {
namespace {

using Pieces = std::vector<std::string_view>;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator{SG_SOURCE_DIR "/tests/unit/sse/golden"}) {
    if (entry.path().extension() == ".sse") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class Golden : public testing::TestWithParam<std::filesystem::path> {
 protected:
  std::string stream = contents(GetParam());
  std::string_view bytes = stream;
  std::string expected = contents(std::filesystem::path{GetParam()}.replace_extension("expected"));
};

TEST_P(Golden, reads_whole) {
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(transcript_of(Pieces{bytes}), expected);
}

TEST_P(Golden, reads_byte_by_byte) {
  Pieces pieces;
  for (std::size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
  EXPECT_EQ(transcript_of(pieces), expected);
}

TEST_P(Golden, reads_cut_at_every_offset) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_EQ(transcript_of(Pieces{bytes.substr(0, cut), bytes.substr(cut)}), expected)
        << "cut at " << cut;
  }
}

TEST_P(Golden, reads_cut_at_every_pair_of_offsets) {
  const std::size_t last = std::min<std::size_t>(bytes.size(), 160);
  for (std::size_t first = 0; first <= last; ++first) {
    for (std::size_t second = first; second <= last; ++second) {
      const Pieces pieces{bytes.substr(0, first), bytes.substr(first, second - first),
                          bytes.substr(second)};
      ASSERT_EQ(transcript_of(pieces), expected) << "cut at " << first << " and " << second;
    }
  }
}

TEST_P(Golden, agrees_with_the_plain_reading_of_the_standard) {
  Transcript transcript;
  PlainReading reading{transcript};
  const bool unfinished = reading.read(stream);
  transcript.text += fmt::format("end ok {} id={}\n", unfinished ? "unfinished" : "clean",
                                 escaped(reading.last_event_id));
  EXPECT_EQ(transcript.text, expected);
}

/// Views must not outlive the bytes: each piece is fed from a heap block that is gone afterwards.
TEST_P(Golden, keeps_no_view_of_bytes_that_were_fed) {
  Parser parser;
  Transcript transcript;
  for (const char c : stream) {
    const std::vector<char> piece{c};
    parser.feed({piece.data(), 1}, transcript);
  }
  parser.finish(transcript);
  EXPECT_TRUE(expected.starts_with(transcript.text));
}

INSTANTIATE_TEST_SUITE_P(Vectors, Golden, testing::ValuesIn(golden_files()),
                         [](const auto& parameter) {
                           std::string name = parameter.param.stem().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(GoldenVectors, are_all_found) {
  EXPECT_GE(golden_files().size(), 69u);
}

}  // namespace
}  // namespace streamgauge::sse
