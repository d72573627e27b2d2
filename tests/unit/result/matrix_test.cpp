#include "harness/core/result/matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamgauge {
namespace {

Matrix one_row(std::vector<MatrixCell> cells) {
  Matrix matrix;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    matrix.columns.push_back({"column" + std::to_string(i), "c", "says nothing"});
  }
  matrix.rows.push_back({.id = "proxy", .cells = std::move(cells)});
  return matrix;
}

const MatrixCell passes{Verdict::pass, "1 ms", {}, Standing::plain};
const MatrixCell fails{Verdict::fail, "4 s", "held", Standing::plain};
const MatrixCell known{Verdict::fail, "4 s", "held", Standing::expected_failure};
const MatrixCell gone{Verdict::pass, "1 ms", {}, Standing::stale};
const MatrixCell skipped{Verdict::skip, {}, "not stated", Standing::plain};
const MatrixCell unsure{Verdict::inconclusive, {}, "too noisy", Standing::plain};

TEST(MatrixExitCode, PassesWhenEveryCellPassesOrFailsAsIsKnown) {
  EXPECT_EQ(exit_code(one_row({passes, known, skipped})), ExitCode::pass);
}

TEST(MatrixExitCode, IsAViolationWhenACellFailsThatNobodyKnewOf) {
  EXPECT_EQ(exit_code(one_row({passes, fails})), ExitCode::violated);
}

TEST(MatrixExitCode, IsAViolationWhenAKnownFailureIsGone) {
  EXPECT_EQ(exit_code(one_row({passes, gone})), ExitCode::violated);
}

TEST(MatrixExitCode, SaysThatNothingWasJudgedWhenAllIsSkippedOrThereAreNoRows) {
  EXPECT_EQ(exit_code(one_row({skipped})), ExitCode::nothing_judged);
  EXPECT_EQ(exit_code(Matrix{}), ExitCode::nothing_judged);
}

TEST(MatrixExitCode, IsInconclusiveOnlyWhenNothingIsViolated) {
  EXPECT_EQ(exit_code(one_row({passes, unsure})), ExitCode::inconclusive);
  EXPECT_EQ(exit_code(one_row({fails, unsure})), ExitCode::violated);
}

TEST(MatrixExitCode, ARowThatCouldNotBeRunOutranksVerdicts) {
  auto matrix = one_row({fails});
  matrix.rows.push_back({.id = "broken", .error = "it ended before it was ready", .cells = {}});
  EXPECT_EQ(exit_code(matrix), ExitCode::target);
}

TEST(MatrixExitCode, ASkippedRowIsNoError) {
  auto matrix = one_row({passes});
  matrix.rows.push_back({.id = "absent", .skipped = "apt-get install squid", .cells = {}});
  EXPECT_EQ(exit_code(matrix), ExitCode::pass);
}

TEST(MatrixCounts, TellKnownFailuresFromNews) {
  const auto counts = count(one_row({passes, fails, known, skipped, unsure}));
  EXPECT_EQ(counts.pass, 1u);
  EXPECT_EQ(counts.fail, 1u);
  EXPECT_EQ(counts.known, 1u);
  EXPECT_EQ(counts.skip, 1u);
  EXPECT_EQ(counts.inconclusive, 1u);
}

TEST(MatrixCells, AreFoundByRowAndColumn) {
  const auto matrix = one_row({passes, fails});
  ASSERT_NE(find_cell(matrix, "proxy", "column1"), nullptr);
  EXPECT_EQ(find_cell(matrix, "proxy", "column1")->text, "4 s");
  EXPECT_EQ(find_cell(matrix, "proxy", "column2"), nullptr);
  EXPECT_EQ(find_cell(matrix, "another", "column1"), nullptr);
}

}  // namespace
}  // namespace streamgauge
