#include "reports/html_scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/html_text.hpp"
#include "reports/scenario_plots.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

void fact(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html(value));
  }
}

std::string verdicts_line(const ScenarioResult& scenario) {
  std::string out;
  for (const Verdict verdict : {Verdict::fail, Verdict::error, Verdict::inconclusive, Verdict::warn,
                                Verdict::pass, Verdict::info, Verdict::skip}) {
    const auto n =
        std::count_if(scenario.checks.begin(), scenario.checks.end(),
                      [&](const CheckResult& check) { return check.finding.verdict == verdict; });
    if (n > 0) out += fmt::format(" {} {}", n, verdict_html(verdict));
  }
  return out;
}

std::string facts(const RunResult& run, const ScenarioResult& s) {
  std::string endings;
  for (const auto& [name, n] : s.endings) {
    endings += fmt::format("{}{} {}", endings.empty() ? "" : " · ", format_count(n), name);
  }
  std::string out = "<dl class=\"facts\">\n";
  fact(out, "Began", time_in_run(s.started, run.started));
  fact(out, "Took", format_duration(s.length));
  fact(out, "Streams", format_count(s.streams));
  fact(out, "Events received", format_count(s.events_received));
  fact(out, "Events published", format_count(s.events_published));
  fact(out, "Received", format_size(s.bytes_received));
  fact(out, "How connections ended", endings);
  if (s.resources.sampled) {
    fact(out, "Memory of the target, at most", format_size(s.resources.rss_peak_bytes));
    fact(out, "Its processor time",
         fmt::format("{:.2f} s", static_cast<double>(s.resources.cpu_ns) / 1e9));
  }
  if (s.noise.measured) {
    fact(out, "Scheduling lag of the harness, 99 %", format_duration(s.noise.lag_p99));
  }
  return out += "</dl>\n";
}

std::string notes(const ScenarioResult& s) {
  if (s.notes.empty()) return {};
  std::string out = "<ul>\n";
  for (const std::string& note : s.notes) out += "<li>" + html(note) + "</li>\n";
  return out += "</ul>\n";
}

std::string time_cell(Duration value) {
  return fmt::format("<td class=\"number\" data-key=\"{}\">{}</td>", value.count(),
                     format_duration(value));
}

std::string histograms(const ScenarioResult& s) {
  std::string rows;
  for (const auto& [name, h] : s.histograms) {
    if (h.empty()) continue;
    std::string shown = name;
    std::replace(shown.begin(), shown.end(), '_', ' ');
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"number\" data-key=\"{}\">{}</td>",
                        html(shown), h.count(), format_count(h.count()));
    for (const double percentile : {50.0, 90.0, 99.0, 99.9}) {
      rows += time_cell(h.at_percentile(percentile));
    }
    rows += time_cell(h.max()) + "</tr>\n";
  }
  if (rows.empty()) return {};
  std::string out =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Histograms\"><table "
      "data-sortable><caption>Everything that was timed (delivery counts from the intended send "
      "time)</caption>\n<thead><tr><th scope=\"col\">What</th>";
  for (const std::string_view header : {"Count", "Median", "90 %", "99 %", "99.9 %", "Longest"}) {
    out += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", header);
  }
  return out + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string marks(const RunResult& run, const ScenarioResult& s) {
  if (s.marks.empty()) return {};
  std::string out =
      "<details><summary>What was done, and when</summary><div class=\"inside scroll\"><table>"
      "<caption>Marks of the plots</caption>\n<thead><tr><th scope=\"col\">From</th>"
      "<th scope=\"col\">To</th><th scope=\"col\">Kind</th><th scope=\"col\">What</th></tr>"
      "</thead>\n<tbody>\n";
  for (const Mark& mark : s.marks) {
    out += fmt::format(
        "<tr><td class=\"time\">{}</td><td class=\"time\">{}</td><td>{}</td><td>{}</td></tr>\n",
        html(time_in_run(mark.begin, run.started)),
        mark.end ? html(time_in_run(*mark.end, run.started)) : std::string(), to_string(mark.kind),
        html(mark.name));
  }
  return out += "</tbody></table></div></details>\n";
}

std::string script(const ScenarioResult& s) {
  if (s.text.empty()) return {};
  return fmt::format(
      "<details><summary>The script as it was run (YAML)</summary><div class=\"inside\">"
      "<pre>{}</pre></div></details>\n",
      html_lines(s.text));
}

std::string scenario_html(const RunResult& run, const ScenarioResult& s, std::size_t number,
                          std::vector<Plot>& plots) {
  const std::string id = fmt::format("scenario-{}", number);
  const bool red = std::any_of(s.checks.begin(), s.checks.end(), [&](const CheckResult& check) {
    return violates(check, run.strict);
  });
  const bool open = red || run.scenarios.size() == 1;
  std::string out = fmt::format(
      "<details id=\"{}\"{}><summary><h3>{}</h3>{} <span class=\"dim\">{}</span></summary>\n"
      "<div class=\"inside\">\n",
      id, open ? " open" : "", html(s.scenario), verdicts_line(s), html(format_duration(s.length)));
  if (!s.description.empty()) out += "<p>" + html(s.description) + "</p>\n";
  out += facts(run, s);
  out += notes(s);
  std::vector<Plot> own = scenario_plots(run, s, id);
  if (!own.empty()) {
    out += "<div class=\"plots\">\n";
    for (const Plot& plot : own) out += plot_figure(plot);
    out += "</div>\n";
    if (std::any_of(own.begin(), own.end(), [](const Plot& p) { return !p.evidence.empty(); })) {
      out += "<p class=\"dim\">▲ at the foot of a plot: here is evidence of what failed.</p>\n";
    }
  }
  plots.insert(plots.end(), std::make_move_iterator(own.begin()),
               std::make_move_iterator(own.end()));
  out += histograms(s);
  out += marks(run, s);
  out += script(s);
  return out += "</div></details>\n";
}

}  // namespace

std::string scenarios_html(const RunResult& run, std::vector<Plot>& plots) {
  if (run.scenarios.empty()) return {};
  std::string out =
      "<section id=\"scenarios\" aria-labelledby=\"scenarios-h\">\n"
      "<h2 id=\"scenarios-h\">Scenarios</h2>\n";
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    out += scenario_html(run, run.scenarios[i], i + 1, plots);
  }
  return out += "</section>\n";
}

}  // namespace streamgauge::reports
