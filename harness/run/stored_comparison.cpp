#include "harness/run/stored_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "harness/core/compare/sample.hpp"
#include "harness/net/clock.hpp"
#include "harness/run/home.hpp"
#include "harness/run/mapped_file.hpp"
#include "harness/run/outcome.hpp"

namespace streamgauge::run {

namespace {

namespace fs = std::filesystem;
using compare::Comparison;
using compare::StoredRun;

constexpr std::string_view result_name = "result.json";

/// The results that one word names, in the order of their names.
Result<std::vector<std::string>> results_in(const std::string& typed) {
  std::error_code ignored;
  const fs::path path = typed;
  if (!fs::exists(path, ignored)) return usage_error(fmt::format("{}: it is not there", typed));
  if (!fs::is_directory(path, ignored)) return std::vector<std::string>{typed};
  if (fs::exists(path / result_name, ignored)) {
    return std::vector<std::string>{(path / result_name).string()};
  }
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    const fs::path inside = entry.path() / result_name;
    if (fs::exists(inside, ignored)) found.push_back(inside.string());
  }
  if (found.empty()) {
    return usage_error(
        fmt::format("{0}: no {1} in it, nor in a folder of it (of a comparison: "
                    "{0}/runs/a and {0}/runs/b)",
                    typed, result_name));
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct Group {
  std::vector<StoredRun> runs;
  std::vector<std::string> files;
};

Result<Group> read_group(const std::vector<std::string>& typed, const std::string& scenario) {
  Group group;
  for (const std::string& word : typed) {
    auto files = results_in(word);
    if (!files) return files.error();
    for (const std::string& file : *files) {
      const auto bytes = MappedFile::open(file);
      if (!bytes) return bytes.error();
      auto run = compare::read_stored_run(bytes->view(), file, scenario);
      if (!run) return run.error();
      group.runs.push_back(std::move(*run));
      group.files.push_back(file);
    }
  }
  return group;
}

Result<void> check_alike(const std::array<Group, 2>& groups) {
  const StoredRun& first = groups[0].runs.front();
  for (const Group& group : groups) {
    for (std::size_t i = 0; i < group.runs.size(); ++i) {
      const std::string why = compare::unlike(first, group.runs[i]);
      if (why.empty()) continue;
      return usage_error(fmt::format("{} and {} cannot be compared: {}", groups[0].files.front(),
                                     group.files[i], why));
    }
  }
  for (const Group& group : groups) {
    for (std::size_t i = 0; i < group.runs.size(); ++i) {
      const StoredRun &one = group.runs.front(), &other = group.runs[i];
      if (one.target == other.target && one.path == other.path) continue;
      return usage_error(fmt::format("{} and {} are on one side, but of different targets or paths",
                                     group.files.front(), group.files[i]));
    }
  }
  return {};
}

void tell_circumstances(const std::array<Group, 2>& groups, Comparison& comparison) {
  comparison.notes.emplace_back(
      "these runs were not interleaved: what changed on the machine between the two sets looks "
      "like "
      "a change of the target");
  std::set<std::string> machines, versions;
  for (const Group& group : groups) {
    for (const StoredRun& run : group.runs) {
      machines.insert(run.machine);
      versions.insert(run.streamgauge_version);
    }
  }
  if (machines.size() > 1) {
    comparison.notes.push_back(
        fmt::format("they were made on {} machines, which are compared as much as the targets",
                    machines.size()));
  }
  if (versions.size() > 1) {
    comparison.notes.push_back(
        fmt::format("they were made by {} versions of streamgauge", versions.size()));
  }
}

}  // namespace

bool names_results(const std::string& typed) {
  std::error_code ignored;
  return typed.ends_with(".json") || fs::is_directory(typed, ignored);
}

Result<Comparison> stored_comparison(const StoredComparisonOptions& options) {
  std::array<Group, 2> groups;
  for (const compare::Side side : {compare::Side::a, compare::Side::b}) {
    auto group =
        read_group(side == compare::Side::a ? options.against : options.runs, options.scenario);
    if (!group) return group.error();
    groups[index(side)] = std::move(*group);
  }
  if (auto alike = check_alike(groups); !alike) return alike.error();
  Comparison comparison;
  comparison.design = compare::Design::unpaired;
  comparison.started = net::now();
  comparison.seed = options.seed;
  comparison.scenario = groups[0].runs.front().scenario;
  comparison.environment = run::environment();
  for (const compare::Side side : {compare::Side::a, compare::Side::b}) {
    Group& group = groups[index(side)];
    compare::SideFacts& facts = comparison.sides[index(side)];
    facts.name = group.runs.front().target;
    facts.description = group.runs.front().target_description;
    facts.path = group.runs.front().path;
    for (std::size_t i = 0; i < group.runs.size(); ++i) {
      compare::Sample& sample = group.runs[i].sample;
      comparison.runs.push_back(
          {side, i, std::move(sample.figures), group.files[i], std::move(sample.excluded)});
    }
  }
  tell_circumstances(groups, comparison);
  compare::judge(comparison, options.judging);
  comparison.length = net::now() - comparison.started;
  return comparison;
}

}  // namespace streamgauge::run
