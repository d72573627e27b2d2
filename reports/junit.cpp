#include "reports/junit.hpp"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "reports/outcome.hpp"
#include "reports/text.hpp"
#include "reports/wording.hpp"

namespace streamgauge::reports {
namespace {

struct Case {
  std::string class_name, name;
  Duration time{};
  Outcome outcome = Outcome::passed;
  std::string type, message, body;
};

struct Suite {
  std::string name, output;
  std::vector<Case> cases;
};

std::string escaped(std::string_view raw, bool attribute) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t before = at;
    const CodePoint c = next_code_point(raw, at);
    const bool line_or_tab = c.value == '\t' || c.value == '\n' || c.value == '\r';
    if (!c.valid || (c.value < 0x20 && !line_or_tab)) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(c.value));
    } else if (c.value == 0xFFFE || c.value == 0xFFFF) {
      out += fmt::format("\\u{{{:04X}}}", static_cast<unsigned>(c.value));
    } else if (c.value == '&') {
      out += "&amp;";
    } else if (c.value == '<') {
      out += "&lt;";
    } else if (c.value == '>') {
      out += "&gt;";  // also for "]]>"
    } else if (c.value == '"' && attribute) {
      out += "&quot;";
    } else if (c.value == '\r' || (line_or_tab && attribute)) {
      out += fmt::format("&#{};",
                         static_cast<unsigned>(c.value));  // a parser would make it LF or space
    } else {
      out.append(raw.substr(before, at - before));
    }
  }
  return out;
}

/// Text of a check or a target as one line: CI pages and their logs are terminals too.
std::string details(const CheckResult& check, Instant run_start) {
  const Finding& f = check.finding;
  std::string out = fmt::format("{} ({}; {})\n", printable(check.requirement),
                                to_string(check.level), printable(check.source));
  if (!f.measured.empty()) out += "measured: " + printable(f.measured) + '\n';
  if (!f.bound.empty()) out += "bound: " + printable(f.bound) + '\n';
  for (const auto& [name, n] : f.counts) out += fmt::format("{}: {}\n", printable(name), n);
  for (const Evidence& e : f.evidence) {
    const std::string time = time_in_run(e.at, run_start), stream = stream_name(e.stream);
    out += fmt::format("{}{}{}{}{}\n", time, time.empty() ? "" : "  ", stream,
                       stream.empty() ? "" : "  ", printable(e.what));
  }
  return out;
}

Case case_of(const CheckResult& check, const ScenarioResult& scenario, const RunResult& run) {
  Case out;
  out.class_name = fmt::format("streamgauge.{}.{}", scenario.scenario, check.family);
  out.name = check.id;
  out.time = scenario.length / static_cast<Duration::rep>(scenario.checks.size());
  out.outcome = outcome_of(check, run.strict);
  if (out.outcome == Outcome::passed) return out;
  const Finding& f = check.finding;
  out.type = to_string(f.verdict);
  if (check.standing == Standing::stale) out.type = to_string(check.standing);
  out.message = message_of(check);
  if (out.outcome != Outcome::skipped) out.body = details(check, run.started);
  return out;
}

Suite& suite_named(std::vector<Suite>& suites, const std::string& name) {
  for (Suite& suite : suites) {
    if (suite.name == name) return suite;
  }
  suites.push_back({name, {}, {}});
  return suites.back();
}

Suite run_suite(const RunResult& run) {
  Suite suite{"streamgauge", {}, {}};
  for (RunProblem& problem : problems_of(run)) {
    suite.cases.push_back({"streamgauge.run",
                           std::move(problem.name),
                           {},
                           Outcome::error,
                           std::move(problem.type),
                           std::move(problem.message),
                           std::move(problem.details)});
  }
  return suite;
}

std::vector<Suite> suites_of(const RunResult& run) {
  std::vector<Suite> suites;
  if (Suite suite = run_suite(run); !suite.cases.empty()) suites.push_back(std::move(suite));
  for (const ScenarioResult& scenario : run.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      Suite& suite = suite_named(suites, check.family);
      suite.cases.push_back(case_of(check, scenario, run));
      const Finding& f = check.finding;
      suite.output += fmt::format(
          "{} [{}] {}: {}{}\n", check.id, scenario.scenario, to_string(f.verdict),
          printable(f.measured.empty() ? f.reason : f.measured),
          f.bound.empty() ? std::string{} : fmt::format(" (bound: {})", printable(f.bound)));
      if (!f.repeated.empty()) suite.output += "  repeated: " + printable(f.repeated) + '\n';
      if (const std::string standing = standing_sentence(check); !standing.empty()) {
        suite.output += "  " + printable(standing) + '\n';
      }
    }
  }
  return suites;
}

void put_case(std::string& out, const Case& c) {
  out += fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3f}\"",
                     xml_attribute(c.name), xml_attribute(c.class_name), to_seconds(c.time));
  if (c.outcome == Outcome::passed) {
    out += "/>\n";
    return;
  }
  const std::string_view element = c.outcome == Outcome::failure ? "failure"
                                   : c.outcome == Outcome::error ? "error"
                                                                 : "skipped";
  out += fmt::format(">\n      <{} type=\"{}\" message=\"{}\"", element, xml_attribute(c.type),
                     xml_attribute(c.message));
  out += c.body.empty() ? "/>" : fmt::format(">{}</{}>", xml_text(c.body), element);
  out += "\n    </testcase>\n";
}

void put_suite(std::string& out, const Suite& suite, std::size_t id, const RunResult& run) {
  std::size_t failures = 0, errors = 0, skipped = 0;
  Duration time{};
  for (const Case& c : suite.cases) {
    failures += c.outcome == Outcome::failure;
    errors += c.outcome == Outcome::error;
    skipped += c.outcome == Outcome::skipped;
    time += c.time;
  }
  const std::string host =
      run.environment.hostname.empty() ? "localhost" : run.environment.hostname;
  const std::string name = xml_attribute(suite.name);
  out += fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\" timestamp=\"{}\" hostname=\"{}\" id=\"{}\" package=\"streamgauge\">\n",
      name, suite.cases.size(), failures, errors, skipped, to_seconds(time),
      rfc3339(run.started).substr(0, 19), xml_attribute(host), id);  // Ant's schema: UTC, no zone
  out += "    <properties>\n";
  const auto property = [&](std::string_view key, std::string_view value) {
    out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", key, xml_attribute(value));
  };
  property("target", run.target);
  property("contract", run.contract);
  std::string path;
  for (const std::string& hop : run.path) path += (path.empty() ? "" : ",") + hop;
  if (!path.empty()) property("path", path);
  property("time_scale", fmt::format("{}", run.time_scale));
  property("seed", fmt::format("{}", run.seed));
  out += "    </properties>\n";
  for (const Case& c : suite.cases) put_case(out, c);
  out += fmt::format("    <system-out>{}</system-out>\n    <system-err></system-err>\n",
                     xml_text(suite.output));
  out += "  </testsuite>\n";
}

}  // namespace

std::string xml_text(std::string_view raw) {
  return escaped(raw, false);
}
std::string xml_attribute(std::string_view raw) {
  return escaped(raw, true);
}

std::string write_junit(const RunResult& run) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  std::size_t id = 0;
  for (const Suite& suite : suites_of(run)) put_suite(out, suite, id++, run);
  return out += "</testsuites>\n";
}

}  // namespace streamgauge::reports
