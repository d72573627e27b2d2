#include "reports/matrix_console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/core/base/units.hpp"
#include "reports/console_page.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t cell_max = 18;

struct Shown {
  std::string text;
  Tone tone;
};

Shown shown(const Page& page, const MatrixCell& cell) {
  const Look look = page.look(cell.verdict);
  std::string sign = look.sign;
  Tone tone = look.tone;
  if (cell.standing == Standing::expected_failure) {
    sign = "=";
    tone = Tone::note;
  } else if (cell.standing == Standing::stale) {
    sign = "!";
    tone = Tone::bad;
  }
  return {fmt::format("{} {}", sign, page.clean(cell.text)), tone};
}

class Table {
 public:
  Table(Page& page, const Matrix& matrix) : page_(page), matrix_(matrix) {
    name_width_ = 4;
    for (const MatrixRow& row : matrix.rows) {
      name_width_ = std::max(name_width_, display_width(page.clean(row.id)));
    }
    for (std::size_t column = 0; column < matrix.columns.size(); ++column) {
      std::size_t width = display_width(page.clean(matrix.columns[column].title));
      for (const MatrixRow& row : matrix.rows) {
        if (column < row.cells.size()) {
          width = std::max(width, display_width(shown(page, row.cells[column]).text));
        }
      }
      widths_.push_back(std::min(width, cell_max));
    }
  }

  /// As many columns as the page has room for, block by block.
  void write() {
    for (std::size_t from = 0; from < widths_.size();) {
      std::size_t to = from;
      std::size_t used = gap + name_width_;
      while (to < widths_.size() && (to == from || used + gap + widths_[to] <= page_.width())) {
        used += gap + widths_[to++];
      }
      block(from, to);
      from = to;
    }
  }

 private:
  void block(std::size_t from, std::size_t to) {
    std::string head = "  " + page_.cell("", name_width_);
    for (std::size_t i = from; i < to; ++i) {
      head += "  " + page_.cell(page_.clean(matrix_.columns[i].title), widths_[i], Tone::strong);
    }
    page_.line();
    page_.line(head);
    for (const MatrixRow& row : matrix_.rows) {
      std::string line = "  " + page_.cell(page_.clean(row.id), name_width_);
      if (row.cells.empty()) {
        const bool broken = !row.error.empty();
        line += "  " + page_.paint(broken ? Tone::bad : Tone::dim, broken ? "error" : "skipped");
      }
      for (std::size_t i = from; i < to && i < row.cells.size(); ++i) {
        const auto [text, tone] = shown(page_, row.cells[i]);
        line += "  " + page_.cell(page_.cut(text, widths_[i]), widths_[i], tone);
      }
      page_.line(line);
    }
  }

  Page& page_;
  const Matrix& matrix_;
  std::size_t name_width_ = 0;
  std::vector<std::size_t> widths_;
};

bool worth_telling(const MatrixCell& cell) {
  return violates(cell) || cell.verdict == Verdict::inconclusive ||
         cell.verdict == Verdict::error || cell.verdict == Verdict::warn;
}

void write_details(Page& page, const Matrix& matrix) {
  for (const MatrixRow& row : matrix.rows) {
    if (!row.skipped.empty()) page.labelled(page.clean(row.id), page.clean(row.skipped), Tone::dim);
    if (!row.error.empty()) page.labelled(page.clean(row.id), page.clean(row.error), Tone::bad);
    for (std::size_t i = 0; i < row.cells.size() && i < matrix.columns.size(); ++i) {
      const MatrixCell& cell = row.cells[i];
      if (!worth_telling(cell)) continue;
      const Look look = page.look(cell.standing == Standing::stale ? Verdict::fail : cell.verdict);
      page.paragraph("  ",
                     fmt::format("{} {}: {}: {}", look.sign, page.clean(row.id),
                                 page.clean(matrix.columns[i].id), page.clean(cell.detail)),
                     look.tone);
    }
  }
}

std::string verdict_line(const Matrix& matrix) {
  switch (exit_code(matrix)) {
    case ExitCode::pass:
      return "PASS  Every cell passes, or fails as is known.";
    case ExitCode::violated:
      return "FAIL  A cell is not what is known of its row.";
    case ExitCode::target:
      return "ERROR  A row could not be run.";
    case ExitCode::nothing_judged:
      return "NOTHING JUDGED  Every row was skipped.";
    case ExitCode::inconclusive:
      return "INCONCLUSIVE  A cell could not be decided.";
    case ExitCode::usage:
      break;
  }
  return {};
}

}  // namespace

std::string write_matrix_console(const Matrix& matrix, const ConsoleOptions& options) {
  Page page(options.width_columns, options.colour, options.ascii);
  page.line(page.paint(Tone::strong, page.clean(matrix.title)));
  if (!options.quiet) Table(page, matrix).write();
  page.line();
  write_details(page, matrix);
  for (const std::string& note : matrix.notes) page.labelled("note", page.clean(note));
  const MatrixCounts counts = count(matrix);
  std::vector<std::string> parts{fmt::format("{} pass", counts.pass),
                                 fmt::format("{} fail as known (=)", counts.known)};
  if (counts.fail > 0) parts.push_back(fmt::format("{} fail", counts.fail));
  if (counts.other > 0) parts.push_back(fmt::format("{} warn", counts.other));
  if (counts.inconclusive > 0) parts.push_back(fmt::format("{} unsure", counts.inconclusive));
  if (counts.skip > 0) parts.push_back(fmt::format("{} skip", counts.skip));
  page.labelled("cells", parts);
  page.labelled("took", format_duration(matrix.length));
  if (!options.report_folder.empty()) page.labelled("report", page.clean(options.report_folder));
  page.line();
  const ExitCode code = exit_code(matrix);
  page.line(fmt::format("  {} (exit code {})", verdict_line(matrix), static_cast<int>(code)));
  return page.take();
}

}  // namespace streamgauge::reports
