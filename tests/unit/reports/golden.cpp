#include "golden.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace streamgauge::reports {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (std::size_t end; (end = text.find('\n', from)) != std::string_view::npos; from = end + 1) {
    lines.emplace_back(text.substr(from, end - from));
  }
  if (from < text.size()) lines.emplace_back(text.substr(from));
  return lines;
}

/// The lines between the common start and the common end.
std::string difference(std::string_view expected_text, std::string_view actual_text) {
  const auto expected = lines_of(expected_text), actual = lines_of(actual_text);
  std::size_t start = 0, expected_end = expected.size(), actual_end = actual.size();
  while (start < expected_end && start < actual_end && expected[start] == actual[start]) ++start;
  while (expected_end > start && actual_end > start &&
         expected[expected_end - 1] == actual[actual_end - 1]) {
    --expected_end;
    --actual_end;
  }
  std::string out = "from line " + std::to_string(start + 1) + ":\n";
  for (std::size_t i = start; i < expected_end; ++i) out += "- " + expected[i] + "\n";
  for (std::size_t i = start; i < actual_end; ++i) out += "+ " + actual[i] + "\n";
  return out;
}

}  // namespace

void expect_golden(std::string_view name, std::string_view actual) {
  const std::string path = std::string{SG_SOURCE_DIR "/tests/unit/reports/golden/"}.append(name);
  if (std::getenv("SG_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    ADD_FAILURE() << path << " was rewritten: read it, then run again without SG_UPDATE_GOLDEN";
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing";
  std::ostringstream expected;
  expected << file.rdbuf();
  EXPECT_TRUE(expected.str() == actual)
      << name << " differs " << difference(expected.str(), actual);
}

}  // namespace streamgauge::reports
