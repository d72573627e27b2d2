#include "reports/html_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/html_checks.hpp"
#include "reports/html_failures.hpp"
#include "reports/html_page.hpp"
#include "reports/html_scenarios.hpp"
#include "reports/html_text.hpp"
#include "reports/reproduce.hpp"
#include "reports/text.hpp"
#include "reports/totals.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

struct Headline {
  std::string_view css, sign, word;
};

Headline headline(const RunResult& run) {
  switch (exit_code(run)) {
    case ExitCode::pass:
      return {"pass", "✓", "Pass"};
    case ExitCode::violated:
      return {"fail", "✗", "Fail"};
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

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::string counts_sentence(const RunResult& run) {
  const VerdictCounts n = count(run);
  std::string out;
  for (const auto& [number, word] : {std::pair{n.fail, "fail"},
                                     {n.error, "error"},
                                     {n.inconclusive, "inconclusive"},
                                     {n.warn, "warn"},
                                     {n.pass, "pass"},
                                     {n.info, "info"},
                                     {n.skip, "skip"}}) {
    if (number > 0) out += fmt::format("{}{} {}", out.empty() ? "" : " · ", number, word);
  }
  return out;
}

std::string banner(const RunResult& run) {
  const Headline head = headline(run);
  std::string out = fmt::format(
      "<div class=\"banner {}\">\n<h1>{} <span>{}</span></h1>\n<p class=\"because\">{}</p>\n"
      "<dl class=\"facts\">\n",
      head.css, verdict_html(head.css, head.sign, head.word), html(run.target),
      html(closing_sentence(run)));
  put_fact(out, "Checks", counts_sentence(run));
  put_fact(out, "Contract", run.contract);
  put_fact(out, "Began", rfc3339(run.started).substr(0, 19) + "Z");
  put_fact(out, "Took", format_duration(run.length));
  put_fact(out, "Exit code", fmt::format("{}", static_cast<int>(exit_code(run))));
  put_fact(out, "Flaws switched on", joined(run.flaws, ", "));
  put_fact(out, "Baseline", run.baseline);
  return out += "</dl>\n</div>\n";
}

std::string contents(const RunResult& run, bool broken) {
  std::string out = "<nav aria-label=\"Parts of this page\"><ul>\n";
  const auto link = [&](std::string_view id, std::string_view text) {
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", id, text);
  };
  link("broken", broken ? "What broke" : "Result");
  if (count(run).judged() + count(run).skip > 0) link("checks", "All checks");
  for (std::size_t i = 0; i < run.scenarios.size(); ++i) {
    link(fmt::format("scenario-{}", i + 1), html(run.scenarios[i].scenario));
  }
  link("setup", "How it was run");
  return out += "</ul></nav>\n";
}

std::string noise_facts(const RunResult& run) {
  const Totals total = totals(run);
  std::string out = "<h3>Noise</h3>\n<dl class=\"facts\">\n";
  put_fact(out, "Scheduling lag of the harness, 99 % (worst scenario)",
           total.noise.measured ? format_duration(total.noise.lag_p99) : "not measured");
  if (total.noise.measured) put_fact(out, "Longest", format_duration(total.noise.lag_max));
  put_fact(out, "Load generator",
           total.noise.generator_saturated ? "saturated: it did not keep its schedule"
                                           : "kept its schedule");
  put_fact(out, "Memory of the harness, at most",
           format_size(total.resources.harness_rss_peak_bytes));
  put_fact(out, "Its processor time",
           fmt::format("{:.2f} s", static_cast<double>(total.resources.harness_cpu_ns) / 1e9));
  return out +
         "</dl>\n<p class=\"dim\">Bounds of time are widened by the lag; where it exceeds the "
         "tolerance itself, the verdict is inconclusive, never fail.</p>\n";
}

std::string environment_facts(const RunResult& run) {
  const Environment& e = run.environment;
  std::string out = "<h3>Machine and build</h3>\n<dl class=\"facts\">\n";
  put_fact(out, "streamgauge", e.streamgauge_version);
  put_fact(out, "Host", e.hostname);
  put_fact(out, "Processor",
           e.cores > 0 ? fmt::format("{} × {}", e.cores, e.cpu_model) : e.cpu_model);
  put_fact(out, "Kernel", e.kernel);
  put_fact(out, "Compiler", e.compiler);
  put_fact(out, "Boost", e.boost);
  return out += "</dl>\n";
}

std::string setup(const RunResult& run, const std::vector<std::string>& files) {
  std::string out =
      "<section id=\"setup\" aria-labelledby=\"setup-h\">\n<h2 id=\"setup-h\">How it was "
      "run</h2>\n";
  if (const std::string command = command_for(run); !command.empty()) {
    out += "<p>Again: <code>" + html(command) + "</code></p>\n";
  }
  out += "<dl class=\"facts\">\n";
  put_fact(out, "Target",
           run.target + (run.target_description.empty() ? "" : " · ") + run.target_description);
  put_fact(out, "Time scale", fmt::format("{}", run.time_scale));
  put_fact(out, "Seed", fmt::format("{}", run.seed));
  put_fact(out, "Values set", joined(run.settings, ", "));
  out += "</dl>\n";
  if (!run.contract_text.empty()) {
    out += fmt::format(
        "<details><summary>The contract '{}' as it was judged by (YAML, durations scaled)"
        "</summary><div class=\"inside\"><pre>{}</pre></div></details>\n",
        html(run.contract), html_lines(run.contract_text));
  }
  out += environment_facts(run);
  if (!run.scenarios.empty()) out += noise_facts(run);
  if (!files.empty()) {
    out += "<details><summary>Files beside this one</summary><div class=\"inside\"><ul>\n";
    for (const std::string& name : files) {
      out += fmt::format("<li><a href=\"{0}\">{0}</a></li>\n", html(name));
    }
    out += "</ul></div></details>\n";
  }
  return out += "</section>\n";
}

}  // namespace

std::string write_html(const RunResult& run, const std::vector<std::string>& files) {
  const std::vector<Broken> broken = broken_checks(run);
  std::vector<Plot> plots;
  PageParts parts;
  parts.title = fmt::format("{}: {} · streamgauge", headline(run).word, run.target);
  parts.body = "<header>\n" + banner(run) + contents(run, !broken.empty() || !run.errors.empty()) +
               "</header>\n<main id=\"main\">\n";
  parts.body += failures_html(run, broken);
  parts.body += checks_html(run, broken);
  parts.body += scenarios_html(run, plots);
  parts.body += setup(run, files) + "</main>\n";
  parts.foot =
      fmt::format("<p>Written by streamgauge {} on {}. Times count from the start of the run.</p>",
                  html(run.environment.streamgauge_version), rfc3339(run.started).substr(0, 10));
  parts.plots = &plots;
  return html_page(parts);
}

}  // namespace streamgauge::reports
