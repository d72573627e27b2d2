#include "reports/capacity_html.hpp"

#include <fmt/format.h>

#include "harness/core/base/units.hpp"
#include "reports/capacity_plots.hpp"
#include "reports/capacity_text.hpp"
#include "reports/html_page.hpp"
#include "reports/html_text.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

using namespace capacity;

struct Headline {
  std::string_view css, sign, word;
};

Headline headline(const Capacity& capacity) {
  switch (exit_code(capacity)) {
    case ExitCode::pass:
      return {"pass", "✓", "Known"};
    case ExitCode::violated:
      return {"fail", "✗", "Not held"};
    case ExitCode::inconclusive:
      return {"inconclusive", "?", "Inconclusive"};
    case ExitCode::nothing_judged:
      return {"inconclusive", "–", "Nothing searched"};
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return {"fail", "✗", "Could not be carried out"};
}

void put_fact(std::string& out, std::string_view name, const std::string& value) {
  if (!value.empty()) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html(value));
  }
}

std::string banner(const Capacity& capacity) {
  const Headline head = headline(capacity);
  std::string out = fmt::format(
      "<header>\n<div class=\"banner {}\">\n<h1>{} <span>Capacity of {}</span></h1>\n"
      "<p>{}</p>\n<dl class=\"facts\">\n",
      head.css, verdict_html(head.css, head.sign, head.word), html(capacity.target),
      html(verdict_text(capacity)));
  for (const AxisResult& axis : capacity.axes) {
    put_fact(out, axis.axis == Axis::streams ? "Streams" : "Rate", conclude(axis).headline);
  }
  put_fact(out, "Began", rfc3339(capacity.started).substr(0, 19) + "Z");
  put_fact(out, "Took", format_duration(capacity.length));
  put_fact(out, "Exit code", fmt::format("{}", static_cast<int>(exit_code(capacity))));
  out += "</dl>\n</div>\n</header>\n";
  for (const Error& error : capacity.errors) {
    out += fmt::format("<div class=\"card fail\"><p>{}</p></div>\n", html(error.message));
  }
  if (capacity.interrupted) {
    out +=
        "<div class=\"card warn\"><p>It was interrupted: what is missing was not "
        "tried.</p></div>\n";
  }
  return out;
}

std::string trials_html(const AxisResult& axis) {
  std::string out =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Trials\">"
      "<table data-sortable>\n<caption>Every trial, in order; target and generator: how much of "
      "the time their busiest thread ran or wanted to</caption>\n<thead><tr>";
  for (const std::string& column : trial_columns()) {
    out += fmt::format("<th scope=\"col\">{}</th>", html(column));
  }
  out += "<th scope=\"col\">why not held</th></tr></thead>\n<tbody>\n";
  for (const TrialResult& trial : axis.trials) {
    out += "<tr>";
    const auto cells = trial_cells(axis.axis, trial);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (trial_columns()[i] == "outcome") {
        const Verdict look = look_of(trial.verdict.outcome);
        const std::string_view sign = look == Verdict::pass   ? "✓"
                                      : look == Verdict::fail ? "✗"
                                                              : "?";
        out += fmt::format("<td>{}</td>", verdict_html(to_string(look), sign, cells[i]));
      } else {
        out += fmt::format("<td class=\"number\">{}</td>", html(cells[i]));
      }
    }
    out += fmt::format("<td>{}</td></tr>\n", html(trial.verdict.reason));
  }
  return out += "</tbody></table></div>\n";
}

std::string axis_html(const AxisResult& axis, const std::vector<Plot>& plots, std::string_view id) {
  const Conclusion conclusion = conclude(axis);
  const std::string_view css = to_string(look_of(conclusion));
  std::string out = fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-h\">\n<h2 id=\"{0}-h\">{1}</h2>\n"
      "<article class=\"card {2}\"><h3>{3} <span>{4}</span></h3>\n<p class=\"because\">{5}</p>\n"
      "<dl class=\"facts\">\n",
      id, html(axis_title(axis)), css, verdict_html(look_of(conclusion)), html(conclusion.headline),
      html(conclusion.reason));
  if (axis.need) put_fact(out, "Needed", load_text(axis.axis, *axis.need));
  put_fact(out, "Law", scalability_text(axis));
  put_fact(out, "Memory", memory_text(axis));
  if (const TrialResult* typical = typical_at_answer(axis)) {
    const Measured& m = typical->measured;
    put_fact(out, "Held load", load_text(axis.axis, typical->trial.load));
    if (m.p99) put_fact(out, "p99 there", format_duration(*m.p99));
    if (m.target_cpu_us_per_delivery) {
      put_fact(out, "Processor a delivery",
               fmt::format("{:.2f} us", *m.target_cpu_us_per_delivery));
    }
  }
  out += "</dl></article>\n<div class=\"plots\">\n";
  for (const Plot& plot : plots) out += plot_figure(plot);
  return out += "</div>\n" + trials_html(axis) + "</section>\n";
}

std::string setup(const Capacity& capacity) {
  std::string out =
      "<section id=\"setup\" aria-labelledby=\"setup-h\">\n<h2 id=\"setup-h\">What was demanded, "
      "and where</h2>\n";
  for (const std::string& note : capacity.notes) out += "<p>" + html(note) + "</p>\n";
  out += "<dl class=\"facts\">\n";
  std::string path;
  for (const std::string& hop : capacity.path) path += (path.empty() ? "" : ", ") + hop;
  put_fact(out, "Again", capacity.command.empty() ? std::string() : "./" + capacity.command);
  put_fact(out, "Objectives", objectives_text(capacity));
  put_fact(out, "Contract", capacity.contract);
  put_fact(out, "Path", path);
  put_fact(out, "A trial", format_duration(capacity.hold));
  put_fact(out, "Event", format_size(capacity.size_bytes));
  put_fact(out, "Generator threads", fmt::format("{}", capacity.threads));
  put_fact(out, "Time scale", fmt::format("{:.3g}", capacity.time_scale));
  const Environment& e = capacity.environment;
  put_fact(out, "streamgauge", e.streamgauge_version);
  put_fact(out, "Host", e.hostname);
  put_fact(out, "Processor",
           e.cores > 0 ? fmt::format("{} × {}", e.cores, e.cpu_model) : e.cpu_model);
  put_fact(out, "Kernel", e.kernel);
  return out += "</dl>\n</section>\n";
}

}  // namespace

std::string write_capacity_html(const Capacity& capacity) {
  std::vector<Plot> all;
  std::string body = banner(capacity) + "<main id=\"main\">\n";
  for (const AxisResult& axis : capacity.axes) {
    const std::string_view id = to_string(axis.axis);
    const auto plots = capacity_plots(axis, capacity.objectives, id);
    body += axis_html(axis, plots, id);
    all.insert(all.end(), plots.begin(), plots.end());
  }
  PageParts parts;
  parts.title =
      fmt::format("{}: capacity of {} · streamgauge", headline(capacity).word, capacity.target);
  parts.body = body + setup(capacity) + "</main>\n";
  parts.plots = &all;
  parts.foot = fmt::format("<p>Written by streamgauge {} on {}.</p>",
                           html(capacity.environment.streamgauge_version),
                           rfc3339(capacity.started).substr(0, 10));
  return html_page(parts);
}

}  // namespace streamgauge::reports
