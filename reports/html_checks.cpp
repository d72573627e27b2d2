#include "reports/html_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/html_text.hpp"
#include "reports/reproduce.hpp"

namespace streamgauge::reports {
namespace {

constexpr std::array verdicts{Verdict::fail, Verdict::error, Verdict::inconclusive, Verdict::warn,
                              Verdict::pass, Verdict::info,  Verdict::skip};

struct Row {
  const ScenarioResult* scenario;
  const CheckResult* check;
};

std::vector<std::string> families_of(const RunResult& run) {
  std::vector<std::string> families;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (std::find(families.begin(), families.end(), check.family) == families.end()) {
        families.push_back(check.family);
      }
    }
  }
  return families;
}

/// By family in the order of the report, within it by check, so that scenarios stand together.
std::vector<Row> rows_of(const RunResult& run, const std::vector<std::string>& families) {
  std::vector<Row> rows;
  std::vector<std::string> ids;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      rows.push_back({&scenario, &check});
      if (std::find(ids.begin(), ids.end(), check.id) == ids.end()) ids.push_back(check.id);
    }
  }
  const auto place = [](const std::vector<std::string>& of, const std::string& name) {
    return std::find(of.begin(), of.end(), name) - of.begin();
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return std::pair(place(families, a.check->family), place(ids, a.check->id)) <
           std::pair(place(families, b.check->family), place(ids, b.check->id));
  });
  return rows;
}

std::string form(const RunResult& run, const std::vector<std::string>& families, std::size_t rows) {
  std::string out =
      "<form class=\"filters\" data-filters=\"checks-table\">\n"
      "<fieldset><legend>Show</legend>\n";
  for (const Verdict verdict : verdicts) {
    std::size_t n = 0;
    for (const ScenarioResult& s : run.scenarios) {
      n += static_cast<std::size_t>(std::count_if(
          s.checks.begin(), s.checks.end(),
          [&](const CheckResult& check) { return check.finding.verdict == verdict; }));
    }
    if (n == 0) continue;
    out += fmt::format(
        "<label><input type=\"checkbox\" name=\"verdict\" value=\"{0}\" checked> {1} {2}</label>\n",
        to_string(verdict), verdict_html(verdict), n);
  }
  out += "</fieldset>\n<label>Family <select name=\"family\"><option value=\"\">all</option>";
  for (const std::string& family : families) {
    out += fmt::format("<option>{}</option>", html(family));
  }
  return out + fmt::format(
                   "</select></label>\n<label>Words <input type=\"search\" name=\"words\" "
                   "size=\"12\"></label>\n<span role=\"status\" class=\"dim\">{0} of {0} shown"
                   "</span>\n</form>\n",
                   rows);
}

std::string cell(std::string_view label, std::string_view css, const std::string& content,
                 std::string_view key = {}) {
  return fmt::format("<td role=\"cell\" data-label=\"{}\"{}{}>{}</td>", label,
                     css.empty() ? std::string() : fmt::format(" class=\"{}\"", css),
                     key.empty() ? std::string() : fmt::format(" data-key=\"{}\"", html(key)),
                     content);
}

std::string row_html(const RunResult& run, const Row& row, const std::vector<Broken>& broken) {
  const CheckResult& check = *row.check;
  const Finding& f = check.finding;
  const auto at = std::find_if(broken.begin(), broken.end(),
                               [&](const Broken& b) { return b.check == row.check; });
  const bool has_card = at != broken.end() && at - broken.begin() < std::ptrdiff_t{cards_max};
  const std::string name =
      has_card ? fmt::format("<a href=\"#{}\">{}</a>", at->id, html(check.id)) : html(check.id);
  const auto order = std::find(verdicts.begin(), verdicts.end(), f.verdict) - verdicts.begin();
  const bool passed = f.verdict == Verdict::pass || f.verdict == Verdict::info;
  std::string out = fmt::format("<tr role=\"row\" data-verdict=\"{}\" data-family=\"{}\">",
                                to_string(f.verdict), html(check.family));
  out += fmt::format(
      "<th role=\"rowheader\" scope=\"row\" data-key=\"{}\">{}<br><span class=\"dim\">{}</span>"
      "</th>",
      html(check.id), name, html(check.requirement));
  out += cell("Verdict", {}, verdict_html(f.verdict), fmt::format("{}", order));
  out += cell("Scenario", {},
              fmt::format("<a href=\"#scenario-{}\">{}</a>", scenario_number(run, *row.scenario),
                          html(row.scenario->scenario)));
  out += cell("Measured", {}, html(f.measured.empty() && !passed ? f.reason : f.measured));
  out += cell("Bound", {}, html(f.bound));
  out += cell("Level", {}, fmt::format("{}", to_string(check.level)));
  return out + "</tr>\n";
}

}  // namespace

std::string checks_html(const RunResult& run, const std::vector<Broken>& broken) {
  const std::vector<std::string> families = families_of(run);
  const std::vector<Row> rows = rows_of(run, families);
  if (rows.empty()) return {};
  std::string out = fmt::format(
      "<section id=\"checks\" aria-labelledby=\"checks-h\">\n<h2 id=\"checks-h\">All checks</h2>\n"
      "{}<table id=\"checks-table\" class=\"stacks\" role=\"table\" data-sortable>\n"
      "<caption>{} verdicts; a header sorts by its column</caption>\n"
      "<thead role=\"rowgroup\"><tr role=\"row\">",
      form(run, families, rows.size()), rows.size());
  for (const std::string_view header :
       {"Check", "Verdict", "Scenario", "Measured", "Bound", "Level"}) {
    out += fmt::format("<th role=\"columnheader\" scope=\"col\">{}</th>", header);
  }
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (const Row& row : rows) out += row_html(run, row, broken);
  return out += "</tbody></table>\n</section>\n";
}

}  // namespace streamgauge::reports
