// A matrix (proxies, clients, targets against checks) as one page that opens without a network:
// the verdict, the table, then a sentence for each cell that does not simply pass.
#pragma once

#include <string>

#include "harness/core/result/matrix.hpp"

namespace streamgauge::reports {

[[nodiscard]] std::string write_matrix_html(const Matrix& matrix);

}  // namespace streamgauge::reports
