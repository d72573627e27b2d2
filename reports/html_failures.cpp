#include "reports/html_failures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/units.hpp"
#include "reports/html_text.hpp"
#include "reports/html_wire.hpp"
#include "reports/reproduce.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

/// 0: passes; the higher, the earlier it is shown.
int urgency(const CheckResult& check, bool strict) {
  if (violates(check, strict)) return 5;
  switch (check.finding.verdict) {
    case Verdict::fail:  // excused by a baseline
      return 2;
    case Verdict::error:
      return 4;
    case Verdict::inconclusive:
      return 3;
    case Verdict::warn:
      return 1;
    case Verdict::pass:
    case Verdict::info:
    case Verdict::skip:
      break;
  }
  return 0;
}

/// "in phase 'load' (0.84 s into it), during freeze"
std::string place_in_time(const ScenarioResult& scenario, Instant at) {
  std::string phase, during;
  for (const Mark& mark : scenario.marks) {
    const bool now = mark.begin <= at && (!mark.end || at <= *mark.end);
    if (!now) continue;
    if (mark.kind == Mark::Kind::phase) {
      phase = fmt::format("in phase '{}', {} into it", mark.name, format_duration(at - mark.begin));
    } else if (mark.end) {
      during += fmt::format("{}{}", during.empty() ? ", during " : ", ", mark.name);
    }
  }
  return phase + during;
}

std::string first_seen(const RunResult& run, const ScenarioResult& scenario,
                       const CheckResult& check) {
  for (const Evidence& e : check.finding.evidence) {
    if (e.at == Instant{}) continue;
    const std::string place = place_in_time(scenario, e.at);
    return html(time_in_run(e.at, run.started)) +
           (place.empty() ? "" : "<br><span class=\"dim\">" + html(place) + "</span>");
  }
  return {};
}

void tile(std::string& out, std::string_view name, const std::string& content) {
  if (content.empty()) return;
  out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, content);
}

std::string evidence_table(const RunResult& run, const ScenarioResult& scenario,
                           const CheckResult& check) {
  if (check.finding.evidence.empty()) return {};
  std::string out =
      "<table class=\"stacks\" role=\"table\"><caption>Evidence: the first records that tell"
      "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">";
  for (const std::string_view header : {"Time", "Stream", "What was seen", "When"}) {
    out += fmt::format("<th role=\"columnheader\" scope=\"col\">{}</th>", header);
  }
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (const Evidence& e : check.finding.evidence) {
    out += fmt::format(
        "<tr role=\"row\"><td role=\"cell\" class=\"time\">{}</td><td role=\"cell\" "
        "class=\"time\">{}</td><td role=\"cell\">{}</td><td role=\"cell\" class=\"dim\">{}</td>"
        "</tr>\n",
        html(time_in_run(e.at, run.started)), stream_name(e.stream), html(e.what),
        e.at == Instant{} ? std::string() : html(place_in_time(scenario, e.at)));
  }
  return out += "</tbody></table>\n";
}

std::string counts_line(const CheckResult& check) {
  std::string out;
  for (const auto& [name, n] : check.finding.counts) {
    out += fmt::format("{}{} {}", out.empty() ? "" : " · ", html(name), format_count(n));
  }
  return out.empty() ? out : "<p class=\"dim\">Counted: " + out + "</p>\n";
}

std::string pill_of(const CheckResult& check) {
  if (check.standing == Standing::stale) return verdict_html("stale", "✗", "stale");
  return verdict_html(check.finding.verdict);
}

std::string card(const RunResult& run, const Broken& broken) {
  const ScenarioResult& scenario = *broken.scenario;
  const CheckResult& check = *broken.check;
  const Finding& finding = check.finding;
  const std::string_view css = violates(check, run.strict) ? "fail" : to_string(finding.verdict);
  std::string out = fmt::format(
      "<article class=\"card {}\" id=\"{}\" aria-labelledby=\"{}-h\">\n<h3 id=\"{}-h\">{} "
      "<span>{}</span> <a class=\"dim\" href=\"#scenario-{}\">{}</a></h3>\n",
      css, broken.id, broken.id, broken.id, pill_of(check), html(check.id),
      scenario_number(run, scenario), html(scenario.scenario));
  out += fmt::format("<p>{} <span class=\"dim\">{} · {}</span></p>\n", html(check.requirement),
                     to_string(check.level), html(check.source));
  out += "<dl class=\"against\">\n";
  tile(out, "Measured", html(finding.measured));
  tile(out, "Bound", html(finding.bound));
  tile(out, "First seen", first_seen(run, scenario, check));
  out += "</dl>\n";
  if (!finding.reason.empty()) {
    out += "<p class=\"because\">" + html(finding.reason) + "</p>\n";
  }
  for (const std::string& remark : {standing_sentence(check), finding.repeated}) {
    if (!remark.empty()) out += "<p class=\"dim\">" + html(remark) + "</p>\n";
  }
  out += counts_line(check);
  out += evidence_table(run, scenario, check);
  out += wire_html(run, scenario, check);
  if (const std::string again = command_for(run, check.id); !again.empty()) {
    out += "<p class=\"dim\">Again, this check alone: <code>" + html(again) + "</code></p>\n";
  }
  return out += "</article>\n";
}

/// All of them in a few lines, each leading to its card.
std::string overview(const RunResult& run, const std::vector<Broken>& broken) {
  if (broken.size() < 2) return {};
  std::string out =
      "<table class=\"stacks\" role=\"table\"><caption>In short; each leads to its "
      "evidence</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">";
  for (const std::string_view header : {"Check", "Verdict", "Measured", "Bound", "First seen"}) {
    out += fmt::format("<th role=\"columnheader\" scope=\"col\">{}</th>", header);
  }
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (std::size_t i = 0; i < std::min(broken.size(), cards_max); ++i) {
    const CheckResult& check = *broken[i].check;
    const auto seen = std::find_if(check.finding.evidence.begin(), check.finding.evidence.end(),
                                   [](const Evidence& e) { return e.at != Instant{}; });
    out += fmt::format(
        "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><a href=\"#{}\">{}</a></th>"
        "<td role=\"cell\">{}</td><td role=\"cell\" data-label=\"Measured\">{}</td>"
        "<td role=\"cell\" data-label=\"Bound\">{}</td>"
        "<td role=\"cell\" class=\"time\" data-label=\"First seen\">{}</td></tr>\n",
        broken[i].id, html(check.id), pill_of(check), html(check.finding.measured),
        html(check.finding.bound),
        seen == check.finding.evidence.end() ? std::string()
                                             : html(time_in_run(seen->at, run.started)));
  }
  return out += "</tbody></table>\n";
}

}  // namespace

std::vector<Broken> broken_checks(const RunResult& run) {
  std::vector<Broken> broken;
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (urgency(check, run.strict) > 0) broken.push_back({&scenario, &check, {}});
    }
  }
  std::stable_sort(broken.begin(), broken.end(), [&](const Broken& a, const Broken& b) {
    return urgency(*a.check, run.strict) > urgency(*b.check, run.strict);
  });
  for (std::size_t i = 0; i < broken.size(); ++i) {
    broken[i].id = fmt::format("broken-{}-{}", i + 1, html_id(broken[i].check->id));
  }
  return broken;
}

std::string failures_html(const RunResult& run, const std::vector<Broken>& broken) {
  std::string out = "<section id=\"broken\" aria-labelledby=\"broken-h\">\n";
  const bool red = std::any_of(broken.begin(), broken.end(),
                               [&](const Broken& b) { return violates(*b.check, run.strict); });
  const bool nothing = broken.empty() && run.errors.empty() && !run.interrupted;
  out += fmt::format("<h2 id=\"broken-h\">{}</h2>\n", nothing ? "Nothing broke"
                                                      : red || !run.errors.empty()
                                                          ? "What broke"
                                                          : "What did not pass");
  for (const Error& error : run.errors) {
    out += fmt::format(
        "<div class=\"card fail\"><h3>{} The run could not be carried out</h3>"
        "<p class=\"because\">{}</p></div>\n",
        verdict_html("fail", "✗", "error"), html(error.message));
  }
  if (run.interrupted) {
    out +=
        "<div class=\"card warn\"><p>The run was interrupted: verdicts are about the part that "
        "was run.</p></div>\n";
  }
  out += overview(run, broken);
  if (nothing) out += "<p>" + html(closing_sentence(run)) + "</p>\n";
  for (std::size_t i = 0; i < std::min(broken.size(), cards_max); ++i) out += card(run, broken[i]);
  if (broken.size() > cards_max) {
    out +=
        fmt::format("<p>And {} more, in the table of all checks.</p>\n", broken.size() - cards_max);
  }
  return out += "</section>\n";
}

}  // namespace streamgauge::reports
