#include "harness/core/result/baseline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/base/nearest.hpp"
#include "harness/core/contract/yaml.hpp"

namespace streamgauge {

namespace {

using yaml::Mapping;
using yaml::Node;
using yaml::NodePtr;
using yaml::Reading;

using Ids = std::vector<std::string>;

void check_id(Reading& reading, const Mapping& map, const std::string& id, const Ids& also) {
  if (!reading.ok() || find_check(id)) return;
  std::vector<std::string_view> known(also.begin(), also.end());
  if (std::find(known.begin(), known.end(), id) != known.end()) return;
  for (const CheckSpec& spec : all_checks()) known.push_back(spec.id);
  reading.fail_value("check", *map.get("check"), "the id of a check" + did_you_mean(id, known));
}

void read_entry(Reading& reading, const Node& node, const std::string& file, const Ids& also,
                std::vector<BaselineEntry>& out) {
  const Mapping map{reading, node, "an entry", "", {"check", "scenario", "reason"}};
  BaselineEntry entry;
  map.need("check", yaml::line("the id of a check"), entry.check);
  map.take("scenario", yaml::line("the name of a scenario"), entry.scenario);
  map.take("reason", yaml::text(), entry.reason);
  check_id(reading, map, entry.check, also);
  if (!reading.ok()) return;
  entry.where = fmt::format("{}:{}", file, node.mark.line);
  const auto same = [&](const BaselineEntry& other) {
    return other.check == entry.check && other.scenario == entry.scenario;
  };
  if (std::any_of(out.begin(), out.end(), same)) {
    reading.fail(node.mark, fmt::format("'{}' is listed for a second time", entry.check));
  }
  out.push_back(std::move(entry));
}

void read_entries(const Mapping& map, std::string_view key, const std::string& file,
                  const Ids& also, std::vector<BaselineEntry>& out) {
  const Node* node = map.get(key);
  if (node == nullptr || node->kind == yaml::Kind::nothing) return;
  for (const NodePtr& item : yaml::items(map.reading(), key, *node, "a list of {check: ID, ...}")) {
    if (map.reading().ok()) read_entry(map.reading(), *item, file, also, out);
  }
}

bool names(const BaselineEntry& entry, const CheckResult& check) {
  return entry.check == check.id && (entry.scenario.empty() || entry.scenario == check.scenario);
}

bool is_failure(const CheckResult& check) {
  return check.finding.verdict == Verdict::fail || check.finding.verdict == Verdict::warn;
}

bool is_pass(const CheckResult& check) {
  return check.finding.verdict == Verdict::pass || check.finding.verdict == Verdict::info;
}

template <class Visit>
void each_named(RunResult& run, const BaselineEntry& entry, Visit&& visit) {
  for (ScenarioResult& scenario : run.scenarios) {
    for (CheckResult& check : scenario.checks) {
      if (names(entry, check)) visit(check);
    }
  }
}

void stand(CheckResult& check, Standing standing, const BaselineEntry& entry) {
  check.standing = standing;
  check.standing_reason = entry.reason;
}

}  // namespace

Result<Baseline> load_baseline(std::string_view yaml, std::string file, const Ids& also) {
  const auto root = yaml::parse(yaml, file);
  if (!root) return root.error();
  Reading reading{file};
  Baseline baseline;
  baseline.file = file;
  const Mapping map{reading, **root, "a baseline", "", {"expected_failures", "known_flaky"}};
  read_entries(map, "expected_failures", file, also, baseline.expected_failures);
  read_entries(map, "known_flaky", file, also, baseline.known_flaky);
  for (const BaselineEntry& flaky : baseline.known_flaky) {
    for (const BaselineEntry& expected : baseline.expected_failures) {
      const bool overlap = flaky.scenario.empty() || expected.scenario.empty() ||
                           flaky.scenario == expected.scenario;
      if (flaky.check != expected.check || !overlap) continue;
      reading.fail((*root)->mark,
                   fmt::format("'{}' is expected to fail ({}) and known to be flaky ({}): one of "
                               "the two can be true",
                               flaky.check, expected.where, flaky.where));
    }
  }
  if (!reading.ok()) return *reading.error();
  return baseline;
}

void apply_baseline(const Baseline& baseline, RunResult& run) {
  run.baseline = baseline.file;
  for (const BaselineEntry& entry : baseline.expected_failures) {
    bool failed = false;
    each_named(run, entry, [&](CheckResult& check) { failed |= is_failure(check); });
    each_named(run, entry, [&](CheckResult& check) {
      if (is_failure(check)) stand(check, Standing::expected_failure, entry);
      if (!failed && is_pass(check)) stand(check, Standing::stale, entry);
    });
  }
  for (const BaselineEntry& entry : baseline.known_flaky) {
    each_named(run, entry, [&](CheckResult& check) {
      if (check.finding.verdict != Verdict::skip) stand(check, Standing::flaky, entry);
    });
  }
}

}  // namespace streamgauge
