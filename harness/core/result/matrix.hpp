// A matrix: many subjects (proxies, clients, targets) against the same columns (checks, cases).
//
// Each cell is a verdict with a few words for the table and a sentence for whoever asks. What is
// known of a subject beforehand ("this proxy holds everything by default") is no news: such a cell
// stands as an expected failure, and only what differs from it makes the matrix fail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/check/check.hpp"
#include "harness/core/result/run_result.hpp"

namespace streamgauge {

struct MatrixColumn {
  std::string id;           // of the check or case: "buffering.headers-prompt"
  std::string title;        // a word or two for the table's head: "headers"
  std::string description;  // the requirement, one sentence
};

struct MatrixCell {
  Verdict verdict = Verdict::skip;
  std::string text;    // what was measured, at most some 16 columns: "205 ms", "none in 4 s"
  std::string detail;  // a sentence: why not pass, or measured and bound in full; may be empty
  Standing standing = Standing::plain;
};

struct MatrixRow {
  std::string id;             // the subject's name
  std::string description{};  // one sentence
  std::string version{};      // as its program says it; empty: not known
  std::string skipped{};      // why there are no cells: the program is missing, and its package
  std::string error{};        // why there are no cells: it could not be run
  std::vector<MatrixCell> cells{};  // one a column, in their order; empty when skipped or broken
};

struct Matrix {
  std::string command{};  // as typed
  std::string subject{};  // what a row is, in the singular: "proxy", "client", "target"
  std::string title{};    // one line above the table
  std::vector<MatrixColumn> columns;
  std::vector<MatrixRow> rows;
  std::vector<std::string> notes{};
  Environment environment{};
  Instant started{};
  Duration length{};
  bool interrupted = false;
};

/// As violates() for a check: a failure that nobody knew of, or a known one that is gone.
[[nodiscard]] bool violates(const MatrixCell& cell);

struct MatrixCounts {
  std::size_t pass = 0, fail = 0, known = 0, other = 0, skip = 0, inconclusive = 0, broken = 0;
};
/// Cells by what they mean; `known`: failures as expected; `broken`: rows with an error.
[[nodiscard]] MatrixCounts count(const Matrix& matrix);

/// Broken rows -> 3; a violation -> 1; nothing judged -> 4; inconclusive -> 5; else 0.
[[nodiscard]] ExitCode exit_code(const Matrix& matrix);

/// The cell of that row and column, or null.
[[nodiscard]] const MatrixCell* find_cell(const Matrix& matrix, std::string_view row,
                                          std::string_view column);

}  // namespace streamgauge
