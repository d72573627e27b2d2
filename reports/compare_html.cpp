#include "reports/compare_html.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/compare_wording.hpp"
#include "reports/html_page.hpp"
#include "reports/html_plot.hpp"
#include "reports/html_text.hpp"
#include "reports/text.hpp"

namespace streamgauge::reports {
namespace {

using compare::Comparison;
using compare::MetricResult;
using compare::Outcome;
using compare::Side;

struct Headline {
  std::string_view css, sign, word;
};

Headline headline(const Comparison& comparison) {
  switch (compare::exit_code(comparison)) {
    case ExitCode::pass:
      return {"pass", "✓", "No regression"};
    case ExitCode::violated:
      return {"fail", "✗", "Regression"};
    case ExitCode::nothing_judged:
      return {"inconclusive", "–", "Nothing judged"};
    case ExitCode::inconclusive:
      return {"inconclusive", "?", "Inconclusive"};
    case ExitCode::usage:
    case ExitCode::target:
      break;
  }
  return {"fail", "✗", "Error"};
}

std::string title(const Comparison& comparison) {
  return comparison.sides[1].name + " against " + comparison.sides[0].name;
}

std::string banner(const Comparison& comparison) {
  const Headline head = headline(comparison);
  std::string out = fmt::format(
      "<header>\n<div class=\"banner {}\">\n<h1>{} <span>{}</span></h1>\n<p "
      "class=\"because\">{}</p>\n"
      "<dl class=\"facts\">\n",
      head.css, verdict_html(head.css, head.sign, head.word), html(title(comparison)),
      html(closing_sentence(comparison)));
  for (const Side side : {Side::a, Side::b}) {
    const compare::SideFacts& facts = comparison.sides[index(side)];
    put_fact(out, to_string(side), facts.name + " · " + path_words(facts, "→"));
  }
  put_fact(out, "Scenario", comparison.scenario);
  put_fact(out, "Runs", runs_words(comparison));
  put_fact(out, "Seed", fmt::format("{}", comparison.seed));
  put_fact(out, "Began", rfc3339(comparison.started).substr(0, 19) + "Z");
  put_fact(out, "Took", format_duration(comparison.length));
  put_fact(out, "Exit code", fmt::format("{}", static_cast<int>(compare::exit_code(comparison))));
  out += "</dl>\n</div>\n</header>\n";
  for (const Error& error : comparison.errors) {
    out += "<div class=\"card fail\"><p>" + html(error.message) + "</p></div>\n";
  }
  return out;
}

std::string outcome_html(Outcome outcome) {
  const auto shown = [&](std::string_view css, std::string_view sign) {
    return verdict_html(css, sign, to_string(outcome));
  };
  switch (outcome) {
    case Outcome::same:
    case Outcome::improvement:
      return shown("pass", "✓");
    case Outcome::regression:
      return shown("fail", "✗");
    case Outcome::inconclusive:
      return shown("inconclusive", "?");
    case Outcome::told:
      return shown("info", "i");
    case Outcome::not_measured:
      break;
  }
  return shown("skip", "–");
}

std::string metric_row(const MetricResult& result) {
  const compare::Metric& metric = compare::metrics()[result.metric];
  std::string out = fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>", html(metric.title),
                                outcome_html(result.outcome));
  if (result.outcome == Outcome::not_measured) {
    return out + "<td></td><td></td><td></td><td></td><td></td><td></td></tr>\n";
  }
  const std::string p = result.judged ? fmt::format("{:.2g}", result.p_adjusted) : std::string();
  const std::string delta =
      result.judged ? compare::format_change(1 + result.delta) : std::string();
  for (const std::string& cell :
       {compare::format_value(metric.unit, result.typical[0]),
        compare::format_value(metric.unit, result.typical[1]), compare::format_change(result.ratio),
        interval_words(result), p, delta}) {
    out += "<td>" + html(cell) + "</td>";
  }
  return out + "</tr>\n";
}

std::string table(const Comparison& comparison) {
  std::string out =
      "<section id=\"metrics\" aria-labelledby=\"metrics-h\">\n<h2 id=\"metrics-h\">B against "
      "A</h2>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"metrics-h\"><table>\n"
      "<caption>The median run of either side; change, interval and p by run, never by event"
      "</caption>\n<thead><tr>";
  for (const std::string_view head :
       {"Metric", "Outcome", "A", "B", "Change", "95 % interval", "p (Holm)", "Delta"}) {
    out += fmt::format("<th scope=\"col\">{}</th>", head);
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const MetricResult& result : comparison.metrics) out += metric_row(result);
  out += "</tbody></table></div>\n";
  for (const MetricResult& result : comparison.metrics) {
    if (result.reason.empty() || !comparison.undecided.empty()) continue;
    out += fmt::format("<p>{} {}: {}</p>\n", outcome_html(result.outcome),
                       html(compare::metrics()[result.metric].title), html(result.reason));
  }
  return out + "</section>\n";
}

Plot latency_plot(const Comparison& comparison) {
  Plot plot;
  plot.id = "latency";
  plot.title = "Delivery latency by percentile, all runs of either side together (ms)";
  plot.unit = plot.y_name = "ms";
  plot.x_name = "percentile";
  plot.percentiles = plot.log = true;
  for (const Side side : {Side::a, Side::b}) {
    const compare::SideFacts& facts = comparison.sides[index(side)];
    const std::string name = fmt::format("{} {}", to_string(side), facts.name);
    plot.series.push_back(percentile_series(name, facts.delivery));
    plot.summary +=
        fmt::format("{}: p50 {}, p99 {}. ", name, format_duration(facts.delivery.at_percentile(50)),
                    format_duration(facts.delivery.at_percentile(99)));
  }
  return plot;
}

/// A sign for each pair and metric, and how far a change matters. Logarithmic: twice and half are
/// as far from the same, and a tail in a storm leaves the others in sight.
Plot ratio_plot(const Comparison& comparison) {
  Plot plot;
  plot.id = "ratios";
  plot.title = "B/A of each pair (above 1: B is worse)";
  plot.unit = "times A";
  plot.y_name = "B/A";
  plot.x_name = "pair, in the order of the run";
  plot.x_unit = "Pair";
  plot.log = true;
  plot.rows = comparison.pairs_begun + 1;
  plot.summary = "B over A in each pair of runs, with the largest delta as a line.";
  double delta = 0;
  for (const MetricResult& result : comparison.metrics) {
    if (!result.judged || result.pair_ratios.empty()) continue;
    PlotSeries series{std::string(compare::metrics()[result.metric].title), {}, {}, "point"};
    for (std::size_t i = 0; i < result.pair_ratios.size(); ++i) {
      series.x.push_back(static_cast<double>(comparison.pairs_judged[i] + 1));
      series.y.push_back(result.pair_ratios[i]);
    }
    plot.series.push_back(std::move(series));
    delta = std::max(delta, result.delta);
  }
  plot.bounds.push_back({1 + delta, "largest delta, " + compare::format_change(1 + delta)});
  return plot;
}

std::string plots_html(const Comparison& comparison, std::vector<Plot>& plots) {
  if (comparison.sides[0].judged_runs == 0 || comparison.sides[1].judged_runs == 0) return {};
  plots.push_back(latency_plot(comparison));
  if (Plot ratios = ratio_plot(comparison); !ratios.series.empty()) {
    plots.push_back(std::move(ratios));
  }
  std::string out =
      "<section id=\"plots-of-both\" aria-labelledby=\"plots-h\">\n<h2 id=\"plots-h\">Plots</h2>\n";
  for (const Plot& plot : plots) out += plot_figure(plot);
  return out + "</section>\n";
}

std::string run_rows(const Comparison& comparison) {
  std::string out;
  for (const compare::ComparedRun& run : comparison.runs) {
    const bool judged = run.excluded.empty();
    out += fmt::format("<tr><td>{}</td><td>{}</td>", run.pair + 1, to_string(run.side));
    for (const compare::Metric& metric : compare::metrics()) {
      const auto value = metric.value(run.figures);
      out += "<td>" + (value ? html(compare::format_value(metric.unit, *value)) : "") + "</td>";
    }
    out += "<td>" + html(judged ? std::string() : run.excluded) + "</td></tr>\n";
  }
  return out;
}

std::string setup(const Comparison& comparison) {
  std::string out =
      "<section id=\"setup\" aria-labelledby=\"setup-h\">\n<h2 id=\"setup-h\">How it was "
      "compared</h2>\n";
  if (!comparison.command.empty()) {
    out += "<p>Again: <code>" + html("./" + comparison.command) + "</code></p>\n";
  }
  for (const std::string& note : comparison.notes) out += "<p>" + html(note) + "</p>\n";
  out +=
      "<details><summary>Every run, in order</summary><div class=\"inside scroll\"><table>\n"
      "<caption>What each run measured</caption><thead><tr><th scope=\"col\">Pair</th><th "
      "scope=\"col\">Side</th>";
  for (const compare::Metric& metric : compare::metrics()) {
    out += fmt::format("<th scope=\"col\">{}</th>", html(metric.title));
  }
  out += "<th scope=\"col\">Left out</th></tr></thead>\n<tbody>\n" + run_rows(comparison) +
         "</tbody></table></div></details>\n<dl class=\"facts\">\n";
  const Environment& e = comparison.environment;
  put_fact(out, "streamgauge", e.streamgauge_version);
  put_fact(out, "Host", e.hostname);
  put_fact(out, "Processor",
           e.cores > 0 ? fmt::format("{} × {}", e.cores, e.cpu_model) : e.cpu_model);
  put_fact(out, "Kernel", e.kernel);
  return out +
         "</dl>\n<p class=\"dim\">A is what is known, B what is asked about. Change: "
         "Hodges-Lehmann estimate of B/A over runs. p: the chance of a difference as large when "
         "labels are dealt anew, after Holm's correction over the metrics judged. A regression is "
         "significant (5 %) and beyond the delta; the same is what excludes the delta.</p>\n"
         "</section>\n";
}

}  // namespace

std::string write_compare_html(const Comparison& comparison) {
  std::vector<Plot> plots;
  PageParts parts;
  parts.title = fmt::format("{}: {} · streamgauge", headline(comparison).word, title(comparison));
  parts.body = banner(comparison) + "<main id=\"main\">\n" + table(comparison) +
               plots_html(comparison, plots) + setup(comparison) + "</main>\n";
  parts.foot = fmt::format("<p>Written by streamgauge {} on {}.</p>",
                           html(comparison.environment.streamgauge_version),
                           rfc3339(comparison.started).substr(0, 10));
  parts.plots = &plots;
  return html_page(parts);
}

}  // namespace streamgauge::reports
