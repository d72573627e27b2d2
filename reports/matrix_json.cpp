#include "reports/matrix_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "reports/json_text.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

namespace json = boost::json;

json::string text(std::string_view raw) {
  return json::string(valid_utf8(raw));
}

void remark(json::object& out, std::string_view key, std::string_view words) {
  if (!words.empty()) out[key] = text(words);
}

json::object row_json(const MatrixRow& row, const Matrix& matrix) {
  json::object out{{"id", text(row.id)}};
  remark(out, "description", row.description);
  remark(out, "version", row.version);
  remark(out, "skipped", row.skipped);
  remark(out, "error", row.error);
  json::array cells;
  for (std::size_t i = 0; i < row.cells.size() && i < matrix.columns.size(); ++i) {
    const MatrixCell& cell = row.cells[i];
    json::object one{{"column", text(matrix.columns[i].id)},
                     {"verdict", to_string(cell.verdict)},
                     {"text", text(cell.text)},
                     {"detail", text(cell.detail)}};
    if (cell.standing != Standing::plain) remark(one, "standing", to_string(cell.standing));
    cells.push_back(std::move(one));
  }
  out["cells"] = std::move(cells);
  return out;
}

json::object environment_json(const Environment& environment) {
  return {{"streamgauge", text(environment.streamgauge_version)},
          {"compiler", text(environment.compiler)},
          {"boost", text(environment.boost)},
          {"kernel", text(environment.kernel)},
          {"cpu", text(environment.cpu_model)},
          {"cores", environment.cores},
          {"host", text(environment.hostname)}};
}

std::string_view verdict_of(const Matrix& matrix) {
  switch (exit_code(matrix)) {
    case ExitCode::pass:
      return "pass";
    case ExitCode::violated:
      return "fail";
    case ExitCode::nothing_judged:
      return "nothing judged";
    case ExitCode::inconclusive:
      return "inconclusive";
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return "error";
}

}  // namespace

std::string write_matrix_json(const Matrix& matrix) {
  json::array columns;
  for (const MatrixColumn& column : matrix.columns) {
    columns.push_back(json::object{{"id", text(column.id)},
                                   {"title", text(column.title)},
                                   {"description", text(column.description)}});
  }
  json::array rows;
  for (const MatrixRow& row : matrix.rows) rows.push_back(row_json(row, matrix));
  json::array notes;
  for (const std::string& note : matrix.notes) notes.push_back(text(note));
  return json_text(json::object{{"schema", matrix_schema},
                                {"command", text(matrix.command)},
                                {"subject", text(matrix.subject)},
                                {"title", text(matrix.title)},
                                {"verdict", verdict_of(matrix)},
                                {"exit_code", static_cast<int>(exit_code(matrix))},
                                {"interrupted", matrix.interrupted},
                                {"started", rfc3339(matrix.started)},
                                {"duration_s", to_seconds(matrix.length)},
                                {"columns", std::move(columns)},
                                {"rows", std::move(rows)},
                                {"notes", std::move(notes)},
                                {"environment", environment_json(matrix.environment)}});
}

}  // namespace streamgauge::reports
