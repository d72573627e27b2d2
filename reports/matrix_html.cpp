#include "reports/matrix_html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/html_page.hpp"
#include "reports/html_text.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

struct Headline {
  std::string_view css, sign, word;
};

Headline headline(const Matrix& matrix) {
  switch (exit_code(matrix)) {
    case ExitCode::pass:
      return {"pass", "✓", "As known"};
    case ExitCode::violated:
      return {"fail", "✗", "Differs from what is known"};
    case ExitCode::nothing_judged:
      return {"inconclusive", "–", "Nothing judged"};
    case ExitCode::inconclusive:
      return {"inconclusive", "?", "Inconclusive"};
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return {"fail", "✗", "Not all could be run"};
}

/// A known failure is told apart from one that is news.
std::string cell_verdict(const MatrixCell& cell) {
  if (cell.standing == Standing::stale) return verdict_html("stale", "✗", "passes now");
  if (cell.verdict == Verdict::fail && cell.standing == Standing::expected_failure) {
    return verdict_html("warn", "✗", "known");
  }
  return verdict_html(cell.verdict);
}

bool worth_a_word(const MatrixCell& cell) {
  if (cell.detail.empty()) return false;
  return violates(cell) || (cell.verdict != Verdict::pass && cell.verdict != Verdict::skip);
}

std::string cell_id(std::size_t row, std::size_t column) {
  return fmt::format("cell-{}-{}", row + 1, column + 1);
}

std::string banner(const Matrix& matrix) {
  const Headline head = headline(matrix);
  const MatrixCounts n = count(matrix);
  std::string out = fmt::format(
      "<header>\n<div class=\"banner {}\">\n<h1>{} <span>{}</span></h1>\n<dl class=\"facts\">\n",
      head.css, verdict_html(head.css, head.sign, head.word), html(matrix.title));
  put_fact(out, "Cells",
           fmt::format("{} pass · {} fail · {} known · {} inconclusive · {} skip", n.pass, n.fail,
                       n.known, n.inconclusive, n.skip));
  if (n.broken > 0) put_fact(out, "Could not be run", fmt::format("{}", n.broken));
  put_fact(out, "Began", rfc3339(matrix.started).substr(0, 19) + "Z");
  put_fact(out, "Took", format_duration(matrix.length));
  put_fact(out, "Exit code", fmt::format("{}", static_cast<int>(exit_code(matrix))));
  out += "</dl>\n</div>\n</header>\n";
  if (matrix.interrupted) {
    out +=
        "<div class=\"card warn\"><p>It was interrupted: what is missing was not run.</p></div>\n";
  }
  return out;
}

std::string row_html(const Matrix& matrix, const MatrixRow& row, std::size_t number) {
  std::string out =
      fmt::format("<tr><th scope=\"row\" data-key=\"{0}\">{0}{1}</th>", html(row.id),
                  row.version.empty() ? std::string()
                                      : "<br><span class=\"dim\">" + html(row.version) + "</span>");
  if (row.cells.empty()) {
    const bool broken = !row.error.empty();
    return out + fmt::format("<td colspan=\"{}\">{} {}</td></tr>\n", matrix.columns.size(),
                             verdict_html(broken ? Verdict::error : Verdict::skip),
                             html(broken ? row.error : row.skipped));
  }
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const MatrixCell& cell = row.cells[i];
    std::string content = cell_verdict(cell);
    if (worth_a_word(cell)) {
      content = fmt::format("<a href=\"#{}\">{}</a>", cell_id(number, i), content);
    }
    if (!cell.text.empty()) content += "<br>" + html(cell.text);
    out += fmt::format("<td data-key=\"{}\">{}</td>", static_cast<int>(cell.verdict), content);
  }
  return out += "</tr>\n";
}

std::string table(const Matrix& matrix) {
  // Rows without cells span columns, which a table that sorts by its columns cannot have.
  const bool whole = std::all_of(matrix.rows.begin(), matrix.rows.end(),
                                 [](const MatrixRow& row) { return !row.cells.empty(); });
  std::string out = fmt::format(
      "<section id=\"table\" aria-labelledby=\"table-h\">\n<h2 id=\"table-h\">Table</h2>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"table-h\"><table{}>\n"
      "<caption>A row for each {}, a column for each check</caption>\n<thead><tr>"
      "<th scope=\"col\">{}</th>",
      whole ? " data-sortable" : "", html(matrix.subject), html(matrix.subject));
  for (const MatrixColumn& column : matrix.columns) {
    out += fmt::format("<th scope=\"col\" title=\"{}\">{}</th>", html(column.description),
                       html(column.title));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < matrix.rows.size(); ++i) out += row_html(matrix, matrix.rows[i], i);
  return out += "</tbody></table></div>\n</section>\n";
}

std::string details(const Matrix& matrix) {
  std::string cards;
  for (const bool news : {true, false}) {
    for (std::size_t r = 0; r < matrix.rows.size(); ++r) {
      const MatrixRow& row = matrix.rows[r];
      for (std::size_t c = 0; c < std::min(row.cells.size(), matrix.columns.size()); ++c) {
        const MatrixCell& cell = row.cells[c];
        if (!worth_a_word(cell) || violates(cell) != news) continue;
        cards += fmt::format(
            "<article class=\"card {}\" id=\"{}\"><h3>{} <span>{} · {}</span></h3>\n"
            "<p class=\"because\">{}</p><p class=\"dim\">{} · {}</p></article>\n",
            news ? "fail" : "warn", cell_id(r, c), cell_verdict(cell), html(row.id),
            html(matrix.columns[c].id), html(cell.detail), html(cell.text),
            html(matrix.columns[c].description));
      }
    }
  }
  if (cards.empty()) return {};
  return "<section id=\"words\" aria-labelledby=\"words-h\">\n<h2 id=\"words-h\">In words</h2>\n" +
         cards + "</section>\n";
}

std::string rest(const Matrix& matrix) {
  std::string out =
      "<section id=\"setup\" aria-labelledby=\"setup-h\">\n<h2 id=\"setup-h\">What was judged, and "
      "where</h2>\n<div class=\"scroll\"><table><caption>Columns</caption><thead><tr><th "
      "scope=\"col\">Column</th><th scope=\"col\">Check</th><th scope=\"col\">What it "
      "demands</th></tr></thead>\n<tbody>\n";
  for (const MatrixColumn& column : matrix.columns) {
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
                       html(column.title), html(column.id), html(column.description));
  }
  out += "</tbody></table></div>\n<dl class=\"facts\">\n";
  for (const MatrixRow& row : matrix.rows) {
    if (row.description.empty()) continue;
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", html(row.id), html(row.description));
  }
  out += "</dl>\n";
  for (const std::string& note : matrix.notes) out += "<p>" + html(note) + "</p>\n";
  out += "<dl class=\"facts\">\n";
  const Environment& e = matrix.environment;
  put_fact(out, "Again", matrix.command.empty() ? std::string() : "./" + matrix.command);
  put_fact(out, "streamgauge", e.streamgauge_version);
  put_fact(out, "Host", e.hostname);
  put_fact(out, "Processor",
           e.cores > 0 ? fmt::format("{} × {}", e.cores, e.cpu_model) : e.cpu_model);
  put_fact(out, "Kernel", e.kernel);
  return out += "</dl>\n</section>\n";
}

}  // namespace

std::string write_matrix_html(const Matrix& matrix) {
  PageParts parts;
  parts.title = fmt::format("{}: {} · streamgauge", headline(matrix).word, matrix.title);
  parts.body = banner(matrix) + "<main id=\"main\">\n" + table(matrix) + details(matrix) +
               rest(matrix) + "</main>\n";
  parts.foot = fmt::format("<p>Written by streamgauge {} on {}.</p>",
                           html(matrix.environment.streamgauge_version),
                           rfc3339(matrix.started).substr(0, 10));
  return html_page(parts);
}

}  // namespace streamgauge::reports
