// matrix.json: a matrix for programs.
#pragma once

#include <string>

#include "harness/core/result/matrix.hpp"

namespace streamgauge::reports {

inline constexpr std::string_view matrix_schema = "streamgauge-matrix/1";

/// {"schema","command","subject","title","verdict","exit_code","columns":[{"id","title",
/// "description"}],"rows":[{"id","description","version","skipped","error","cells":[{"column",
/// "verdict","text","detail","standing"}]}],"notes","started","duration_s","environment"}.
/// `skipped`, `error` and `standing` stand there only when there is something to say.
[[nodiscard]] std::string write_matrix_json(const Matrix& matrix);

}  // namespace streamgauge::reports
