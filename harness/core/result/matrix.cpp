#include "harness/core/result/matrix.hpp"

#include <algorithm>

namespace streamgauge {

bool violates(const MatrixCell& cell) {
  if (cell.standing == Standing::stale) return true;
  return cell.standing == Standing::plain && cell.verdict == Verdict::fail;
}

MatrixCounts count(const Matrix& matrix) {
  MatrixCounts counts;
  for (const MatrixRow& row : matrix.rows) {
    if (!row.error.empty()) ++counts.broken;
    for (const MatrixCell& cell : row.cells) {
      switch (cell.verdict) {
        case Verdict::pass:
          ++counts.pass;
          break;
        case Verdict::fail:
          ++(cell.standing == Standing::expected_failure ? counts.known : counts.fail);
          break;
        case Verdict::skip:
          ++counts.skip;
          break;
        case Verdict::inconclusive:
        case Verdict::error:
          ++counts.inconclusive;
          break;
        case Verdict::info:
        case Verdict::warn:
          ++counts.other;
          break;
      }
    }
  }
  return counts;
}

ExitCode exit_code(const Matrix& matrix) {
  const MatrixCounts counts = count(matrix);
  if (counts.broken > 0) return ExitCode::target;
  const bool violated = std::any_of(matrix.rows.begin(), matrix.rows.end(), [](const auto& row) {
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [](const MatrixCell& cell) { return violates(cell); });
  });
  if (violated) return ExitCode::violated;
  if (counts.pass + counts.fail + counts.known + counts.other + counts.inconclusive == 0) {
    return ExitCode::nothing_judged;
  }
  return counts.inconclusive > 0 ? ExitCode::inconclusive : ExitCode::pass;
}

const MatrixCell* find_cell(const Matrix& matrix, std::string_view row, std::string_view column) {
  for (const MatrixRow& each : matrix.rows) {
    if (each.id != row) continue;
    for (std::size_t i = 0; i < matrix.columns.size() && i < each.cells.size(); ++i) {
      if (matrix.columns[i].id == column) return &each.cells[i];
    }
  }
  return nullptr;
}

}  // namespace streamgauge
