// A matrix for a terminal: a table of rows and columns, then what each cell says that is no pass.
#pragma once

#include <string>

#include "harness/core/result/matrix.hpp"
#include "reports/console.hpp"

namespace streamgauge::reports {

/// Signs as in the console report; a failure that is known of the subject is marked "=". Where the
/// page is too narrow for all columns, the table goes on in a second block beneath the first.
[[nodiscard]] std::string write_matrix_console(const Matrix& matrix,
                                               const ConsoleOptions& options = {});

}  // namespace streamgauge::reports
